"""Many packets by one system call, left where the kernel put them (recvmmsg(2), udp(7)).

A packet that is read into an object of Python and written from it costs as much time in Python as
in the kernel. Here up to 64 packets are read at once into slots of one buffer, and sent on from
there: what Python does is once a call, not once a packet. The headers that both calls take are
made once; of each only what changes is written.

Where the sender is on this host, or the network card joins packets, the kernel hands over many of
one sender as one piece (UDP_GRO, Linux 5.0) with the size to cut it at, and takes it back the same
way (UDP_SEGMENT, Linux 4.18). Their bounds are kept all along.

The slots belong to the whole process, like the pump's scratch buffer: they are filled and emptied
within one call of one thread.
"""

from __future__ import annotations

import ctypes
import functools
import mmap
import struct
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = (
    "CONTROL",
    "CONTROL_HEADER",
    "CONTROL_LENGTH",
    "LENGTH",
    "NAME",
    "NAME_LENGTH",
    "PARTS",
    "PART_COUNT",
    "SLOTS",
    "SLOT_BYTES",
    "SOL_UDP",
    "WORDS",
    "Batch",
    "Kernel",
    "kernel_calls",
    "place_of",
)

SLOTS: Final = 64
"""How many packets, or pieces of joined ones, are read at once."""

SLOT_BYTES: Final = 65_536 + 128
"""Room for the largest packet. Slots that lie a power of two apart would share cache lines."""

SOL_UDP: Final = 17
CONTROL_HEADER: Final = struct.Struct("=Qii")


class _Message(ctypes.Structure):
    """struct msghdr, recvmsg(2)."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("parts", ctypes.c_void_p),
        ("part_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Header(ctypes.Structure):
    """struct mmsghdr, recvmmsg(2)."""

    _fields_ = (("message", _Message), ("length", ctypes.c_uint32))


# Where the fields of a header are, in words of 64 bits; the length in words of 32.
WORDS: Final = 8
NAME, NAME_LENGTH, PARTS, PART_COUNT, CONTROL, CONTROL_LENGTH = range(6)
LENGTH: Final = 14


def place_of(buffer: bytearray | mmap.mmap) -> int:
    """Return where a buffer is; it must outlive the use of that."""
    return ctypes.addressof(ctypes.c_char.from_buffer(buffer))


class Kernel:
    """Both calls and the slots; made when the first packets are to be read so."""

    def __init__(self) -> None:
        library = ctypes.CDLL(None, use_errno=True)
        pointer, number = ctypes.c_void_p, ctypes.c_int
        self.receive = library.recvmmsg
        self.receive.argtypes = (number, pointer, ctypes.c_uint, number, pointer)
        self.send = library.sendmsg
        self.send.argtypes = (number, pointer, number)
        self.send.restype = ctypes.c_ssize_t
        # Private, for a process may fork; and its pages are not there before packets fill them.
        self._memory = mmap.mmap(
            -1, SLOTS * SLOT_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        )
        self.slots = memoryview(self._memory)
        self.base = place_of(self._memory)
        self._parts = bytearray(16 * SLOTS)
        parts = memoryview(self._parts).cast("Q")
        for slot in range(SLOTS):
            parts[2 * slot] = self.base + slot * SLOT_BYTES
            parts[2 * slot + 1] = SLOT_BYTES
        self.parts = place_of(self._parts)


@functools.cache
def kernel_calls() -> Kernel | None:
    """Return the calls, or ``None`` where headers lie in another way than is written here."""
    if ctypes.sizeof(_Header) != 8 * WORDS or sys.byteorder != "little":
        return None
    try:
        return Kernel()
    except (AttributeError, OSError):
        return None


class Batch:
    """Packets of one sender in slots.

    Args:
        slots: their numbers, ascending.
        sizes: bytes of each.
        cuts: the size at which what is in a slot is to be cut into packets, 0 where it is one
            packet; ``None`` where nothing is joined.
    """

    __slots__ = ("cuts", "sizes", "slots")

    def __init__(self, slots: Sequence[int], sizes: list[int], cuts: list[int] | None) -> None:
        """Name them."""
        self.slots = slots
        self.sizes = sizes
        self.cuts = cuts

    def packets(self, start: int = 0) -> list[bytes]:
        """Return the packets from one place on, each by itself."""
        kernel = kernel_calls()
        if kernel is None:
            return []
        found: list[bytes] = []
        for place in range(start, len(self.sizes)):
            size = self.sizes[place]
            at = self.slots[place] * SLOT_BYTES
            whole = bytes(kernel.slots[at : at + size])
            cut = self.cuts[place] if self.cuts is not None else 0
            if cut:
                found += [whole[begin : begin + cut] for begin in range(0, size, cut)]
            else:
                found.append(whole)
        return found
