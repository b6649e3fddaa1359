"""What people read: a number and what it counts, and Arabic on a line beside Latin letters."""

from __future__ import annotations


def count_of(number: int, noun: str, plural: str | None = None) -> str:
    """Number and noun -> both, the noun in its right form: 1 page, 1,234 pages."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def are_of(number: int, noun: str) -> str:
    """Number and noun -> both with their verb: 1 page is, 1,234 pages are."""
    return f"{count_of(number, noun)} {'is' if number == 1 else 'are'}"


def isolate(text: object) -> str:
    """Text -> the same between a first-strong isolate and its end: it keeps its own direction and moves nothing beside it."""
    return f"\u2068{text}\u2069"


def in_quotes(text: object) -> str:
    """Text -> the same in quotes, isolated with them."""
    return isolate(f"«{text}»")
