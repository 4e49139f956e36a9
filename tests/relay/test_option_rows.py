"""Every row of the options: applied to something that takes it, and read back.

The cases come from the rows themselves: here those of setsockopt(2), and in
``test_option_rows_files.py`` those of terminals, open(2), locks, attributes and ioctl(2). Code of
ours that goes by an option's name is tested with its kind. A new row that is neither applied nor
refused, or that no kind takes, fails :func:`test_every_row_is_accounted_for`.
"""

import os
import socket
import struct

import pytest

from catflap.address.catalogue import kinds, option_rows
from catflap.address.rows import (
    BuiltIn,
    OptionRow,
    SocketForm,
    SocketOption,
    ValueType,
)
from catflap.address.syntax import parse
from catflap.bridge.effective import Dialect
from catflap.bridge.side import Side
from catflap.core.errors import OperationError
from catflap.relay.families import FAMILIES
from catflap.relay.preparing import prepares
from catflap.relay.socket_options import SocketSetup
from tests.support.waiting import eventually

IS_ROOT = os.geteuid() == 0
ROWS = option_rows()


def rows_of(action: type) -> list[OptionRow]:
    return [row for row in ROWS if isinstance(row.applies, action)]


def side_of(text: str) -> Side:
    return Side(parse(text).endpoint, Dialect.CATFLAP, text)


# Socket options: which socket, which value, and what getsockopt(2) says then.

TCP, TCP6 = (socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET6, socket.SOCK_STREAM)
UDP, UDP6 = (socket.AF_INET, socket.SOCK_DGRAM), (socket.AF_INET6, socket.SOCK_DGRAM)
UNIX = (socket.AF_UNIX, socket.SOCK_STREAM)
RAW = (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
LITE = (socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDPLITE)
VALUES = {
    "so-bindtodevice": "lo",
    "so-linger": "7",
    "so-rcvtimeo": "1.5",
    "so-sndtimeo": "2.5",
    "so-rcvbuf": "8192",
    "so-rcvbuf-late": "8192",
    "so-sndbuf": "8192",
    "so-sndbuf-late": "8192",
    "so-priority": "5",
    "so-rcvlowat": "3",
    "ip-multicast-if": "127.0.0.1",
    "ip-multicast-ttl": "9",
    "ip-multicast-loop": "0",
    "ipv6-multicast-loop": "0",
    "ip-mtu-discover": "2",
    "ipv6-mtu-discover": "2",
    "ip-options": "x01010100",
    "ip-tos": "16",
    "ip-ttl": "33",
    "ipv6-tclass": "16",
    "ipv6-unicast-hops": "33",
    "tcp-keepcnt": "4",
    "tcp-keepidle": "40",
    "tcp-keepintvl": "4",
    "tcp-syncnt": "3",
    "tcp-linger2": "11",
    "tcp-maxseg": "700",
    "tcp-maxseg-late": "700",
    "tcp-window-clamp": "40000",
    "tcp-defer-accept": "3",
    "udplite-send-cscov": "16",
    "udplite-recv-cscov": "16",
}
KERNEL_CHANGES = {
    "so-rcvbuf": 16384,
    "so-rcvbuf-late": 16384,
    "so-sndbuf": 16384,
    "so-sndbuf-late": 16384,
}
"""Values that the kernel keeps otherwise: it doubles buffers for its own accounting (socket(7))."""

NOT_READ_BACK = {
    "so-detach-filter": "it takes something off; what was there is gone",
    "ip-add-membership": "memberships are read in /proc/net/igmp: below",
    "ip-add-source-membership": "memberships are read in /proc/net/mcfilter: below",
    "ipv6-join-group": "memberships are read in /proc/net/igmp6: below",
    "ipv6-join-source-group": "memberships are read in /proc/net/mcfilter6: below",
    "ip-router-alert": "the kernel has no way to ask",
    "dccp-set-ccid": "kernels since 6.16 have no DCCP; where they do, it needs a connection",
}
NEEDS_ROOT = {"so-debug", "ip-hdrincl", "ip-transparent", "ip-router-alert"}


def socket_of(row: OptionRow) -> tuple[int, ...]:
    groups = {group.name for group in row.groups}
    if row.name in {"ip-hdrincl", "ip-router-alert"}:
        return RAW
    if row.name == "so-passcred":
        return UNIX
    if row.name == "ip-mtu-discover" or row.name.startswith("ip-"):
        return UDP
    if "UDPLITE" in groups:
        return LITE
    if "TCP" in groups:
        return TCP
    return UDP6 if row.name.startswith("ipv6") else UDP


def plain_socket_rows() -> list[OptionRow]:
    plain = [row for row in rows_of(SocketOption) if row.applies.form is not SocketForm.ANY]
    return [row for row in plain if row.name not in NOT_READ_BACK]


@pytest.mark.parametrize("row", plain_socket_rows(), ids=lambda row: row.name)
def test_a_socket_option_is_set(row):
    """Getsockopt(2) gives the value that was asked for."""
    if row.name in NEEDS_ROOT and not IS_ROOT:
        pytest.skip("needs root")
    text = VALUES.get(row.name, "1")
    setup = SocketSetup(side_of(f"FD:0,{row.name}={text}"))
    try:
        sock = socket.socket(*socket_of(row))
    except OSError as error:
        pytest.skip(f"this kernel has no such socket: {error.strerror}")
    with sock:
        setup.before(sock)
        setup.after(sock)
        assert read_back(sock, row.applies) == expected(row, text)


def read_back(sock: socket.socket, action: SocketOption) -> object:
    if action.form is SocketForm.INT:
        return sock.getsockopt(action.level, action.number)
    raw = sock.getsockopt(action.level, action.number, 64)
    if action.form is SocketForm.BYTE:
        return raw[0]
    if action.form is SocketForm.LINGER:
        return struct.unpack("ii", raw)
    if action.form is SocketForm.TIMEVAL:
        seconds, micros = struct.unpack("ll", raw)
        return seconds + micros / 1e6
    if action.form is SocketForm.STRING:
        return raw.rstrip(b"\0").decode()
    return raw


def expected(row: OptionRow, text: str) -> object:
    special = {
        SocketForm.LINGER: lambda: (1, int(text)),
        SocketForm.TIMEVAL: lambda: float(text),
        SocketForm.STRING: lambda: text,
        SocketForm.HOST: lambda: socket.inet_aton(text),
        SocketForm.BINARY: lambda: bytes.fromhex(text[1:]),
    }
    make = special.get(row.applies.form)
    return make() if make else KERNEL_CHANGES.get(row.name, int(text))


@pytest.mark.parametrize(
    ("row", "data"),
    [
        (row, {ValueType.INT_INT_INT: "1", ValueType.INT_INT_STRING: "lo"}.get(row.type, "i1"))
        for row in rows_of(SocketOption)
        if row.applies.form is SocketForm.ANY
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_any_socket_option_is_set_by_its_number(row, data):
    """LEVEL:NUMBER:DATA, with data as a number, as bytes or as a text."""
    number = socket.SO_BINDTODEVICE if data == "lo" else socket.SO_KEEPALIVE
    setup = SocketSetup(side_of(f"FD:0,{row.name}={socket.SOL_SOCKET}:{number}:{data}"))
    with socket.socket(*TCP) as sock:
        setup.before(sock)
        setup.after(sock)
        if data == "lo":
            assert sock.getsockopt(socket.SOL_SOCKET, number, 16).rstrip(b"\0") == b"lo"
        else:
            assert sock.getsockopt(socket.SOL_SOCKET, number) == 1


@pytest.mark.parametrize(
    ("option", "kind", "table", "wanted"),
    [
        ("ip-add-membership=224.1.2.3:lo", UDP, "igmp", "030201E0"),
        ("ip-add-membership=224.1.2.4:127.0.0.1", UDP, "igmp", "040201E0"),
        ("ip-add-membership=224.1.2.5:127.0.0.1:lo", UDP, "igmp", "050201E0"),
        ("ip-add-source-membership=232.1.2.3:127.0.0.1:127.0.0.9", UDP, "mcfilter", "0xe8010203"),
        ("ipv6-join-group=[ff15::77]:lo", UDP6, "igmp6", "ff150000000000000000000000000077"),
        ("ipv6-join-group=[ff15::78]:1", UDP6, "igmp6", "ff150000000000000000000000000078"),
        (
            "ipv6-join-source-group=[ff35::77]:lo:[::1]",
            UDP6,
            "mcfilter6",
            "ff350000000000000000000000000077",
        ),
    ],
)
def test_a_multicast_group_is_joined(option, kind, table, wanted):
    """The kernel's table of groups has it while the socket lives."""
    with socket.socket(*kind) as sock:
        SocketSetup(side_of(f"FD:0,{option}")).before(sock)
        assert wanted in _proc_net(table)
    eventually(lambda: wanted not in _proc_net(table))


def _proc_net(table: str) -> str:
    with open(f"/proc/net/{table}") as file:
        return file.read()


@pytest.mark.parametrize(
    "option",
    [
        "ip-add-membership=224.1.2.3:no-such-interface",
        "ip-add-membership=1:2:3:4",
        "ip-add-source-membership=232.1.2.3:127.0.0.1",
        "ipv6-join-group=224.1.2.3:lo",
        "ipv6-join-source-group=[ff35::1]:lo",
    ],
)
def test_a_wrong_group_names_the_option(option):
    """The message begins with the option, for one side may have several."""
    setup = SocketSetup(side_of(f"FD:0,{option}"))
    name = option.partition("=")[0]
    with socket.socket(*UDP6) as sock, pytest.raises(OperationError, match=name):
        setup.before(sock)


# What else there is.

BY_NAME_HERE = {
    *("lseek64-set", "lseek64-cur", "lseek64-end", "lseek32-set", "lseek32-cur", "lseek32-end"),
    *("ftruncate32", "ftruncate64", "perm", "perm-late", "user", "user-late", "group"),
    *("group-late", "cloexec", "f-setpipe-sz"),
}


def test_every_row_is_accounted_for():
    """A row is applied by its action, by code of ours that a kind names, or refused with why."""
    for row in ROWS:
        if row.refused:
            assert row.applies is None, row.name
            continue
        if row.applies is None:
            assert row.name in UNBUILT, f"{row.name} is neither built nor refused"
        if isinstance(row.applies, BuiltIn) and row.name not in BY_NAME_HERE:
            assert row.name in OF_THE_DROP_IN or some_kind_takes(row), (
                f"{row.name} is built, but no kind takes it"
            )


OF_THE_DROP_IN = {"children-shutup"}
"""Options that catflap-socat applies to its log, whatever the kind."""

UNBUILT: dict[str, str] = {}
"""Options that are neither built nor refused, each with why; there are none."""


def some_kind_takes(row: OptionRow) -> bool:
    """Whether a kind that the option fits says that it applies it, or all kinds do."""
    if prepares(row):
        return True
    fitting = (kind for kind in kinds() if row.fits(kind) and kind.name in FAMILIES)
    if not any(row.fits(kind) and kind.name in FAMILIES for kind in kinds()):
        # Its kinds are still to come.
        return True
    return any(row.name in FAMILIES[kind.name].load().takes for kind in fitting)
