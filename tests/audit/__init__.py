"""An auditor plays companies through the sandbox and compares each invoice with figures of its own."""
