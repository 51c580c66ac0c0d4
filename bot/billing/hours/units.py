"""Units that pools are counted in (R4.1)."""

MINUTES, TICKETS, VISITS, ROUBLES, POINTS = "minutes", "tickets", "visits", "roubles", "points"
BY_PRICE = (ROUBLES, POINTS)  # what a job takes of these is its price, in kopecks or in points
