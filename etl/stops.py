"""A request to stop, by Ctrl-C or as `docker stop`, systemd, Slurm and `timeout` send it: told at once, then obeyed.

Both end the work in the same way: what is half written goes, what is done stays, and the same command goes on from there.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(KeyboardInterrupt):
    """A person or the system wants the command to end; `code` is what it ends with, by the custom of shells."""

    def __init__(self, number: int) -> None:
        """By the signal of this number."""
        super().__init__(number)
        self.code = 128 + number


@contextmanager
def keep_handlers() -> Iterator[None]:
    """Let what is done within, such as the start of a library, change nothing of how signals are answered after."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def heard(tell: Callable[[], None]) -> Iterator[None]:
    """Within, a request to stop is told and raised as Stopped; what this process was started to ignore it ignores."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: object) -> None:
        raise Stopped(number)

    with _told(tell), keep_handlers():
        for number in SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, stop)
        yield


@contextmanager
def _told(tell: Callable[[], None]) -> Iterator[None]:
    """Tell of a request to stop from a thread of its own: the main one hears of it when the library it is in comes back."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)

    def listen() -> None:
        while number := os.read(reader, 1):
            if number[0] in SIGNALS:
                tell()

    thread = threading.Thread(target=listen, daemon=True)
    # It takes over the mask of its maker: a signal that came to it would not wake the main thread, which acts on it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    thread.start()
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    last = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(last)
        os.close(writer)
        thread.join()
        os.close(reader)
