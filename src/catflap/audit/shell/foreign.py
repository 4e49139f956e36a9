"""Hands a text that is no shell to the source that reads its kind."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit.detect import find_kind
from catflap.audit.sources.registry import find_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.command import Command
    from catflap.audit.context import Context
    from catflap.audit.passage import Passage
    from catflap.audit.sources.registry import Source

__all__ = ("read_as", "read_kind")

_DEEPEST = 2
_layers: ContextVar[int] = ContextVar("layers", default=0)
_LOOKED_AT = 65536


def read_as(path: str, passage: Passage, context: Context) -> Iterator[Command]:
    """Yield the commands of a file's text, by the kind that its name or else the text tells."""
    source = _source(path, passage.text[:_LOOKED_AT])
    if source is not None:
        yield from _read(source, passage, context, path)


def read_kind(kind: str, passage: Passage, context: Context) -> Iterator[Command]:
    """Yield the commands of a text of a kind, as ``--kind`` names it."""
    source = find_source(kind)
    if source is not None:
        yield from _read(source, passage, context, context.path)


def _source(path: str, text: str) -> Source | None:
    """Return the kind by the name, or by the text where the name is not known or tells nothing."""
    # Of a file whose name is not known the first line may tell.
    source = find_kind(path or "file", text)
    if source is None or source.name == "text":
        from catflap.audit.text.documents import guessed

        return guessed(text) or source or find_source("text")
    return source


def _read(source: Source, passage: Passage, context: Context, path: str) -> Iterator[Command]:
    """Read a layer of another kind; those are counted, so that nothing nests without end."""
    if source.name == "shell":
        from catflap.audit.shell.script import read_inner

        yield from read_inner(passage.pieces(), context)
        return
    depth = _layers.get()
    if depth >= _DEEPEST or context.too_deep:
        return
    context.budget.spend(4 * len(passage.text))
    token = _layers.set(depth + 1)
    try:
        found = source.read(passage, context.surroundings, path).commands
    except ModuleNotFoundError:
        found = ()
    finally:
        _layers.reset(token)
    for command in found:
        yield replace(command, confidence=min(command.confidence, context.confidence))
