"""What the tables say about kinds and options, in words for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.catalogue import option_rows
from catflap.address.rows import Direction, Group, ParameterType, Role, Transport, ValueType
from catflap.relay.families import FAMILIES

if TYPE_CHECKING:
    from catflap.address.rows import Kind, OptionRow

__all__ = (
    "default_of",
    "example_of",
    "is_built",
    "is_option_built",
    "options_by_group",
    "since_of",
    "type_words",
)

_WHOLE = "a whole number"
_TYPES = {
    ValueType.BOOL: "0 or 1; without = it is 1",
    ValueType.BYTE: "a whole number from 0 to 255",
    ValueType.CONST: "no value",
    ValueType.GENERIC: 'a value such as i5, x00ff or "text"',
    ValueType.GID_T: "a group, by name or number",
    ValueType.UID_T: "a user, by name or number",
    ValueType.MODE_T: "permission bits in octal, such as 0600",
    ValueType.NAMES: "names of environment variables: A:B or [A,B]",
    ValueType.INT: _WHOLE,
    ValueType.INT_NULL: "a whole number, or nothing",
    ValueType.UNSIGNED_INT: _WHOLE,
    ValueType.UNSIGNED_SHORT: "a whole number from 0 to 65535",
    ValueType.LONG: _WHOLE,
    ValueType.OFF_T: "an offset in bytes",
    ValueType.OFF64_T: "an offset in bytes",
    ValueType.SIZE_T: "a number of bytes",
    ValueType.STRING: "text",
    ValueType.STRING_NULL: "text, or nothing",
    ValueType.STRUCT_TIMEVAL: "seconds, such as 10, 0.5, 500ms or 2m",
    ValueType.STRUCT_TIMESPEC: "seconds, such as 10, 0.5, 500ms or 2m",
    ValueType.STRUCT_LINGER: "seconds as a whole number",
    ValueType.IP4NAME: "an IPv4 address",
    ValueType.IP4SOCK: "an IPv4 address and port",
    ValueType.IP_MREQ_SOURCE: "GROUP:INTERFACE:SOURCE",
    ValueType.STRUCT_IP_MREQN: "GROUP:INTERFACE",
    ValueType.BIN: "bytes in hexadecimal, such as x00ff",
}
_SAMPLES = {
    ParameterType.HOST: "localhost",
    ParameterType.PORT: "8080",
    ParameterType.PATH: "/tmp/example",  # noqa: S108 - a sample for people
    ParameterType.DESCRIPTOR: "3",
    ParameterType.COMMAND: "cat",
    ParameterType.TEXT: "hello",
    ParameterType.NUMBER: "1",
    ParameterType.BINARY: "x0000",
    ParameterType.INTERFACE: "eth0",
    ParameterType.NETWORK: "10.1.0.1/24",
    ParameterType.QUEUE: "/example",
}
_EXAMPLES = {
    "TCP-LISTEN": "catflap run TCP-LISTEN:8080 TCP:127.0.0.1:9000",
    "TLS-LISTEN": "catflap run TLS-LISTEN:8443,cert=srv.pem,cafile=ca.pem TCP:127.0.0.1:9000",
    "OPENSSL-LISTEN": "catflap run OPENSSL-LISTEN:8443,cert=srv.pem,cafile=ca.pem UNIX:api.sock",
    "TLS-SERVER": "catflap run TLS-SERVER,via=[/dev/ttyS0,rawer],cert=srv.pem,cafile=ca.pem STDIO",
    "TLS": "catflap run STDIO TLS:api.internal:8443,cert=me.pem,cafile=ca.pem",
    "OPENSSL": "catflap run STDIO OPENSSL:api.internal:8443,cert=me.pem,cafile=ca.pem",
    "UNIX-LISTEN": "catflap run UNIX-LISTEN:/run/app.sock,mode=0660 TCP:127.0.0.1:9000",
    "UNIX-CLIENT": "catflap run TCP-LISTEN:9000 UNIX:/run/app.sock",
    "EXEC": "catflap run TCP-LISTEN:7000 EXEC:./handler",
    "SYSTEM": "catflap run TCP-LISTEN:7000 'SYSTEM:date; uptime'",
    "PTY": "catflap run PTY,link=/tmp/serial TCP:127.0.0.1:7000",
}
_LOOPBACK = {"4": "127.0.0.1", "6": "::1", "": "127.0.0.1 and ::1"}
_TRANSPORTS_WITH_PORTS = frozenset(
    {Transport.TCP, Transport.UDP, Transport.UDPLITE, Transport.SCTP, Transport.DCCP}
)


def type_words(row: OptionRow) -> str:
    """Return how an option's value is written."""
    return _TYPES.get(row.type) or f"values joined by colons ({row.type.value.lower()})"


def is_built(kind: Kind) -> bool:
    """Whether catflap can open this kind."""
    return kind.name in FAMILIES


def is_option_built(row: OptionRow) -> bool:
    """Whether some address here applies this option."""
    return row.applies is not None and not row.refused


def since_of(since: str) -> str:
    """Return which program, and from when."""
    return "catflap (not in socat)" if since == "catflap" else f"socat {since}"


def default_of(kind: Kind) -> str:
    """Return what our dialect does when no option says otherwise."""
    where = f"listens on {_LOOPBACK[kind.family]}; bind= says otherwise"
    if kind.transport in {Transport.TLS, Transport.DTLS}:
        server = "TLS 1.3; every client needs a certificate of cafile= or capath="
        if kind.listens or kind.role is Role.SERVE:
            return f"{where}. {server}" if kind.listens else server
        return (
            "TLS 1.3; checks the certificate and its name, by cafile=, capath= or the system's CAs"
        )
    if kind.listens and kind.transport in _TRANSPORTS_WITH_PORTS:
        return where
    if kind.listens and kind.transport is Transport.UNIX:
        return "the socket is made with mode 0600; mode= says otherwise"
    if kind.role is Role.PROGRAM:
        return "the program gets PATH, HOME, the locale, SOCAT_* and what env= names, no more"
    return ""


def example_of(kind: Kind) -> str:
    """Return a command that uses the kind."""
    if kind.name in _EXAMPLES:
        return _EXAMPLES[kind.name]
    samples = [_sample(kind, each.type) for each in kind.parameters if not each.optional]
    address = ":".join([kind.name, *samples])
    if kind.transport is Transport.DTLS:
        address += ",cert=srv.pem,cafile=ca.pem" if kind.listens else ",cafile=ca.pem"
    if kind.direction is Direction.READ:
        return f"catflap run -u {address} STDOUT"
    if kind.direction is Direction.WRITE:
        return f"catflap run -u STDIN {address}"
    return f"catflap run {address} STDIO" if kind.listens else f"catflap run STDIO {address}"


def _sample(kind: Kind, type_: ParameterType) -> str:
    if type_ is ParameterType.HOST and kind.family == "6":
        return "[::1]"
    return _SAMPLES[type_]


def options_by_group(kind: Kind) -> dict[str, list[OptionRow]]:
    """Return the options that a kind takes, by the group they share with it."""
    groups: dict[str, list[OptionRow]] = {}
    for row in option_rows():
        if row.fits(kind):
            shared = next((group for group in row.groups if group in kind.groups), row.groups[0])
            name = "any address" if shared is Group.ALL else shared.value
            groups.setdefault(name, []).append(row)
    return dict(sorted(groups.items()))
