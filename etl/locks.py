"""One command at a time is at work in a folder: a lock on a file, which the system takes away with the process that held it."""

from __future__ import annotations

import fcntl
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from etl.errors import UserError
from etl.paths import is_remote

LOCK = ".lock"
"""Name of the file in a folder that is written to."""


class InUse(UserError):
    """Another command is at work there; the message says which process."""


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Keep a folder for this process; what it made new and left empty is removed.

    An address cannot be locked, nor can a folder in which nothing may be written.
    """
    if is_remote(folder):
        yield
        return
    made = not folder.exists()
    if made:
        folder.mkdir(parents=True, exist_ok=True)
    try:
        with locked(folder / LOCK, folder):
            yield
    finally:
        if made:
            with suppress(OSError):
                folder.rmdir()


@contextmanager
def locked(lock: Path, what: Path) -> Iterator[None]:
    """Keep `what` for this process, by a lock on the file `lock`; InUse where another process, or this one, has it."""
    handle = _take(lock, what)
    try:
        yield
    finally:
        if handle is not None:
            # Before it is let go: who waits for it after that finds another file, or none, and looks again.
            with suppress(OSError):
                lock.unlink()
            os.close(handle)


def _take(lock: Path, what: Path) -> int | None:
    """Return the open file that is locked; None where files cannot be locked or made there."""
    while True:
        try:
            handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError:  # Where nothing can be made, nothing can be spoiled: who writes there will hear why.
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_there(lock, handle):
                os.truncate(handle, 0)
                os.write(handle, f"process {os.getpid()} on {platform.node()}".encode())
                return handle
            os.close(handle)  # It was let go, and removed, just now.
        except BlockingIOError as error:
            holder = os.read(handle, 200).decode("utf-8", "replace") or "another process"
            os.close(handle)
            raise InUse(
                f"{what}: another command is at work there ({holder}); wait until it has ended, or name another folder"
            ) from error
        except OSError:  # A file system without locks.
            os.close(handle)
            return None


def _is_there(lock: Path, handle: int) -> bool:
    """Whether an open file is the one that stands there now."""
    try:
        return os.path.samestat(os.fstat(handle), lock.stat())
    except FileNotFoundError:
        return False
