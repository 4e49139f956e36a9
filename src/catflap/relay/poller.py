"""Readiness of descriptors, straight from the loop's epoll to the callback.

Here a descriptor costs one system call and one small object, and an event a direct call.
"""

from __future__ import annotations

import contextlib
import select
from functools import partial
from typing import TYPE_CHECKING, Any

from catflap.relay.namespaces import look_up

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from catflap.relay.loop import RelayLoop

__all__ = ("Poller",)

_READ = select.EPOLLIN
_WRITE = select.EPOLLOUT
_GONE = select.EPOLLHUP | select.EPOLLERR
_READABLE = select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR
_WRITABLE = select.EPOLLOUT | select.EPOLLHUP | select.EPOLLERR


class _Entry:
    """Who hears of a descriptor, and the turn in which it was registered."""

    __slots__ = ("hangup", "reader", "turn", "writer")

    def __init__(self, turn: int, reader: Callable[[], object] | None = None) -> None:
        self.turn = turn
        self.reader = reader
        self.writer: Callable[[], object] | None = None
        self.hangup: Callable[[], object] | None = None

    def events(self) -> int:
        """Return what epoll is asked for; hanging up is told unasked (epoll_ctl(2))."""
        reads = _READ if self.reader is not None else 0
        return reads | (_WRITE if self.writer is not None else 0)

    def is_idle(self) -> bool:
        """Whether nobody hears of it any more."""
        return self.reader is None and self.writer is None and self.hangup is None


class Poller:
    """Calls back when descriptors are ready; level-triggered, on the loop's thread.

    It has those methods of the event loop that the relay needs, so that one object is passed on.

    Args:
        loop: the running loop.
    """

    __slots__ = (
        "_copied",
        "_entries",
        "_epoll",
        "_turn",
        "call_later",
        "call_soon",
        "create_future",
        "loop",
        "time",
    )

    def __init__(self, loop: RelayLoop) -> None:
        """Take the loop's selector into service."""
        self.loop = loop
        self.call_soon = loop.call_soon
        self.call_later = loop.call_later
        self.create_future = loop.create_future
        self.time = loop.time
        self._entries: dict[int, _Entry] = {}
        self._turn = 0
        self._copied = False
        self._epoll = loop.direct.epoll
        loop.direct.serve = self._serve

    def close(self) -> None:
        """Serve no more."""
        self.loop.direct.serve = None
        for descriptor in list(self._entries):
            self._expel(descriptor)
        self._entries.clear()

    def add_reader(self, descriptor: int, callback: Callable[..., object], *args: object) -> None:
        """Call back while the descriptor can be read; a second call replaces the first."""
        if args:
            callback = partial(callback, *args)
        entry = self._entries.get(descriptor)
        if entry is None:
            self._epoll.register(descriptor, _READ)
            self._entries[descriptor] = _Entry(self._turn, callback)
            return
        changed = entry.reader is None
        entry.reader = callback
        self._ask(descriptor, entry, changed=changed)

    def add_acceptor(self, descriptor: int, callback: Callable[..., object], *args: object) -> None:
        """Call back while connections wait, and of several processes wake only one (epoll_ctl(2)).

        :meth:`remove_reader` takes it away.
        """
        entry = self._entries.get(descriptor)
        if entry is not None:
            entry.reader = partial(callback, *args)
            return
        self._epoll.register(descriptor, _READ | select.EPOLLEXCLUSIVE)
        self._entries[descriptor] = _Entry(self._turn, partial(callback, *args))

    def add_writer(self, descriptor: int, callback: Callable[..., object], *args: object) -> None:
        """Call back while the descriptor can be written; a second call replaces the first."""
        entry = self._entry(descriptor)
        changed = entry.writer is None
        entry.writer = partial(callback, *args) if args else callback
        self._ask(descriptor, entry, changed=changed)

    def add_hangup(self, descriptor: int, callback: Callable[[], object]) -> None:
        """Call back when nobody is left at the other end: both of its ways are shut."""
        entry = self._entry(descriptor)
        entry.hangup = callback
        self._ask(descriptor, entry, changed=False)

    def remove_reader(self, descriptor: int) -> bool:
        """Take the reader away; return whether there was one."""
        entry = self._entries.get(descriptor)
        if entry is None or entry.reader is None:
            return False
        entry.reader = None
        self._ask(descriptor, entry, changed=True)
        return True

    def remove_writer(self, descriptor: int) -> bool:
        """Take the writer away; return whether there was one."""
        entry = self._entries.get(descriptor)
        if entry is None or entry.writer is None:
            return False
        entry.writer = None
        self._ask(descriptor, entry, changed=True)
        return True

    def remove_hangup(self, descriptor: int) -> bool:
        """Take the watch away; return whether there was one."""
        entry = self._entries.get(descriptor)
        if entry is None or entry.hangup is None:
            return False
        entry.hangup = None
        self._ask(descriptor, entry, changed=False)
        return True

    def expect_copies(self) -> None:
        """Hear that children are started from now on, which hold copies of every descriptor.

        The kernel lets us go on before it closes those copies (execve(2) first takes on the new
        memory, then closes). Until then closing takes nothing from epoll (epoll(7)): it would go on
        to tell of a connection that is gone, by a number that is another's.
        """
        self._copied = True

    def forget(self, descriptor: int) -> None:
        """Call back no more for a descriptor that is closed next: closing takes it from epoll."""
        if self._entries.pop(descriptor, None) is not None and self._copied:
            self._expel(descriptor)

    def _entry(self, descriptor: int) -> _Entry:
        entry = self._entries.get(descriptor)
        return entry if entry is not None else _Entry(self._turn)

    def _ask(self, descriptor: int, entry: _Entry, *, changed: bool) -> None:
        """Tell epoll what is wanted of a descriptor now."""
        if descriptor not in self._entries:
            self._epoll.register(descriptor, entry.events())
            self._entries[descriptor] = entry
        elif entry.is_idle():
            del self._entries[descriptor]
            self._epoll.unregister(descriptor)
        elif changed:
            self._epoll.modify(descriptor, entry.events())

    def _serve(self, ready: list[tuple[int, int]]) -> None:
        """Call back for each.

        A callback may close a descriptor whose number the next one opens again; an entry that was
        made after the question was asked is passed over.
        """
        entries = self._entries
        self._turn = turn = self._turn + 1
        for descriptor, mask in ready:
            entry = entries.get(descriptor)
            if entry is None:
                self._expel(descriptor)
                continue
            if entry.turn == turn:
                continue
            callback = entry.reader
            try:
                if mask & _READABLE and callback is not None:
                    callback()
                callback = entry.writer
                if mask & _WRITABLE and callback is not None:
                    callback()
                callback = entry.hangup
                if mask & _GONE and callback is not None:
                    callback()
            except Exception as error:  # noqa: BLE001 - one session's defect must not end the others
                self._failed(descriptor, callback, error)

    def _failed(
        self, descriptor: int, callback: Callable[[], object] | None, error: Exception
    ) -> None:
        """Tell a defect; and let whom it met give up, who may have read what he did not write."""
        message = f"a callback for descriptor {descriptor} failed"
        self.loop.call_exception_handler({"message": message, "exception": error})
        give_up = getattr(getattr(callback, "__self__", None), "give_up", None)
        if give_up is not None:
            give_up()

    def _expel(self, descriptor: int) -> None:
        """Take a descriptor out that nobody hears of; it would be told again and again."""
        with contextlib.suppress(OSError):
            self._epoll.unregister(descriptor)

    async def getaddrinfo(
        self,
        host: str,
        port: int,
        *,
        family: int,
        type: socket.SocketKind,  # noqa: A002 - the loop's name
        flags: int = 0,
    ) -> list[Any]:
        """Look a name up without stopping the loop."""
        return await look_up(self.loop, host, port, family=family, type=type, flags=flags)
