"""The end of children at the end of the service."""

from __future__ import annotations

import os
import signal
import threading

from catflap.relay.children import Patience, end_children


class _Exiting:
    """A child that has ended and is not seen as gone before a moment after it was killed."""

    def __init__(self) -> None:
        self.pidfd, self._gone = os.pipe()
        self.told_to_end = False
        self.sent: list[int] = []
        self.reaped = False

    def send(self, number: int) -> None:
        """Be gone soon after SIGKILL."""
        self.sent.append(number)
        if number == signal.SIGKILL:
            threading.Timer(0.2, os.close, (self._gone,)).start()

    def reap(self) -> None:
        """Tell the status."""
        os.close(self.pidfd)
        self.pidfd = -1
        self.reaped = True


def test_child_that_was_gone_and_not_seen_so_still_tells_how() -> None:
    """A loaded machine lets a process wait between its end and being seen as gone."""
    child = _Exiting()
    end_children([child], Patience(term=0.0, kill=0.0))  # type: ignore[list-item]
    assert child.sent == [signal.SIGTERM, signal.SIGKILL]
    assert child.reaped
