"""What a person can mend, as against a fault of the program, and the words it is told in."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOM = "make room there, then run the same command again: what is done is kept"
_PLACE = "name another place, or change who may read and write there"
_CURES = {
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "a part of this path is a file: name a folder",
    errno.EISDIR: "name a file",
    errno.EEXIST: "name another place, or move it away",
    errno.EACCES: _PLACE,
    errno.EPERM: _PLACE,
    errno.EROFS: _PLACE,
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: "allow larger files there (`ulimit -f`), or name another place",
    errno.EMFILE: "allow more open files (`ulimit -n`), or fewer --workers",
    errno.ENAMETOOLONG: "give it a shorter name",
}
"""What a person can do about an error of the system, by its number."""
_STORE = (
    "the store that an address names cannot be used ({error}); check the address, and the keys in AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY or in the profile that AWS_PROFILE names"
)


class UserError(ValueError):
    """Something about the input, the files or the question; the message names it and says what to do.

    The command line prints the message alone. Every other error is a fault of ours, and shows where it arose.
    """


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """An error of the system within, such as a full disk, that names no file is of this one."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = str(path)
        raise


def tell_error(error: BaseException) -> str | None:
    """Error -> what a person can mend, in words that name the file and what to do; None for a fault of the program."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError):
        if error.errno is None:  # One of our own or of a library, in its own words.
            return str(error)
        what = os.strerror(error.errno)
        file = f"{os.fsdecode(error.filename)}: " if error.filename is not None else ""
        return f"{file}{what[:1].lower()}{what[1:]}; {_CURES.get(error.errno, 'look at the disk it lies on, and try again')}"
    return _STORE.format(error=error) if isinstance(error, mendable()) else None


def mendable() -> tuple[type[BaseException], ...]:
    """Return the classes of errors that a person can mend: ours, the system's, and those of the library that speaks S3."""
    store = sys.modules.get("botocore.exceptions")  # None of its errors without it.
    return (UserError, OSError, *((store.BotoCoreError, store.ClientError) if store else ()))
