"""Questions to a name server and its answers, as bytes (RFC 1035, RFC 3596).

Answers are read strictly: what is not an answer to the question that was asked is refused, and no
chain of names or pointers is followed further than :data:`_MOST_STEPS`.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from enum import IntEnum

__all__ = ("Answer", "DnsError", "Record", "question", "read_answer")

_HEADER = struct.Struct("!HHHHHH")
_FIXED = struct.Struct("!HHIH")
_IN = 1
_RESPONSE, _TRUNCATED, _RECURSION = 0x8000, 0x0200, 0x0100
_LONGEST_LABEL = 63
_LONGEST_NAME = 253
_MOST_STEPS = 64
_POINTER = 0xC0


class Record(IntEnum):
    """Types of records that matter here."""

    A = 1
    CNAME = 5
    AAAA = 28


class DnsError(ValueError):
    """A name cannot be asked for, or an answer is not one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a name server said.

    Args:
        code: RCODE, 0 for success, 3 for a name that does not exist.
        truncated: there is more than fits into one packet.
        addresses: in the order of the answer.
    """

    code: int
    truncated: bool
    addresses: tuple[str, ...]


def question(number: int, name: str, record: Record, *, recurse: bool = True) -> bytes:
    """Return the packet that asks for the addresses of a name.

    Args:
        number: that the answer must bear.
        name: with or without the final dot.
        record: A or AAAA.
        recurse: whether the server is to ask others.

    Raises:
        DnsError: this is no name.
    """
    flags = _RECURSION if recurse else 0
    return (
        _HEADER.pack(number, flags, 1, 0, 0, 0) + _encoded(name) + struct.pack("!HH", record, _IN)
    )


def _encoded(name: str) -> bytes:
    try:
        plain = name.rstrip(".").encode("idna" if not name.isascii() else "ascii")
    except UnicodeError:
        message = f"{name} is no name"
        raise DnsError(message) from None
    labels = plain.split(b".")
    if len(plain) > _LONGEST_NAME or any(not 0 < len(each) <= _LONGEST_LABEL for each in labels):
        message = f"{name} is no name"
        raise DnsError(message)
    return b"".join(bytes((len(each),)) + each for each in labels) + b"\0"


def read_answer(packet: bytes, asked: bytes) -> Answer:
    """Read the answer to a question.

    Raises:
        DnsError: it is malformed, or answers something else.
    """
    try:
        return _read(packet, asked)
    except (struct.error, IndexError, OSError) as error:
        message = "the answer is cut off"
        raise DnsError(message) from error


def _read(packet: bytes, asked: bytes) -> Answer:
    number, flags, questions, answers, _, _ = _HEADER.unpack_from(packet)
    if number != _HEADER.unpack_from(asked)[0] or not flags & _RESPONSE:
        message = "this is not the answer"
        raise DnsError(message)
    name, at = _name(packet, _HEADER.size)
    wanted, end = _name(asked, _HEADER.size)
    if questions != 1 or name != wanted or packet[at : at + 4] != asked[end : end + 4]:
        message = "the answer is to another question"
        raise DnsError(message)
    record = Record(struct.unpack_from("!H", packet, at)[0])
    at += 4
    owners, found = {wanted}, []
    for _ in range(answers):
        owner, at = _name(packet, at)
        kind, of, _, size = _FIXED.unpack_from(packet, at)
        at += _FIXED.size
        data = packet[at : at + size]
        if len(data) < size:
            message = "the answer is cut off"
            raise DnsError(message)
        if of == _IN and owner in owners and kind == Record.CNAME:
            owners.add(_name(packet, at)[0])
        elif of == _IN and owner in owners and kind == record:
            found.append(_address(record, data))
        at += size
    return Answer(flags & 0xF, bool(flags & _TRUNCATED), tuple(found))


def _address(record: Record, data: bytes) -> str:
    family = socket.AF_INET if record is Record.A else socket.AF_INET6
    try:
        return socket.inet_ntop(family, data)
    except ValueError:
        message = "an address has the wrong length"
        raise DnsError(message) from None


def _name(packet: bytes, at: int) -> tuple[bytes, int]:
    """Return a name in lower case, and where the bytes after it begin."""
    labels: list[bytes] = []
    end = -1
    for _ in range(_MOST_STEPS):
        size = packet[at]
        if size & _POINTER == _POINTER:
            end = at + 2 if end < 0 else end
            at = struct.unpack_from("!H", packet, at)[0] & 0x3FFF
            continue
        if size > _LONGEST_LABEL:
            message = "a label has an unknown form"
            raise DnsError(message)
        at += 1
        if size == 0:
            return b".".join(labels).lower(), at if end < 0 else end
        labels.append(packet[at : at + size])
        at += size
    message = "a name never ends"
    raise DnsError(message)
