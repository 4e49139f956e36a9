"""An argument vector as the kernel shows it: words that end with NUL (proc_pid_cmdline(5))."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit import argv
from catflap.audit.command import Argument, Reading
from catflap.audit.text.lines import mentions
from catflap.audit.text.words import blank_words

if TYPE_CHECKING:
    from catflap.audit.passage import Passage
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the relay that runs; a program that rewrote its words leaves them without NUL."""
    del path
    if not mentions(passage.text):
        return Reading(())
    words = _words(passage) if "\0" in passage.text else blank_words(passage)
    if not words:
        return Reading(())
    span = words[0].span.cover(words[-1].span)
    return Reading(tuple(argv.commands_in(words, span, surroundings)))


def _words(passage: Passage) -> list[Argument]:
    words: list[Argument] = []
    at = 0
    # The last word ends with NUL too; an empty word between two of them is a word.
    text = passage.text.removesuffix("\0")
    for part in text.split("\0"):
        words.append(Argument(passage.pieces(at, at + len(part)), passage.span(at, at + len(part))))
        at += len(part) + 1
    return words
