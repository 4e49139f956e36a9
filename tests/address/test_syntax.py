"""From text to tree: it never raises, and every place it tells lies in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.address.check import check
from catflap.address.model import Address, Dual, Literal, Option, Unknown, Word
from catflap.address.syntax import Parsed, command_flaws, parse, split_command
from tests.support.trees import near_texts, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator


def single(text: str, *, lenient: bool = False) -> Address:
    """Return the one address of a text."""
    endpoint = parse(text, lenient=lenient).endpoint
    assert isinstance(endpoint, Address)
    return endpoint


def all_words(parsed: Parsed) -> Iterator[Word]:
    """Yield every word of a tree."""
    endpoint = parsed.endpoint
    sides = (endpoint.read, endpoint.write) if isinstance(endpoint, Dual) else (endpoint,)
    for side in sides:
        yield side.keyword
        yield from side.parameters
        for option in side.options:
            yield option.name
            if option.value is not None:
                yield option.value


@given(near_texts(), st.booleans())
def test_any_text_parses_and_every_place_lies_in_it(text: str, lenient: bool) -> None:
    """Nothing raises; problems of form and meaning point into the text, and render."""
    parsed = parse(text, lenient=lenient)
    for problem in check(parsed, lenient=lenient):
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
        lines = problem.render().split("\n")
        assert len(lines) == 3
        assert lines[0].isprintable()


@given(near_texts())
def test_any_text_with_variables_parses(text: str) -> None:
    """Unknown pieces never raise either, and their places lie in the text."""
    parsed = parse(pieces(text), text)
    for problem in check(parsed):
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
    for word in all_words(parsed):
        for part in word.parts:
            if isinstance(part, Unknown):
                assert text[part.span.start : part.span.end] == part.text


@given(near_texts())
def test_places_are_exact_where_nothing_was_unquoted(text: str) -> None:
    """A literal part without escapes and quotes is exactly the text at its place."""
    for word in all_words(parse(text)):
        assert 0 <= word.span.start <= word.span.end <= len(text)
        for part in word.parts:
            source = text[part.span.start : part.span.end]
            assert len(source) >= len(part.text)
            if len(source) == len(part.text):
                assert source == part.text
            else:
                assert set(source) & set("\\'\"")


@given(near_texts())
def test_a_tree_covers_its_text(text: str) -> None:
    """Every character belongs to the tree unless a third side was complained about."""
    parsed = parse(text)
    assert parsed.endpoint.span.start == 0
    assert parsed.endpoint.span.end == len(text) or parsed.problems


def test_deep_nesting_is_no_recursion() -> None:
    """A hundred thousand brackets are read like one."""
    text = "OPEN:" + "[" * 100_000 + "]" * 100_000
    parsed = parse(text)
    assert not parsed.problems
    assert isinstance(parsed.endpoint, Address)
    assert parsed.endpoint.parameters[0].text == text[5:]
    assert len(parse("OPEN:" + '["' * 50_000).problems) == 1


def test_the_parts_of_an_address() -> None:
    """Keyword, parameters and options come apart, each with its row and its place."""
    text = "tcp-l:8080,fork,range=[10.0.0.0/8,::1],so-rcvbuf=1"
    address = single(text)
    assert address.name == "TCP-LISTEN"
    assert [word.text for word in address.parameters] == ["8080"]
    assert [option.canonical for option in address.options] == ["fork", "range", "so-rcvbuf"]
    value = address.options[1].value
    assert value is not None
    assert value.text == "[10.0.0.0/8,::1]"
    assert text[value.span.start : value.span.end] == value.text


@pytest.mark.parametrize(
    ("text", "kind", "parameters"),
    [
        ("-", "STDIO", []),
        ("3", "FD", ["3"]),
        ("./file", "GOPEN", ["./file"]),
        ("a/b,append", "GOPEN", ["a/b"]),
        ("/tmp/a:b", "GOPEN", ["/tmp/a", "b"]),
        ("Tcp:h:1", "TCP-CONNECT", ["h", "1"]),
        ("10", "", []),
        ("P\u0131PE", "", []),
        ("\u212aeepalive", "", []),
        ("", "", []),
    ],
)
def test_which_kind_a_keyword_is(text: str, kind: str, parameters: list[str]) -> None:
    """Names in any case of ASCII, one digit, or a path; all else is unknown."""
    address = single(text)
    assert (address.kind.name if address.kind else "") == kind
    assert [word.text for word in address.parameters] == parameters


def test_a_dual_address_has_two_sides() -> None:
    """``!!`` outside quotes and brackets joins two addresses; a third is a problem."""
    endpoint = parse("STDIN!!OPEN:'a!!b',append").endpoint
    assert isinstance(endpoint, Dual)
    assert endpoint.write.parameters[0].text == "a!!b"
    problems = parse("STDIN!!STDOUT!!3").problems
    assert [problem.span.start for problem in problems] == [13]


@pytest.mark.parametrize(
    ("text", "names"),
    [("TCP:h:1,", []), ("TCP:h:1,,fork", ["fork"]), ("TCP:h:1,a=", ["a"]), ("TCP:h:1,=x", [])],
)
def test_empty_options_are_skipped(text: str, names: list[str]) -> None:
    """As in socat, commas may stand alone."""
    assert [option.name.text for option in single(text, lenient=True).options] == names


def test_leniency_takes_what_socat_takes() -> None:
    """An open bracket and a value without a name pass in socat's dialect alone."""
    for text in ("OPEN:/a[b", "OPEN:/a,=x"):
        assert len(parse(text).problems) == 1
        assert not parse(text, lenient=True).problems
    assert parse("OPEN:'a", lenient=True).problems


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("OPEN:'a", 5),
        ('OPEN:"a', 5),
        ("OPEN:[a", 5),
        ("OPEN:a\\", 6),
        ("OPEN:a\\0b", 6),
        ("OPEN:a\0b", 6),
        ('OPEN:[x,"y', 8),
        ("OPEN:\"[a'", 8),
    ],
)
def test_one_broken_form_is_one_problem(text: str, start: int) -> None:
    """What is open at the end is told once, at the innermost: the rest is open because of it."""
    assert [problem.span.start for problem in parse(text).problems] == [start]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("cat", ["cat"]),
        ("  a   b ", ["a", "b"]),
        (r"a \'b c\' d", ["a", "b c", "d"]),
        (r"a \"b c\" d", ["a", "b c", "d"]),
        ("a (b c) d", ["a", "(b c)", "d"]),
        (r"a \\\\n", ["a", "\\n"]),
        (r"a \'\' b", ["a", "", "b"]),
        ("", []),
    ],
)
def test_a_command_is_split_by_the_same_rules(command: str, words: list[str]) -> None:
    """EXEC's words are unquoted a second time, after the address."""
    (word,) = single(f"EXEC:{command}").parameters
    assert [part.text for part in split_command(word)] == words


def test_a_command_keeps_its_unknown_parts() -> None:
    """A variable within a command is one unknown part, never split."""
    text = "EXEC:run $V1 -x$V2"
    endpoint = parse(pieces(text), text).endpoint
    assert isinstance(endpoint, Address)
    found = split_command(endpoint.parameters[0])
    assert [word.text for word in found] == ["run", "$V1", "-x$V2"]
    assert [word.known for word in found] == [True, False, False]


def test_flaws_of_a_command_have_their_place() -> None:
    """A quote that is open after the address was unquoted is told, in place where it can be."""
    text = 'EXEC:cat "\'a b"'
    (word,) = single(text).parameters
    (problem,) = command_flaws(word, text)
    assert problem.message == "this ' is never closed"
    text = "EXEC:cat [a"
    (word,) = single(text, lenient=True).parameters
    (problem,) = command_flaws(word, text)
    assert text[problem.span.start] == "["


def test_a_plain_literal_piece_is_a_plain_text() -> None:
    """Pieces without variables mean what the text means."""
    text = "TCP:h:1,fork"
    assert parse(pieces(text), text).endpoint == parse(text).endpoint
    option = single(text).options[0]
    assert isinstance(option, Option)
    assert isinstance(option.name.parts[0], Literal)
