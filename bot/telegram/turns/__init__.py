"""aiogram inside a turn: its dispatcher, its session, its storage."""
