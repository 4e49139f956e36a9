"""Terminal sessions in documents: commands stand after prompts, the rest is what they print."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.passage import Passage
from catflap.audit.text.bridges import begins_command
from catflap.audit.text.lines import glue, line_places

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("transcript",)

_PROMPT = re.compile(
    r"[ \t]*(?:\([\w.-]{1,40}\)[ \t]*)?"
    r"(?:(?P<host>[\w.-]{1,40}@[\w.-]{1,60}[^\n$#%>]{0,80}|\[[^\]\n]{1,80}\])[ \t]?|"
    r"(?P<place>[~/\w.-]{1,80}|[~/][\w./-]{0,80}[ ]|(?:PS[ ])?[A-Za-z]:\\[^\n>]{0,80})(?=[$#%>]))?"
    r"(?P<mark>(?:\$\$|>>)(?=[ \t])|[$#%>\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
    r"\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}]"
    r"|\N{HEAVY ROUND-TIPPED RIGHTWARDS ARROW}[ \t]+[^\s]{1,60})[ \t]+"
)
_DOLLAR = re.compile(r"(?m)^[ \t]*\$[ \t]+\S")
_HOST = re.compile(
    r"(?m)^[ \t]*(?:[\w.-]{1,40}@[\w.-]{1,60}[^\n$#]{0,80}|\[[^\]\n]{1,80}\])[ \t]?[$#][ \t]"
)
# "attacker> socat ...", "/ # socat ...": what stands before tells a session from a script only
# where a relay follows.
_NAMED = re.compile(
    r"(?m)^[ \t]*(?:[\w.~-]{1,40}[>$#%]|[~/][\w./-]{0,80}[ ]?[#$]|"
    r"(?:PS[ ])?[A-Za-z]:\\[^\n>]{0,80}>|"
    r"\N{HEAVY ROUND-TIPPED RIGHTWARDS ARROW}[ \t]+[^\s]{1,60})[ \t]+"
    r"(?:sudo[ \t]+)?[\w./-]{0,40}(?:socat|catflap)[\w.-]{0,16}[ \t]"
)
_MORE = re.compile(r"[ \t]*>[ \t]?")


def transcript(passage: Passage, is_console: bool | None) -> Iterator[tuple[Passage, bool]]:
    """Give the scripts of a block, and whether root runs them.

    Args:
        passage: the block.
        is_console: whether the document says that it is a session (then ``# `` is root's
            prompt), a script (then a comment), or nothing.
    """
    text = passage.text
    has_prompts = any(each.search(text) for each in (_DOLLAR, _HOST, _NAMED))
    if is_console is False and not has_prompts:
        yield passage, False
        return
    entries = list(_entries(passage, hashes=is_console is not False))
    if not entries:
        yield passage, False
        return
    if not has_prompts and is_console is None:
        # Only lines after "# " or "> ": the others are commands all the same.
        yield passage, False
    for is_root in (False, True):
        parts: list[Passage] = []
        for entry, by_root in entries:
            if by_root is is_root:
                at = entry.end(len(entry.text) - 1) if entry.text else entry.start(0)
                parts.extend((entry, Passage("\n", [at], [at])))
        if parts:
            yield glue(parts), is_root


def _entries(passage: Passage, *, hashes: bool) -> Iterator[tuple[Passage, bool]]:
    """Give what stands after each prompt, and whether the prompt is root's."""
    lines = iter(line_places(passage.text))
    for start, end in lines:
        prompt = _PROMPT.match(passage.text, start, end)
        if prompt is None:
            continue
        bare = prompt["host"] is None and prompt["place"] is None
        rest = passage.text[prompt.end() : end]
        if (
            prompt["mark"] in {"#", ">", "%", "$$", ">>"}
            and bare
            and not (hashes and begins_command(rest))
        ):
            continue
        parts = [passage.part(prompt.end(), end)]
        while rest.endswith("\\"):
            place = next(lines, None)
            if place is None:
                break
            more = _MORE.match(passage.text, *place)
            begin = more.end() if more else place[0]
            parts.append(passage.part(place[0] - 1, place[0]))
            parts.append(passage.part(begin, place[1]))
            rest = passage.text[begin : place[1]]
        yield glue(parts), prompt["mark"] == "#"
