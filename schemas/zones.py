"""The zones of a page: where a line stands, seen from the article's body."""

ZONES = ("before", "body", "box", "after")
"""Above the body; the body; links and the like in its midst; below it."""
