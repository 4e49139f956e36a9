"""Names asked for as an address says."""

import asyncio
import socket
import struct
import threading
from contextlib import ExitStack

import pytest

from catflap.address.syntax import parse
from catflap.bridge.effective import Dialect
from catflap.bridge.side import Side
from catflap.core.errors import OperationError
from catflap.relay.lookup import Lookup
from catflap.relay.poller import Poller
from catflap.relay.resolve import resolve
from tests.support.ports import free_port
from tests.support.waiting import PATIENCE


class NameServer:
    """Answers every question for an IPv4 address with 192.0.2.1, by UDP and TCP on one port.

    Packets about names that begin with ``big`` are cut off; ``heard`` keeps how it was asked.
    """

    def __init__(self, stack: ExitStack) -> None:
        self.heard: list[str] = []
        self._datagrams = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.port = free_port()
        self._stream = stack.enter_context(socket.create_server(("127.0.0.1", self.port)))
        self._datagrams.bind(("127.0.0.1", self.port))
        self._threads = [
            threading.Thread(target=each, daemon=True) for each in (self._packets, self._streams)
        ]
        for thread in self._threads:
            thread.start()
        stack.callback(self._stop)

    def _stop(self) -> None:
        for sock in (self._datagrams, self._stream):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for thread in self._threads:
            thread.join(PATIENCE)

    def _packets(self) -> None:
        while True:
            packet, peer = self._datagrams.recvfrom(4096)
            if not packet:
                return
            self.heard.append("udp")
            self._datagrams.sendto(b"a stray packet", peer)
            self._datagrams.sendto(self._answer(packet, cut=b"\x03big" in packet), peer)

    def _streams(self) -> None:
        while True:
            try:
                stream, _ = self._stream.accept()
            except OSError:
                return
            with stream, stream.makefile("rb") as file:
                packet = file.read(struct.unpack("!H", file.read(2))[0])
                self.heard.append("tcp")
                answer = self._answer(packet)
                stream.sendall(struct.pack("!H", len(answer)) + answer)

    def _answer(self, asked: bytes, *, cut: bool = False) -> bytes:
        number = struct.unpack("!H", asked[:2])[0]
        found = b""
        if asked[-4:-2] == b"\0\x01" and b"missing" not in asked and not cut:
            found = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + bytes((192, 0, 2, 1))
        flags = 0x8180 | (0x0200 if cut else 0) | (3 if b"missing" in asked else 0)
        head = struct.pack("!HHHHHH", number, flags, 1, bool(found), 0, 0)
        return head + asked[12:] + found


@pytest.fixture
def server():
    """Return a name server on this host."""
    with ExitStack() as stack:
        yield NameServer(stack)


def ask(options: str, host: str) -> list[str]:
    # Asked again, a server that stalls would have heard more than was expected.
    text = f"TCP:host:80,res-retrans={PATIENCE:.0f},{options}"
    lookup = Lookup(Side(parse(text).endpoint, Dialect.CATFLAP, text))
    return [address[0] for _, address in asyncio.run(lookup.ask(host, 80))]


def test_the_named_server_is_asked(server):
    """Both kinds of addresses are asked for; a packet that answers nothing is left alone."""
    assert ask(f"res-nsaddr=127.0.0.1:{server.port}", "web.example.") == ["192.0.2.1"]
    assert server.heard == ["udp", "udp"]


@pytest.mark.parametrize(
    ("options", "host", "heard"),
    [
        ("usevc", "web.example.", ["tcp", "tcp"]),
        ("pf=ip4", "big.example.", ["udp", "tcp", "udp", "tcp"]),
    ],
)
def test_a_stream_is_used_when_asked_for_or_when_a_packet_is_too_small(
    server, options, host, heard
):
    """``usevc`` asks by TCP alone; a cut answer is asked for again by TCP."""
    assert ask(f"dns=127.0.0.1:{server.port},{options}", host) == ["192.0.2.1"]
    assert server.heard == heard


def test_a_name_that_nobody_knows_is_told(server):
    """The message has the name."""
    with pytest.raises(OperationError, match=r"the host missing\.example\. is not known"):
        ask(f"dns=127.0.0.1:{server.port}", "missing.example.")


def test_a_server_that_is_silent_is_given_up():
    """After ``res-retry`` questions with ``res-retrans`` seconds each."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        with pytest.raises(OperationError, match="did not answer within 1 s"):
            ask(f"dns=127.0.0.1:{port},res-retry=1,res-retrans=1", "web.example.")


def test_flags_are_handed_to_the_library(monkeypatch):
    """``ai-addrconfig`` and the others arrive at getaddrinfo(3)."""
    seen = []

    async def run() -> None:
        loop = asyncio.get_running_loop()

        async def getaddrinfo(host, port, *, family, type, flags):  # noqa: A002 - the loop's name
            del host, family, type
            seen.append(flags)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", port))]

        monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
        text = "TCP:host:80,ai-addrconfig,v4mapped,ai-all=0"
        lookup = Lookup.of(Side(parse(text).endpoint, Dialect.CATFLAP, text))
        stand_in = type("StandIn", (), {"loop": loop, "getaddrinfo": Poller.getaddrinfo})()
        await resolve(stand_in, "host.example", 80, "", lookup)

    asyncio.run(run())
    assert seen == [socket.AI_ADDRCONFIG | socket.AI_V4MAPPED]


def test_a_wrong_server_is_told_at_the_start():
    """It must be an address, for who would be asked for its name."""
    with pytest.raises(OperationError, match="no ADDRESS"):
        ask("res-nsaddr=dns.example", "web.example.")
