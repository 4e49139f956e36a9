"""What stands around a program's name or the list of its words, and belongs to the command."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit.code.values import Form, Items, Text, Value

if TYPE_CHECKING:
    from tree_sitter import Node

    from catflap.audit.code.code import Call, Code

__all__ = ("arguments_after", "arguments_beside", "grown", "program_before")

_NAME = re.compile(r"[\w./-]{1,80}")
_BLANK = re.compile(r"\S\s+\S")
_PROGRAM_FIELDS = (
    "command",
    "cmd",
    "program",
    "path",
    "exe",
    "executable",
    "file",
    "bin",
    "image",
    "script",
)
_ARGUMENT_FIELDS = (
    "args",
    "arguments",
    "containerargs",
    "argv",
    "params",
    "parameters",
    "command",
    "cmd",
)


def program_before(code: Code, node: Node, calls: list[Call]) -> list[Text]:
    """Return the program that a call names right before the list of its words."""
    for call in calls[:1]:
        ids = [each.id for each in call.arguments]
        at = ids.index(node.id) if node.id in ids else 0
        if at:
            value = code.value(call.arguments[at - 1])
            if isinstance(value, Text) and _NAME.fullmatch(value.literal or ""):
                return [value]
    return []


def arguments_after(code: Code, node: Node, calls: list[Call]) -> list[Value]:
    """Return the arguments that come after a program's name in a call."""
    for call in calls:
        ids = [each.id for each in call.arguments]
        if node.id in ids:
            return [code.value(each) for each in call.arguments[ids.index(node.id) + 1 :]]
    return []


def grown(code: Code, node: Node) -> Value | None:
    """Return a list with what is appended to it, where it is used for the last time.

    A function that puts a command together and returns it: who calls it is elsewhere.
    """
    line = code.names.line(node)
    target = next(filter(None, map(code.target, line[:3])), None)
    if target is None:
        return None
    first = code.value(node)
    best: Value | None = None
    for use in code.names.occurrences(code.text(target)):
        for value in code.alternatives(use):
            if not isinstance(value, Items) or not isinstance(first, Items):
                continue
            if value.span == first.span and (best is None or len(value.elements) > _size(best)):
                best = value
    return best


def arguments_beside(code: Code, node: Node) -> list[Value]:
    """Return the arguments in another field of the object whose field names the program."""
    for holder in code.names.line(node)[1:6]:
        fields = {name.lower(): value for name, value in code.fields(holder).items()}
        mine = [name for name, value in fields.items() if _within(node, value)]
        if not mine:
            continue
        if mine[0] not in _PROGRAM_FIELDS:
            return []
        for name in _ARGUMENT_FIELDS:
            if name in fields and name != mine[0]:
                return [_parted(code.value(fields[name]))]
    return []


def _parted(value: Value) -> Value:
    """Return words in one string as pm2 takes them, parted."""
    if isinstance(value, Text) and _BLANK.search(value.passage.text):
        return replace(value, form=Form.SPLIT)
    return value


def _size(value: Value) -> int:
    return len(value.elements) if isinstance(value, Items) else 1


def _within(node: Node, holder: Node) -> bool:
    return holder.start_byte <= node.start_byte and node.end_byte <= holder.end_byte
