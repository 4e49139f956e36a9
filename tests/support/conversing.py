"""A program that is given its input, heard, and told the end only once it has answered.

Some ends cannot tell that they have ended: a terminal, a datagram's peer. Of those a relay waits
for an answer as long as it was told, counted from the end of its input. A test that ends the input
at once races with that time; one that has heard the answer first does not.
"""

from __future__ import annotations

import os
import select
import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ("Said", "converse")


@dataclass(frozen=True)
class Said:
    """What a program left: bytes out, its log, its status."""

    out: bytes
    log: str
    status: int


def converse(
    words: Sequence[str], given: bytes, until: bytes, environment: Mapping[str, str] | None = None
) -> Said:
    """Run a program to its end.

    Args:
        words: the program and its arguments.
        given: its input, which must fit into a pipe.
        until: what must have come out before the input ends.
        environment: all variables of the program; without it those of the test.

    Raises:
        AssertionError: it did not come, or the program does not end.
    """
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environment
        )
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            with stdin, stdout:
                os.write(stdin.fileno(), given)
                out = _read(stdout.fileno(), until, b"")
                stdin.close()
                out = _read(stdout.fileno(), None, out)
            status = process.wait(PATIENCE)
        finally:
            process.kill()
            process.wait()
        log.seek(0)
        return Said(out, log.read().decode("utf-8", "replace"), status)


def _read(descriptor: int, until: bytes | None, found: bytes) -> bytes:
    """Read until something was found, or to the end."""
    deadline = time.monotonic() + PATIENCE
    while until is None or until not in found:
        left = max(0.0, deadline - time.monotonic())
        assert select.select([descriptor], [], [], left)[0], f"{found!r} came, {until!r} did not"
        piece = os.read(descriptor, 65_536)
        if not piece:
            break
        found += piece
    return found
