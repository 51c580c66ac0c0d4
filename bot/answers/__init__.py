"""What the first line says by itself: articles shown and judged, written in the chat, missed ones told of."""
