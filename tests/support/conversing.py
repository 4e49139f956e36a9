"""A program that is given its input, heard, and told the end only once it has answered.

Some ends cannot tell that they have ended: a terminal, a datagram's peer. Of those a relay waits
for an answer as long as it was told, counted from the end of its input. A test that ends the input
at once races with that time; one that has heard the answer first does not.
"""

from __future__ import annotations

import os
import re
import select
import subprocess
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
    words: Sequence[str],
    given: bytes,
    until: bytes | re.Pattern[bytes],
    environment: Mapping[str, str] | None = None,
) -> Said:
    """Run a program to its end.

    Args:
        words: the program and its arguments.
        given: its input, which must fit into a pipe.
        until: what must have come out before the input ends, or a pattern of it.
        environment: all variables of the program; without it those of the test.

    Raises:
        AssertionError: it did not come, or the program does not end.
    """
    wanted = re.compile(re.escape(until)) if isinstance(until, bytes) else until
    process = subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
    assert stdin is not None
    assert stdout is not None
    assert stderr is not None
    try:
        with stdin, stdout, stderr:
            heard = {stdout.fileno(): b"", stderr.fileno(): b""}
            live = set(heard)
            os.write(stdin.fileno(), given)
            while live and not wanted.search(heard[stdout.fileno()]):
                _hear(heard, live)
            stdin.close()
            while live:
                _hear(heard, live)
            out, log = heard.values()
        status = process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()
    return Said(out, log.decode("utf-8", "replace"), status)


def _hear(heard: dict[int, bytes], live: set[int]) -> None:
    """Add to what was heard of each descriptor that lives; one that has ended lives no more."""
    ready, _, _ = select.select(live, [], [], PATIENCE)
    assert ready, f"no more than {tuple(heard.values())} came"
    for descriptor in ready:
        piece = os.read(descriptor, 65_536)
        heard[descriptor] += piece
        if not piece:
            live.remove(descriptor)
