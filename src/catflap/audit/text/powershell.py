"""PowerShell, for which there is no grammar here: what it continues, quotes and starts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.text.expressions import strings_of, values_from
from catflap.audit.text.lines import between
from catflap.audit.text.templates import rewrite

if TYPE_CHECKING:
    from catflap.audit.passage import Passage

__all__ = ("SUFFIXES", "plain", "started")

SUFFIXES = frozenset({"ps1", "psm1", "powershell", "pwsh", "ps"})
"""Of files, and languages of blocks in documents."""

_MARKS = re.compile(
    # A backtick continues a line; ``& "C:\\tools\\socat.exe"`` calls what is quoted.
    r"`[ \t]*\r?\n[ \t]*"
    r"|&[ \t]*(?P<quote>[\"'])[^\"'\n]{0,200}?(?P<program>socat(?:\.exe)?)(?P=quote)",
    re.IGNORECASE,
)
_STARTS = re.compile(
    r"(?i)(?:\bStart-(?:Process|Job)|\bsaps)\b[^\n|;]{0,120}?[ \t][\"']?(?:[^\s\"']*[\\/])?\Z"
)
_ARGUMENTS = re.compile(
    r"(?i)(?P<program>(?:socat|catflap)(?:\.exe)?)[\"']?(?:[ \t]+-(?!arg)\w+(?:[ \t]+[^-\s]\S*)?)*"
    r"(?:[ \t]+-(?:ArgumentList|Args?))?[ \t]+(?=[\"'@(])"
)


def plain(passage: Passage) -> Passage:
    """Return a script with its continued lines joined, and quoted programs without quotes."""
    return rewrite(passage, _MARKS, _meaning) if _MARKS.search(passage.text) else passage


def _meaning(passage: Passage, found: re.Match[str]) -> Passage:
    if found["program"] is not None:
        return passage.part(found.start("program"), found.end("program"))
    return between(passage, " ", found.start(), found.end())


def started(passage: Passage, at: int) -> list[Passage]:
    """Return what ``Start-Process socat -ArgumentList 'A', 'B'`` starts: a program, its strings.

    Args:
        passage: the script.
        at: where the program is named.
    """
    text = passage.text
    if _STARTS.search(text, max(0, at - 200), at) is None:
        return []
    named = _ARGUMENTS.match(text, at, at + 300)
    if named is None:
        return []
    first = next(strings_of(text, named.end(), named.end() + 500), None)
    if first is None or text[named.end() : first.start - 1].strip(" \t@("):
        return []
    return [passage.part(at, named.end("program")), *values_from(passage, first).words]
