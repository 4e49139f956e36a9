"""Who may connect, with the standard library's ipaddress as oracle."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.address.networks import parse_networks
from catflap.core.nouns import CertificateFacts, Identity, Peer
from catflap.guard.guard import Guard

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

# Few bits differ, so that addresses and networks meet often.
NEAR_FOUR = st.integers(0, 255).map(lambda n: ipaddress.IPv4Address(0x0A000000 | n << 4))
NEAR_SIX = st.integers(0, 255).map(lambda n: ipaddress.IPv6Address(0xFD << 120 | n << 60))
ADDRESSES = st.one_of(NEAR_FOUR, NEAR_SIX, st.ip_addresses())


@st.composite
def entries(draw: st.DrawFn) -> tuple[bool, ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Draw a network and whether it denies."""
    address = draw(ADDRESSES.filter(lambda ip: getattr(ip, "ipv4_mapped", None) is None))
    prefix = draw(st.integers(0, address.max_prefixlen))
    return draw(st.booleans()), ipaddress.ip_network((address, prefix), strict=False)


@given(ADDRESSES, st.lists(entries(), max_size=6))
def test_the_first_match_decides(
    peer: Ip, networks: list[tuple[bool, ipaddress.IPv4Network | ipaddress.IPv6Network]]
) -> None:
    """The guard says what a plain loop over ipaddress's networks says; no match is a no."""
    text = ",".join(f"{'!' * denies}{network}" for denies, network in networks)
    guard = Guard(networks=parse_networks(f"[{text}]"))
    seen: Ip = getattr(peer, "ipv4_mapped", None) or peer
    expected = next((not denies for denies, network in networks if seen in network), False)
    decision = guard.admit(Peer(str(peer), 1234))
    assert decision.allowed is expected
    assert decision.rule == "range"
    assert decision.reason


def test_a_mapped_peer_is_judged_as_ipv4() -> None:
    """A listener for both versions sees IPv4 peers as ::ffff:a.b.c.d."""
    guard = Guard(networks=parse_networks("10.0.0.0/8"))
    assert guard.admit(Peer("::ffff:10.1.2.3", 1)).allowed
    assert not Guard(networks=parse_networks("::/0")).admit(Peer("::ffff:10.1.2.3", 1)).allowed
    assert Guard(networks=parse_networks("fe80::/10")).admit(Peer("fe80::1%eth0", 1)).allowed


@pytest.mark.parametrize(
    "host", ["", "stdio", "/run/socket", "1.2.3", "1.2.3.4\0", "::1\0", "\udcff", "\udcff::1"]
)
def test_a_source_that_cannot_be_read_is_refused(host: str) -> None:
    """An allowlist admits nobody whom it cannot compare."""
    assert not Guard(networks=parse_networks("[0.0.0.0/0,::/0]")).admit(Peer(host)).allowed


def test_no_list_admits_everybody_and_an_empty_one_nobody() -> None:
    """Silence of the address is no list; ``range=[]`` is a closed door."""
    assert Guard().admit(Peer("192.0.2.1", 1)).allowed
    assert not Guard(networks=()).admit(Peer("192.0.2.1", 1)).allowed


@pytest.mark.parametrize(
    ("guard", "port", "allowed"),
    [
        (Guard(source_port=1024), 1024, True),
        (Guard(source_port=1024), 1025, False),
        (Guard(low_port=True), 1023, True),
        (Guard(low_port=True), 1024, False),
        (Guard(low_port=True), 0, False),
    ],
)
def test_ports_of_peers(guard: Guard, port: int, allowed: bool) -> None:
    """``sourceport`` wants one port, ``lowport`` one below 1024."""
    assert guard.admit(Peer("127.0.0.1", port)).allowed is allowed


def test_ports_come_before_networks_but_do_not_replace_them() -> None:
    """A right port from a wrong network stays outside."""
    guard = Guard(networks=parse_networks("10.0.0.0/8"), low_port=True)
    assert not guard.admit(Peer("192.0.2.1", 1023)).allowed
    assert guard.admit(Peer("10.0.0.1", 1023)).allowed


@pytest.mark.parametrize(
    ("now", "rule"),
    [
        (99.0, "certificate-not-yet-valid"),
        (100.0, "client-certificate"),
        (200.0, "client-certificate"),
        (200.5, "certificate-expired"),
    ],
)
def test_a_certificate_counts_within_its_time(now: float, rule: str) -> None:
    """Validity is judged now, also for a resumed session; both ends of the term are in it."""
    facts = CertificateFacts("CN=a", "CN=ca", "1", 100.0, 200.0, "00")
    decision = Guard(demands_certificate=True).authorise(Identity(facts), now)
    assert (decision.rule, decision.allowed) == (rule, rule == "client-certificate")


def test_nobody_without_a_certificate_where_one_is_demanded() -> None:
    """A handshake that proved nothing authorises nobody, unless nothing was asked."""
    assert not Guard(demands_certificate=True).authorise(Identity(), 0.0).allowed
    assert Guard().authorise(Identity(), 0.0).allowed
