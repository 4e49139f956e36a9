"""Pseudo-terminals: we keep the master, somebody else opens the slave (pty(7)).

As the C program does, the slave is held open as well, so that who uses it may come and go; with
``ptmx`` or ``wait-slave`` it is not, and the session ends when the last one has closed it.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import select
import stat
import struct
from typing import TYPE_CHECKING, ClassVar

from catflap.bridge.effective import Dialect
from catflap.core.errors import OperationError
from catflap.relay.channel import Channel, DescriptorReader, DescriptorWriter
from catflap.relay.named import Made, adjust_entry
from catflap.relay.opening import COMMON_OPTIONS, Opening
from catflap.relay.terminal import TERMINAL_OPTIONS, apply

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.bridge.side import Side
    from catflap.relay.poller import Poller

__all__ = ("LINK_OPTIONS", "PtyOpener", "name_terminal")

_OWNERS = frozenset(
    f"{name}{suffix}" for name in ("perm", "user", "group") for suffix in ("", "-early", "-late")
)
LINK_OPTIONS = frozenset({"symbolic-link", "unlink-early", "unlink-close"})
"""What :func:`name_terminal` applies."""

_INTERVAL_SECONDS = 0.1
_SOCAT_INTERVAL_SECONDS = 1.0
_TIOCSPTLCK = 0x40045431
_TIOCGPTN = 0x80045430
"""ioctl_tty(2): unlock the slave, and tell its number; Python 3.11 has no posix_openpt(3)."""


class PtyOpener:
    """Makes a pseudo-terminal and uses its master."""

    takes: ClassVar[frozenset[str]] = (
        COMMON_OPTIONS
        | TERMINAL_OPTIONS
        | _OWNERS
        | LINK_OPTIONS
        | {
            *("openpty", "ptmx", "pty-wait-slave", "pty-interval", "sitout-eio", "cloexec"),
        }
    )

    def __init__(self, side: Side) -> None:
        """Read the options."""
        self._side = side
        self._link = side.text("symbolic-link").value
        self._waits = side.flag("pty-wait-slave").value
        self._holds = not (self._waits or side.flag("ptmx").value)
        usual = _INTERVAL_SECONDS
        if side.dialect is Dialect.SOCAT:
            usual = _SOCAT_INTERVAL_SECONDS
        self._interval = side.seconds("pty-interval", usual).value
        self._sitout = side.seconds("sitout-eio").value
        self.target = self._link or "pty"

    async def open(self, opening: Opening) -> Channel:
        """Make the pair, name it, and wait for whom ``wait-slave`` waits for.

        Raises:
            OperationError: no terminal is left, or what it is to be called is taken.
        """
        try:
            master, name = _make_pair()
        except OSError as error:
            raise OperationError(f"no pseudo-terminal can be made: {error.strerror}") from error
        held: list[int] = []
        undo: list[Callable[[], None]] = [lambda: os.close(master), lambda: _close_all(held)]
        try:
            if self._holds or self._waits:
                held.append(os.open(name, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
            adjust_entry(self._side, name)
            # What is set on the master holds for the slave (ioctl_tty(2)).
            apply(self._side, master)
            undo.append(name_terminal(self._side, name))
            opening.notice(f"the terminal is {name}{f', {self._link}' if self._link else ''}")
            if self._waits:
                # Only a slave that was open before makes its master tell that it is not.
                _close_all(held)
                await self._wait(master)
            return self._channel(opening, master, name, undo)
        except BaseException:
            _run(undo)
            raise

    async def _wait(self, master: int) -> None:
        """Wait until the slave is open: until then the master is hung up (poll(2))."""
        poll = select.poll()
        poll.register(master, 0)
        while poll.poll(0):  # noqa: ASYNC110 - the kernel tells nobody when it changes
            await asyncio.sleep(self._interval)

    def _channel(
        self, opening: Opening, master: int, name: str, undo: list[Callable[[], None]]
    ) -> Channel:
        reader = DescriptorReader(master)
        if self._sitout and not self._holds:
            reader = _Patient(opening.loop, master, name, self._sitout)
            undo.append(reader.close)

        def release(abort: bool) -> None:
            del abort
            _run(undo)

        channel = Channel(
            reader if opening.reads else None,
            DescriptorWriter(master) if opening.writes else None,
            name,
            release,
        )
        channel.tells_end = False
        return channel

    def close(self) -> None:
        """Nothing is held between sessions."""


class _Patient(DescriptorReader):
    """Bears for a time that nobody has the slave open (``sitout-eio``).

    It opens the slave itself meanwhile: a master that is hung up is always ready, and waiting for
    it would never rest.
    """

    __slots__ = ("_loop", "_name", "_seconds", "_slave", "_timer", "_waited")

    def __init__(self, loop: Poller, master: int, name: str, seconds: float) -> None:
        super().__init__(master)
        self._loop = loop
        self._name = name
        self._seconds = seconds
        self._slave = -1
        self._waited = False
        self._timer: asyncio.TimerHandle | None = None

    def read_into(self, buffer: memoryview) -> int:
        """Read once; the first hang-up starts the time, one after it is the end."""
        try:
            count = os.readv(self.descriptor, [buffer])
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            if self._waited:
                return 0
            self._slave = os.open(self._name, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
            self._waited = True
            self._timer = self._loop.loop.call_later(self._seconds, self._let_go)
            raise BlockingIOError from error
        self._waited = self._slave >= 0
        return count

    def _let_go(self) -> None:
        slave, self._slave = self._slave, -1
        if slave >= 0:
            os.close(slave)

    def close(self) -> None:
        """Give back what is held."""
        if self._timer is not None:
            self._timer.cancel()
        self._let_go()


def _make_pair() -> tuple[int, str]:
    """Return the master, not blocking, and the path of a slave that nobody has opened yet.

    Raises:
        OSError: no terminal or descriptor is left.
    """
    master = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.ioctl(master, _TIOCSPTLCK, struct.pack("i", 0))
        (number,) = struct.unpack("I", fcntl.ioctl(master, _TIOCGPTN, bytes(4)))
    except BaseException:
        os.close(master)
        raise
    return master, f"/dev/pts/{number}"


def _close_all(descriptors: list[int]) -> None:
    while descriptors:
        os.close(descriptors.pop())


def _run(undo: list[Callable[[], None]]) -> None:
    while undo:
        undo.pop()()


def name_terminal(side: Side, name: str) -> Callable[[], None]:
    """Make the symbolic link that is asked for, if any, and return what removes it.

    With ``unlink-close=0`` it stays. A link that is left over is replaced. Anything else stays,
    unless ``unlink-early`` says that it may go; the C program removes whatever is there.

    Raises:
        OperationError: something is in the way, or the directory may not be written.
    """
    path = side.text("symbolic-link").value
    if not path:
        return _nothing
    try:
        _clear(side, path)
        os.symlink(name, path)
    except FileExistsError as error:
        message = f"{path} is there already, and is no symbolic link"
        raise OperationError(message, "unlink-early removes it") from error
    except OSError as error:
        message = f"the link {path} cannot be made: {error.strerror}"
        raise OperationError(message) from error
    made = Made(path)
    return made.remove if side.flag("unlink-close", otherwise=True).value else _nothing


def _nothing() -> None:
    """Nothing was made that would have to go."""


def _clear(side: Side, path: str) -> None:
    try:
        is_link = stat.S_ISLNK(os.lstat(path).st_mode)
    except FileNotFoundError:
        return
    if is_link or side.flag("unlink-early").value or side.dialect is Dialect.SOCAT:
        os.unlink(path)
