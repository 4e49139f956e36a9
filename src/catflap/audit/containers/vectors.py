"""Argument vectors as container files write them: lists, strings, and an image's own program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.model import Literal
from catflap.audit.command import Argument
from catflap.audit.images import is_relay_image, takes_addresses
from catflap.audit.text.words import SHLEX, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Sequence as Items

    from catflap.audit.passage import Passage
    from catflap.audit.yaml.values import Value
    from catflap.core.spans import Span

__all__ = ("cover", "image_vector", "is_program", "split", "vector", "written")


def split(passage: Passage) -> list[Argument]:
    """Return the words of a string that is split as a shell would, without a shell."""
    return [token.argument() for token in tokens(passage, SHLEX)]


def vector(value: Value | None, meaning: Callable[[Passage], Passage]) -> list[Argument]:
    """Return the words of a list, or of a string that is split.

    Args:
        value: what the file has.
        meaning: what the file's own variables make of each text.
    """
    from catflap.audit.yaml.values import Scalar, Sequence

    if isinstance(value, Scalar):
        return split(meaning(value.passage))
    if isinstance(value, Sequence):
        return written(value, meaning)
    return []


def written(value: Iterable[Value | None], meaning: Callable[[Passage], Passage]) -> list[Argument]:
    """Return the items of a list as words, each at its place with its quotes."""
    from catflap.audit.yaml.values import Scalar

    return [
        Argument(meaning(item.passage).pieces(), item.span)
        for item in value
        if isinstance(item, Scalar)
    ]


def cover(words: Items[Argument]) -> Span:
    """Return the place from the first word to the last."""
    span = words[0].span
    for word in words[1:]:
        span = span.cover(word.span)
    return span


def is_program(word: Argument) -> bool:
    """Whether a word names a program by itself: a relay, or a shell that may start one."""
    name = word.text.strip().rpartition("/")[2]
    return name in {
        "socat", "socat1", "socat2", "catflap", "sh", "bash", "ash", "dash", "env", "exec", "sudo",
        "timeout", "tini", "dumb-init", "nohup", "su-exec", "gosu", "nsenter", "ip", "python3",
    }  # fmt: skip


def image_vector(image: str, place: Span, words: list[Argument]) -> tuple[list[Argument], Span]:
    """Return what a container runs that overrides no entry point, and where it is written.

    Args:
        image: its name; one whose own program is socat takes the words as arguments, and words
            that nothing but socat takes show that it is.
        place: where the name stands, for the program's word.
        words: of the command; at least one.
    """
    span = cover(words)
    is_relay = is_relay_image(image) and not is_program(words[0])
    if is_relay or takes_addresses([word.text for word in words]):
        name = "catflap" if "catflap" in image.rpartition("/")[2] else "socat"
        return [Argument((Literal(name, place),), place), *words], span
    return words, span
