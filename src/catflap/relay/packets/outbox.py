"""Packets sent from their slots, as many as go together by one system call."""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import socket
from array import array
from typing import TYPE_CHECKING, Final

from catflap.relay.packets.batch import (
    CONTROL,
    CONTROL_HEADER,
    CONTROL_LENGTH,
    NAME,
    NAME_LENGTH,
    PART_COUNT,
    PARTS,
    SLOT_BYTES,
    SLOTS,
    SOL_UDP,
    WORDS,
    kernel_calls,
    place_of,
)
from catflap.relay.packets.runs import MOST_BYTES, MOST_SEGMENTS

if TYPE_CHECKING:
    from catflap.relay.packets.batch import Batch, Kernel

__all__ = ("Name", "Outbox", "outbox")

_UDP_SEGMENT: Final = 103
_SEGMENT_LENGTH: Final = 18  # CMSG_LEN and CMSG_SPACE of 16 bits, cmsg(3)
_SEGMENT_SPACE: Final = 24
_LARGEST_PACKET: Final = 65_507


class Name:
    """An address as sendmsg(2) takes it.

    Args:
        raw: as :meth:`Inbox.name` gives it; empty for sockets that are connected.
    """

    __slots__ = ("_raw", "length", "place")

    def __init__(self, raw: bytes = b"") -> None:
        """Keep it in one place."""
        self._raw = bytearray(raw)
        self.length = len(raw)
        self.place = place_of(self._raw) if raw else 0


class Outbox:
    """What packets are sent with: one header, and parts of it that lie in slots."""

    __slots__ = (
        "_base",
        "_cut",
        "_mixed_place",
        "_mixed_words",
        "_place",
        "_row_place",
        "_row_size",
        "_row_sizes",
        "_send",
        "_storage",
        "_words",
    )

    def __init__(self, kernel: Kernel) -> None:
        """Write the header.

        Args:
            kernel: the calls.
        """
        self._base = kernel.base
        self._send = kernel.send
        header, control = bytearray(8 * WORDS), bytearray(_SEGMENT_SPACE)
        row, mixed = bytearray(16 * SLOTS), bytearray(16 * SLOTS)
        self._storage = (header, control, row, mixed)
        self._place = place_of(header)
        self._words = memoryview(header).cast("Q")
        CONTROL_HEADER.pack_into(control, 0, _SEGMENT_LENGTH, SOL_UDP, _UDP_SEGMENT)
        self._words[CONTROL] = place_of(control)
        self._cut = memoryview(control).cast("H")
        # Slots one behind the other, all with as many bytes: written anew when that changes.
        self._row_place = place_of(row)
        words = memoryview(row).cast("Q")
        for slot in range(SLOTS):
            words[2 * slot] = kernel.base + slot * SLOT_BYTES
        self._row_sizes = words[1::2]
        self._row_size = 0
        self._mixed_place = place_of(mixed)
        self._mixed_words = memoryview(mixed).cast("Q")

    def put(self, descriptor: int, name: Name, batch: Batch, start: int, largest: int) -> int:
        """Send what goes by one system call; return how many slots that were.

        Args:
            descriptor: of a socket.
            name: where to.
            batch: what.
            start: the first slot of it.
            largest: packets of more bytes than this are not sent together.

        Raises:
            OSError: nothing was sent; E2BIG where joined packets have to be cut here.
        """
        size = batch.sizes[start]
        cut = 0
        count = 1
        if batch.cuts is not None:
            cut = batch.cuts[start]
            if cut and (cut > largest or size > cut * MOST_SEGMENTS or size > _LARGEST_PACKET):
                raise OSError(errno.E2BIG, os.strerror(errno.E2BIG))
        elif start + 1 < len(batch.sizes) and 0 < size <= largest:
            count = _run(batch.sizes, start)
            cut = size if count > 1 else 0
        words = self._words
        words[PARTS] = self._parts(batch, start, count)
        words[PART_COUNT] = count
        words[NAME] = name.place
        words[NAME_LENGTH] = name.length
        if cut:
            self._cut[8] = cut
        words[CONTROL_LENGTH] = _SEGMENT_SPACE if cut else 0
        if self._send(descriptor, self._place, socket.MSG_DONTWAIT) < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return count

    def _parts(self, batch: Batch, start: int, count: int) -> int:
        """Return where the parts of a message are listed that has these slots."""
        slots, sizes = batch.slots, batch.sizes
        slot, size = slots[start], sizes[start]
        mixed = self._mixed_words
        if count == 1:
            mixed[0] = self._base + slot * SLOT_BYTES
            mixed[1] = size
            return self._mixed_place
        last = start + count - 1
        if slots[last] - slot == count - 1 and sizes[last] == size:
            if self._row_size != size:
                self._row_size = size
                self._row_sizes[:] = memoryview(array("Q", [size] * SLOTS))
            return self._row_place + 16 * slot
        for each in range(count):
            mixed[2 * each] = self._base + slots[start + each] * SLOT_BYTES
            mixed[2 * each + 1] = sizes[start + each]
        return self._mixed_place


def _run(sizes: list[int], start: int) -> int:
    """Return how many from one place on go together: equal ones, and perhaps a shorter last."""
    size = sizes[start]
    most = min(len(sizes), start + min(MOST_SEGMENTS, MOST_BYTES // size))
    if start == 0 and most == len(sizes) and sizes.count(size) == most:
        return most
    end = start + 1
    while end < most and sizes[end] == size:
        end += 1
    if end < most and 0 < sizes[end] < size:
        end += 1
    return max(end - start, 1)


@functools.cache
def outbox() -> Outbox | None:
    """Return what packets in slots are sent with; ``None`` where there is no way to do so."""
    kernel = kernel_calls()
    return None if kernel is None else Outbox(kernel)
