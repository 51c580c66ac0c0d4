"""The demo: a service company with its clients, played by people of the sandbox over the real Bot API protocol."""
