"""Every screen's buttons, registered by being imported: for processes that show screens without handling presses."""

import importlib
import pkgutil

import bot.handlers

for _found in pkgutil.walk_packages(bot.handlers.__path__, "bot.handlers."):
    if _found.name.endswith(("_buttons", ".buttons")):
        importlib.import_module(_found.name)
