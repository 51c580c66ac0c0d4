"""The manager's price of hours to buy."""
