"""Follows a text that a script writes: into a shell, through a pipe, into a file."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.address.model import Literal
from catflap.audit.detect import find_kind
from catflap.audit.shell.saying import said_by
from catflap.audit.shell.words import as_passage
from catflap.audit.unwrap.layers import base_name, unwrap
from catflap.audit.unwrap.options import options
from catflap.audit.unwrap.unfamiliar import only_tells
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.audit.command import Argument, Command
    from catflap.audit.context import Context
    from catflap.audit.shell.lexer import Simple
    from catflap.audit.shell.script import Script
    from catflap.audit.shell.words import Piece
    from catflap.audit.sources.registry import Source
    from catflap.core.surroundings import Surroundings

__all__ = ("copies", "fed", "put")

_COPIERS = frozenset({"cat", "tee", "envsubst", "dd", "sponge"})
_BEFORE = frozenset({"sudo", "doas", "env", "command"})
_NOWHERE = frozenset({"/dev/null", "/dev/stderr", "/dev/stdout", "/dev/tty", "&2"})
_OF_ACTIONS = re.compile(r"\$\{?GITHUB_(?:STEP_SUMMARY|ENV|OUTPUT|PATH|STATE)\}?")
"""Files through which a step of GitHub Actions tells values; none of them is run."""
_STDIN = "/dev/stdin"
_UNNAMED = "file"
_LONGEST_PIPE = 12


def put(
    script: Script, simple: Simple, words: Sequence[Argument], context: Context
) -> Iterator[Command]:
    """Yield the commands in what ``echo`` and ``printf`` write."""
    said = said_by(words)
    if not said:
        return
    yield from _into_file(script, simple, said, context)
    reader = script.following(simple)
    if reader is not None:
        yield from fed(script, reader, said, context)
        return
    # ``{ echo ...; echo ...; } > FILE``, ``( ... ) | sh``: what holds the command says where to.
    target, reader = script.group_of(simple)
    if target is not None:
        yield from _written(target, said, context)
    if reader is not None:
        yield from fed(script, reader, said, context)


def fed(
    script: Script, simple: Simple, said: Sequence[Piece], context: Context
) -> Iterator[Command]:
    """Yield the commands in what a command reads from its standard input."""
    for _ in range(_LONGEST_PIPE):
        words = script.words_of(simple)
        copier = _copier(words)
        if copier is None:
            if words:
                span = words[0].span.cover(words[-1].span)
                found = list(unwrap(words, span, replace(context, stdin=tuple(said))))
                yield from found or _kept(words, said, context)
            return
        if base_name(copier[0]) == "tee":
            for name in copier[options(copier, ()).rest :]:
                yield from _written(name.pieces, said, context)
        yield from _into_file(script, simple, said, context)
        following = script.following(simple)
        if following is None:
            yield from _substituted(script, simple, said, context)
            return
        simple = following


def _substituted(
    script: Script, simple: Simple, said: Sequence[Piece], context: Context
) -> Iterator[Command]:
    """Yield the commands of a text that becomes a word: ``MANIFEST=$(cat <<EOF ...)``.

    Whoever gets that word is not looked for; a manifest, a unit or a script shows itself.
    """
    from catflap.audit.shell.foreign import read_kind
    from catflap.audit.text.documents import guessed

    if not script.is_substituted(simple):
        return
    passage = as_passage(said)
    source = guessed(passage.text) or _script(passage.text)
    if source is not None:
        later = replace(context, surroundings=_later(context.surroundings))
        yield from read_kind(source.name, passage, later.at_most(Confidence.MEDIUM))


def _kept(words: Sequence[Argument], said: Sequence[Piece], context: Context) -> Iterator[Command]:
    """Yield the commands of a file that a program writes which is not known for it.

    ``install -m644 /dev/stdin FILE <<EOF``, ``make_file root 0755 FILE <<EOF``: a script and a unit
    show themselves, and nobody writes one down in order to throw it away.
    """
    from catflap.audit.text.documents import guessed

    if only_tells(base_name(words[0])):
        return
    text = "".join(piece.text for piece in said)
    names = [word.pieces for word in words[1:] if "/" in word.text and word.text != _STDIN]
    if text.startswith("#!") or guessed(text) is not None:
        name = names[-1][-1].text if names else _UNNAMED
        yield from _in_file(name, said, context)


def _script(text: str) -> Source | None:
    """Return the kind of a script by the interpreter that its first line names."""
    return find_kind("", text) if text.startswith("#!") else None


def copies(words: Sequence[Argument]) -> bool:
    """Whether a program hands its input on as it is: ``cat > FILE``, ``sudo tee FILE``."""
    return _copier(words) is not None


def _copier(words: Sequence[Argument]) -> Sequence[Argument] | None:
    """Return the words of a program that hands its input on as it is."""
    for position, word in enumerate(words[:6]):
        name = base_name(word)
        if name in _COPIERS:
            return words[position:]
        if not position and name not in _BEFORE:
            return None
    return None


def _into_file(
    script: Script, simple: Simple, said: Sequence[Piece], context: Context
) -> Iterator[Command]:
    target = script.target_of(simple)
    if target is not None:
        yield from _written(target, said, context)


def _written(target: Sequence[Piece], said: Sequence[Piece], context: Context) -> Iterator[Command]:
    """Yield the commands of a file that the script writes."""
    tail = target[-1] if target else None
    name = tail.text if isinstance(tail, Literal) else ""
    told = tail is not None and _OF_ACTIONS.fullmatch(tail.text) is not None
    if target and name not in _NOWHERE and not told:
        yield from _in_file(name, said, context)


def _in_file(name: str, said: Sequence[Piece], context: Context) -> Iterator[Command]:
    from catflap.audit.shell.foreign import read_as

    later = replace(context, surroundings=_later(context.surroundings))
    yield from read_as(name, as_passage(said), later.at_most(Confidence.MEDIUM))


def _later(surroundings: Surroundings) -> Surroundings:
    """Return where a file is run that is written here: whoever writes it may end long before."""
    if surroundings.container and surroundings.bounded and surroundings.published == ():
        # An image is being built; its file runs when the container does.
        return replace(surroundings, bounded=False, published=None, own_network=False)
    return replace(surroundings, bounded=False)
