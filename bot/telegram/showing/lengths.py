"""How long a text is for Telegram."""

import html
import re

TAG = re.compile(r"<(/?)(\w+)[^>]*>")


def plain_length(text: str) -> int:
    """Length in UTF-16 units after the entities are parsed: what Telegram counts."""
    return len(html.unescape(TAG.sub("", text)).encode("utf-16-le")) // 2
