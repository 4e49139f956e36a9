"""Scalars of YAML: values as another parser has them, and the place of every character."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from catflap.audit.passage import Passage
from catflap.audit.yaml.reading import read_stream
from catflap.audit.yaml.values import Mapping, Scalar, Sequence
from tests.support.readings import mutated


def plain_values(value):
    """Return a value as the oracle gives it."""
    if isinstance(value, Scalar):
        return value.text
    if isinstance(value, Sequence):
        return [plain_values(item) for item in value]
    if isinstance(value, Mapping):
        return {entry.name: plain_values(entry.value) for entry in value.entries}
    return ""


@pytest.mark.parametrize(
    "text",
    [
        "a: |\n  x\n   y\n\n  z\n\n\nb: c\n",
        "a: |-\n  x\n\n\nb: |+\n  y\n\n\nc: d\n",
        "a: >-\n    f\n    g\n     h\n\n    i\n\n\n    j\nc: >+\n  a\n  b\n\n\nd: e\n",
        "d: |2\n    x\n   y\ne:\n- |1\n  z\n- - |2\n      w\n",
        "a: >\n\n  first\n  second\n\n   more\n\n  last\n",
        "- a b\n  c\n\n  d\n- plain # a comment\n- a#b\n",
        '- "x\\n \n\n   y\\\n  z \\\n\n a\\u00e9\\x41\\t"\n- "\\"q\\" \\\\ \\/"\n',
        "- 'it''s\n  x'\n- ''\n- 'a\n\n  b'\n",
        "{a: [b, {c: d}, 'e'], \"f\": g}\n",
        "? key\n: value\n",
        "one: 1\n---\ntwo: 2\n...\n---\n- three\n",
        "a: |\r\n  x\r\n  y\r\nb: c\r\n",
        "é: |\n  ü😀 x\nb: 'ñ'\n",
        "--- |\n  top\n",
        "--- >\n folded\n text\n",
    ],
)
def test_values_are_those_of_another_parser(text):
    values, problems = read_stream(Passage(text))

    assert [plain_values(value) for value in values] == list(
        yaml.load_all(text, Loader=yaml.BaseLoader)
    )
    assert not problems


@given(
    st.lists(st.text("ab \n#'\":-{}[],&*|>\\é", max_size=20), min_size=1, max_size=4),
    st.sampled_from(["'", '"', "|", ">", ""]),
    st.integers(8, 30),
)
def test_what_another_program_writes_is_read_back(texts, style, width):
    written = yaml.safe_dump({"k": texts}, default_style=style or None, width=width)

    values, problems = read_stream(Passage(written))

    assert not problems
    assert [plain_values(value) for value in values] == list(
        yaml.load_all(written, Loader=yaml.BaseLoader)
    )


def test_every_character_of_a_block_knows_its_place():
    text = "run: |\n    socat a\n      b\n\n    c\n"
    (value,), _ = read_stream(Passage(text))
    passage = value.scalar("run").passage

    assert passage.text == "socat a\n  b\n\nc\n"
    assert all(
        text[passage.start(at) : passage.end(at)] == char for at, char in enumerate(passage.text)
    )


def test_an_escape_and_a_fold_have_the_place_of_what_is_written():
    text = 'a: "x\\u0041\n   y"\n'
    (value,), _ = read_stream(Passage(text))
    passage = value.scalar("a").passage

    assert passage.text == "xA y"
    written = [text[passage.start(at) : passage.end(at)] for at in range(4)]
    assert written == ["x", "\\u0041", "\n   ", "y"]


def test_an_alias_stands_for_its_anchor_and_a_merge_gives_what_is_not_overridden():
    text = "x: &b {one: 1, two: 2}\ny:\n  <<: *b\n  two: 3\nz: *b\n"
    (value,), _ = read_stream(Passage(text))

    assert plain_values(value.get("y")) == {"two": "3", "one": "1"}
    assert plain_values(value.get("z")) == {"one": "1", "two": "2"}


def test_aliases_that_stand_for_a_billion_come_to_an_end():
    text = "a0: &a0 [socat]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
    )
    (value,), _ = read_stream(Passage(text))

    def count(item, depth=0):
        if not isinstance(item, Sequence) or depth > 12:
            return 1
        return sum(count(inner, depth + 1) for inner in item)

    assert count(value.get("a11")) < 100_000


@pytest.mark.parametrize(
    ("text", "kept", "lost"),
    [
        ("a: b: c\nd: socat\n", {"d": "socat"}, "a: b: c\n"),
        ("x: 1\na:\n  b: [1\n  c: 2\nd:\n  e: f\n", {"x": "1", "a": {"c": "2"}, "d": {"e": "f"}}, "  b: [1\n"),
        ('s:\n  a:\n    b: "open\n    d: 1\n  c: 2\n', {"s": {"a": {"d": "1"}, "c": "2"}}, '    b: "open\n'),
        ("a: 1\n\tb: 2\nc: 3\n", {"a": "1", "c": "3"}, "\tb: 2\n"),
    ],
)  # fmt: skip
def test_a_broken_line_is_told_and_the_rest_is_read(text, kept, lost):
    values, problems = read_stream(Passage(text))

    assert [plain_values(value) for value in values] == [kept]
    assert [text[p.span.start : p.span.end] for p in problems] == [lost]


@pytest.mark.parametrize(
    "text",
    [
        "- " * 400,
        "? " * 400,
        ": " * 30_000,
        "\n".join(" " * depth + "a:" for depth in range(400)),
    ],
)
def test_nesting_that_would_end_the_grammar_is_refused(text):
    values, problems = read_stream(Passage(text))

    assert not values
    assert problems[0].message.startswith("this YAML is nested deeper")


@given(mutated("a: &x\n  - 'b''c'\n  - \"d\\n\"\nb: >-\n  e\n\n  f\nc: *x\n<<: {g: [h, i]}\n"))
def test_whatever_the_text_its_places_lie_in_it(text):
    values, problems = read_stream(Passage(text))

    for problem in problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
    for value in values:
        for scalar in _scalars(value, 0):
            places = range(len(scalar.passage))
            assert all(0 <= scalar.passage.start(at) <= scalar.passage.end(at) for at in places)
            assert scalar.span.end <= len(text)


def _scalars(value, depth):
    if isinstance(value, Scalar):
        yield value
    elif depth < 12 and value is not None:
        items = value if isinstance(value, Sequence) else (entry.value for entry in value.entries)
        for item in items:
            yield from _scalars(item, depth + 1)


def test_a_lone_dash_in_brackets_is_a_word_as_programs_have_it():
    text = "a: [socat, -, 'TCP:b:1']\n"
    values, problems = read_stream(Passage(text))

    assert [plain_values(value) for value in values] == [{"a": ["socat", "-", "TCP:b:1"]}]
    assert not problems
