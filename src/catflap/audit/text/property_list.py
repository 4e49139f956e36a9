"""Words that launchd's property lists keep, one in each ``<string>`` of an array.

Source: launchd.plist(5), ProgramArguments. The same lists stand in scripts and pages that write
or show such a file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.text.marked_code import tagged

if TYPE_CHECKING:
    from catflap.audit.passage import Passage

__all__ = ("strings_around",)

_OPENS = re.compile(r"<string>\s*[^<>\n]{0,200}\Z")
_BEFORE = re.compile(r"(?:<string>[^<>]{0,2000}</string>(?:\s|<!--[^<>]{0,200}-->){0,40}){1,20}\Z")
_LIST = re.compile(r"(?:<string>[^<>]{0,2000}</string>(?:\s|<!--[^<>]{0,200}-->){0,40}){1,40}")
_WINDOW = 4000


def strings_around(passage: Passage, at: int) -> tuple[list[Passage], int]:
    """Return the strings of the array that holds a place, and where the last of them ends.

    Args:
        passage: any text.
        at: a place in it; without ``<string>`` before it there are none.
    """
    text = passage.text
    opens = _OPENS.search(text, max(0, at - 220), at)
    if opens is None:
        return [], at
    start = opens.start()
    before = _BEFORE.search(text, max(0, start - _WINDOW), start)
    if before is not None:
        start = before.start()
    found = _LIST.match(text, start, start + 2 * _WINDOW)
    if found is None:
        return [], at
    return list(tagged(passage.part(start, found.end()), "string")), found.end()
