"""The manager's side of debts."""
