"""Services of OpenWrt, whose command is said by several lines.

``procd_set_param command socat`` and then ``procd_append_param command A B``: procd.sh puts the
words together. Source: https://openwrt.org/docs/guide-developer/procd-init-scripts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.audit.command import Argument
    from catflap.audit.shell.lexer import Simple
    from catflap.audit.shell.script import Script

__all__ = ("appended",)

_SETS = ("procd_set_param", "command")
_APPENDS = ("procd_append_param", "command")
_ENDS = frozenset({"procd_close_instance", "procd_open_instance", "}"})
_FARTHEST = 40


def appended(script: Script, simple: Simple, words: Sequence[Argument]) -> Iterator[Argument]:
    """Yield the words that later lines append to a command of procd's."""
    if not _names(words, _SETS):
        return
    for _ in range(_FARTHEST):
        following = script.next_of(simple)
        if following is None:
            return
        simple = following
        words = script.words_of(simple)
        if words and words[0].text in _ENDS:
            return
        if _names(words, _APPENDS):
            yield from words[2:]


def _names(words: Sequence[Argument], wanted: tuple[str, str]) -> bool:
    return tuple(word.text for word in words[:2]) == wanted
