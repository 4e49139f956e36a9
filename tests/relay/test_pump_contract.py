"""Every pump keeps one contract: all bytes, in order, each direction on its own, and one ending."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import os
import socket
import struct
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from catflap.relay.channel import Channel, DescriptorReader, DescriptorWriter, SocketHalf
from catflap.relay.loop import RelayLoop, running_loop
from catflap.relay.poller import Poller
from catflap.relay.pump.flow import Flow
from catflap.relay.pump.packet import PacketFlow
from catflap.relay.pump.pipes import PipePool
from catflap.relay.pump.pump import Outcome, Pump, PumpOptions
from catflap.relay.pump.quiet import QuietRooms
from catflap.relay.pump.splice import SpliceFlow
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

MEGABYTE = 1024 * 1024


@dataclass
class Ends:
    """A pump between two channels, and the far ends that a peer would hold."""

    near: socket.socket
    far: socket.socket
    pump: Pump
    outcome: asyncio.Future[Outcome]
    outcomes: list[Outcome] = field(default_factory=list)


def _pair() -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    return ours, theirs


def _tcp_pair() -> tuple[socket.socket, socket.socket]:
    listener = socket.create_server(("127.0.0.1", 0))
    theirs = socket.create_connection(listener.getsockname())
    ours, _ = listener.accept()
    listener.close()
    ours.setblocking(False)
    theirs.setblocking(False)
    return ours, theirs


def _identity(data: bytes) -> bytes:
    return data


KINDS: dict[str, tuple[PumpOptions, type[Flow]]] = {
    "splice": (PumpOptions(half_close=PATIENCE), SpliceFlow),
    "copy": (
        PumpOptions(half_close=PATIENCE, forward_transform=_identity, backward_transform=_identity),
        Flow,
    ),
}


@contextmanager
def _ends(
    poller: Poller, options: PumpOptions, make: Callable[[], tuple[socket.socket, socket.socket]]
) -> Iterator[Ends]:
    near_ours, near_theirs = make()
    far_ours, far_theirs = make()
    near, far = Channel.of_socket(near_ours, "near"), Channel.of_socket(far_ours, "far")
    outcome: asyncio.Future[Outcome] = poller.create_future()
    outcomes: list[Outcome] = []

    def done(result: Outcome) -> None:
        outcomes.append(result)
        near.close(abort=result.abort)
        far.close(abort=result.abort)
        outcome.set_result(result)

    pool = PipePool()
    pump = Pump(poller, near, far, options, pool, QuietRooms(poller), done)
    try:
        yield Ends(near_theirs, far_theirs, pump, outcome, outcomes)
    finally:
        pump.stop()
        for channel in (near, far):
            channel.close()
        near_theirs.close()
        far_theirs.close()
        pool.close()


def _run(story: Callable[[Poller], Awaitable[None]]) -> None:
    async def main() -> None:
        poller = Poller(running_loop())
        try:
            async with asyncio.timeout(2 * PATIENCE):
                await story(poller)
        finally:
            poller.close()

    with asyncio.Runner(loop_factory=RelayLoop) as runner:
        runner.run(main())


async def _send(sock: socket.socket, data: bytes, *, end: bool = True) -> None:
    await asyncio.get_running_loop().sock_sendall(sock, data)
    if end:
        sock.shutdown(socket.SHUT_WR)


async def _receive(sock: socket.socket) -> bytes:
    loop = asyncio.get_running_loop()
    parts = []
    while data := await loop.sock_recv(sock, 256 * 1024):
        parts.append(data)
    return b"".join(parts)


@pytest.mark.parametrize("make", [_pair, _tcp_pair], ids=["unix", "tcp"])
@pytest.mark.parametrize("kind", KINDS)
def test_both_directions_arrive_whole_at_once(
    kind: str, make: Callable[[], tuple[socket.socket, socket.socket]]
) -> None:
    """Eight megabytes each way at the same time come out with the same hash."""
    options, flow = KINDS[kind]
    forward, backward = os.urandom(8 * MEGABYTE), os.urandom(8 * MEGABYTE + 7)

    async def story(poller: Poller) -> None:
        with _ends(poller, options, make) as ends:
            assert type(ends.pump.forward) is flow
            ends.pump.start()
            _, _, there, back = await asyncio.gather(
                _send(ends.near, forward),
                _send(ends.far, backward),
                _receive(ends.far),
                _receive(ends.near),
            )
            assert hashlib.sha256(there).digest() == hashlib.sha256(forward).digest()
            assert hashlib.sha256(back).digest() == hashlib.sha256(backward).digest()
            result = await ends.outcome
            assert not result.abort
            assert (ends.pump.sent, ends.pump.received) == (len(forward), len(backward))

    _run(story)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1, 2, 3, 4093, 65_535, 65_536, 65_537, 131_101])
def test_odd_sizes_arrive_whole(kind: str, size: int) -> None:
    """Sizes around every buffer's edge arrive whole, in order, several in a row."""
    options, _ = KINDS[kind]

    async def story(poller: Poller) -> None:
        with _ends(poller, options, _pair) as ends:
            ends.pump.start()
            loop = asyncio.get_running_loop()
            for turn in range(5):
                data = bytes([turn]) * size
                sending = loop.create_task(_send(ends.near, data, end=False))
                got = b""
                while len(got) < size:
                    got += await loop.sock_recv(ends.far, size - len(got))
                await sending
                assert got == data

    _run(story)


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_comes_after_the_question_has_ended(kind: str) -> None:
    """One side ends; the other still answers, and only then is the session over."""
    options, _ = KINDS[kind]

    async def story(poller: Poller) -> None:
        with _ends(poller, options, _pair) as ends:
            ends.pump.start()
            await _send(ends.near, b"question")
            assert await _receive(ends.far) == b"question"
            assert not ends.outcome.done()
            await _send(ends.far, b"answer")
            assert await _receive(ends.near) == b"answer"
            assert (await ends.outcome).closed_by == "near"

    _run(story)


@pytest.mark.parametrize("kind", KINDS)
def test_a_blocked_direction_does_not_stop_the_other(kind: str) -> None:
    """Nobody reads what goes forward; what comes backward flows all the same."""
    options, _ = KINDS[kind]

    async def story(poller: Poller) -> None:
        with _ends(poller, options, _pair) as ends:
            ends.pump.start()
            loop = asyncio.get_running_loop()
            stuck = loop.create_task(_send(ends.near, bytes(32 * MEGABYTE)))
            payload = os.urandom(4 * MEGABYTE)
            sending = loop.create_task(_send(ends.far, payload))
            assert await _receive(ends.near) == payload
            await sending
            assert not stuck.done()
            assert ends.pump.sent < 8 * MEGABYTE, "what is held for a slow reader is bounded"
            assert len(await _receive(ends.far)) == 32 * MEGABYTE
            await stuck

    _run(story)


@pytest.mark.parametrize("kind", KINDS)
def test_a_reset_is_passed_on(kind: str) -> None:
    """An abortive close on one side is an abortive close on the other."""
    options, _ = KINDS[kind]

    async def story(poller: Poller) -> None:
        with _ends(poller, options, _tcp_pair) as ends:
            ends.pump.start()
            ends.near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            ends.near.close()
            result = await ends.outcome
            assert result.abort
            assert result.closed_by == "near"
            with pytest.raises(ConnectionResetError):
                await asyncio.get_running_loop().sock_recv(ends.far, 1)

    _run(story)


@pytest.mark.parametrize("kind", KINDS)
def test_silence_after_an_end_is_limited(kind: str) -> None:
    """After one side ended, silence lasts the half-close limit, which the outcome names."""
    options, _ = KINDS[kind]
    short = PumpOptions(
        half_close=0.1,
        forward_transform=options.forward_transform,
        backward_transform=options.backward_transform,
    )

    async def story(poller: Poller) -> None:
        with _ends(poller, short, _pair) as ends:
            ends.pump.start()
            ends.near.shutdown(socket.SHUT_WR)
            result = await ends.outcome
            assert result.closed_by == "limit"
            assert result.limit == "half-close-timeout=0.1"

    _run(story)


def test_the_idle_limit_names_itself() -> None:
    """A session without a byte either way ends, and says which option changes that."""

    async def story(poller: Poller) -> None:
        with _ends(poller, PumpOptions(idle=0.1), _pair) as ends:
            ends.pump.start()
            result = await ends.outcome
            assert (result.closed_by, result.limit) == ("limit", "idle-timeout=0.1")

    _run(story)


@pytest.mark.parametrize("kind", KINDS)
def test_it_ends_once(kind: str) -> None:
    """However both sides end, the owner hears of it one time."""
    options, _ = KINDS[kind]

    async def story(poller: Poller) -> None:
        with _ends(poller, options, _pair) as ends:
            ends.pump.start()
            ends.near.close()
            ends.far.close()
            await ends.outcome
            await asyncio.sleep(0)
            assert len(ends.outcomes) == 1

    _run(story)


def test_a_pipe_is_held_only_while_bytes_flow() -> None:
    """An idle session holds its two sockets and no pipe."""

    async def story(poller: Poller) -> None:
        # What earlier tests left to the collector would go in between.
        gc.collect()
        before = len(os.listdir("/proc/self/fd"))
        with _ends(poller, PumpOptions(), _pair) as ends:
            ends.pump.start()
            loop = asyncio.get_running_loop()
            idle = len(os.listdir("/proc/self/fd"))
            sending = loop.create_task(_send(ends.near, bytes(4 * MEGABYTE), end=False))
            left = 4 * MEGABYTE
            while left:
                left -= len(await loop.sock_recv(ends.far, left))
            await sending
            for _ in range(12):
                await loop.sock_sendall(ends.near, b"x")
                await loop.sock_recv(ends.far, 1)
            flow = ends.pump.forward
            assert isinstance(flow, SpliceFlow)
            assert flow._pipe is None
            assert idle == before + 4
        assert len(os.listdir("/proc/self/fd")) == before

    _run(story)


def test_without_pipes_it_copies() -> None:
    """Where the machine gives no pipe, the same bytes arrive by copying."""

    class _Empty(PipePool):
        def take(self) -> None:
            return None

    async def story(poller: Poller) -> None:
        with _ends(poller, PumpOptions(), _pair) as ends:
            assert isinstance(ends.pump.forward, SpliceFlow)
            ends.pump.forward._pool = _Empty()
            ends.pump.start()
            data = os.urandom(2 * MEGABYTE)
            sending = asyncio.get_running_loop().create_task(_send(ends.near, data))
            assert await _receive(ends.far) == data
            await sending

    _run(story)


def test_a_file_is_read_to_its_end(tmp_path: os.PathLike[str]) -> None:
    """A regular file, which epoll refuses, is copied chunk by chunk to its end."""
    path = os.path.join(tmp_path, "data")
    data = os.urandom(3 * MEGABYTE + 1)
    with open(path, "wb") as file:
        file.write(data)

    async def story(poller: Poller) -> None:
        ours, theirs = _pair()
        descriptor = os.open(path, os.O_RDONLY)
        near = Channel(DescriptorReader(descriptor), None, "file", lambda _: os.close(descriptor))
        far = Channel.of_socket(ours, "far")
        outcome: asyncio.Future[Outcome] = poller.create_future()
        pump = Pump(
            poller,
            near,
            far,
            PumpOptions(backward=False),
            PipePool(),
            QuietRooms(poller),
            outcome.set_result,
        )
        pump.start()
        loop = asyncio.get_running_loop()
        reading = loop.create_task(_receive(theirs))
        await outcome
        near.close()
        far.close()
        assert await reading == data
        theirs.close()

    _run(story)


class PacketDouble:
    """A datagram socket pair's end as a half: the test double of the packet contract."""

    def __init__(self) -> None:
        """Make the pair."""
        self.ours, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ours.setblocking(False)
        self.theirs.setblocking(False)
        self.half = SocketHalf(self.ours, boundaries=True)

    def channel(self) -> Channel:
        """Return the channel over our end."""
        return Channel(self.half, self.half, "packets", lambda _: self.ours.close())


def test_packets_keep_their_boundaries_and_an_empty_one_is_no_end() -> None:
    """Packets of every size, the empty one included, arrive one by one."""

    async def story(poller: Poller) -> None:
        near, far = PacketDouble(), PacketDouble()
        outcome: asyncio.Future[Outcome] = poller.create_future()
        pump = Pump(
            poller,
            near.channel(),
            far.channel(),
            PumpOptions(),
            PipePool(),
            QuietRooms(poller),
            outcome.set_result,
        )
        assert isinstance(pump.forward, PacketFlow)
        pump.start()
        loop = asyncio.get_running_loop()
        packets = [b"a", b"", b"bb", b"c" * 60_000, b"", b"d" * 1472]
        for packet in packets:
            near.theirs.send(packet)
            assert await loop.sock_recv(far.theirs, 70_000) == packet
        assert not outcome.done()
        pump.stop()
        for each in (near, far):
            each.ours.close()
            each.theirs.close()

    _run(story)


def test_packets_wait_whole_for_a_slow_reader() -> None:
    """When the sink takes none, a packet is held whole and goes on when it can."""

    async def story(poller: Poller) -> None:
        near, far = PacketDouble(), PacketDouble()
        pump = Pump(
            poller,
            near.channel(),
            far.channel(),
            PumpOptions(),
            PipePool(),
            QuietRooms(poller),
            lambda _: None,
        )
        pump.start()
        loop = asyncio.get_running_loop()

        async def send() -> None:
            for number in range(400):
                await loop.sock_sendall(near.theirs, number.to_bytes(2) * 500)

        sending = loop.create_task(send())
        await asyncio.sleep(0)
        for number in range(400):
            assert await loop.sock_recv(far.theirs, 70_000) == number.to_bytes(2) * 500
        await sending
        pump.stop()
        for each in (near, far):
            each.ours.close()
            each.theirs.close()

    _run(story)


def test_a_pipe_to_a_pipe_ends_by_closing() -> None:
    """Between two pipes the end is told by closing the writing side."""

    async def story(poller: Poller) -> None:
        in_read, in_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        out_read, out_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        near = Channel(DescriptorReader(in_read), None, "in", lambda _: os.close(in_read))
        writer = DescriptorWriter(out_write, close=lambda: None)
        far = Channel(None, writer, "out", lambda _: os.close(out_write))
        outcome: asyncio.Future[Outcome] = poller.create_future()
        pump = Pump(
            poller, near, far, PumpOptions(), PipePool(), QuietRooms(poller), outcome.set_result
        )
        pump.start()
        os.write(in_write, b"through")
        os.close(in_write)
        await outcome
        near.close()
        far.close()
        assert os.read(out_read, 100) == b"through"
        assert os.read(out_read, 100) == b""
        os.close(out_read)

    _run(story)


def test_a_defect_on_the_way_ends_the_session() -> None:
    """What was read and not written is lost: the two ends see a cut, not a stream with a hole."""

    async def story(poller: Poller) -> None:
        told: list[dict[str, object]] = []
        poller.loop.set_exception_handler(lambda _, context: told.append(context))

        def fail(data: bytes) -> bytes:
            raise ZeroDivisionError

        options = PumpOptions(forward_transform=fail, backward_transform=_identity)
        with _ends(poller, options, _tcp_pair) as ends:
            ends.pump.start()
            ends.near.send(b"hello")
            outcome = await ends.outcome
            assert outcome.abort
            assert "defect" in outcome.reason
            assert isinstance(told[0]["exception"], ZeroDivisionError)
            assert len(told) == 1

    _run(story)
