"""The work on a ticket: added to, finished, accepted or disputed."""
