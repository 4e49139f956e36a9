"""Reads a text as one kind of file and holds the reading to its promises."""

from __future__ import annotations

import importlib
import time
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from catflap.address.model import Literal
from catflap.audit.passage import Passage
from catflap.core.surroundings import Surroundings

if TYPE_CHECKING:
    from catflap.audit.command import Command, Reading


def read_as(module: str, text: str, path: str = "file") -> Reading:
    """Return a reading whose places all lie in the text and tell the truth about it."""
    source = importlib.import_module(f"catflap.audit.sources.{module}")
    reading = source.read(Passage(text), Surroundings(), path)
    for command in reading.commands:
        _check(command, text)
    for problem in reading.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text), problem
    return reading


def _check(command: Command, text: str) -> None:
    assert 0 <= command.span.start <= command.span.end <= len(text), command
    assert command.words
    for word in command.words:
        assert 0 <= word.span.start <= word.span.end <= len(text), word
        for piece in word.pieces:
            span = piece.span
            assert 0 <= span.start <= span.end <= len(text), piece
            if isinstance(piece, Literal) and len(piece.text) == span.end - span.start:
                assert text[span.start : span.end] == piece.text


def words_of(reading: Reading) -> list[list[str]]:
    """Return the words of each command."""
    return [[word.text for word in command.words] for command in reading.commands]


def written_in(text: str, reading: Reading) -> list[list[str]]:
    """Return how each word of each command is written in the file."""
    return [
        [text[word.span.start : word.span.end] for word in command.words]
        for command in reading.commands
    ]


def seconds_for(module: str, text: str, path: str) -> float:
    """Return how much time of a processor a text takes to read; a busy machine does not count."""
    begin = time.process_time()
    read_as(module, text, path)
    return time.process_time() - begin


@st.composite
def mutated(draw: st.DrawFn, seed: str) -> str:
    """Draw a text that differs from a good one: cut, doubled, with strange characters in it."""
    text = seed
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 12)))
        strange = draw(
            st.sampled_from(
                [
                    "",
                    "\n",
                    "\\",
                    '"',
                    "'",
                    "`",
                    "```",
                    "{{",
                    "}}",
                    "${",
                    "$(",
                    "%",
                    "%(",
                    "\t",
                    "\r\n",
                    "\0",
                    "[",
                    "]",
                    "{",
                    "}",
                    "\u00e9",
                    "\U0001f600",
                    "\udc80",
                    ":",
                    "=",
                    "#",
                    ";",
                    "socat ",
                ]
            )
        )
        text = text[:start] + strange + text[end if draw(st.booleans()) else start :]
    return text
