"""64-bit counters that the processes of one service share: a column for each, summed by readers.

A worker writes only its own column, so counting takes no lock. A worker that dies, however it
dies, takes nothing along: the parent clears its column. What must be exact, the last place
under a limit, is decided under a lock that the kernel takes back from the dead (fcntl(2)).

The whole lives in one anonymous file (memfd_create(2)), whose descriptor a worker inherits, by
fork or by name in ``pass_fds``; it leaves nothing behind on a disk.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING

from catflap.core.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("Counters", "CountersFullError")

_MAGIC = 0x6361_7466_6C61_7031
_HEADER = struct.Struct("=6Q")
_PAGE = mmap.ALLOCATIONGRANULARITY
_NAME_BYTES = 126
_ENTRY = struct.Struct(f"=BB{_NAME_BYTES}s")
_DIRECTORY_LOCK = 0
_FREE, _TOTAL, _LIVE = 0, 1, 2


class CountersFullError(OperationError):
    """No row is left for another name."""


class Counters:
    """The map as one process sees it.

    Column 0 is the parent's, 1 and up are the workers'. Rows have names, which any process may
    add: whoever asks for the same name gets the same row. Besides rows there are cells, numbered
    counters without a name, of which each column has its own; and ``common`` bytes, that all
    write under a lock of their choice.

    Args:
        descriptor: of the anonymous file; it stays open until :meth:`close`.
        column: where this process counts.
    """

    def __init__(self, descriptor: int, column: int) -> None:
        """Map what :meth:`create` made.

        Raises:
            OperationError: the descriptor is no such file, or has no such column.
        """
        self.descriptor = descriptor
        self.column = column
        try:
            self._map = mmap.mmap(descriptor, 0)
        except (OSError, ValueError) as error:
            raise OperationError(f"the shared counters cannot be mapped: {error}") from error
        magic, self.columns, self.rows, self.cells, self._stride, begins = _HEADER.unpack_from(
            self._map
        )
        if magic != _MAGIC or not 0 <= column < self.columns:
            self._map.close()
            raise OperationError("the descriptor holds no shared counters with such a column")
        self._view = memoryview(self._map)
        first = _PAGE + _round(self.rows * _ENTRY.size)
        self._numbers = self._view[first:begins].cast("q")
        self._own = column * self._stride
        self.common = self._view[begins:]
        self._found: dict[str, int] = {}

    @classmethod
    def create(cls, workers: int, *, rows: int = 2048, cells: int = 0, common: int = 0) -> Counters:
        """Make a map for a parent and its workers; this process is the parent.

        Args:
            workers: how many columns besides the parent's.
            rows: how many names there may be.
            cells: how many numbered counters each column has.
            common: bytes that all may write.

        Raises:
            OperationError: the machine gives no memory.
        """
        stride = _round((rows + cells) * 8) // 8
        begins = _PAGE + _round(rows * _ENTRY.size) + (workers + 1) * stride * 8
        try:
            descriptor = os.memfd_create("catflap-counters", os.MFD_CLOEXEC)
            os.ftruncate(descriptor, begins + _round(common))
            header = _HEADER.pack(_MAGIC, workers + 1, rows, cells, stride, begins)
            os.pwrite(descriptor, header, 0)
        except OSError as error:
            raise OperationError(f"no memory for shared counters: {error.strerror}") from error
        return cls(descriptor, 0)

    def at(self, column: int) -> Counters:
        """Return the same map for a worker that was forked: ``column`` is 1 and up."""
        return Counters(self.descriptor, column)

    def row(self, name: str, *, live: bool = False) -> int:
        """Return the row of a name; it is made when nobody has asked for it before.

        Args:
            name: at most 126 bytes of UTF-8.
            live: it counts what lives, such as sessions, and is gone with its worker; else it
                is a total, that only grows and outlives who counted.

        Raises:
            CountersFullError: all rows have names already.
        """
        found = self._found.get(name)
        if found is None:
            with self.locked(_DIRECTORY_LOCK):
                found = self._found[name] = self._seek(name, _LIVE if live else _TOTAL)
        return found

    def _seek(self, name: str, kind: int) -> int:
        packed = name.encode()
        if not 0 < len(packed) <= _NAME_BYTES:
            raise CountersFullError(f"{name!r} is too long for the name of a counter")
        for row in range(self.rows):
            at = _PAGE + row * _ENTRY.size
            has, size, text = _ENTRY.unpack_from(self._map, at)
            if has == _FREE:
                _ENTRY.pack_into(self._map, at, kind, len(packed), packed)
                return row
            if text[:size] == packed:
                return row
        raise CountersFullError(f"no counter is left for {name!r}: all {self.rows} have names")

    def names(self) -> dict[str, int]:
        """Return every name with its row."""
        found = {}
        for row in range(self.rows):
            kind, size, text = _ENTRY.unpack_from(self._map, _PAGE + row * _ENTRY.size)
            if kind == _FREE:
                break
            found[text[:size].decode()] = row
        return found

    def add(self, row: int, amount: int = 1) -> None:
        """Count in this process's column."""
        self._numbers[self._own + row] += amount

    def own(self, row: int) -> int:
        """Return what this process has counted."""
        return int(self._numbers[self._own + row])

    def sum(self, row: int) -> int:
        """Return what all have counted, dead ones included where it is a total."""
        numbers, stride = self._numbers, self._stride
        return sum([numbers[at] for at in range(row, self.columns * stride, stride)])

    def add_cell(self, cell: int, amount: int = 1) -> None:
        """Count in a numbered counter of this process's column."""
        self._numbers[self._own + self.rows + cell] += amount

    def sum_cell(self, cell: int) -> int:
        """Return what all live processes have counted there."""
        return self.sum(self.rows + cell)

    def clear(self, column: int) -> None:
        """Forget what lived in a worker that is dead; totals go over to the parent's column.

        The parent calls this after it has waited for the worker (waitpid(2)), and before another
        one gets the column.
        """
        numbers, stride = self._numbers, self._stride
        start = column * stride
        with self.locked(_DIRECTORY_LOCK):
            for row in self.names().values():
                if self._map[_PAGE + row * _ENTRY.size] == _TOTAL:
                    numbers[row] += numbers[start + row]
                numbers[start + row] = 0
            cells = range(start + self.rows, start + self.rows + self.cells)
            numbers[cells.start : cells.stop] = memoryview(bytes(len(cells) * 8)).cast("q")

    @contextmanager
    def locked(self, number: int) -> Iterator[None]:
        """Hold one of the locks alone among all processes; it is not for threads of one.

        Lock 0 is the map's own; any other number is free for use. Two are never held at once.
        """
        self.lock(number)
        try:
            yield
        finally:
            self.unlock(number)

    def lock(self, number: int) -> None:
        """Wait for a lock; the kernel gives it on when its holder dies."""
        fcntl.lockf(self.descriptor, fcntl.LOCK_EX, 1, number)

    def unlock(self, number: int) -> None:
        """Give a lock back."""
        fcntl.lockf(self.descriptor, fcntl.LOCK_UN, 1, number)

    def close(self) -> None:
        """Unmap, and close the descriptor."""
        self._numbers.release()
        self.common.release()
        self._view.release()
        self._map.close()
        os.close(self.descriptor)


def _round(size: int) -> int:
    return -(-size // _PAGE) * _PAGE
