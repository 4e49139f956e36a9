"""``-V``: which version this is, and which features work, in lines that programs look for."""

from __future__ import annotations

import os

from catflap import __version__
from catflap.relay.families import FAMILIES

__all__ = ("FEATURES", "LANGUAGE", "version_text")

LANGUAGE = "1.8.1.3"
"""The release of the C program whose language this is; programs compare the number."""

_ALWAYS = ("HELP", "STATS")
_UDP = ("UDP-CONNECT", "UDP-LISTEN", "UDP-SENDTO", "UDP-RECVFROM", "UDP-RECV", "UDP-DATAGRAM")

FEATURES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("STDIO", ("STDIO", "STDIN", "STDOUT", "STDERR")),
    ("FDNUM", ("FD",)),
    ("FILE", ("OPEN",)),
    ("CREAT", ("CREATE",)),
    ("GOPEN", ("GOPEN",)),
    ("TERMIOS", ("STDIO",)),
    ("PIPE", ("PIPE",)),
    ("STALL", ("STALL",)),
    ("TEXT", ("TEXT",)),
    ("SOCKETPAIR", ("SOCKETPAIR",)),
    ("UNIX", ("UNIX-CONNECT", "UNIX-LISTEN")),
    ("ABSTRACT_UNIXSOCKET", ("ABSTRACT-CONNECT", "ABSTRACT-LISTEN")),
    ("IP4", ("TCP4-CONNECT",)),
    ("IP6", ("TCP6-CONNECT",)),
    ("RAWIP", ("IP-SENDTO", "IP-RECVFROM", "IP-RECV", "IP-DATAGRAM")),
    ("GENERICSOCKET", ("SOCKET-CONNECT", "SOCKET-LISTEN", "SOCKET-SENDTO", "SOCKET-RECVFROM")),
    ("INTERFACE", ("INTERFACE",)),
    ("TCP", ("TCP-CONNECT", "TCP-LISTEN")),
    ("UDP", _UDP),
    ("SCTP", ("SCTP-CONNECT", "SCTP-LISTEN")),
    ("DCCP", ("DCCP-CONNECT", "DCCP-LISTEN")),
    ("UDPLITE", tuple(name.replace("UDP", "UDPLITE") for name in _UDP)),
    ("LISTEN", ("TCP-LISTEN",)),
    ("POSIXMQ", ("POSIXMQ-READ", "POSIXMQ-SEND", "POSIXMQ-RECEIVE", "POSIXMQ-BIDIRECTIONAL")),
    ("SOCKS4", ("SOCKS4",)),
    ("SOCKS4A", ("SOCKS4A",)),
    ("SOCKS5", ("SOCKS5-CONNECT", "SOCKS5-LISTEN")),
    ("VSOCK", ("VSOCK-CONNECT", "VSOCK-LISTEN")),
    ("NAMESPACES", ()),
    ("PROXY", ("PROXY",)),
    ("SYSTEM", ("SYSTEM",)),
    ("SHELL", ("SHELL",)),
    ("EXEC", ("EXEC",)),
    ("READLINE", ("READLINE",)),
    ("TUN", ("TUN",)),
    ("PTY", ("PTY",)),
    ("OPENSSL", ("OPENSSL", "OPENSSL-LISTEN")),
    ("FIPS", ()),
    ("LIBWRAP", ()),
    ("SYCLS", ()),
    ("FILAN", ("FD",)),
    ("RETRY", ("TCP-CONNECT",)),
    ("DEVTESTS", ()),
)
"""Names of features as programs look for them, each with the kinds that must be built for it."""


def version_text() -> str:
    """Return what ``-V`` prints."""
    system = os.uname()
    machine = f"release {system.release}, machine {system.machine}"
    lines = [
        f"catflap {__version__} in the place of socat",
        # Programs take the last number of this line for the version.
        f"socat version {LANGUAGE} (its language)",
        f"   running on {system.sysname} version {system.version}, {machine}",
        "features:",
    ]
    lines += [f"  #define WITH_{name} 1" for name in _ALWAYS]
    for name, kinds in FEATURES:
        built = _built(name, kinds)
        lines.append(f"  #define WITH_{name} 1" if built else f"  #undef WITH_{name}")
    lines += ["  #define WITH_MSGLEVEL 0 /*debug*/", "  #define WITH_DEFAULT_IPV 4"]
    return "\n".join(lines) + "\n"


_OF_OPTIONS = {"NAMESPACES": "netns", "LIBWRAP": "tcpwrap"}


def _built(name: str, kinds: tuple[str, ...]) -> bool:
    if name in _OF_OPTIONS:
        from catflap.address.catalogue import find_option

        row = find_option(_OF_OPTIONS[name])
        return row is not None and row.applies is not None and not row.refused
    return bool(kinds) and all(kind in FAMILIES for kind in kinds)
