"""Packets read many at once into slots, with who sent each and how the kernel joined them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import struct
from array import array
from typing import Final

from catflap.relay.packets.batch import (
    CONTROL,
    CONTROL_HEADER,
    CONTROL_LENGTH,
    LENGTH,
    NAME,
    NAME_LENGTH,
    PART_COUNT,
    PARTS,
    SLOTS,
    SOL_UDP,
    WORDS,
    Batch,
    Kernel,
    kernel_calls,
    place_of,
)
from catflap.relay.packets.runs import knows_segments

__all__ = ("Inbox", "address_of", "ask_joined", "inbox_for")

_UDP_GRO: Final = 104
_NAME_BYTES: Final = 32
_NAME_LENGTHS: Final = {socket.AF_INET: 16, socket.AF_INET6: 28}
_CONTROL_BYTES: Final = 256


class Inbox:
    """What packets of a kind of socket are read with.

    Args:
        kernel: the calls.
        family: of the senders' addresses; 0 for sockets that are connected.
    """

    __slots__ = (
        "_controls",
        "_full",
        "_headers",
        "_lengths",
        "_names",
        "_place",
        "_receive",
        "_rooms",
        "_storage",
        "_wide",
        "cuts",
        "sizes",
    )

    def __init__(self, kernel: Kernel, family: int) -> None:
        """Write the headers."""
        self._receive = kernel.receive
        names = bytearray(_NAME_BYTES * SLOTS)
        controls = bytearray(_CONTROL_BYTES * SLOTS)
        self._headers = bytearray(8 * WORDS * SLOTS)
        self._storage = (names, controls)
        words = memoryview(self._headers).cast("Q")
        length = _NAME_LENGTHS.get(socket.AddressFamily(family), 0) if family else 0
        for slot in range(SLOTS):
            at = slot * WORDS
            words[at + NAME] = place_of(names) + slot * _NAME_BYTES if family else 0
            words[at + NAME_LENGTH] = length
            words[at + PARTS] = kernel.parts + 16 * slot
            words[at + PART_COUNT] = 1
            words[at + CONTROL] = place_of(controls) + slot * _CONTROL_BYTES
            words[at + CONTROL_LENGTH] = _CONTROL_BYTES
        self._place = place_of(self._headers)
        self._lengths = memoryview(self._headers).cast("I")[LENGTH :: 2 * WORDS]
        self._rooms = words[CONTROL_LENGTH::WORDS]
        self._full = memoryview(array("Q", [_CONTROL_BYTES] * SLOTS))
        self._controls = memoryview(controls)
        self._names = memoryview(names)
        self._wide = family == socket.AF_INET6
        self.sizes: list[int] = []
        self.cuts: list[int] | None = None

    def receive(self, descriptor: int) -> int:
        """Fill slots with what waits; return how many, 1 at least.

        Raises:
            BlockingIOError: nothing waits.
            OSError: as recvmmsg(2) has it.
        """
        count: int = self._receive(descriptor, self._place, SLOTS, socket.MSG_DONTWAIT, None)
        if count < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        self.sizes = self._lengths[:count].tolist()
        rooms = self._rooms[:count]
        used = rooms.tolist()
        self.cuts = None
        # Without room for it the next size to cut at would get lost.
        rooms[:] = self._full[:count]
        if any(used):
            self.cuts = self._cuts(used)
        return count

    def _cuts(self, used: list[int]) -> list[int] | None:
        """Return where what is in each slot is to be cut; ``None`` where nothing is joined."""
        cuts = [self._cut(slot, length) if length else 0 for slot, length in enumerate(used)]
        cuts = [cut if cut < size else 0 for cut, size in zip(cuts, self.sizes, strict=True)]
        return cuts if any(cuts) else None

    def _cut(self, slot: int, length: int) -> int:
        """Return what a slot's control messages say of UDP_GRO, or 0."""
        at = slot * _CONTROL_BYTES
        end = at + length
        while at + CONTROL_HEADER.size <= end:
            size, level, kind = CONTROL_HEADER.unpack_from(self._controls, at)
            if level == SOL_UDP and kind == _UDP_GRO:
                start = at + CONTROL_HEADER.size
                return int.from_bytes(self._controls[start : start + 4], "little")
            if size < CONTROL_HEADER.size:
                break
            at += (size + 7) & ~7
        return 0

    def whole(self) -> Batch:
        """Return all that was read."""
        return Batch(range(len(self.sizes)), self.sizes, self.cuts)

    def some(self, slots: list[int]) -> Batch:
        """Return what is in some slots."""
        sizes = self.sizes
        cuts = self.cuts
        chosen = None if cuts is None else [cuts[slot] for slot in slots]
        return Batch(slots, [sizes[slot] for slot in slots], chosen)

    def senders(self) -> list[int] | list[bytes]:
        """Return who sent each, in a form that is only good as a key; see :func:`address_of`."""
        count = len(self.sizes)
        if self._wide:
            return [name for (name,) in struct.iter_unpack("28s4x", self._names[: 32 * count])]
        return self._names.cast("Q")[: 4 * count : 4].tolist()

    def name(self, slot: int) -> bytes:
        """Return the sender's address of one slot, as the kernel has it (ip(7), ipv6(7))."""
        at = slot * _NAME_BYTES
        return bytes(self._names[at : at + (28 if self._wide else 16)])


_inboxes: dict[int, Inbox] = {}


def inbox_for(sock: socket.socket, *, named: bool) -> Inbox | None:
    """Return what to read many packets of a socket with.

    ``None`` where this kernel, library or kind of socket has no such way.

    Args:
        sock: any socket.
        named: whether senders are asked for.
    """
    kernel = kernel_calls()
    if kernel is None or not knows_segments(sock):
        return None
    family = int(sock.family) if named else 0
    inbox = _inboxes.get(family)
    if inbox is None:
        inbox = _inboxes[family] = Inbox(kernel, family)
    return inbox


def ask_joined(sock: socket.socket) -> None:
    """Have the kernel join packets of one sender; from now on only an inbox reads them rightly.

    A kernel that knows no such thing goes on as before.
    """
    with contextlib.suppress(OSError):
        sock.setsockopt(SOL_UDP, _UDP_GRO, 1)


def address_of(raw: bytes) -> tuple[str, int] | tuple[str, int, int, int]:
    """Return an address as the socket module has it.

    Args:
        raw: as :meth:`Inbox.name` gives it.
    """
    if len(raw) == 16:
        return socket.inet_ntop(socket.AF_INET, raw[4:8]), int.from_bytes(raw[2:4], "big")
    port, flow, host, scope = struct.unpack("!2xHI16s", raw[:24]) + struct.unpack("=I", raw[24:28])
    return socket.inet_ntop(socket.AF_INET6, host), port, flow, scope
