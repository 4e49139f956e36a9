"""Networks are read as written, and no wider."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.address.networks import (
    NetworkError,
    NetworkRule,
    numeric_host,
    parse_networks,
    parse_rule,
    split_host_port,
)

NETWORKS = st.one_of(
    st.builds(lambda a, n: (a, n), st.ip_addresses(v=4), st.integers(0, 32)),
    st.builds(lambda a, n: (a, n), st.ip_addresses(v=6), st.integers(96, 128)),
)


@given(NETWORKS, st.booleans())
def test_a_network_is_what_ipaddress_says(
    network: tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int], denies: bool
) -> None:
    """Value and mask are those of the standard library, v4-mapped ones those of their IPv4."""
    address, prefix = network
    rule = parse_rule(f"{'!' * denies}{address}/{prefix}")
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address, prefix = address.ipv4_mapped, prefix - 96
    expected = ipaddress.ip_network((address, prefix), strict=False)
    assert (rule.bits, rule.prefix, rule.denies) == (address.max_prefixlen, prefix, denies)
    assert rule.value == int(expected.network_address)
    assert rule.mask == int(expected.netmask)


def entries_of(text: str) -> tuple[NetworkRule, ...] | NetworkError:
    """Return the rules of a text, or what is wrong with it."""
    try:
        return parse_networks(text)
    except NetworkError as error:
        return error


@given(st.text(max_size=20) | st.text(st.sampled_from("0123456789abcdef.:/![],% "), max_size=30))
def test_any_text_is_a_list_or_an_error(text: str) -> None:
    """Nothing else is raised; an error within a list says where."""
    found = entries_of(text)
    if isinstance(found, NetworkError):
        first, last = found.at or (0, 0)
        assert 0 <= first <= last <= len(text)
    else:
        assert all(rule.value & ~rule.mask == 0 for rule in found)


@pytest.mark.parametrize(
    ("text", "bits", "prefix"),
    [
        ("10.0.0.0/8", 32, 8),
        ("10.1.2.3", 32, 32),
        ("0.0.0.0/0", 32, 0),
        ("10.0.0.0:255.0.0.0", 32, 8),
        ("10.0.0.0:255.0.255.0", 32, -1),
        ("::/0", 128, 0),
        ("[fd00::]/8", 128, 8),
        ("[::1]", 128, 128),
        ("! fd00::/8", 128, 8),
        ("::ffff:10.0.0.0/104", 32, 8),
    ],
)
def test_the_ways_to_write_one(text: str, bits: int, prefix: int) -> None:
    """Address, length or netmask, IPv6 in brackets or not."""
    rule = parse_rule(text)
    assert (rule.bits, rule.prefix) == (bits, prefix)


@pytest.mark.parametrize(
    "text",
    [
        "", "!", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0/8", "host",
        "fe80::1%eth0/64", "[10.0.0.0]/8", "10.0.0.0:x", "10.0.0.0/255.0.0.0", "::/129",
        "::ffff:10.0.0.0/24", "10.0.0.0/" + "8" * 5000, "10.0.0.0/\N{SUPERSCRIPT TWO}",
    ],
)  # fmt: skip
def test_what_no_network_is(text: str) -> None:
    """Nothing is guessed, nothing widened: a mapped network wider than IPv4 least of all."""
    with pytest.raises(NetworkError):
        parse_rule(text)


def test_lists() -> None:
    """A bracket that the final one closes is a list; an empty one admits nobody."""
    assert parse_networks("[]") == ()
    assert [rule.text for rule in parse_networks("[10.0.0.0/8, !10.9.0.0/16]")] == [
        "10.0.0.0/8",
        "!10.9.0.0/16",
    ]
    assert len(parse_networks("[fd00::]/8")) == 1
    with pytest.raises(NetworkError) as caught:
        parse_networks("[10.0.0.0/8, x]")
    assert (caught.value.index, caught.value.at) == (1, (13, 14))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("127.0.0.1", (32, 0x7F000001)),
        ("[::1]", (128, 1)),
        ("::1", (128, 1)),
        ("fe80::1%eth0", (128, 0xFE80 << 112 | 1)),
        ("::ffff:10.0.0.1", (32, 0x0A000001)),
        ("127.0.0.1%x", None),
        ("[127.0.0.1]", None),
        ("127.1", None),
        ("localhost", None),
        ("", None),
    ],
)
def test_numeric_hosts(text: str, found: tuple[int, int] | None) -> None:
    """Literal addresses are numbers, mapped ones as IPv4; all else is a name."""
    assert numeric_host(text) == found


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("host", ("host", "")),
        ("host:80", ("host", "80")),
        (":80", ("", "80")),
        ("[::1]:80", ("::1", "80")),
        ("[::1]", ("::1", "")),
        ("::1", ("::1", "")),
        ("", ("", "")),
    ],
)
def test_host_and_port_come_apart(text: str, parts: tuple[str, str]) -> None:
    """Brackets tell an address's colons from the port's."""
    assert split_host_port(text) == parts
