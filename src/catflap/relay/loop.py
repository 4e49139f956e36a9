"""The event loop: asyncio's own, with a selector that calls the relay's callbacks itself.

uvloop was measured first. Its ``add_reader`` takes four system calls and two objects for each
descriptor, and an epoll of ours inside its own wakes two of them for every event. Here readiness
goes from one epoll straight to the callback; tasks and timers, which only handshakes and limits
need, are asyncio's.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import select
import selectors
import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ("DirectSelector", "RelayLoop", "running_loop")

_MOST_AT_ONCE = 512
_Key = selectors.SelectorKey


class DirectSelector(selectors.BaseSelector):
    """One epoll for the loop's own descriptors, which are few, and for the relay's, which are not.

    Attributes:
        epoll: where the relay registers its descriptors.
        serve: called with what is ready of them, before the loop goes on.
    """

    def __init__(self) -> None:
        self.epoll = select.epoll()
        self.serve: Callable[[list[tuple[int, int]]], None] | None = None
        self._keys: dict[int, _Key] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> _Key:
        """Add a descriptor of the loop's own."""
        descriptor = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        if descriptor in self._keys:
            message = f"descriptor {descriptor} is registered already"
            raise KeyError(message)
        key = _Key(fileobj, descriptor, events, data)
        self.epoll.register(descriptor, _mask(events))
        self._keys[descriptor] = key
        return key

    def unregister(self, fileobj: Any) -> _Key:
        """Remove a descriptor of the loop's own."""
        key = self._keys.pop(fileobj if isinstance(fileobj, int) else fileobj.fileno())
        self.epoll.unregister(key.fd)
        return key

    def modify(self, fileobj: Any, events: int, data: Any = None) -> _Key:
        """Change what a descriptor of the loop's own is watched for."""
        descriptor = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        key = self._keys[descriptor]._replace(events=events, data=data)
        self.epoll.modify(descriptor, _mask(events))
        self._keys[descriptor] = key
        return key

    def select(self, timeout: float | None = None) -> list[tuple[_Key, int]]:
        """Wait; serve the relay's descriptors and return the loop's."""
        if timeout is None:
            timeout = -1
        elif timeout > 0:
            timeout = math.ceil(timeout * 1e3) * 1e-3
        try:
            ready = self.epoll.poll(max(timeout, -1), _MOST_AT_ONCE)
        except InterruptedError:
            return []
        keys = self._keys
        own = [
            (key, _events(mask) & key.events)
            for descriptor, mask in ready
            if (key := keys.get(descriptor)) is not None
        ]
        if self.serve is not None and len(own) < len(ready):
            self.serve([entry for entry in ready if entry[0] not in keys] if own else ready)
        return own

    def close(self) -> None:
        """Close the epoll."""
        self.epoll.close()
        self._keys.clear()

    def get_map(self) -> Mapping[Any, _Key]:
        """Return the loop's own descriptors."""
        return self._keys


def _mask(events: int) -> int:
    reads = select.EPOLLIN if events & selectors.EVENT_READ else 0
    return reads | (select.EPOLLOUT if events & selectors.EVENT_WRITE else 0)


def _events(mask: int) -> int:
    reads = selectors.EVENT_READ if mask & ~select.EPOLLOUT else 0
    return reads | (selectors.EVENT_WRITE if mask & ~select.EPOLLIN else 0)


class RelayLoop(asyncio.SelectorEventLoop):
    """asyncio's loop over a :class:`DirectSelector`."""

    def __init__(self) -> None:
        self.direct = DirectSelector()
        super().__init__(self.direct)

    def close(self) -> None:
        """Close it; a signal that comes meanwhile is not told to descriptors that are gone."""
        with contextlib.suppress(ValueError):
            # Only the main thread hears signals.
            signal.set_wakeup_fd(-1)
        super().close()


def running_loop() -> RelayLoop:
    """Return the running loop.

    Raises:
        RuntimeError: it is another kind of loop.
    """
    loop = asyncio.get_running_loop()
    if not isinstance(loop, RelayLoop):
        message = f"the relay runs on a RelayLoop, not on {type(loop).__name__}"
        raise RuntimeError(message)  # noqa: TRY004 - not the caller's argument
    return loop
