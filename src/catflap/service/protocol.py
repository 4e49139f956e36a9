r"""What is said over the control socket: one JSON object a line, each way (version 1).

A question names the version and what is asked: ``{"catflap":1,"do":"status"}``. The answer is one
line: ``{"catflap":1,"ok":true,...}`` or ``{"catflap":1,"ok":false,"error":"..."}``. Lines are
ASCII, so whatever peers put into their names reaches no terminal unescaped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

__all__ = (
    "LONGEST_ANSWER",
    "LONGEST_QUESTION",
    "MOST_SESSIONS",
    "VERSION",
    "ProtocolError",
    "Question",
    "decode_answer",
    "decode_question",
    "encode",
)

VERSION = 1
LONGEST_QUESTION = 4096
LONGEST_ANSWER = 64 * 1024 * 1024
MOST_SESSIONS = 100_000
"""How many sessions one answer tells; their number is told whole."""

_FIELDS: dict[str, dict[str, type]] = {
    "status": {},
    "sessions": {"bridge": str, "limit": int},
    "end": {"session": str},
    "reload": {},
}


class ProtocolError(ValueError):
    """A line that is no question or no answer of this protocol."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: ``status``, ``sessions``, ``end`` or ``reload``, with its fields."""

    do: str
    fields: dict[str, Any] = field(default_factory=dict)

    def encode(self) -> bytes:
        """Return it as a line."""
        return encode({"do": self.do, **self.fields})


def encode(told: dict[str, Any]) -> bytes:
    """Return an object as a line of this version."""
    return json.dumps({"catflap": VERSION, **told}, separators=(",", ":")).encode() + b"\n"


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        raise ProtocolError("the line is no JSON") from None
    if not isinstance(found, dict):
        raise ProtocolError("the line is no JSON object")
    if found.get("catflap") != VERSION or isinstance(found["catflap"], bool):
        raise ProtocolError(f"this side speaks version {VERSION} of the protocol")
    return found


def decode_question(line: bytes) -> Question:
    """Return what a line asks; unknown fields and wrong types are refused.

    Raises:
        ProtocolError: it asks nothing that there is.
    """
    found = _object(line)
    do = found.pop("do", None)
    found.pop("catflap")
    if not isinstance(do, str) or do not in _FIELDS:
        raise ProtocolError(f"do must be one of {', '.join(_FIELDS)}")
    for name, value in found.items():
        kind = _FIELDS[do].get(name)
        if kind is None:
            raise ProtocolError(f"{do} has no such field")
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ProtocolError(f"{name} of {do} must be {kind.__name__}")
    return Question(do, found)


def decode_answer(line: bytes) -> dict[str, Any]:
    """Return what a line answers.

    Raises:
        ProtocolError: it is no answer.
    """
    found = _object(line)
    if not isinstance(found.get("ok"), bool):
        raise ProtocolError("the answer does not say whether it went well")
    return found
