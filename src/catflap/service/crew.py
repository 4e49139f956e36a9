"""The workers of a service: how they are born, how they die, and when another takes their place."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from catflap.core import clock
from catflap.service.conversation import Conversation

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable


__all__ = ("Member", "bear", "how_it_ended")

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 10.0
_HEALTHY_SECONDS = 30.0


@dataclass(slots=True)
class Member:
    """One place among the workers, and who has it now.

    Args:
        number: from 1.
        pid: 0 while nobody is there.
        line: to it.
        sockets: over which it is handed listeners.
        ready: whether it serves.
        began: when it was born, by the monotonic clock.
        pause: seconds until the next one is born.
    """

    number: int
    pid: int = 0
    line: Conversation | None = None
    sockets: socket.socket | None = None
    ready: bool = False
    began: float = 0.0
    pause: float = 0.0
    handle: int = -1
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    def next_pause(self) -> float:
        """Return how long to wait before another is born here: longer each time it dies young."""
        if clock.monotonic() - self.began > _HEALTHY_SECONDS:
            self.pause = 0.0
        pause = self.pause
        self.pause = min(max(_FIRST_PAUSE, pause * 2), _LONGEST_PAUSE)
        return pause

    def bury(self) -> None:
        """Close what led to a worker that is dead; its place is free."""
        os.close(self.handle)
        for task in self.tasks:
            task.cancel()
        if self.line is not None:
            self.line.close()
        if self.sockets is not None:
            self.sockets.close()
        self.tasks = []
        self.pid, self.handle, self.ready = 0, -1, False
        self.line, self.sockets = None, None

    def disown(self) -> None:
        """Close what is the parent's, in a process that was forked from it."""
        if self.line is not None:
            self.line.disown()
        if self.sockets is not None:
            os.close(self.sockets.fileno())
        if self.handle >= 0:
            os.close(self.handle)


def bear(
    member: Member,
    answer: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]],
    live: Callable[[socket.socket, socket.socket], int],
) -> None:
    """Fork a worker. No loop runs here, and no thread, when this is called.

    Args:
        member: the place that it takes.
        answer: answers what it says.
        live: what it does all its life with its two sockets; returns its exit status.
    """
    ours, theirs = socket.socketpair()
    giving, taking = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sys.stdout.flush()
    sys.stderr.flush()
    member.began = clock.monotonic()
    pid = os.fork()
    if pid == 0:
        ours.close()
        giving.close()
        _be(lambda: live(theirs, taking))
    theirs.close()
    taking.close()
    giving.setblocking(False)
    member.pid, member.sockets, member.ready = pid, giving, False
    member.line = Conversation(ours, answer)
    member.handle = os.pidfd_open(pid)


def _be(live: Callable[[], int]) -> None:
    """Live in the forked process, and end it without unwinding what belongs to the parent."""
    status = 1
    try:
        # What the parent made must never be collected here: its sockets are not ours to close.
        gc.collect()
        gc.freeze()
        signal.set_wakeup_fd(-1)
        status = live()
    except BaseException:  # noqa: BLE001 - it is told, and the process ends here whatever it is
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def how_it_ended(status: int) -> str:
    """Return the words for a status of waitpid(2)."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        try:
            return signal.Signals(number).name
        except ValueError:
            return f"signal {number}"
    return f"status {os.waitstatus_to_exitcode(status)}"
