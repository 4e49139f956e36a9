"""Many packets at once: read together, joined by the kernel, sent together, and still themselves."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import struct
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from catflap.relay.loop import RelayLoop, running_loop
from catflap.relay.packets.batch import SLOTS, Batch
from catflap.relay.packets.halves import ConnectedHalf
from catflap.relay.packets.inbox import Inbox, address_of, inbox_for
from catflap.relay.poller import Poller
from catflap.relay.pump.packet import PacketFlow
from tests.support.queues import held, held_at
from tests.support.waiting import PATIENCE, eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catflap.relay.pump.flow import Flow
    from tests.support.service import Service

BURSTS = (
    (0, 64, 64, 64, 20, 1472, 0, 0, 9000),
    (1, 65_507, 1),
    (1, 30_000, 30_000, 64),
)
"""Sizes sent at once by each of five peers; as much as the least net.core.rmem_max has room for."""
SOL_UDP, UDP_SEGMENT = 17, 103


@contextmanager
def _socket(host: str = "127.0.0.1") -> Iterator[socket.socket]:
    """Yield a bound UDP socket with much room that does not wait for ever."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(PATIENCE)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        sock.bind((host, 0))
        yield sock


def _packet(peer: int, number: int, size: int) -> bytes:
    """Return a packet that tells, as far as it is long enough, whose it is and which."""
    mark = struct.pack("=HHI", peer, number, size)
    return (mark * (size // len(mark) + 1))[:size]


def _send_joined(sock: socket.socket, data: bytes, size: int, to: object = None) -> None:
    """Send packets of one size by one call; over loopback they stay joined (udp(7))."""
    control = [(SOL_UDP, UDP_SEGMENT, struct.pack("=H", size))]
    sock.sendmsg([data], control, 0, *(() if to is None else (to,)))  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_burst_keeps_bounds_and_order_of_every_peer(
    catflap: Callable[..., Service], host: str
) -> None:
    """Five peers send mixed sizes at once; each gets its own back, whole and in order."""
    shown = f"[{host}]" if ":" in host else host
    kind = "UDP6" if ":" in host else "UDP4"
    with _socket(host) as server, ExitStack() as stack:
        far = f"{kind}:{shown}:{server.getsockname()[1]}"
        service = catflap(f"{kind}-LISTEN:0,fork", far)
        peers = [stack.enter_context(_socket(host)) for _ in range(5)]
        for peer in peers:
            peer.connect((host, service.port))
            peer.send(b"hello")
            assert server.recv(10) == b"hello"
        for sizes in BURSTS:
            _burst(service, server, peers, sizes)


def _burst(
    service: Service, server: socket.socket, peers: list[socket.socket], sizes: tuple[int, ...]
) -> None:
    """Let packets of several peers wait for the relay together, there and back."""
    sent = [[_packet(i, n, size) for n, size in enumerate(sizes)] for i in range(len(peers))]
    with _stopped(service):
        for together in zip(*sent, strict=True):
            for peer, packet in zip(peers, together, strict=True):
                peer.send(packet)
    relays: dict[object, list[bytes]] = {}
    for _ in range(len(sizes) * len(peers)):
        packet, relay = server.recvfrom(70_000)
        relays.setdefault(relay, []).append(packet)
    assert sorted(relays.values()) == sorted(sent)
    with _stopped(service):
        for relay, packets in relays.items():
            for packet in packets:
                server.sendto(packet, relay)
    for peer, packets in zip(peers, sent, strict=True):
        assert [peer.recv(70_000) for _ in sizes] == packets


@contextmanager
def _stopped(service: Service) -> Iterator[None]:
    os.kill(service.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(service.pid, signal.SIGCONT)


@pytest.mark.parametrize("far_kind", ["UDP4", "UDP4-SENDTO", "UDP4-DATAGRAM"])
def test_joined_packets_come_out_one_by_one(catflap: Callable[..., Service], far_kind: str) -> None:
    """What the kernel hands over joined, the first of a stranger too, arrives as it was sent."""
    with _socket() as server, _socket() as client:
        service = catflap("UDP4-LISTEN:0,fork", f"{far_kind}:127.0.0.1:{server.getsockname()[1]}")
        client.connect(("127.0.0.1", service.port))
        data = os.urandom(50 * 100 + 30)
        for _ in range(3):
            _send_joined(client, data, 100)
            heard = [server.recvfrom(70_000) for _ in range(51)]
            assert [len(packet) for packet, _ in heard] == [100] * 50 + [30]
            assert b"".join(packet for packet, _ in heard) == data
            back = os.urandom(40 * 1000)
            _send_joined(server, back, 1000, heard[0][1])
            answers = [client.recv(70_000) for _ in range(40)]
            assert {len(answer) for answer in answers} == {1000}
            assert b"".join(answers) == back


def test_joined_packets_go_to_what_knows_no_joining(
    catflap: Callable[..., Service], tmp_path: Path
) -> None:
    """A UNIX socket behind the relay gets each packet by itself."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server, _socket() as client:
        server.settimeout(PATIENCE)
        server.bind(str(tmp_path / "server"))
        service = catflap("UDP4-LISTEN:0,fork", f"UNIX-SENDTO:{tmp_path}/server")
        client.connect(("127.0.0.1", service.port))
        for _ in range(2):
            _send_joined(client, b"a" * 100 + b"b" * 100 + b"c" * 7, 100)
            heard = [server.recv(70_000) for _ in range(3)]
            assert heard == [b"a" * 100, b"b" * 100, b"c" * 7]


def test_more_joined_packets_than_we_send_at_once(catflap: Callable[..., Service]) -> None:
    """Newer kernels join up to 128; what is too much for one call goes in more."""
    with _socket() as server, _socket() as client:
        service = catflap("UDP4-LISTEN:0,fork", f"UDP4:127.0.0.1:{server.getsockname()[1]}")
        client.connect(("127.0.0.1", service.port))
        for _ in range(2):
            try:
                _send_joined(client, bytes(range(100)) * 10, 10)
            except OSError as error:
                pytest.skip(f"this kernel does not join as many: {error}")
            assert b"".join(server.recv(100) for _ in range(100)) == bytes(range(100)) * 10


def test_packets_that_somebody_looks_at_come_one_by_one(catflap: Callable[..., Service]) -> None:
    """With --dump each packet is seen by itself, joined or not, and bounds hold as well."""
    with _socket() as server, _socket() as client:
        far = f"UDP4:127.0.0.1:{server.getsockname()[1]}"
        service = catflap("UDP4-LISTEN:0,fork", far, "--dump", "hex")
        client.connect(("127.0.0.1", service.port))
        _send_joined(client, b"a" * 100 + b"b" * 100 + b"c" * 7, 100)
        heard = [server.recvfrom(1000) for _ in range(3)]
        assert [packet for packet, _ in heard] == [b"a" * 100, b"b" * 100, b"c" * 7]
        _send_joined(server, b"d" * 50 + b"e" * 50, 50, heard[0][1])
        assert [client.recv(1000) for _ in range(2)] == [b"d" * 50, b"e" * 50]


def test_what_the_kernel_dropped_is_told(catflap: Callable[..., Service]) -> None:
    """Packets for which there was no room are counted, whoever sent them."""
    with _socket() as server, _socket() as client:
        near = "UDP4-LISTEN:0,fork,so-rcvbuf=4096"
        service = catflap(near, f"UDP4:127.0.0.1:{server.getsockname()[1]}")
        client.connect(("127.0.0.1", service.port))
        client.send(b"first")
        assert server.recv(10) == b"first"
        with _stopped(service):
            for _ in range(200):
                client.send(b"x" * 64)
        eventually(lambda: held_at(service.port) == 0, what="all being read")
        heard = 0

        def told() -> bool:
            """Send one more packet, for the kernel's count is looked at when packets come."""
            nonlocal heard
            client.send(b"anything lost?")
            while server.recv(100) != b"anything lost?":
                heard += 1
            return bool(service.find("pressure"))

        eventually(told)
        assert heard + service.wait_for("pressure")["refused"] == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="a network namespace needs root")
@pytest.mark.needs("ip", "unshare")
def test_a_way_too_narrow_for_sending_together() -> None:
    """Packets that IP has to cut are refused together by the kernel, and go one by one."""
    narrow = "ip link set lo up mtu 1500 && exec " + sys.executable + ' "$0"'
    words = ["unshare", "-n", "sh", "-c", narrow, str(Path(__file__).with_name("narrow.py"))]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == ["3000"] * 6, done.stderr


class _Sink:
    """Takes some slots, then has no room, then takes single packets."""

    descriptor = -1
    pollable = False
    bare = True
    closes = False
    boundaries = True

    def __init__(self, room: int) -> None:
        self.room = room
        self.taken: list[bytes] = []
        self.news = asyncio.Event()

    async def until(self, count: int) -> None:
        """Wait for so many packets."""
        while len(self.taken) < count:
            self.news.clear()
            await self.news.wait()

    def takes_batches(self) -> bool:
        return True

    def write_batch(self, batch: Batch, start: int) -> int:
        if not self.room:
            raise BlockingIOError(errno.EAGAIN, "no room")
        self.room -= 1
        self.taken += Batch(
            batch.slots[start : start + 1], batch.sizes[start : start + 1], None
        ).packets()
        self.news.set()
        return 1

    def write(self, data: bytes | memoryview) -> int:
        self.taken.append(bytes(data))
        self.news.set()
        return len(data)

    def end(self) -> None:
        """Nothing is told."""


class _Owner:
    def flow_ended(self, flow: Flow) -> None:
        raise AssertionError(flow)

    def flow_broken(self, flow: Flow, error: OSError) -> None:
        raise error

    def flow_failed(self, flow: Flow, error: OSError) -> None:
        raise error


def test_packets_behind_one_that_finds_no_room_keep_their_order() -> None:
    """What a batch could not bring out is held, and goes before all that comes later."""

    async def run() -> list[bytes]:
        poller = Poller(running_loop())
        with _socket() as ours, _socket() as theirs:
            ours.connect(theirs.getsockname())
            ours.setblocking(False)
            for number in range(10):
                theirs.sendto(b"%d" % number, ours.getsockname())
            sink = _Sink(room=4)
            flow = PacketFlow(poller, _Owner(), ConnectedHalf(ours), sink)
            flow.start()
            await sink.until(10)
            theirs.sendto(b"late", ours.getsockname())
            sink.room = 1
            await sink.until(11)
            flow.stop()
        poller.close()
        return sink.taken

    with asyncio.Runner(loop_factory=RelayLoop) as runner:
        taken = runner.run(asyncio.wait_for(run(), PATIENCE))
    assert taken == [b"%d" % number for number in range(10)] + [b"late"]


def _put(sock: socket.socket, packet: bytes, to: socket.socket) -> None:
    """Send a packet, and wait until it lies there."""
    before = held(to)
    sock.sendto(packet, to.getsockname())
    eventually(lambda: held(to) > before)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_senders_are_read_as_the_socket_module_reads_them(host: str) -> None:
    """An address that the kernel wrote is the one that recvfrom(2) would give."""
    with _socket(host) as ours, _socket(host) as first, _socket(host) as second:
        inbox = inbox_for(ours, named=True)
        assert isinstance(inbox, Inbox)
        for sock in (first, second, first):
            _put(sock, b"x", ours)
        assert inbox.receive(ours.fileno()) == 3
        found = [address_of(inbox.name(slot)) for slot in range(3)]
        assert found == [sock.getsockname() for sock in (first, second, first)]
        keys = inbox.senders()
        assert keys[0] == keys[2] != keys[1]
        with pytest.raises(BlockingIOError):
            inbox.receive(ours.fileno())


def test_more_packets_than_slots_wait_for_the_next_turn() -> None:
    """One reading takes 64 at most, so that others have their turn; none is lost."""
    with _socket() as ours, _socket() as theirs:
        inbox = inbox_for(ours, named=True)
        assert inbox is not None
        for number in range(SLOTS + 6):
            _put(theirs, b"%d" % number, ours)
        heard: list[bytes] = []
        while len(heard) < SLOTS + 6:
            assert inbox.receive(ours.fileno()) in {SLOTS, 6}
            heard += inbox.whole().packets()
        assert heard == [b"%d" % number for number in range(SLOTS + 6)]


def test_kinds_that_know_no_batches_are_left_alone() -> None:
    """UNIX sockets and UDP-Lite are read as before."""
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as unix,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 136) as lite,
    ):
        assert inbox_for(unix, named=False) is None
        assert inbox_for(lite, named=True) is None
