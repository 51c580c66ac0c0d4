"""Figures of the queues, for /metrics."""

from prometheus_client import Counter, Gauge, Histogram

turn_seconds = Histogram("firstline_turn_seconds", "Time from taking an inbox row to its commit")
turn_failures = Counter("firstline_turn_failures_total", "Turns that raised")
sends = Counter("firstline_sends_total", "Calls of the messenger's API", ["method", "outcome"])
repeated_sends = Counter(
    "firstline_repeated_sends_total", "Sends done again because their result is unknown", ["method"]
)
inbox_age = Gauge("firstline_inbox_oldest_seconds", "Age of the oldest waiting inbox row")
outbox_age = Gauge("firstline_outbox_oldest_seconds", "Age of the oldest waiting outbox row")
held_age = Gauge(
    "firstline_telegram_oldest_seconds",
    "How long the oldest update has waited at the messenger, as far as is known",
)
held_count = Gauge("firstline_telegram_pending", "Updates that the messenger holds for us, where it said so")
database_up = Gauge("firstline_database_up", "1 while the database answers and takes what is written")
updates = Counter("firstline_updates_total", "Updates stored")
