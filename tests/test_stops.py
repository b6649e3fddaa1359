"""A request to stop is told at once and ends the work; a process that was started to ignore it ignores it."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from etl.stops import SIGNALS, Stopped, heard


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_told_then_raised_and_what_was_before_is_there_again(number: int) -> None:
    """The exit code is that of shells: 128 and the signal."""
    before, told = signal.getsignal(number), list[str]()
    with pytest.raises(Stopped) as stopped, heard(lambda: told.append("ends")):
        os.kill(os.getpid(), number)
        time.sleep(5)  # It comes before this ends.
    assert (stopped.value.code, told) == (128 + number, ["ends"])
    assert signal.getsignal(number) == before


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
