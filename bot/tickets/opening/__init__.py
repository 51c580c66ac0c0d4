"""A ticket opened, cancelled, brought back, and let go on once it is paid."""
