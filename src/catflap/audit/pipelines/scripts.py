"""Scripts that are written as lists of lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.passage import Passage
from catflap.audit.yaml.values import Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.yaml.values import Value

__all__ = ("joined",)

_DEEPEST = 10
_NOT_YAML = "!reference"


def joined(*values: Value | None) -> Passage:
    """Return strings, and lists of them within each other, as one script: they share a shell.

    What a later line uses, an earlier one may have set.
    """
    parts: list[Passage] = []
    for value in values:
        for line in _lines(value, 0):
            parts.append(line)
            end = line.span(0, len(line)).end
            parts.append(Passage("\n", [end], [end]))
    return parts[0] if len(parts) == 2 else Passage.join(parts)


def _lines(value: Value | None, depth: int) -> Iterator[Passage]:
    if isinstance(value, Scalar):
        yield value.passage
    elif isinstance(value, Sequence) and depth < _DEEPEST and value.tag != _NOT_YAML:
        for item in value:
            yield from _lines(item, depth + 1)
