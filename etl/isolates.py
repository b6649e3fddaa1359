"""Arabic on a line beside Latin letters: isolated, a text keeps its own direction and moves nothing that stands beside it."""

from __future__ import annotations


def isolate(text: object) -> str:
    """Text -> the same between a first-strong isolate and its end."""
    return f"\u2068{text}\u2069"


def in_quotes(text: object) -> str:
    """Text -> the same in quotes, isolated with them."""
    return isolate(f"«{text}»")
