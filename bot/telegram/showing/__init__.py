"""Templates as messages of Telegram: texts, buttons, files."""
