"""The catalogue holds the whole of socat's language, each row complete and found by each name."""

from __future__ import annotations

import os
import socket
import termios
from collections import Counter

import pytest

from catflap.address.catalogue import find_kind, find_option, kinds, option_rows
from catflap.address.rows import (
    BuiltIn,
    Direction,
    Flag,
    Group,
    Kind,
    OpenFlag,
    OptionRow,
    ParameterType,
    Phase,
    Risk,
    Role,
    SocketForm,
    SocketOption,
    TermiosAction,
    Transport,
    ValueType,
)

OURS = "catflap"


def kind(name: str) -> Kind:
    """Return the kind, which must exist."""
    found = find_kind(name)
    assert found is not None, name
    return found


def option(name: str) -> OptionRow:
    """Return the option, which must exist."""
    found = find_option(name)
    assert found is not None, name
    return found


def test_counts_of_kinds() -> None:
    """Socat 1.8.1.3 has 120 kinds with 95 aliases; three kinds and one alias are ours."""
    ours = [row for row in kinds() if row.since == OURS]
    assert [row.name for row in ours] == ["TLS", "TLS-LISTEN", "TLS-SERVER"]
    assert len(kinds()) - len(ours) == 120
    assert sum(len(row.aliases) for row in kinds()) == 95 + 1


def test_counts_of_options() -> None:
    """Socat 1.8.1.3 has 430 options with 364 aliases; ours come on top and have none."""
    ours = [row for row in option_rows() if row.since == OURS]
    assert [row.name for row in ours] == [
        "crl",
        "env",
        "half-close-timeout",
        "handshake-timeout",
        "idle-timeout",
        "on-expiry",
        "proxy-from",
        "send-proxy",
        "sockspass-file",
        "via",
    ]
    assert all(row.applies == BuiltIn() for row in ours)
    assert len(option_rows()) - len(ours) == 430
    assert sum(len(row.aliases) for row in option_rows()) == 364


def test_names_are_unique() -> None:
    """No name or alias stands for two rows, and each is written in its own case."""
    kind_names = [name for row in kinds() for name in (row.name, *row.aliases)]
    option_names = [name for row in option_rows() for name in (row.name, *row.aliases)]
    for names in (kind_names, option_names):
        assert [name for name, count in Counter(names).items() if count > 1] == []
    assert all(name == name.upper() for name in kind_names)
    assert all(name == name.lower() for name in option_names)


def test_names_are_found_in_any_case() -> None:
    """Every name and alias leads to its row, whatever its case."""
    for row in kinds():
        for name in (row.name, *row.aliases):
            assert find_kind(name.swapcase()) is row
    for entry in option_rows():
        for name in (entry.name, *entry.aliases):
            assert find_option(name.swapcase()) is entry
    assert find_kind("TCP-LISTE") is None
    assert find_option("forks") is None


@pytest.mark.parametrize(
    "texts",
    [
        {row.name: row.help for row in kinds()},
        {row.name: row.help for row in option_rows()},
    ],
    ids=["kinds", "options"],
)
def test_help_is_one_short_line_of_its_own(texts: dict[str, str]) -> None:
    """Each row has one line of help, no full stop at its end, and shares it with none."""
    assert [name for name, text in texts.items() if not 10 <= len(text) <= 100] == []
    assert [name for name, text in texts.items() if text.endswith(".") or "\n" in text] == []
    assert [text for text, count in Counter(texts.values()).items() if count > 1] == []


def test_parameters_agree_with_the_syntax() -> None:
    """There is a parameter for each field that socat's help shows, save where that help errs."""
    for row in kinds():
        fields = 1 if row.name == "TUN" else row.syntax.count(":<")
        if row.name in {"SOCKETPAIR", "UDPLITE4-RECVFROM"}:
            fields -= 1
        assert len(row.parameters) == fields, row.name
        optional = sum(parameter.optional for parameter in row.parameters)
        assert optional == row.syntax.count("["), row.name


def test_listeners_fit_their_groups() -> None:
    """Whatever takes LISTEN options listens; families follow from IP groups."""
    for row in kinds():
        assert not (Group.LISTEN in row.groups and row.role is not Role.LISTEN), row.name
        if row.family:
            other = Group.IP6 if row.family == "4" else Group.IP4
            assert other not in row.groups, row.name
        elif Group.IP4 in row.groups:
            assert Group.IP6 in row.groups, row.name


@pytest.mark.parametrize(
    ("name", "role", "transport", "direction", "risk"),
    [
        ("tcp-l", Role.LISTEN, Transport.TCP, Direction.BOTH, Risk.EXPOSES),
        ("INET", Role.CONNECT, Transport.TCP, Direction.BOTH, Risk.PLAINTEXT),
        ("SSL", Role.CONNECT, Transport.TLS, Direction.BOTH, Risk.NONE),
        ("DTLS-L", Role.LISTEN, Transport.DTLS, Direction.BOTH, Risk.EXPOSES),
        ("UDP-RECV", Role.RECEIVE, Transport.UDP, Direction.READ, Risk.EXPOSES),
        ("STDOUT", Role.STREAM, Transport.LOCAL, Direction.WRITE, Risk.NONE),
        ("CREAT", Role.FILE, Transport.LOCAL, Direction.WRITE, Risk.WRITES),
        ("SYSTEM", Role.PROGRAM, Transport.LOCAL, Direction.BOTH, Risk.SHELL),
        ("EXEC", Role.PROGRAM, Transport.LOCAL, Direction.BOTH, Risk.EXECUTES),
        ("POSIXMQ-RECV", Role.RECEIVE, Transport.QUEUE, Direction.READ, Risk.NONE),
        ("IF", Role.DEVICE, Transport.LINK, Direction.BOTH, Risk.RAW),
    ],
)
def test_what_a_kind_says(
    name: str, role: Role, transport: Transport, direction: Direction, risk: Risk
) -> None:
    """Spot rows: role, transport, direction and risk."""
    row = kind(name)
    assert (row.role, row.transport, row.direction, row.risk) == (role, transport, direction, risk)


def test_the_dash_is_standard_io() -> None:
    """A lone dash means STDIO."""
    assert kind("-").name == "STDIO"


def test_tls_kinds_of_ours_equal_those_of_socat() -> None:
    """TLS is OPENSSL and TLS-LISTEN is OPENSSL-LISTEN in all that options see."""
    for ours, theirs in (("TLS", "OPENSSL"), ("TLS-L", "OPENSSL-LISTEN")):
        assert kind(ours).groups == kind(theirs).groups
        assert kind(ours).parameters == kind(theirs).parameters
        assert kind(ours).role is kind(theirs).role


def test_the_port_of_a_socks5_server_may_be_left_out() -> None:
    """SOCKS5 has an optional port in the middle."""
    port = kind("SOCKS5").parameters[1]
    assert (port.name, port.type, port.optional) == ("socks-port", ParameterType.PORT, True)


@pytest.mark.parametrize(
    ("alias", "name", "phase", "value"),
    [
        ("reuseaddr", "so-reuseaddr", Phase.PREBIND, ValueType.INT_NULL),
        ("cert", "openssl-certificate", Phase.SPECIFIC, ValueType.STRING),
        ("mode", "perm", Phase.FD, ValueType.MODE_T),
        ("su", "substuser", Phase.LATE2, ValueType.UID_T),
        ("seek", "lseek64-set", Phase.LATE, ValueType.OFF64_T),
        ("if", "so-bindtodevice", Phase.PASTSOCKET, ValueType.STRING),
        ("winsz", "tiocswinsz", Phase.FD, ValueType.INT_INT),
        ("crlf", "crnl", Phase.LATE, ValueType.CONST),
        ("wrap", "tcpwrappers", Phase.ACCEPT, ValueType.STRING_NULL),
    ],
)
def test_what_an_option_says(alias: str, name: str, phase: Phase, value: ValueType) -> None:
    """Spot rows: name behind an alias, phase and type of value."""
    row = option(alias)
    assert (row.name, row.phase, row.type) == (name, phase, value)


def test_options_fit_kinds_by_groups() -> None:
    """A shared group makes an option fit; APPL, PROCESS and (all) fit everything."""
    assert option("nodelay").fits(kind("TCP"))
    assert not option("nodelay").fits(kind("UDP"))
    assert not option("fork").fits(kind("STDIO"))
    assert all(option("umask").fits(row) for row in kinds())
    assert all(option("ignoreeof").fits(row) for row in kinds())
    assert all(option("setuid").fits(row) for row in kinds())


def test_what_is_refused_is_never_applied() -> None:
    """A row that says why it is refused has nothing that applies it."""
    refused = {row.name for row in option_rows() if row.refused}
    assert {"openssl-egd", "openssl-pseudo", "iff-notrailers"} <= refused
    assert {"so-bsdcompat", "so-security-authentication", "so-error", "tcp-info"} <= refused
    assert all(option(name).applies is None for name in refused)


def test_socket_options_are_numbers() -> None:
    """Level and number are plain integers, and the form agrees with the type of the value."""
    forms = {
        ValueType.STRUCT_TIMEVAL: SocketForm.TIMEVAL,
        ValueType.STRUCT_LINGER: SocketForm.LINGER,
        ValueType.STRING: SocketForm.STRING,
        ValueType.BYTE: SocketForm.BYTE,
        ValueType.BIN: SocketForm.BINARY,
        ValueType.IP4NAME: SocketForm.HOST,
        ValueType.IP_MREQ_SOURCE: SocketForm.SOURCE_GROUP,
        ValueType.GENERIC: SocketForm.SOURCE_GROUP6,
        ValueType.INT_INT_BIN: SocketForm.ANY,
        ValueType.INT_INT_INT: SocketForm.ANY,
        ValueType.INT_INT_STRING: SocketForm.ANY,
    }
    groups = {SocketForm.GROUP, SocketForm.GROUP6}
    rows = [(row, row.applies) for row in option_rows() if isinstance(row.applies, SocketOption)]
    assert len(rows) > 60
    for row, applies in rows:
        assert isinstance(applies.level, int), row.name
        assert isinstance(applies.number, int), row.name
        if row.type is ValueType.STRUCT_IP_MREQN:
            assert applies.form in groups, row.name
        else:
            assert applies.form is forms.get(row.type, SocketForm.INT), row.name


def test_socket_options_bear_the_name_of_their_constant() -> None:
    """Where Python knows the constant, the row has its number."""
    for row in option_rows():
        constant = getattr(socket, row.name.removesuffix("-late").upper().replace("-", "_"), None)
        if isinstance(row.applies, SocketOption) and constant is not None:
            assert row.applies.number == constant, row.name


def test_open_flags_bear_the_name_of_their_constant() -> None:
    """Each flag of open(2) is the one its name says."""
    rows = [(row, row.applies) for row in option_rows() if isinstance(row.applies, OpenFlag)]
    assert len(rows) == 18
    for row, applies in rows:
        name = "O_" + row.name.removeprefix("o-").upper()
        assert applies.flag == getattr(os, name), row.name


def test_termios_options_bear_the_name_of_their_constant() -> None:
    """Each terminal option is the constant its name says, and choices lie within their mask."""
    rows = [(row, row.applies) for row in option_rows() if isinstance(row.applies, TermiosAction)]
    assert Counter(applies.word for _, applies in rows) == {
        Flag.INPUT: 14,
        Flag.OUTPUT: 8 + 4 + 17,
        Flag.CONTROL: 7 + 4,
        Flag.LOCAL: 15,
        Flag.CHARACTER: 17,
        Flag.SPEED: 31,
    }
    for row, applies in rows:
        assert applies.value == getattr(termios, row.name.upper()), row.name
        if applies.mask:
            assert row.type is ValueType.CONST, row.name
            assert applies.value & ~applies.mask == 0, row.name


@pytest.mark.parametrize("name", [
    "bind", "range", "fork", "max-children", "lockfile", "connect-timeout", "perm-early",
    "umask", "unlink-close", "substuser-delayed", "chroot-early", "shut-null", "end-close",
    "pipes", "pty", "path", "tiocsctty", "protocol-family", "cloexec", "lseek32-end",
    "ftruncate32", "f-setpipe-sz", "raw", "sane", "csize", "openssl-verify", "openssl-cipherlist",
])  # fmt: skip
def test_what_the_relay_reads_by_name(name: str) -> None:
    """Spot rows of the options that code of ours applies."""
    assert option(name).applies == BuiltIn()
