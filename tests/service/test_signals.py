"""Signals that come before there is anybody to hear them."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import pytest

from catflap.service.signals import Signals, keep_reloads

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    before = signal.getsignal(signal.SIGHUP)
    yield
    signal.signal(signal.SIGHUP, before)


async def _heard(*, reload: bool) -> tuple[list[str], int]:
    """Return how often a service that begins now reads again, and the signal that ended it."""
    calls: list[str] = []
    loop = asyncio.get_running_loop()
    signals = Signals(loop, lambda: None, (lambda: calls.append("reload")) if reload else None)
    signals.catch()
    await asyncio.sleep(0)
    loop.remove_signal_handler(signal.SIGHUP)
    return calls, signals.number


def test_a_reload_that_is_asked_for_during_the_start_is_done_after_it() -> None:
    """Until then SIGHUP would end the process (signal(7)), and its bridges with it."""
    keep_reloads()
    os.kill(os.getpid(), signal.SIGHUP)
    assert asyncio.run(_heard(reload=True)) == (["reload"], 0)


def test_without_anything_to_read_again_it_ends_the_service_as_later() -> None:
    """One session between fixed ends has no files of its own."""
    keep_reloads()
    os.kill(os.getpid(), signal.SIGHUP)
    assert asyncio.run(_heard(reload=False)) == ([], signal.SIGHUP)


def test_a_start_in_peace_reads_nothing_twice() -> None:
    """No signal, no reload."""
    keep_reloads()
    assert asyncio.run(_heard(reload=True)) == ([], 0)


def test_who_ignores_it_goes_on_ignoring_it() -> None:
    """Nohup(1) means it."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    keep_reloads()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
