"""What every form of the report says: details, verdicts, records in short, what to do next."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.events.model import Opened
from catflap.prove.attempt import Outcome
from catflap.prove.tap import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catflap.prove.demo import Demo
    from catflap.prove.evidence import Evidence
    from catflap.prove.exchange import Exchange, SeenRecord

__all__ = (
    "NEXT",
    "Run",
    "Saying",
    "byte_count",
    "command",
    "detail",
    "hex_lines",
    "runs_of",
    "sayings",
)

NEXT = (
    (
        "beside the API",
        (
            "catflap run TLS-LISTEN:8443,bind=0.0.0.0,range=10.0.0.0/8,"
            "cert=server.pem,cafile=ca.pem TCP:127.0.0.1:8000"
        ),
    ),
    (
        "at the client",
        "catflap run TCP-LISTEN:8000 TLS:api.example.com:8443,cert=client.pem,cafile=ca.pem",
    ),
    ("and then", "curl http://127.0.0.1:8000/"),
)
"""Where, and the command that does there what the demo did."""

_HEX_WIDTH = 12


def command(words: Iterable[str]) -> str:
    """Return the command as a person would type it."""
    return shlex.join(("catflap", "run", *words))


def detail(row: Evidence) -> str:
    """Return the one thing about a row that is worth a few words more than its rule."""
    if row.outcome is Outcome.UNCLEAR or not row.as_expected:
        return row.note or row.reason
    if row.outcome is Outcome.SERVED:
        return _proved(row)
    if row.alert or row.note:
        return row.alert or row.note
    _, quoted, after = row.reason.partition("': ")
    return (after if quoted else row.reason).partition(" (")[0]


def _proved(row: Evidence) -> str:
    """Return who was let in, and by which key exchange."""
    event = row.event
    if not isinstance(event, Opened) or event.certificate is None or event.tls is None:
        return row.reason
    name = event.certificate.names[0].partition(":")[2]
    return f"{name}, {event.tls.group}"


def byte_count(count: int) -> str:
    """Return ``1 byte``, ``1,464 bytes``."""
    return "1 byte" if count == 1 else f"{count:,} bytes"


@dataclass(frozen=True, slots=True)
class Run:
    """Records of one type that followed each other in one direction."""

    direction: Direction
    type: str
    count: int
    length: int
    holds_request: bool


def runs_of(records: Iterable[SeenRecord]) -> list[Run]:
    """Return the records in short; the one with the request stands alone."""
    runs: list[Run] = []
    for record in records:
        last = runs[-1] if runs else None
        alike = (
            last is not None
            and (last.direction, last.type) == (record.direction, record.type)
            and not (last.holds_request or record.holds_request)
        )
        count, length = 1, record.length
        if last is not None and alike:
            runs.pop()
            count, length = last.count + 1, last.length + record.length
        runs.append(Run(record.direction, record.type, count, length, record.holds_request))
    return runs


def hex_lines(exchange: Exchange) -> list[tuple[str, str]]:
    """Return the record that holds the request, twelve bytes a line: hexadecimal, and as text."""
    to_server = [each for each in exchange.records if each.direction is Direction.TO_SERVER]
    chosen = [each for each in to_server if each.holds_request] or to_server[-1:]
    data = bytes.fromhex(chosen[0].start) if chosen else b""
    lines = [data[at : at + _HEX_WIDTH] for at in range(0, len(data), _HEX_WIDTH)]
    return [
        (line.hex(" "), "".join(chr(byte) if 32 < byte < 127 else "." for byte in line))
        for line in lines
    ]


@dataclass(frozen=True, slots=True)
class Saying:
    """One sentence of the verdict, and whether it is good news."""

    good: bool
    text: str


def sayings(demo: Demo) -> tuple[Saying, ...]:
    """Return the verdict."""
    good = sum(row.as_expected for row in demo.attempts)
    exchange = demo.exchange
    if exchange.holds:
        word = (
            f"the word {exchange.word} reached the API"
            f" and is nowhere in the {exchange.bytes_on_network:,} bytes on the network"
        )
    elif exchange.word_on_network:
        word = f"the word {exchange.word} can be read on the network"
    else:
        word = exchange.problem or f"the word {exchange.word} did not reach the API"
    if demo.strangers:
        seen = f"the API saw requests of {', '.join(demo.strangers)}"
    else:
        seen = f"the API saw {demo.requests} requests, all of them good ones"
    total = len(demo.attempts)
    return (
        Saying(good == total, f"{good} of {total} attempts went as expected"),
        Saying(exchange.holds, word),
        Saying(not demo.strangers, seen),
    )
