"""What an opener is, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

from catflap.core.nouns import Peer

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from catflap.core.nouns import CertificateFacts, TlsFacts
    from catflap.relay.channel import Channel
    from catflap.relay.poller import Poller
    from catflap.tls.trust import Trust

__all__ = (
    "COMMON_OPTIONS",
    "Adopting",
    "Listener",
    "NamedListener",
    "Opener",
    "Opening",
    "PromptListener",
    "PromptOpener",
    "trusts_of",
)

COMMON_OPTIONS = frozenset(
    {
        "ignoreeof",
        "readbytes",
        "cool-write",
        "cr",
        "crnl",
        "escape",
        "shut-none",
        "shut-down",
        "shut-close",
        "shut-null",
        "end-close",
        "half-close-timeout",
        "idle-timeout",
    }
)
"""Options that every kind takes: they are applied to the channel, whatever it is."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The session that a channel is opened for.

    Args:
        loop: where it runs.
        timeout: seconds for all of it, 0 for no limit.
        handshake: seconds for a handshake in it, 0 for no limit of its own.
        peer: who is at the other end of the bridge, for the environment of a child.
        local: the address the peer came to.
        reads: whether bytes are read from the new channel.
        writes: whether bytes are written to it.
        notice: tells a person something.
        near: the other end, for a program that gets its descriptors (``nofork``).
        replaces: where this process may become that program: lets go of what would outlive it.
        detail: tells of each packet what it says besides its bytes, where somebody reads that.
        arrival: hears of each packet its size and its sender's address, where somebody reads that.
        tls: what the near side agreed on, where it speaks TLS.
        certificate: by which the peer proved itself.
        session: its id.
        program: the name in front of a child's variables, in the dialect of socat.
        prefer: the version of IP whose addresses are tried first: ``4``, ``6`` or nothing.
        flush: seconds that a child which only reads has to finish, in the dialect of socat.
    """

    loop: Poller
    timeout: float = 0.0
    handshake: float = 0.0
    peer: Peer = field(default_factory=lambda: Peer(""))
    local: Peer = field(default_factory=lambda: Peer(""))
    reads: bool = True
    writes: bool = True
    facts: dict[str, str] = field(default_factory=dict)
    tls: TlsFacts | None = None
    certificate: CertificateFacts | None = None
    session: str = ""
    program: str = "socat"
    prefer: str = ""
    flush: float = 0.5
    notice: Callable[[str], None] = lambda _: None
    detail: Callable[[str], None] | None = None
    arrival: Callable[[int, object], None] | None = None
    near: Channel | None = None
    replaces: Callable[[], None] | None = None

    @property
    def patience(self) -> float:
        """Seconds for a handshake, which is part of all of it: the shorter limit; 0 for none."""
        return min((each for each in (self.handshake, self.timeout) if each), default=0.0)


class Opener(Protocol):
    """Makes a channel from an address.

    ``takes`` names the options with code of their own that it applies; those that are rows of
    setsockopt(2), open(2) or termios(3) it applies by their rows.
    """

    takes: ClassVar[frozenset[str]]

    @property
    def target(self) -> str:
        """Where it goes, for events."""

    async def open(self, opening: Opening) -> Channel:
        """Open a new channel.

        Raises:
            OperationError: it cannot be opened.
            TimeoutError: not within the limit.
        """

    def close(self) -> None:
        """Release what is held between sessions."""


class Listener(Protocol):
    """Yields peers; what a session is made of comes from ``receive``."""

    takes: ClassVar[frozenset[str]]
    sockets: list[socket.socket]
    notes: list[str]

    def open(self) -> None:
        """Bind and listen.

        Raises:
            OperationError: the address is taken, or may not be used.
        """

    def describe(self) -> tuple[str, ...]:
        """Return the addresses it really listens on."""

    async def receive(self, loop: Poller, sock: socket.socket, peer: Peer) -> Channel:
        """Make the channel of an accepted socket, handshake included.

        Raises:
            HandshakeError: the handshake failed.
        """

    def close(self) -> None:
        """Stop listening and remove what was made."""


@runtime_checkable
class Adopting(Protocol):
    """A listener that can go on with the sockets of another one."""

    sockets: list[socket.socket]

    def adopt(self, other: Adopting) -> None:
        """Take the open sockets of a listener on the same place."""


@runtime_checkable
class PromptOpener(Protocol):
    """An opener that often need not wait."""

    def open_now(self, opening: Opening, *, data_waits: bool) -> Channel | None:
        """Open a channel at once, or return ``None`` when that takes waiting.

        Args:
            opening: the session it is for.
            data_waits: whether bytes for it are there already.

        Raises:
            OperationError: it cannot be opened, now or later.
        """


@runtime_checkable
class PromptListener(Protocol):
    """A listener whose peers need no handshake."""

    def receive_now(self, sock: socket.socket, peer: Peer) -> Channel:
        """Make the channel of an accepted socket."""


@runtime_checkable
class NamedListener(Protocol):
    """A listener whose socket has a name in the file system."""

    def close_sockets(self) -> None:
        """Stop listening; the name stays until ``close``."""


def trusts_of(end: object) -> tuple[Trust, ...]:
    """Return by what an opener or a listener judges certificates; nothing where it has none."""
    found: tuple[Trust, ...] = getattr(end, "trusts", ())
    return found
