"""Processes that are begun are begun wholly, whatever signals come meanwhile."""

from __future__ import annotations

import signal
import threading

import pytest

from agents.runs.workers import interrupts_held_back


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_until_the_process_is_begun(number: signal.Signals) -> None:
    begun = []

    def begin() -> None:
        with interrupts_held_back():
            signal.raise_signal(number)
            begun.append(True)

    before = signal.signal(number, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            begin()
        assert begun
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, before)


def test_other_threads_may_begin_processes_too() -> None:
    done = []

    def begin() -> None:
        with interrupts_held_back():
            done.append(True)

    thread = threading.Thread(target=begin)
    thread.start()
    thread.join()
    assert done
