"""Broken files: a fix never crashes, and never changes what it does not say."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from catflap.audit.decode import decode
from catflap.audit.fix.file import Asked, fix_data
from catflap.audit.options import Options, today
from catflap.audit.tree import Found
from tests.corpus.score import labels

FILES = [label for label in labels() if label.commands and label.path.stat().st_size < 4000]
NOISE = [
    b"'",
    b'"',
    b"\\",
    b"{{",
    b"}}",
    b"$",
    b"\n",
    b"\r\n",
    b"#",
    b"\xff",
    b"socat ",
    b"- ",
    b",",
]


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """Return the name of a file and its bytes, some of them gone, doubled or replaced."""
    label = draw(st.sampled_from(FILES))
    data = label.path.read_bytes()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        size = draw(st.integers(0, 30))
        sort = draw(st.integers(0, 2))
        part = (b"", data[at : at + size] * 2, draw(st.sampled_from(NOISE)))[sort]
        data = data[:at] + part + data[at + size :]
    return label.name, data


@settings(max_examples=60)
@given(mutated(), st.booleans())
def test_a_broken_file_is_mended_where_it_can_be_or_left(
    file: tuple[str, bytes], rewrite: bool
) -> None:
    name, data = file
    options = Options(today(), look=False)
    asked = Asked(unsafe=True, missing=(lambda address: "") if rewrite else None)
    done = fix_data(data, Found(name, name, given=True), options, asked)
    assert done.is_changed == bool(done.fixed.applied)
    if not done.is_changed:
        assert done.data == data
        return
    assert decode(done.data).text == done.fixed.text
    again = fix_data(done.data, Found(name, name, given=True), options, asked)
    assert again.fixed.text == done.fixed.text, "a second run has nothing left to do"
