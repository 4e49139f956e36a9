"""A bridge answers in effective values: said, the dialect's default, or unknown."""

from __future__ import annotations

import pytest

from catflap.address.model import Address
from catflap.address.rows import ParameterType
from catflap.address.syntax import parse
from catflap.bridge.commandline import bridge_from_words
from catflap.bridge.effective import Dialect, Origin
from catflap.bridge.model import Bridge, DualSide, Flow
from catflap.bridge.side import Side, is_loopback
from catflap.core.errors import UsageError
from tests.support.trees import pieces


def side(text: str, dialect: Dialect = Dialect.CATFLAP) -> Side:
    """Return a side of one address, variables unknown."""
    endpoint = parse(pieces(text), text).endpoint
    assert isinstance(endpoint, Address)
    return Side(endpoint, dialect, text)


@pytest.mark.parametrize(
    ("text", "dialect", "hosts"),
    [
        ("TCP-LISTEN:1", Dialect.CATFLAP, ("127.0.0.1", "::1")),
        ("TCP4-LISTEN:1", Dialect.CATFLAP, ("127.0.0.1",)),
        ("TCP-LISTEN:1,pf=ip6", Dialect.CATFLAP, ("::1",)),
        ("TCP-LISTEN:1", Dialect.SOCAT, ("0.0.0.0",)),
        ("TCP6-LISTEN:1", Dialect.SOCAT, ("::",)),
        ("TCP-LISTEN:1,bind=10.0.0.1:2", Dialect.CATFLAP, ("10.0.0.1",)),
        ("TCP-LISTEN:1,bind=[::]", Dialect.CATFLAP, ("::",)),
        ("TCP-LISTEN:1,bind=", Dialect.SOCAT, ("0.0.0.0",)),
        ("TCP:h:1", Dialect.CATFLAP, ()),
        ("UNIX-LISTEN:/x", Dialect.CATFLAP, ()),
    ],
)
def test_where_a_listener_listens(text: str, dialect: Dialect, hosts: tuple[str, ...]) -> None:
    """Loopback in our dialect, everywhere in socat's, unless bind= says otherwise."""
    found = side(text, dialect).bind_hosts
    assert found.value == hosts
    assert found.is_said is ("bind" in text)


def test_a_variable_is_unknown_and_counts_as_the_default() -> None:
    """What nobody knows yet has the dialect's default and says so."""
    found = side("TLS-LISTEN:$V1,bind=$V2,verify=$V3,range=$V4")
    assert found.port.origin is Origin.UNKNOWN
    assert found.bind_hosts.is_unknown
    assert found.bind_hosts.value == ("127.0.0.1", "::1")
    assert (found.verifies.value, found.verifies.is_unknown) == (True, True)
    assert (found.networks.value, found.networks.is_unknown) == (None, True)


def test_the_last_of_two_options_counts() -> None:
    """As in socat, where a repeated option is allowed at all."""
    assert side("TCP:h:1,keepalive=1,so-keepalive=0").flag("so-keepalive").value is False


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("TCP:h:80", ("h", "80"), ("h", "80")),
        ("TCP:[::1]:80", ("::1", "80"), ("::1", "80")),
        ("SOCKS5:s:h:80", ("s", "1080"), ("h", "80")),
        ("SOCKS5:s:9050:h:80", ("s", "9050"), ("h", "80")),
        ("SOCKS4A:s:h:80,socksport=9050", ("s", "9050"), ("h", "80")),
        ("PROXY:p:h:443", ("p", "8080"), ("h", "443")),
        ("PROXY:p:h:443,proxyport=3128", ("p", "3128"), ("h", "443")),
        ("UNIX:/x", ("", ""), ("", "")),
    ],
)
def test_who_is_reached_and_through_whom(
    text: str, near: tuple[str, str], far: tuple[str, str]
) -> None:
    """A proxy is whom one connects to; the target is whom one reaches."""
    found = side(text)
    assert (found.host.value, found.port.value) == near
    assert (found.target_host.value, found.target_port.value) == far


def test_parameters_by_type_and_name() -> None:
    """Optional parameters in the middle do not shift the others."""
    found = side("SOCKS5:s:h:80")
    assert found.argument("socks-port") is None
    assert found.parameter(ParameterType.HOST) == "s"
    assert found.parameter(ParameterType.PORT) == "80"
    word = found.argument("target-host")
    assert word is not None
    assert word.text == "h"


def test_values_by_type() -> None:
    """Texts, flags, numbers, seconds and networks are read as the catalogue says."""
    found = side("TCP-LISTEN:1,max-children=7,accept-timeout=500ms,range=[10.0.0.0/8],reuseaddr=")
    assert found.number("max-children").value == 7
    assert found.seconds("accept-timeout").value == 0.5
    assert [rule.text for rule in found.networks.value or ()] == ["10.0.0.0/8"]
    assert found.value("so-reuseaddr", 1).value is None
    assert found.seconds("interval", 1.0) == found.seconds("interval", 1.0)
    assert found.text("openssl-certificate", "none").value == "none"
    assert found.networks.is_said


@pytest.mark.parametrize(("dialect", "version"), [(Dialect.CATFLAP, "TLS1.3"), (Dialect.SOCAT, "")])
def test_the_oldest_protocol(dialect: Dialect, version: str) -> None:
    """1.3 in our dialect; in socat's the library decides."""
    assert side("TLS:h:1", dialect).minimum_protocol.value == version
    assert side("TLS:h:1,min-proto-version=TLS1.2", dialect).minimum_protocol.value == "TLS1.2"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("LocalHost.", True), ("127.9.9.9", True), ("::1", True), ("[::1]", True),
     ("::ffff:127.0.0.1", True), ("0.0.0.0", False), ("::", False), ("127.1", False), ("localhost.evil", False)],
)  # fmt: skip
def test_what_stays_on_this_host(host: str, loopback: bool) -> None:
    """Only literal loopback addresses and the name localhost are sure."""
    assert is_loopback(host) is loopback


def test_a_side_of_an_unknown_kind_says_so() -> None:
    """The auditor may ask such a side for what needs no kind, never for its kind."""
    found = side("$V1:x")
    answers = (found.listens, found.is_internet, found.is_encrypted, found.serves_streams)
    assert not any(answers)
    with pytest.raises(ValueError, match="not an address kind"):
        _ = found.kind


def bridge(first: str, second: str, *, once: bool = False) -> Bridge:
    """Return a bridge from two words."""
    return bridge_from_words(first, second, once=once)


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ("TCP-LISTEN:1", "TCP:h:1", ""),
        ("TCP-LISTEN:1", "STDIO", "STDIO cannot serve more than one"),
        ("TCP-LISTEN:1", "UNIX-LISTEN:/x", "UNIX-LISTEN cannot serve more than one"),
        ("TCP-LISTEN:1", "STDIN!!STDOUT", "STDIN cannot serve more than one"),
        ("STDIO", "TCP:h:1", "the first address does not listen"),
        ("STDIN!!STDOUT", "TCP:h:1", "the first address does not listen"),
    ],
)
def test_which_bridges_keep_serving(first: str, second: str, reason: str) -> None:
    """A listener keeps serving, unless its other side is one of a kind."""
    assert bridge(first, second).single_session_reason == reason


def test_once_is_once() -> None:
    """What was asked for is the reason."""
    assert (
        bridge("TCP-LISTEN:1", "TCP:h:1", once=True).single_session_reason == "asked for by --once"
    )


def test_the_sides_of_a_dual_end() -> None:
    """All four addresses of two dual ends are sides, read before written."""
    found = bridge("STDIN!!STDOUT", "TCP:h:1!!TCP-LISTEN:1")
    assert isinstance(found.second, DualSide)
    assert [each.kind.name for each in found.sides] == [
        "STDIN",
        "STDOUT",
        "TCP-CONNECT",
        "TCP-LISTEN",
    ]
    assert [each.kind.name for each in found.listeners] == ["TCP-LISTEN"]


@pytest.mark.parametrize(
    ("first", "second", "flow", "good"),
    [
        ("STDIN", "STDOUT", Flow.FORWARD, True),
        ("STDIN", "STDOUT", Flow.BACKWARD, False),
        ("STDOUT", "STDIN", Flow.BACKWARD, True),
        ("STDIN", "TCP:h:1", Flow.BOTH, False),
        ("STDIN!!STDOUT", "TCP:h:1", Flow.BOTH, True),
    ],
)
def test_bytes_must_be_able_to_flow(first: str, second: str, flow: Flow, good: bool) -> None:
    """An address for one way stands on the right side of -u or -U, or in a dual address."""
    if good:
        assert bridge_from_words(first, second, flow=flow).flow is flow
    else:
        with pytest.raises(UsageError):
            bridge_from_words(first, second, flow=flow)


def test_all_problems_of_both_addresses_come_at_once() -> None:
    """Nobody mends one mistake only to hear of the next."""
    with pytest.raises(UsageError) as caught:
        bridge("TCP:h", "TCP:h:1,retry=x,nonsense")
    assert len(caught.value.problems) == 3


def test_the_dialect_of_socat_is_lenient() -> None:
    """What the C program takes, the drop-in takes."""
    bridge_from_words(
        "TCP-LISTEN:1,range=10.0.0.0/8,range=::/0", "TCP:127.1:1", dialect=Dialect.SOCAT
    )
    with pytest.raises(UsageError):
        bridge("TCP-LISTEN:1,range=10.0.0.0/8,range=::/0", "TCP:127.0.0.1:1")
