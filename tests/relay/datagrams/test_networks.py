"""Kinds that need a network to themselves: raw IP, interfaces, TUN, multicast and broadcast.

Each test makes a network namespace in which nothing is but its own loopback.
"""

from __future__ import annotations

import os
import secrets
import select
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.conversing import converse
from tests.support.waiting import PATIENCE, eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.service import Service

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="a network namespace needs root"),
    pytest.mark.needs("ip", "socat"),
]


class Network:
    """A network namespace."""

    def __init__(self, name: str) -> None:
        """Name it."""
        self.prefix = ("ip", "netns", "exec", name)

    def run(self, *words: str, data: bytes = b"") -> bytes:
        """Run a program in it and return its output."""
        words = (*self.prefix, *words)
        done = subprocess.run(words, input=data, capture_output=True, timeout=PATIENCE, check=True)
        return done.stdout


@pytest.fixture
def network() -> Iterator[Network]:
    """Return a namespace with its loopback up, gone when the test is over."""
    name = f"catflap-{secrets.token_hex(4)}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("this machine makes no network namespaces")
    try:
        found = Network(name)
        found.run("ip", "link", "set", "lo", "up", "multicast", "on")
        found.run("ip", "route", "add", "224.0.0.0/4", "dev", "lo")
        yield found
    finally:
        subprocess.run(["ip", "netns", "del", name], check=True)


def _heard(service: Service, wanted: bytes) -> bytes:
    """Return what the service has written once it holds ``wanted``."""
    assert service.process.stdout is not None
    descriptor = service.process.stdout.fileno()
    heard = b""
    while wanted not in heard:
        assert select.select([descriptor], [], [], PATIENCE)[0], f"only {heard!r} came"
        heard += os.read(descriptor, 100_000)
    return heard


def test_raw_packets_are_answered(catflap: Callable[..., Service], network: Network) -> None:
    """The payload comes without the IP header, and the answer goes back as such a packet."""
    catflap("IP4-RECVFROM:253", "EXEC:tr a-z A-Z", "--once", prefix=network.prefix)
    words = (*network.prefix, "socat", "-t1", "-", "IP4-SENDTO:127.0.0.1:253")
    # On loopback a sender hears its own packet too.
    assert b"HELLO" in converse(words, b"hello", b"HELLO").out


def test_raw_packets_of_version_6_are_heard(
    catflap: Callable[..., Service], network: Network
) -> None:
    """A raw socket of IPv6 has no header to take off, and no IPv4 to keep out."""
    heard = catflap("IP6-RECV:254", "STDOUT", "-u", prefix=network.prefix, stdout=subprocess.PIPE)
    network.run("socat", "-u", "-", "IP6-SENDTO:[::1]:254", data=b"hello\n")
    assert _heard(heard, b"hello\n") == b"hello\n"


def test_we_send_raw_packets(catflap: Callable[..., Service], network: Network) -> None:
    """The C program hears ours, and we hear its answer."""
    heard = catflap("IP4-RECV:254", "STDOUT", "-u", prefix=network.prefix, stdout=subprocess.PIPE)
    catflap(
        "EXEC:echo hello", "IP4-DATAGRAM:127.0.0.1:254", "-u", until="opened", prefix=network.prefix
    )
    assert _heard(heard, b"hello\n") == b"hello\n"


def test_frames_of_an_interface(catflap: Callable[..., Service], network: Network) -> None:
    """A whole frame comes: stations, IP and UDP headers before the payload."""
    service = catflap(
        "INTERFACE:lo",
        "STDOUT",
        "-u",
        until="opened",
        prefix=network.prefix,
        stdout=subprocess.PIPE,
    )
    network.run("socat", "-u", "-", "UDP4-SENDTO:127.0.0.1:9", data=b"hello")
    frame = _heard(service, b"hello")
    assert frame[12:15] == b"\x08\x00\x45"


@pytest.mark.skipif(not os.path.exists("/dev/net/tun"), reason="there is no /dev/net/tun")
def test_a_tun_device_is_a_wire(catflap: Callable[..., Service], network: Network) -> None:
    """What is routed to the interface comes out whole, headers and all."""
    service = catflap(
        "TUN:10.9.0.1/24,tun-name=cf0,iff-up,iff-no-pi,if-mtu=1400",
        "STDOUT",
        "-u",
        until="opened",
        prefix=network.prefix,
        stdout=subprocess.PIPE,
    )
    shown = network.run("ip", "addr", "show", "dev", "cf0")
    assert b"10.9.0.1/24" in shown
    assert b"mtu 1400" in shown
    network.run("socat", "-u", "-", "UDP4-SENDTO:10.9.0.2:9,sourceport=7", data=b"hello")
    assert b"\x0a\x09\x00\x01\x0a\x09\x00\x02\x00\x07\x00\x09" in _heard(service, b"hello")


def test_broadcasts_are_sent_and_heard(catflap: Callable[..., Service], network: Network) -> None:
    """A packet to all stations reaches a receiver on the wildcard address."""
    assert shutil.which("ip")
    network.run("ip", "tuntap", "add", "dev", "cf0", "mode", "tap")
    network.run("ip", "addr", "add", "10.9.0.1/24", "brd", "+", "dev", "cf0")
    network.run("ip", "link", "set", "cf0", "up")
    service = catflap(
        "UDP4-RECV:7777,bind=0.0.0.0,range=10.9.0.0/24",
        "STDOUT",
        "-u",
        "--unsafe",
        "plaintext-exposed=a namespace of its own",
        prefix=network.prefix,
        stdout=subprocess.PIPE,
    )
    target = "UDP4-DATAGRAM:10.9.0.255:7777,broadcast"
    catflap("EXEC:echo all", target, "-u", until="opened", prefix=network.prefix)
    assert _heard(service, b"all\n") == b"all\n"


def test_a_multicast_group_is_joined(catflap: Callable[..., Service], network: Network) -> None:
    """Packets to a group come to who has joined it, from the C program and from us."""
    service = catflap(
        "UDP4-RECV:7777,bind=239.1.2.3,ip-add-membership=239.1.2.3:lo",
        "STDOUT",
        "-u",
        "--unsafe",
        "plaintext-exposed=a namespace of its own",
        prefix=network.prefix,
        stdout=subprocess.PIPE,
    )
    network.run("socat", "-u", "-", "UDP4-SENDTO:239.1.2.3:7777", data=b"from socat\n")
    catflap(
        "EXEC:echo from us",
        "UDP4-DATAGRAM:239.1.2.3:7777",
        "-u",
        until="opened",
        prefix=network.prefix,
    )
    heard = _heard(service, b"from us\n")
    assert heard == b"from socat\nfrom us\n"


def test_raw_packets_of_ipv6_are_received(
    catflap: Callable[..., Service], network: Network
) -> None:
    """A raw socket of IPv6 refuses an option that all other sockets of IPv6 get."""
    heard = catflap("IP6-RECV:253", "STDOUT", "-u", prefix=network.prefix, stdout=subprocess.PIPE)
    network.run("socat", "-u", "-", "IP6-SENDTO:[::1]:253", data=b"hello")
    assert _heard(heard, b"hello") == b"hello"


TOLD = [
    ("UDP4", "127.0.0.1", "ip-ttl=53", "ip-recvttl", "IP_TTL: ttl=53"),
    ("UDP4", "127.0.0.1", "ip-tos=7", "ip-recvtos", "IP_TOS: tos=7"),
    ("UDP4", "127.0.0.1", "", "ip-pktinfo", "IP_PKTINFO: locaddr=127.0.0.1"),
    ("UDP4", "127.0.0.1", "", "ip-pktinfo", "IP_PKTINFO: if=lo"),
    ("UDP4", "127.0.0.1", "", "so-timestamp", "SCM_TIMESTAMP: timestamp="),
    ("UDP6", "[::1]", "ipv6-tclass=0xaa", "ipv6-recvtclass", "IPV6_TCLASS: tclass=x000000aa"),
    ("UDP6", "[::1]", "", "ipv6-recvpktinfo", "dstaddr=[0000:0000:0000:0000:0000:0000:0000:0001]"),
    ("IP6", "[::1]", "", "ipv6-recvhoplimit", "IPV6_HOPLIMIT: hoplimit=64"),
]


@pytest.mark.parametrize(("kind", "host", "sends", "asks", "told"), TOLD)
def test_what_a_packet_tells_besides_is_in_the_log(
    network: Network, tmp_path: Path, kind: str, host: str, sends: str, asks: str, told: str
) -> None:
    """In the place of socat a receiver that asked for it logs it in socat's words."""
    number = "7777" if kind.startswith("UDP") else "253"
    words = [sys.executable, "-m", "catflap.dropin.main", "-d", "-d", "-d", "-u"]
    log = tmp_path / "log"
    with log.open("wb") as file:
        receiver = subprocess.Popen(
            [*network.prefix, *words, f"{kind}-RECV:{number},{asks}", "CREATE:/dev/null"],
            stderr=file,
        )
    try:
        eventually(lambda: "starting data transfer" in log.read_text())
        network.run("socat", "-u", "-", f"{kind}-SENDTO:{host}:{number},{sends}", data=b"hello")
        eventually(lambda: told in log.read_text())
        assert " I ancillary message: " in log.read_text()
    finally:
        receiver.terminate()
        receiver.wait()
