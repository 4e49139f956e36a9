"""The near end's own descriptors, lent to a program (``nofork``)."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import TYPE_CHECKING

from catflap.core.errors import OperationError
from catflap.relay.channel import DescriptorReader, DescriptorWriter, SocketHalf
from catflap.relay.openers.child_ends import Ends
from catflap.relay.packets.halves import ConnectedHalf

if TYPE_CHECKING:
    from catflap.relay.channel import Channel, Reader, Writer
    from catflap.relay.opening import Opening

__all__ = ("lent_ends", "take_back")


def lent_ends(opening: Opening, target: str) -> Ends:
    """Return the near end's own descriptors, as a program expects them: blocking.

    Raises:
        OperationError: the near end is more than its descriptors.
    """
    near = opening.near
    if near is None:
        message = f"{target} cannot get a connection that is not open"
        raise OperationError(message)
    ends = Ends()
    if opening.writes:
        ends.child_reads = _lent(near.reader, near, target)
    if opening.reads:
        ends.child_writes = _lent(near.writer, near, target)
    return ends


def _lent(half: Reader | Writer | None, near: Channel, target: str) -> int:
    if isinstance(half, SocketHalf):
        if half.closes:
            # One of others keeps its flags: it was never made non-blocking by us.
            os.set_blocking(half.descriptor, True)
        return half.descriptor
    if isinstance(half, DescriptorReader | DescriptorWriter | ConnectedHalf):
        os.set_blocking(half.descriptor, True)
        return half.descriptor
    message = f"{near.describe} cannot be handed to {target}: it is more than a descriptor"
    raise OperationError(message, "without nofork the bytes are relayed")


def take_back(near: Channel | None) -> None:
    """End the connection for whoever still has it, as closing it here alone would not."""
    for half in (near.reader, near.writer) if near is not None else ():
        if isinstance(half, SocketHalf | ConnectedHalf) and half.closes:
            with contextlib.suppress(OSError):
                half.socket.shutdown(socket.SHUT_RDWR)
