"""Values that a file gives to the environment, followed into the scripts that run with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from catflap.address.model import Literal
from catflap.audit.passage import Passage
from catflap.core.spans import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catflap.address.model import Unknown
    from catflap.audit.command import Argument

__all__ = ("Variables", "assigned", "assigned_words", "is_shell", "variables_of")

Variables: TypeAlias = Mapping[str, Passage]
"""Names with their values, each value with its place."""

_USED = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHELL = re.compile(r"(?:\S*/)?(?:ba|da|a|z|k|mk|busybox )?sh")
_FLAG = re.compile(r"-[a-zA-Z]*c[a-zA-Z]*")
_LONGEST = 4096


def variables_of(value: object) -> dict[str, Passage]:
    """Return the variables of a YAML value: a mapping, or a list of ``NAME=value``."""
    from catflap.audit.yaml.values import Mapping as YamlMapping
    from catflap.audit.yaml.values import Scalar, Sequence

    found: dict[str, Passage] = {}
    if isinstance(value, YamlMapping):
        for entry in value.entries:
            known = entry.value
            if isinstance(known, YamlMapping):
                known = known.get("value")
            if isinstance(known, Scalar):
                found[entry.name] = known.passage
    elif isinstance(value, Sequence):
        for item in value:
            if isinstance(item, Scalar):
                name, equals, _ = item.text.partition("=")
                if equals:
                    found[name] = item.passage.part(len(name) + 1, len(item.passage))
    return found


def is_shell(text: str) -> bool:
    """Whether a word names a shell of the Bourne family."""
    return _SHELL.fullmatch(text.strip()) is not None


def _usable(text: str, variables: Variables) -> list[tuple[str, Passage]]:
    """Return the variables that a script uses and whose values can stand between quotes."""
    if not variables or "$" not in text:
        return []
    names = dict.fromkeys(_USED.findall(text))
    return [
        (name, variables[name])
        for name in names
        if name in variables
        and _NAME.fullmatch(name)
        and "'" not in variables[name].text
        and len(variables[name]) <= _LONGEST
    ]


def assigned(script: Passage, variables: Variables) -> Passage:
    """Return the script with assignments of its environment before it.

    Only what it uses is put there, so that a reader of shell follows it like any other
    assignment. Values keep their places; what stands around them takes no room.
    """
    used = _usable(script.text, variables)
    if not used:
        return script
    first = 0
    if script.text.startswith("#!"):
        first = script.text.find("\n") + 1 or len(script)
    parts = [script.part(0, first)]
    for name, value in used:
        at = value.start(0)
        before, after = f"{name}='", "'\n"
        parts.append(Passage(before, [at] * len(before), [at] * len(before)))
        parts.append(value)
        end = value.span(0, len(value)).end
        parts.append(Passage(after, [end] * len(after), [end] * len(after)))
    parts.append(script.part(first, len(script)))
    return Passage.join(parts)


def assigned_words(words: Sequence[Argument], variables: Variables) -> list[Argument]:
    """Return the words; the script after ``sh -c`` begins with assignments of its environment."""
    found = list(words)
    for index in range(len(found) - 2):
        if is_shell(found[index].text) and _FLAG.fullmatch(found[index + 1].text):
            script = found[index + 2]
            pieces: list[Literal | Unknown] = []
            for name, value in _usable(script.text, variables):
                span = value.span(0, len(value))
                pieces.append(Literal(f"{name}='", Span(span.start, span.start)))
                pieces.extend(value.pieces())
                pieces.append(Literal("'\n", Span(span.end, span.end)))
            found[index + 2] = replace(script, pieces=(*pieces, *script.pieces))
            break
    return found
