"""Scripts of OpenRC, whose variables say what is started and whose words no line of theirs runs.

``command=/usr/bin/socat`` and ``command_args="A B"``: unless the script has a ``start`` of its own,
OpenRC's reads ``$command_args`` once more, as ``eval`` does, and starts it as root or as
``command_user``.
Source: https://github.com/OpenRC/openrc/blob/master/sh/start-stop-daemon.sh, ``ssd_start``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit.passage import Passage
from catflap.audit.text.lines import between

if TYPE_CHECKING:
    from catflap.core.surroundings import Surroundings

__all__ = ("as_started", "started_as")

_SERVICE = re.compile(r"\A#![^\n]*\b(?:openrc-run|runscript)\b")
_COMMAND = re.compile(r"^[ \t]*(?:export[ \t]+)?command=", re.MULTILINE)
_WORDS = re.compile(
    r"^[ \t]*(?:export[ \t]+)?command_args\+?=(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|\S)*",
    re.MULTILINE | re.DOTALL,
)
_OWN_START = re.compile(r"^[ \t]*start[ \t]*\([ \t]*\)", re.MULTILINE)
_USER = re.compile(r"^[ \t]*command_user=[\"']?([\w.-]+)", re.MULTILINE)
_START = "\neval $command $command_args{}\n"
_BACKGROUND = "command_args_background"


def as_started(passage: Passage) -> Passage:
    """Return a script of OpenRC with the line by which OpenRC starts its command, else as it is.

    The line stands where the command's words are named.
    """
    text = passage.text
    if _SERVICE.match(text) is None or _OWN_START.search(text) is not None:
        return passage
    place = _COMMAND.search(text)
    if place is None:
        return passage
    place = _WORDS.search(text) or place
    line = _START.format(f" ${_BACKGROUND}" if _BACKGROUND in text else "")
    return Passage.join((passage, between(passage, line, place.start(), place.end())))


def started_as(text: str, surroundings: Surroundings) -> Surroundings:
    """Return where the command of a script of OpenRC runs: as root, unless it says otherwise."""
    if _SERVICE.match(text) is None or surroundings.user:
        return surroundings
    named = _USER.search(text)
    return replace(surroundings, user=named[1] if named is not None else "root")
