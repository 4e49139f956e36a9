"""Finds where a substitution ends, whatever is nested in it."""

from __future__ import annotations

import re

__all__ = ("closing",)

_CODE = re.compile(r"[\\'\"`(){}]|\$[({']|(?<![^\s;&|(])#")
_BETWEEN_QUOTES = re.compile(r"[\\\"`]|\$[({]")
_BACKTICK = re.compile(r"[\\`]")

_OPENS = {'"': '"', "`": "`", "$(": ")", "(": ")", "${": "}"}


def closing(text: str, at: int, stop: int, closer: str) -> int:
    """Return the place after the character that closes what was opened before ``at``.

    Args:
        text: in which it stands.
        at: the first character inside.
        stop: where to give up; that is the answer when nothing closes it.
        closer: ``)``, ``}`` or a backtick.
    """
    stack = [closer]
    while stack:
        inner = stack[-1]
        pattern = {'"': _BETWEEN_QUOTES, "`": _BACKTICK}.get(inner, _CODE)
        found = pattern.search(text, at, stop)
        if found is None:
            return stop
        mark, at = found.group(), found.end()
        if mark == "\\":
            at += 1
        elif mark == inner:
            stack.pop()
        elif mark == "'":
            at = _after(text, "'", at, stop)
        elif mark == "$'":
            at = _after_ansi(text, at, stop)
        elif mark == "#":
            at = _comment(text, at, stop, inner)
        elif mark in _OPENS and (mark != "(" or inner == ")"):
            stack.append(_OPENS[mark])
    return min(at, stop)


def _after(text: str, quote: str, at: int, stop: int) -> int:
    end = text.find(quote, at, stop)
    return stop if end < 0 else end + 1


def _after_ansi(text: str, at: int, stop: int) -> int:
    while at < stop and text[at] != "'":
        at += 2 if text[at] == "\\" else 1
    return at + 1


def _comment(text: str, at: int, stop: int, inner: str) -> int:
    """Return where a comment ends; within ``${...}`` there are none."""
    if inner == "}":
        return at
    end = text.find("\n", at, stop)
    return stop if end < 0 else end
