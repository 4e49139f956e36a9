"""The form of a file: what is sound is read as the standard library reads it, else it is told."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catflap.bridge.file.problems import Notes
from catflap.bridge.file.toml import Table, read_toml

SOUND = """
title = "a \\u00e9 \\"b\\" \\\\"
'quoted key' = 'C:\\path'
dotted.key."with dot.s" = 1_000
long = \"\"\"
two \\
   lines " and "" \"\"\"
raw = '''
[not.a.table]
key = 'nor a pair'
'''
lists = [
  ['a'],   # looks like a header
  ['b'],
  [1, 2.5, -3e4, 0xff, inf],
]
when = 2027-01-31 08:00:00Z
day = 2027-01-31
inline = { a = 1, b = { c = [ { d = true } ] } }

[ table . 'of things' ] # with a comment
x = 1

[[many]]
name = "first"
[many.inner]
y = 1
[[many]]
name = "second"
[many.inner]
y = 2
"""


def plain(value: Any) -> Any:
    """Return what was read without its places."""
    if isinstance(value, Table):
        return {name: plain(entry.value.data) for name, entry in value.entries.items()}
    if isinstance(value, list):
        return [plain(each.data) for each in value]
    return value


def read(text: str) -> tuple[Any, list[str]]:
    notes = Notes("x.toml", text)
    table = read_toml(text, notes)
    for problem in notes.found:
        assert 0 <= problem.span.start <= len(text)
    return plain(table), [problem.sentence() for problem in notes.found]


def test_what_is_sound_is_read_as_it_is_meant():
    """Also where a line within a list or a text looks like a statement."""
    assert read(SOUND) == (tomllib.loads(SOUND), [])


@settings(max_examples=300, deadline=None)
@given(
    at=st.integers(0, len(SOUND) - 1),
    size=st.integers(0, 3),
    piece=st.sampled_from(["", "'", '"', "[", "]", "{", "}", ",", "=", "#", "\n", "\\", "x", "ü"]),
)
def test_whatever_is_broken_is_told_and_the_rest_is_read(at, size, piece):
    """One change somewhere: TOML still, and then read right, or told with a place."""
    text = SOUND[:at] + piece + SOUND[at + size :]
    try:
        meant = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assert read(text)[1]
    else:
        assert read(text) == (meant, [])


def test_a_broken_statement_costs_itself_alone():
    """Whatever begins on a line of its own afterwards is there."""
    found, problems = read("a = [1,\n  2\nb = 3\n[c]\nd = 'x\ne = 5\n[f\ng = 6\n[[h]]\ni = 7\n")
    assert found == {"b": 3, "c": {"e": 5}, "f": {"g": 6}, "h": [{"i": 7}]}
    assert len(problems) == 3
