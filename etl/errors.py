"""What a person can mend, as against a fault of the program."""

from __future__ import annotations


class UserError(ValueError):
    """Something about the input, the files or the question; the message names it and says what to do.

    The command line prints the message alone. Every other error is a fault of ours, and shows where it arose.
    """
