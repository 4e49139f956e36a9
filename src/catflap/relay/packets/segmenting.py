"""How a half sends packets together, and learns how large they may be for that."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Protocol

from catflap.relay.packets.runs import (
    NO_SEGMENTS,
    SEGMENT_BYTES,
    knows_segments,
    run_length,
    send_segments,
)

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from catflap.relay.packets.batch import Batch

__all__ = ("Segmenting", "learn", "narrow", "send_run")


class Segmenting(Protocol):
    """A half that may hand several packets to the kernel at once.

    ``largest`` says up to which size the kernel cuts them apart, or that nobody has asked yet.
    """

    largest: int | None

    def write(self, data: bytes, /) -> int:
        """Send one packet."""


def learn(half: Segmenting, sock: socket.socket) -> int:
    """Return up to which size packets go together by this half, 0 for none."""
    if half.largest is None:
        half.largest = SEGMENT_BYTES if knows_segments(sock) else 0
    return half.largest


def _narrower(error: OSError, size: int) -> int:
    """Return up to which size packets go together after these did not."""
    return size - 1 if error.errno in {errno.EMSGSIZE, errno.EINVAL} else 0


def narrow(half: Segmenting, error: OSError, batch: Batch, start: int) -> None:
    """Learn from what the kernel said of a batch; a packet that is alone too large says nothing."""
    size = batch.sizes[start]
    cut = batch.cuts[start] if batch.cuts is not None else size
    if error.errno in NO_SEGMENTS and 0 < cut <= min(half.largest or 0, SEGMENT_BYTES):
        half.largest = _narrower(error, cut)


def send_run(
    half: Segmenting, sock: socket.socket, packets: Sequence[bytes], address: object
) -> int:
    """Send packets in order; return how many were sent.

    Raises:
        OSError: the first was not sent.
    """
    learn(half, sock)
    sent = 0
    while sent < len(packets):
        length = run_length(packets, sent, half.largest or 0)
        try:
            if length == 1:
                half.write(packets[sent])
            else:
                send_segments(sock, packets[sent : sent + length], address)
        except OSError as error:
            if length > 1 and error.errno in NO_SEGMENTS:
                half.largest = _narrower(error, len(packets[sent]))
                continue
            if sent:
                return sent
            raise
        sent += length
    return sent
