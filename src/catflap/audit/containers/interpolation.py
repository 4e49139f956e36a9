"""``$VAR`` and ``${VAR:-default}`` as compose and Dockerfiles fill them in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.passage import Passage
from catflap.audit.text.lines import between
from catflap.audit.text.references import References
from catflap.audit.text.templates import hole

if TYPE_CHECKING:
    from catflap.audit.containers.environment import Variables

__all__ = ("interpolated",)

_OPEN = re.compile(r"\$(?:\$|\{([A-Za-z_][A-Za-z0-9_]*)|([A-Za-z_][A-Za-z0-9_]*))")
_DEEPEST = 8


def interpolated(
    passage: Passage,
    variables: Variables | None = None,
    references: References | None = None,
    *,
    doubled: bool = True,
    depth: int = 0,
) -> Passage:
    """Return a text with what is known of its variables, the rest unknown.

    Args:
        passage: the text.
        variables: that the file itself gives.
        references: keeps where the values stand.
        doubled: whether ``$$`` stands for ``$``, as in compose; in a Dockerfile it does not.
        depth: how many defaults are around this one.
    """
    if "$" not in passage.text:
        return passage
    places = References() if references is None else references
    known = variables or {}
    parts: list[Passage] = []
    at, text = 0, passage.text
    while True:
        found = _OPEN.search(text, at)
        if found is None:
            break
        parts.append(passage.part(at, found.start()))
        start, end = found.span()
        if found[0] == "$$":
            parts.append(between(passage, "$", start, end) if doubled else passage.part(start, end))
        elif found[2]:
            value = known.get(found[2])
            parts.append(_put(passage, start, end, value, places))
        else:
            close = _closing(text, end)
            if close < 0:
                parts.append(passage.part(start, end))
            else:
                end = close + 1
                braced = _braced(passage, found, close, known)
                value = None
                if not isinstance(braced, int):
                    value = braced
                elif depth < _DEEPEST:
                    default = passage.part(braced, close)
                    value = interpolated(default, known, places, doubled=doubled, depth=depth + 1)
                parts.append(_put(passage, start, end, value, places))
        at = end
    if not parts:
        return passage
    parts.append(passage.part(at, len(passage)))
    return Passage.join(parts)


def _closing(text: str, at: int) -> int:
    """Return where the brace closes that is open here, or -1."""
    depth = 1
    for found in re.compile(r"\$\{|\}").finditer(text, at, at + 4096):
        depth += 1 if found[0] == "${" else -1
        if not depth:
            return found.start()
    return -1


def _put(
    passage: Passage, start: int, end: int, value: Passage | None, references: References
) -> Passage:
    """Return a value as standing where its reference does, or that it is not known."""
    if value is None:
        return hole(passage, start, end)
    return references.follow(passage, start, end, value)


def _braced(
    passage: Passage, found: re.Match[str], close: int, known: Variables
) -> Passage | int | None:
    """Return what ``${NAME}`` stands for: a value, where its default begins, or nothing."""
    value = known.get(found[1])
    after = passage.text[found.end() : close]
    if value is not None and not after.startswith((":+", "+")):
        return value
    if after.startswith(":-"):
        return found.end() + 2
    return found.end() + 1 if after.startswith("-") else None
