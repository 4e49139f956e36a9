"""The empty packet that tells a UDP peer the end, and the refusal that may come back for it."""

from __future__ import annotations

import socket

import pytest

from catflap.relay.channel import PACKETS_END, Ending
from catflap.relay.packets.halves import ConnectedHalf
from tests.support.queues import await_readable
from tests.support.waiting import PATIENCE


@pytest.fixture
def peers():
    """A peer, and our socket that is connected to it."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours,
    ):
        peer.bind(("127.0.0.1", 0))
        ours.connect(peer.getsockname())
        ours.settimeout(PATIENCE)
        yield peer, ours


def _half(ours: socket.socket) -> ConnectedHalf:
    return ConnectedHalf(ours, ending=Ending.NULL, gives_up=True)


def test_an_answer_is_read_though_the_peer_is_gone_when_we_tell_the_end(peers) -> None:
    """It answered and closed; the refusal of our last packet comes before the answer."""
    peer, ours = peers
    half = _half(ours)
    half.write(b"question")
    _, relay = peer.recvfrom(100)
    peer.sendto(b"answer", relay)
    peer.close()
    half.end()
    buffer = memoryview(bytearray(100))
    assert buffer[: half.read_into(buffer)] == b"answer"


def test_a_peer_that_answered_and_then_refuses_the_end_has_ended(peers) -> None:
    """The refusal of the last packet alone is no failure."""
    peer, ours = peers
    half = _half(ours)
    half.write(b"question")
    _, relay = peer.recvfrom(100)
    peer.sendto(b"answer", relay)
    buffer = memoryview(bytearray(100))
    assert half.read_into(buffer) == len(b"answer")
    peer.close()
    half.end()
    ours.setblocking(False)
    await_readable(ours)
    assert half.read_into(buffer) == PACKETS_END


def test_nobody_there_is_still_a_failure(peers) -> None:
    """The refusal of the first packet is not lost in telling the end."""
    peer, ours = peers
    peer.close()
    half = _half(ours)
    half.write(b"question")
    half.end()
    ours.setblocking(False)
    await_readable(ours)
    with pytest.raises(OSError, match="Connection refused"):
        half.read_into(memoryview(bytearray(100)))
