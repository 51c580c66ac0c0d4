"""Invoices, acts and credit notes: issued, sent, paid, disputed."""
