r"""Directories of Windows before a relay, ``.\socat.exe``: no shell here takes them for one."""

from __future__ import annotations

import re

from catflap.audit.passage import Passage
from catflap.audit.text.templates import rewrite

__all__ = ("without_directories",)

_DIRECTORY = re.compile(
    r"(?<![\w\\.%-])(?:\.{1,2}|[A-Za-z]:|%\w{1,40}%|\$env:\w{1,40})(?:\\[\w.~ ()-]{1,60}){0,12}\\"
    r"(?=socat[\w.-]{0,30}\.exe\b)",
    re.IGNORECASE,
)


def without_directories(passage: Passage) -> Passage:
    """Return a text in which programs of that name stand without their directories."""
    if "\\socat" not in passage.text.lower():
        return passage
    return rewrite(passage, _DIRECTORY, lambda inside, at: Passage("", inside.start(at.start())))
