"""``netns=NAME``: an address is opened inside another network namespace of this host.

A thread enters a namespace by setns(2), and all that it makes meanwhile belongs there for good:
sockets, devices, children, other threads. So we enter for one step of an opener at a time and are
back before anything else runs; what the step waits for is waited for at home.

A socket that turns out to belong elsewhere is refused. If the way home fails, the process ends at
once: whatever it opened next would be in a network that nobody meant.
Sources: network_namespaces(7), setns(2), ip-netns(8), linux/sockios.h.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
from contextlib import nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, TypeVar

from catflap.core.errors import OperationError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Coroutine, Generator, Iterable
    from contextlib import AbstractContextManager

    from catflap.bridge.side import Side

__all__ = ("NetworkNamespace", "check_inside", "inside", "look_up", "stay")

_FOLDER: Final = "/run/netns"
_HOME: Final = "/proc/thread-self/ns/net"
_CLONE_NEWNET: Final = 0x4000_0000
_SIOCGSKNS: Final = 0x894C
"""Ask a socket for a descriptor of its network namespace."""

T = TypeVar("T")
_current: ContextVar[NetworkNamespace | None] = ContextVar("network namespace", default=None)


class NetworkNamespace:
    """One namespace that ``ip netns add`` has named.

    Used as a context it holds the thread in the namespace; nothing may be awaited within.

    Args:
        name: below ``/run/netns``.
    """

    __slots__ = ("_home", "_name")

    def __init__(self, name: str) -> None:
        """Look at the name.

        Raises:
            OperationError: it is none.
        """
        if not name or "/" in name or name in {".", ".."}:
            message = f"netns={name} is no name of a network namespace"
            raise OperationError(message, "ip netns list shows them")
        self._name = name
        self._home: list[int] = []

    @classmethod
    def of(cls, side: Side) -> NetworkNamespace | None:
        """Return the namespace that an address asks for."""
        return cls(side.text("netns").value) if side.last("netns") is not None else None

    def _open(self) -> int:
        """Return a descriptor of the namespace.

        Raises:
            OperationError: there is none of this name.
        """
        path = f"{_FOLDER}/{self._name}"
        try:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            message = f"the network namespace {self._name} ({path}): {error.strerror}"
            raise OperationError(message, "ip netns list shows them") from error

    def __enter__(self) -> None:
        """Enter.

        Raises:
            OperationError: there is none of this name, or we may not.
        """
        target = self._open()
        home = -1
        try:
            home = os.open(_HOME, os.O_RDONLY | os.O_CLOEXEC)
            _set(target)
        except OSError as error:
            if home >= 0:
                os.close(home)
            message = f"the network namespace {self._name} cannot be entered: {error.strerror}"
            needs = "this needs CAP_SYS_ADMIN" if error.errno == errno.EPERM else ""
            raise OperationError(message, needs) from error
        finally:
            os.close(target)
        self._home.append(home)

    def __exit__(self, *_: object) -> None:
        """Go back where the thread was."""
        home = self._home.pop()
        try:
            _set(home)
        except OSError as error:
            words = f"catflap: no way back from the network namespace {self._name}: {error}\n"
            os.write(2, words.encode())
            os._exit(1)
        finally:
            os.close(home)

    async def within(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine so that each of its steps happens inside.

        Raises:
            OperationError: the namespace cannot be entered.
        """
        token = _current.set(self)
        try:
            found: T = await _Steps(self, work)
            return found
        finally:
            _current.reset(token)

    def check(self, descriptors: Iterable[int]) -> None:
        """See to it that sockets belong here; other files belong to no network.

        Raises:
            OperationError: one does not, or it cannot be seen.
        """
        target = self._open()
        try:
            wanted = _identity(target)
            for descriptor in descriptors:
                if stat.S_ISSOCK(os.fstat(descriptor).st_mode) and _of(descriptor) != wanted:
                    message = f"a socket is not in the network namespace {self._name}"
                    raise OperationError(message, "netns is for sockets that are opened here")
        except OSError as error:
            message = f"the network namespace of a socket cannot be seen: {error.strerror}"
            raise OperationError(message) from error
        finally:
            os.close(target)


class _Steps:
    """A coroutine whose every step is made inside a namespace."""

    __slots__ = ("_namespace", "_work")

    def __init__(self, namespace: NetworkNamespace, work: Coroutine[Any, Any, T]) -> None:
        self._namespace = namespace
        self._work = work

    def __await__(self) -> Generator[Any, Any, Any]:
        """Go on each time that what is waited for is there, or is an error."""
        work = self._work
        failure: BaseException | None = None
        value: Any = None
        try:
            while True:
                try:
                    with self._namespace:
                        waits = work.send(value) if failure is None else work.throw(failure)
                except StopIteration as end:
                    return end.value
                failure = None
                try:
                    value = yield waits
                except BaseException as error:  # noqa: BLE001 - whatever it is, it is the coroutine's
                    failure = error
        finally:
            work.close()


def inside(side: Side) -> AbstractContextManager[None]:
    """Return what holds the thread in the namespace that an address asks for, if it asks."""
    return NetworkNamespace.of(side) or nullcontext()


def check_inside(side: Side, sockets: Iterable[socket.socket]) -> None:
    """See to it that sockets belong where an address asks for; some are handed in.

    Raises:
        OperationError: one does not.
    """
    namespace = NetworkNamespace.of(side)
    if namespace is not None:
        namespace.check(sock.fileno() for sock in sockets)


def stay(work: Coroutine[Any, Any, T]) -> Coroutine[Any, Any, T]:
    """Return a coroutine for a task of its own that stays where the running one is."""
    namespace = _current.get()
    return work if namespace is None else namespace.within(work)


async def look_up(
    loop: asyncio.AbstractEventLoop, host: str, port: int, **settings: Any
) -> list[Any]:
    """Look a name up without stopping the loop, in the namespace that the running step is in.

    Raises:
        OSError: the name is not known.
    """
    if _current.get() is None:
        return await loop.getaddrinfo(host, port, **settings)
    from concurrent.futures import ThreadPoolExecutor

    # A thread belongs to the namespace that it was made in; those that are kept are at home.
    own = ThreadPoolExecutor(1)
    try:
        return await loop.run_in_executor(own, lambda: socket.getaddrinfo(host, port, **settings))
    finally:
        own.shutdown(wait=False)


def _set(descriptor: int) -> None:
    # Python 3.11 has no os.setns(); imported for those who need it, since it takes 5 ms.
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    if library.setns(descriptor, _CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _identity(descriptor: int) -> tuple[int, int]:
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino


def _of(sock: int) -> tuple[int, int]:
    found = fcntl.ioctl(sock, _SIOCGSKNS)
    try:
        return _identity(found)
    finally:
        os.close(found)
