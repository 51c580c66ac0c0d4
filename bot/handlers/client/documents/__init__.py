"""Statements, invoices and acts, and paying in the chat."""
