"""JSON that every parser takes, whatever stands in file names and sources."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

from catflap.audit.locate import without_surrogates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ("write_json",)


def write_json(value: Mapping[str, Any] | Sequence[Any], stream: TextIO) -> None:
    """Write a value, indented by two, with a line end.

    A byte that is no UTF-8 arrives here as half of a surrogate pair; it becomes U+FFFD, for half
    a pair is no Unicode text (RFC 8259, section 8.2).
    """
    stream.write(without_surrogates(json.dumps(value, ensure_ascii=False, indent=2)) + "\n")
