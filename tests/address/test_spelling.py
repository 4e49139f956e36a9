"""What the printer writes reads back as the same tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from catflap.address.spelling import spell, spell_word
from catflap.address.syntax import parse
from tests.support.trees import endpoints, pieces, plain_word, words

if TYPE_CHECKING:
    from catflap.address.model import Endpoint, Word

AFTER_VALUE = (",", "!!")


@given(endpoints())
def test_every_tree_survives_being_written_and_read(tree: Endpoint) -> None:
    """Whatever a tree's words hold, its text means the same tree."""
    assert parse(spell(tree)).endpoint == tree


@given(endpoints(unknown=True))
def test_unknown_parts_stay_where_they_are(tree: Endpoint) -> None:
    """Variables come back as the same unknown parts between the same literal ones."""
    text = spell(tree)
    assert parse(pieces(text), text).endpoint == tree


@given(endpoints())
def test_writing_twice_changes_nothing(tree: Endpoint) -> None:
    """The printed form is a fixed point."""
    text = spell(tree)
    assert spell(parse(text).endpoint) == text


@given(words())
def test_a_written_word_has_no_control_characters_of_c(word: Word) -> None:
    """A line feed and its like are written as escapes, so that an address stays one line."""
    assert not set("\n\r\t\0\a\b\f\v") & set(spell_word(word, AFTER_VALUE))


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("[10.0.0.0/8,!10.9.0.0/16]", "[10.0.0.0/8,!10.9.0.0/16]"),
        ("a,b", r"a\,b"),
        ("a=b:c", "a=b:c"),
        ("it's", r"it\'s"),
        ("[open", r"\[open"),
        ("ends!", r"ends\!"),
        ("line\n", r"line\n"),
        ("", ""),
    ],
)
def test_only_what_must_be_escaped_is(text: str, spelt: str) -> None:
    """A value is written plainly where that reads back, and escaped where it does not."""
    assert spell_word(plain_word(text), AFTER_VALUE) == spelt


@pytest.mark.parametrize("text", ["3", "./a", "/tmp/x,append", "-", "tcp:h:1,nodelay", "STDIN!!3"])
def test_short_forms_stay_short(text: str) -> None:
    """A descriptor's digit and a path are not written twice."""
    assert spell(parse(text).endpoint) == text
