"""Inbox, turns, outbox, delivery and notices: how words come in and go out, whatever the messenger."""
