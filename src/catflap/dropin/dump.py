"""What passes, shown: ``-v`` and ``-x`` on the standard error, ``-r`` and ``-R`` into files."""

from __future__ import annotations

import os
import string
import time
from typing import TYPE_CHECKING

from catflap.core.errors import OperationError
from catflap.dropin.log import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ("Count", "open_raw", "raw_name", "shown", "tap_of")

_STDERR = 2
_WIDTH = 16
_GUTTER = 3 * _WIDTH
_TEXT = {
    **dict.fromkeys(range(256), "."),
    **{byte: chr(byte) for byte in range(32, 127)},
    0x07: "\\a",
    0x08: "\\b",
    0x09: "\t",
    0x0A: "\n",
    0x0B: "\\v",
    0x0C: "\\f",
    0x0D: "\\r",
    0x5C: "\\\\",
}
_RAW_MODE = 0o664


def shown(data: bytes, *, text: bool, hexadecimal: bool) -> str:
    """Return bytes as ``-v``, ``-x`` or both show them."""
    if text and hexadecimal:
        return "".join(_both(row) for row in _rows(data)) + "--\n"
    if hexadecimal:
        return "".join(f" {byte:02x}" for byte in data) + "\n"
    return "".join(map(_TEXT.__getitem__, data))


def _rows(data: bytes) -> list[bytes]:
    """Return rows of at most sixteen bytes; one ends after a line feed."""
    rows = []
    at = 0
    while at < len(data):
        feed = data.find(b"\n", at, at + _WIDTH)
        end = min(at + _WIDTH, len(data)) if feed < 0 else feed + 1
        rows.append(data[at:end])
        at = end
    return rows


def _both(row: bytes) -> str:
    digits = "".join(f" {byte:02x}" for byte in row)
    letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
    return f"{digits:<{_GUTTER}}  {letters}\n"


class Count:
    """Bytes and blocks of one direction of one session."""

    __slots__ = ("blocks", "bytes")

    def __init__(self) -> None:
        """Begin at nothing."""
        self.bytes = 0
        self.blocks = 0


def tap_of(  # noqa: PLR0913 - what a direction is shown by
    mark: str,
    count: Count,
    *,
    text: bool,
    hexadecimal: bool,
    raw: int | None = None,
    tell: Callable[[int], None] | None = None,
) -> Callable[[bytes], None]:
    """Return what sees the bytes of one direction of one session.

    Args:
        mark: ``>`` to the right, ``<`` to the left.
        count: is counted up.
        text: show the bytes as text.
        hexadecimal: show them in hexadecimal; with ``text`` in the manner of hexdump(1).
        raw: descriptor of a file that takes the bytes as they are.
        tell: hears how many bytes passed.
    """

    def see(data: bytes) -> None:
        if text or hexadecimal:
            now = time.time()
            moment = time.strftime("%Y/%m/%d %H:%M:%S", time.localtime(now))
            head = f"{mark} {moment}.{int(now % 1 * 1_000_000):06d}  length={len(data)}"
            head += f" from={count.bytes} to={count.bytes + len(data) - 1}\n"
            body = shown(data, text=text, hexadecimal=hexadecimal)
            write_whole(_STDERR, (head + body).encode("ascii"))
        if raw is not None:
            write_whole(raw, data)
        count.bytes += len(data)
        count.blocks += 1
        if tell is not None:
            tell(len(data))

    return see


def raw_name(pattern: str, program: str, environment: Mapping[str, str]) -> str:
    """Return the name of a file of ``-r``: ``$$``, ``$PROGNAME``, ``$TIMESTAMP``, ``$MICROS``.

    Any other name is that of an environment variable; one that is not set leaves nothing.
    """
    now = time.time()
    known = {
        "PROGNAME": program,
        "TIMESTAMP": time.strftime("%Y%m%dT%H%M%S", time.localtime(now)),
        "MICROS": f"{int(now % 1 * 1_000_000):06d}",
    }
    letters = frozenset(string.ascii_letters + string.digits + "_")
    found = []
    at = 0
    while at < len(pattern):
        if pattern[at] != "$":
            found.append(pattern[at])
            at += 1
            continue
        if pattern.startswith("$$", at):
            found.append(str(os.getpid()))
            at += 2
            continue
        end = at + 1
        while end < len(pattern) and pattern[end] in letters:
            end += 1
        name = pattern[at + 1 : end]
        found.append(known.get(name) or environment.get(name, ""))
        at = end
    return "".join(found)


def open_raw(path: str) -> int:
    """Open a file for what passes: appended to, made with mode 0664 under the umask.

    Raises:
        OperationError: it cannot be opened.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, _RAW_MODE)
    except OSError as error:
        message = f'open("{path}"): {error.strerror}'
        raise OperationError(message) from error
    os.set_blocking(descriptor, True)
    return descriptor
