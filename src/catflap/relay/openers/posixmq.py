"""POSIX message queues: READ, RECEIVE, SEND, WRITE and BIDIRECTIONAL (mq_overview(7)).

On Linux a queue's descriptor is a file descriptor that can be polled. A message is handed over
whole and with its priority, which children find as SOCAT_POSIXMQ_PRIO.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
from typing import TYPE_CHECKING, ClassVar, Final, cast

from catflap.address.rows import Direction, ParameterType
from catflap.bridge.effective import Dialect
from catflap.core.errors import OperationError
from catflap.core.nouns import Peer
from catflap.relay.channel import Channel
from catflap.relay.named import adjust_open, creation_umask
from catflap.relay.opening import COMMON_OPTIONS, Opening
from catflap.relay.packets.listener import PacketListener
from catflap.relay.retry import RETRY_OPTIONS, Retry

if TYPE_CHECKING:
    import socket

    from catflap.bridge.side import Side

__all__ = ("Queue", "QueueOpener", "QueueReceiver", "unlink_queue")

_HINTS: Final = {
    errno.EINVAL: "a queue's name begins with a slash and has no other",
    errno.EACCES: "the queue's mode says who may open it",
    errno.EMFILE: "/proc/sys/fs/mqueue/msg_max and ulimit -q bound how many messages queues hold",
    errno.ENOSYS: "this kernel was built without POSIX message queues",
}


class _Attributes(ctypes.Structure):
    """struct mq_attr of mqueue.h."""

    _fields_: ClassVar = [
        ("flags", ctypes.c_long),
        ("most", ctypes.c_long),
        ("size", ctypes.c_long),
        ("waiting", ctypes.c_long),
        ("reserved", ctypes.c_long * 4),
    ]


def _library() -> ctypes.CDLL:
    """Return the C library; older ones have these calls in librt."""
    library = ctypes.CDLL(None, use_errno=True)
    if hasattr(library, "mq_open"):
        return library
    return ctypes.CDLL("librt.so.1", use_errno=True)


class Queue:
    """An open message queue.

    Args:
        name: begins with a slash.
        flags: of open(2); it is opened non-blocking whatever they say.
        mode: of a queue that is made.
        most: how many messages a new queue holds, 0 for the system's default.
        size: of the largest message of a new queue in bytes, 0 for the system's default.

    Raises:
        OSError: it cannot be opened.
    """

    __slots__ = ("_library", "_priority", "_room", "descriptor", "name", "size")

    def __init__(self, name: str, flags: int, mode: int, most: int = 0, size: int = 0) -> None:
        """Open it."""
        self._library = _library()
        self.name = name
        wanted = None
        if most or size:
            # Both have to be said; 10 and 8192 are what the kernel would take (mq_overview(7)).
            wanted = ctypes.byref(_Attributes(0, most or 10, size or 8192))
        flags |= os.O_NONBLOCK | os.O_CLOEXEC
        number = self._library.mq_open(os.fsencode(name), flags, ctypes.c_uint(mode), wanted)
        self.descriptor: int = self._checked(number)
        found = _Attributes()
        self._checked(self._library.mq_getattr(self.descriptor, ctypes.byref(found)))
        self.size = int(found.size)
        self._room = ctypes.create_string_buffer(self.size)
        self._priority = ctypes.c_uint()

    def _checked(self, result: int) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result

    def receive(self) -> tuple[bytes, int]:
        """Return the next message and its priority.

        Raises:
            BlockingIOError: there is none.
        """
        room, priority = self._room, self._priority
        size = ctypes.c_size_t(self.size)
        count = self._checked(
            self._library.mq_receive(self.descriptor, room, size, ctypes.byref(priority))
        )
        return room.raw[:count], priority.value

    def send(self, message: bytes, priority: int) -> None:
        """Put a message into the queue.

        Raises:
            BlockingIOError: the queue is full.
            OSError: the message is too large.
        """
        size = ctypes.c_size_t(len(message))
        sent = self._library.mq_send(self.descriptor, message, size, ctypes.c_uint(priority))
        self._checked(sent)

    def flush(self) -> None:
        """Throw away what waits."""
        try:
            while True:
                self.receive()
        except BlockingIOError:
            return

    def close(self) -> None:
        """Close it; the queue itself stays."""
        if self.descriptor >= 0:
            self._library.mq_close(self.descriptor)
            self.descriptor = -1


class _QueueHalf:
    """Both halves of a queue."""

    __slots__ = (
        "_priority",
        "_queue",
        "bare",
        "boundaries",
        "closes",
        "descriptor",
        "pollable",
    )

    def __init__(self, queue: Queue, priority: int) -> None:
        self._queue = queue
        self._priority = priority
        self.descriptor = queue.descriptor
        self.pollable = True
        self.bare = True
        self.closes = True
        self.boundaries = True

    def read_into(self, buffer: memoryview) -> int:
        """Read a message.

        Raises:
            BlockingIOError: there is none.
        """
        return _copy(self._queue.receive()[0], buffer)

    def buffered(self) -> bool:
        """Nothing hides from poll here."""
        return False

    def write(self, data: memoryview | bytes) -> int:
        """Send a message.

        Raises:
            BlockingIOError: the queue is full.
        """
        self._queue.send(bytes(data), self._priority)
        return len(data)

    def end(self) -> None:
        """A queue has no end."""


def _copy(message: bytes, buffer: memoryview) -> int:
    count = min(len(message), len(buffer))
    buffer[:count] = message[:count]
    return count


def _open_queue(side: Side, *, reads: bool, writes: bool) -> Queue:
    """Return the queue of an address.

    Raises:
        OperationError: it cannot be opened.
    """
    name = side.parameter(ParameterType.QUEUE)
    access = os.O_RDWR if reads and writes else os.O_WRONLY if writes else os.O_RDONLY
    flags = access | os.O_CREAT | (os.O_EXCL if side.flag("o-excl").value else 0)
    mode = side.value("perm").value
    most, size = (side.number(f"posixmq-{each}").value for each in ("maxmsg", "msgsize"))
    default = 0o600 if side.dialect is Dialect.CATFLAP else 0o666
    try:
        if side.flag("unlink-early").value or side.flag("unlink").value:
            unlink_queue(name)
        with creation_umask(side):
            queue = Queue(name, flags, mode if isinstance(mode, int) else default, most, size)
    except OSError as error:
        message = f"the queue {name} cannot be opened: {error.strerror}"
        raise OperationError(message, _HINTS.get(error.errno or 0, "")) from error
    try:
        adjust_open(side, queue.descriptor, name)
        if reads and side.flag("posixmq-flush").value:
            queue.flush()
    except BaseException:
        queue.close()
        raise
    return queue


def unlink_queue(name: str) -> None:
    """Remove a queue's name, if it is there.

    Raises:
        OSError: it cannot be removed.
    """
    if _library().mq_unlink(os.fsencode(name)) < 0:
        number = ctypes.get_errno()
        if number != errno.ENOENT:
            raise OSError(number, os.strerror(number))


def _remove(side: Side) -> None:
    """Remove the queue in the end, when that is asked for."""
    if side.flag("unlink-close").value:
        with contextlib.suppress(OSError):
            unlink_queue(side.parameter(ParameterType.QUEUE))


_OPTIONS: Final = (
    COMMON_OPTIONS
    | RETRY_OPTIONS
    | {
        "posixmq-flush",
        "posixmq-maxmsg",
        "posixmq-msgsize",
        "posixmq-priority",
        "fork",
        "max-children",
        "perm",
        "perm-late",
        "user",
        "user-late",
        "group",
        "group-late",
        "umask",
        "unlink-early",
        "unlink",
        "unlink-close",
        "cloexec",
        "o-excl",
        "o-creat",
    }
)


class QueueOpener:
    """Opens a message queue for the directions that are asked for."""

    takes: ClassVar[frozenset[str]] = _OPTIONS

    def __init__(self, side: Side) -> None:
        """Read the address."""
        self._side = side
        self._priority = side.number("posixmq-priority").value
        self._retry = Retry(side)
        self.target = f"mq:{side.parameter(ParameterType.QUEUE)}"

    async def open(self, opening: Opening) -> Channel:
        """Open the queue.

        Raises:
            OperationError: it cannot be opened.
        """
        return await self._retry.run(opening, lambda: self._once(opening))

    async def _once(self, opening: Opening) -> Channel:
        kind = self._side.kind.direction
        reads = opening.reads and kind is not Direction.WRITE
        writes = opening.writes and kind is not Direction.READ
        queue = _open_queue(self._side, reads=reads, writes=writes)
        half = _QueueHalf(queue, self._priority)

        def release(abort: bool) -> None:
            del abort
            queue.close()
            _remove(self._side)

        channel = Channel(half if reads else None, half if writes else None, self.target, release)
        channel.tells_end = False
        return channel

    def close(self) -> None:
        """Nothing is held between sessions."""


class _QueueSocket:
    """A queue with those methods of a socket by which packets are received."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def fileno(self) -> int:
        return self._queue.descriptor

    def getsockname(self) -> str:
        return self._queue.name

    def getsockopt(self, *_: int) -> bytes:
        raise OSError(errno.ENOTSOCK, os.strerror(errno.ENOTSOCK))

    def recvfrom_into(self, buffer: memoryview) -> tuple[int, int]:
        message, priority = self._queue.receive()
        return _copy(message, buffer), priority

    def close(self) -> None:
        self._queue.close()


class QueueReceiver(PacketListener):
    """Takes messages one by one, each a session of its own."""

    takes: ClassVar[frozenset[str]] = _OPTIONS | {"accept-timeout"}
    answers: ClassVar[bool] = False

    def __init__(self, side: Side) -> None:
        """Read the address."""
        super().__init__(side, one_packet=True, has_ports=False)

    def open(self) -> None:
        """Open the queue.

        Raises:
            OperationError: it cannot be opened.
        """
        queue = _open_queue(self.side, reads=True, writes=False)
        self.sockets = [cast("socket.socket", _QueueSocket(queue))]

    def sender(self, address: object) -> Peer:
        """Return the queue: it does not tell who put a message into it."""
        del address
        return Peer(f"mq:{self.side.parameter(ParameterType.QUEUE)}")

    def facts(self, address: object) -> dict[str, str] | None:
        """Return the message's priority."""
        return {"POSIXMQ_PRIO": str(address)}

    def close(self) -> None:
        """Close the queue and remove it, when that is asked for."""
        super().close()
        _remove(self.side)
