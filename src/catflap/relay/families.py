"""Which code opens which kind: one row a kind; a kind without a row is known, not built yet.

Modules are imported when first needed, so that a plain relay never loads TLS.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from catflap.address.rows import BuiltIn, OpenFlag, SocketOption, TermiosAction
from catflap.bridge.effective import Dialect
from catflap.core.errors import UsageError
from catflap.core.spans import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.address.rows import OptionRow
    from catflap.bridge.side import Side
    from catflap.relay.opening import Listener, Opener

__all__ = ("FAMILIES", "Family", "family_of", "make_listener", "make_opener", "not_built")


@dataclass(frozen=True, slots=True)
class Family:
    """Where the code of a kind is.

    Args:
        module: below ``catflap.relay.openers``.
        name: the class, made from a side.
        rows: which rows of options it applies besides those it names.
    """

    module: str
    name: str
    rows: tuple[type, ...] = ()

    def load(self) -> type[Opener | Listener]:
        """Return the class."""
        module = import_module(f"catflap.relay.openers.{self.module}")
        return cast("type[Opener | Listener]", getattr(module, self.name))


_FELT_BY_FEW = frozenset(
    {
        "umask",
        "chdir",
        "connect-timeout",
        "protocol-family",
        "backlog",
        "null-eof",
        "children-shutup",
    }
)
"""What concerns making a file, a path, or a connection, whether or not the kind has one."""

_SOCKET = (SocketOption,)
_FILE = (OpenFlag, TermiosAction)


_UDP = ("UDP", "UDP4", "UDP6", "UDPLITE", "UDPLITE4", "UDPLITE6")
_RAW = ("IP", "IP4", "IP6")
_UNIX = ("UNIX", "ABSTRACT")
_SCTP = ("SCTP", "SCTP4", "SCTP6")
_DCCP = ("DCCP", "DCCP4", "DCCP6")


def _rows(protocols: tuple[str, ...], kind: str, family: Family) -> dict[str, Family]:
    """Return the rows of one kind over several protocols."""
    return {f"{protocol}-{kind}": family for protocol in protocols}


FAMILIES: dict[str, Family] = {
    **dict.fromkeys(
        ("TCP-CONNECT", "TCP4-CONNECT", "TCP6-CONNECT"), Family("tcp", "TcpOpener", _SOCKET)
    ),
    **dict.fromkeys(
        ("TCP-LISTEN", "TCP4-LISTEN", "TCP6-LISTEN"), Family("tcp", "TcpListener", _SOCKET)
    ),
    "PROXY": Family("proxied", "HttpProxyOpener", _SOCKET),
    **dict.fromkeys(("SOCKS4", "SOCKS4A"), Family("proxied", "Socks4Opener", _SOCKET)),
    "SOCKS5-CONNECT": Family("proxied", "Socks5Opener", _SOCKET),
    "SOCKS5-LISTEN": Family("proxied", "Socks5ListenOpener", _SOCKET),
    **dict.fromkeys(("OPENSSL", "TLS"), Family("tls", "TlsOpener", _SOCKET)),
    "TLS-SERVER": Family("tls_server", "TlsServerOpener"),
    **dict.fromkeys(("OPENSSL-LISTEN", "TLS-LISTEN"), Family("tls", "TlsListener", _SOCKET)),
    **dict.fromkeys(
        ("UNIX-CONNECT", "UNIX-CLIENT", "ABSTRACT-CONNECT", "ABSTRACT-CLIENT"),
        Family("unix", "UnixOpener", _SOCKET),
    ),
    **dict.fromkeys(("UNIX-LISTEN", "ABSTRACT-LISTEN"), Family("unix", "UnixListener", _SOCKET)),
    **dict.fromkeys(
        ("STDIO", "STDIN", "STDOUT", "STDERR", "FD"),
        Family("streams", "StreamOpener", (SocketOption, TermiosAction)),
    ),
    **dict.fromkeys(("OPEN", "CREATE"), Family("files", "FileOpener", _FILE)),
    "GOPEN": Family("files", "FileOpener", (*_FILE, *_SOCKET)),
    "PTY": Family("pty", "PtyOpener", (TermiosAction,)),
    "READLINE": Family("readline", "ReadlineOpener", (TermiosAction,)),
    "TEXT": Family("given", "TextOpener"),
    "STALL": Family("given", "StallOpener"),
    "ACCEPT-FD": Family("accept_fd", "AcceptFdListener", _SOCKET),
    "PIPE": Family("pipe", "PipeOpener", (OpenFlag,)),
    "OPENSSL-DTLS-CLIENT": Family("dtls", "DtlsOpener", _SOCKET),
    "OPENSSL-DTLS-SERVER": Family("dtls", "DtlsListener", _SOCKET),
    "INTERFACE": Family("link", "InterfaceOpener", _SOCKET),
    "TUN": Family("link", "TunOpener", (OpenFlag,)),
    "POSIXMQ-RECEIVE": Family("posixmq", "QueueReceiver"),
    **_rows(("POSIXMQ",), "READ", Family("posixmq", "QueueOpener")),
    **_rows(("POSIXMQ",), "SEND", Family("posixmq", "QueueOpener")),
    **_rows(("POSIXMQ",), "WRITE", Family("posixmq", "QueueOpener")),
    **_rows(("POSIXMQ",), "BIDIRECTIONAL", Family("posixmq", "QueueOpener")),
    "VSOCK-CONNECT": Family("vsock", "VsockOpener", _SOCKET),
    "VSOCK-LISTEN": Family("vsock", "VsockListener", _SOCKET),
    "SOCKET-CONNECT": Family("sockets", "SocketOpener", _SOCKET),
    "SOCKET-LISTEN": Family("sockets", "SocketListener", _SOCKET),
    "SOCKET-SENDTO": Family("sockets", "SocketSender", _SOCKET),
    "SOCKET-DATAGRAM": Family("sockets", "SocketDatagram", _SOCKET),
    "SOCKET-RECVFROM": Family("sockets", "SocketReceiver", _SOCKET),
    "SOCKET-RECV": Family("sockets", "SocketReader", _SOCKET),
    **_rows(_SCTP, "CONNECT", Family("sctp_dccp", "SctpOpener", _SOCKET)),
    **_rows(_SCTP, "LISTEN", Family("sctp_dccp", "SctpListener", _SOCKET)),
    **_rows(_DCCP, "CONNECT", Family("sctp_dccp", "DccpOpener", _SOCKET)),
    **_rows(_DCCP, "LISTEN", Family("sctp_dccp", "DccpListener", _SOCKET)),
    "SOCKETPAIR": Family("socketpair", "SocketpairOpener"),
    **_rows(_UNIX, "SENDTO", Family("unix_datagram", "UnixDatagramSender", _SOCKET)),
    **_rows(_UNIX, "RECVFROM", Family("unix_datagram", "UnixDatagramReceiver", _SOCKET)),
    **_rows(_UNIX, "RECV", Family("unix_datagram", "UnixDatagramReader", _SOCKET)),
    **_rows(_RAW, "SENDTO", Family("raw_ip", "RawSender", _SOCKET)),
    **_rows(_RAW, "DATAGRAM", Family("raw_ip", "RawDatagram", _SOCKET)),
    **_rows(_RAW, "RECVFROM", Family("raw_ip", "RawReceiver", _SOCKET)),
    **_rows(_RAW, "RECV", Family("raw_ip", "RawReader", _SOCKET)),
    **_rows(_UDP, "CONNECT", Family("udp", "UdpOpener", _SOCKET)),
    **_rows(_UDP, "SENDTO", Family("udp", "UdpSender", _SOCKET)),
    **_rows(_UDP, "DATAGRAM", Family("udp", "UdpDatagram", _SOCKET)),
    **_rows(_UDP, "LISTEN", Family("udp_listen", "UdpListener", _SOCKET)),
    **_rows(_UDP, "RECVFROM", Family("udp_listen", "UdpReceiver", _SOCKET)),
    **_rows(_UDP, "RECV", Family("udp_listen", "UdpReader", _SOCKET)),
    **dict.fromkeys(
        ("EXEC", "SYSTEM", "SHELL"),
        Family("programs", "ProgramOpener", (TermiosAction, SocketOption)),
    ),
}


def family_of(side: Side) -> Family | None:
    """Return the row of a side's kind, if it is built."""
    return FAMILIES.get(side.kind.name)


def not_built(side: Side) -> Iterator[Problem]:
    """Yield a problem for the kind, or for each option, that is known but not built here yet."""
    # Imported when something is opened: tables are shown without it.
    from catflap.relay.preparing import prepares

    family = family_of(side)
    if family is None:
        yield Problem(
            f"{side.kind.name} is known, not built here yet",
            side.address.keyword.span,
            side.source,
            "a kind that catflap list addresses shows as built",
        )
        return
    takes = family.load().takes
    for option in side.address.options:
        row = option.row
        if row is None:
            continue
        by_row = isinstance(row.applies, family.rows) if family.rows else False
        if prepares(row) or _harmless(side, row):
            continue
        if not by_row and not (isinstance(row.applies, BuiltIn | OpenFlag) and row.name in takes):
            yield Problem(
                f"the option {row.name} is known, not built here yet for {side.kind.name}",
                option.span,
                side.source,
            )


def _harmless(side: Side, row: OptionRow) -> bool:
    """Whether the C program takes an option of which this kind has nothing to feel."""
    return side.dialect is Dialect.SOCAT and row.name in _FELT_BY_FEW


def make_opener(side: Side) -> Opener:
    """Return the opener of a side.

    Raises:
        UsageError: the kind or an option is not built yet, or contradicts another.
        OperationError: a file it needs cannot be used.
    """
    return cast("Opener", _make(side))


def make_listener(side: Side) -> Listener:
    """Return the listener of a side; raises as :func:`make_opener` does."""
    return cast("Listener", _make(side))


def _make(side: Side) -> Opener | Listener:
    problems = tuple(not_built(side))
    family = family_of(side)
    if problems or family is None:
        raise UsageError(problems[0].sentence(), problems)
    return family.load()(side)  # type: ignore[call-arg]
