"""Whether words are a bridge: where text only looks like a command, two addresses must follow."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.address.catalogue import find_kind
from catflap.address.model import Unknown
from catflap.bridge.invocation import SOCAT_NAME
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catflap.audit.command import Argument, Command

__all__ = ("begins_command", "bridges", "capped", "is_address")

_BEGINS = re.compile(
    r"\s*(?:(?:sudo|doas|exec|nohup|setsid|env|time)\s+(?:-[A-Za-z]\S*\s+)*)*"
    rf"(?:/?(?:[\w.@-]+/)*)(?:{SOCAT_NAME}|catflap)\s+\S"
)
_ELLIPSES = frozenset({"...", "\N{HORIZONTAL ELLIPSIS}"})
_KIND = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)(?=[:=,]|$)")
# ``EXEC=sh`` is a slip that is often made.
_PROGRAMS = frozenset({"exec", "system", "shell"})


def begins_command(text: str) -> bool:
    """Whether a text begins with a relay's name and something after it, ``sudo`` before or not."""
    return _BEGINS.match(text) is not None


def is_address(word: Argument) -> bool:
    """Whether a word can be an address: of a known kind, ``-``, a path, or not wholly known."""
    text = word.text
    if text == "-" or any(isinstance(piece, Unknown) for piece in word.pieces):
        return True
    if text.startswith("-"):
        return False
    text = text.partition("!!")[0] or text
    # socat takes a word with a slash for a file, and a number for a descriptor.
    if text.isdigit() or "/" in re.split("[:,]", text, maxsplit=1)[0]:
        return True
    kind = _KIND.match(text)
    if kind is None:
        return False
    name, rest = kind[1], text[kind.end() + 1 :]
    if text[kind.end() : kind.end() + 1] == "=":
        return name.lower() in _PROGRAMS
    # A kind that is misspelt looks like one still; a word before a colon in a sentence does not.
    looks = bool(rest) and (name != name.lower() or "-" in name or ":" in rest)
    return looks or find_kind(name) is not None


def bridges(commands: Iterable[Command]) -> list[Command]:
    """Return the commands that have two addresses; prose that begins with a name has none."""
    return [
        command for command in commands if sum(is_address(word) for word in command.words[1:]) >= 2
    ]


def capped(
    commands: Iterable[Command], confidence: Confidence = Confidence.MEDIUM
) -> list[Command]:
    """Return the commands, none surer than this; one with an ellipsis, a mere form, not at all."""
    return [
        replace(
            command,
            confidence=Confidence.LOW if _is_form(command) else min(command.confidence, confidence),
        )
        for command in commands
    ]


def _is_form(command: Command) -> bool:
    """Whether an ellipsis stands for parts of a command that its writer left out."""
    pieces = (piece for word in command.words for piece in word.pieces)
    return any(isinstance(piece, Unknown) and piece.text in _ELLIPSES for piece in pieces)
