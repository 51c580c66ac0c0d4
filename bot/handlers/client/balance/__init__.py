"""«Баланс»: hours and debts of the client, and what they disagree with."""
