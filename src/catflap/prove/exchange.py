"""One request seen twice: as the network carried it, and as the API saw it."""

from __future__ import annotations

import msgspec

from catflap.prove.records import Record, RecordError
from catflap.prove.tap import Direction, Flow

__all__ = ("TLS_OVERHEAD", "Exchange", "SeenRecord", "compare")

_SHOWN_BYTES = 96
TLS_OVERHEAD = 17
"""One byte of the true content type and sixteen of the tag (RFC 8446, 5.2)."""
_APPLICATION_DATA = 23


class SeenRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One TLS record.

    Args:
        version: what its header claims; TLS 1.3 claims TLS 1.2, for old middleboxes.
        length: bytes that follow the header of five.
        start: the first bytes, header included, in hexadecimal.
        holds_request: whether its length is just that of the request and of TLS's own part.
    """

    direction: Direction
    type: str
    version: str
    length: int
    start: str
    holds_request: bool


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """The comparison.

    Args:
        word: a secret that the request holds.
        request: what the API saw.
        records: what the network carried, in order.
        bytes_on_network: all of it, both ways.
        word_in_request: whether the API saw the word.
        word_on_network: whether anybody could read it on the way.
        problem: why the network's bytes are no TLS records; nothing when they are.
    """

    word: str
    request: str
    records: tuple[SeenRecord, ...]
    bytes_on_network: int
    word_in_request: bool
    word_on_network: bool
    problem: str = ""

    @property
    def holds(self) -> bool:
        """Whether the word went through and nobody could read it, and all was TLS."""
        return self.word_in_request and not self.word_on_network and bool(self.records)


def compare(flow: Flow | None, request: bytes, word: str) -> Exchange:
    """Compare what passed the tap with what the API saw."""
    secret = word.encode()
    problem = ""
    records: tuple[tuple[Direction, Record], ...] = ()
    if flow is None:
        problem = "nothing passed the tap"
    else:
        try:
            records = tuple(flow.records())
        except RecordError as error:
            problem = str(error)
    return Exchange(
        word=word,
        request=request.decode("utf-8", "replace"),
        records=tuple(_seen(direction, record, len(request)) for direction, record in records),
        bytes_on_network=flow.size if flow is not None else 0,
        word_in_request=secret in request,
        word_on_network=flow is not None and flow.carries(secret),
        problem=problem,
    )


def _seen(direction: Direction, record: Record, request: int) -> SeenRecord:
    return SeenRecord(
        direction=direction,
        type=record.name,
        version=record.version,
        length=len(record.body),
        start=record.wire[:_SHOWN_BYTES].hex(),
        holds_request=direction is Direction.TO_SERVER
        and record.kind == _APPLICATION_DATA
        and len(record.body) == request + TLS_OVERHEAD,
    )
