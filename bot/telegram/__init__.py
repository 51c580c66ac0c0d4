"""What only Telegram needs: receiving with aiogram, sending with python-telegram-bot, keyboards, limits."""
