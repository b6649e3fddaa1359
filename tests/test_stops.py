"""A request to stop is told at once and ends the work; a process that was started to ignore it ignores it."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from etl.stops import SIGNALS, Stopped, heard, keep_handlers


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_told_then_raised_and_what_was_before_is_there_again(number: int) -> None:
    """The exit code is that of shells: 128 and the signal."""
    before, told = signal.getsignal(number), list[str]()
    with pytest.raises(Stopped) as stopped, heard(lambda: told.append("ends")):
        os.kill(os.getpid(), number)
        time.sleep(5)  # It comes before this ends.
    assert (stopped.value.code, told) == (128 + number, ["ends"])
    assert signal.getsignal(number) == before


def test_it_is_told_while_the_main_thread_is_busy() -> None:
    """In a library that comes back after a long time; a second request is told too."""
    told = threading.Semaphore(0)
    with keep_handlers(), pytest.raises(Stopped), heard(told.release):
        for number in SIGNALS:  # Python acts on none of them, as while the main thread is elsewhere.
            signal.signal(number, lambda number, frame: None)
            os.kill(os.getpid(), number)
            assert told.acquire(timeout=30)
        raise Stopped(signal.SIGINT)


def test_what_is_ignored_stays_ignored() -> None:
    """As a shell starts what runs behind it; and in a thread nothing is changed, as nothing can be."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with heard(lambda: pytest.fail("it was told")):
            os.kill(os.getpid(), signal.SIGINT)
            assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    found: list[object] = []

    def look() -> None:
        with heard(lambda: None):
            found.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGTERM)]
