"""Words mean what the C program takes them to mean; its own messages are the oracle."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from catflap.address.model import Address, Dual
from catflap.address.syntax import parse, split_command
from tests.support.peers import needs

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.needs("socat")

WORDS = (
    "plain", "a b", " a ", "a'b'c", "'a b'", "''a", "'a:b'", "'a,b'", "'a!!b'", "'a\"b'", r"'a\'b'",
    r"'a\\b'", r"'a\nb'", r"'a\qb'", "'[a'", "'a]'", '"a b"', '"a:b"', '"a,b"', '"a!!b"', "\"a'b'c\"",
    r'"a\"b"', r'"a\\b"', r'"a\tb"', '"[a:b]"', '"(a,b)"', '""a', r"a\:b", r"a\,b", r"a\!!b",
    r"a!\!b", r"\a", r"\b", r"\f", r"\n", r"\r", r"\t", r"\v", r"\q", r"\x41", r"\101", r"\'a", r"\"a",
    r"\[a", "[::1]", "[a,b]", "[a!!b]", "[a'b'c]", "['a]']", '["a]"b]', r"[a\]b]", "(a:b)", "{a,b}",
    "[a(b{c:d}e)f]", "a]b", "a)b}c", "[a)b]", "a=b", "=a", "a!b", "!a", "a! !b", "ü日本", "[]", "()",
    "a[b", "a(b", "a{b", "[a,b:c!!d",
)  # fmt: skip
"""Words as they stand after ``OPEN:/x/``; an open bracket is one that socat takes too."""


def said_by_socat(*words: str) -> str:
    """Return what socat says on its standard error."""
    command = [needs("socat"), *words]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, input=b"", capture_output=True, check=False, timeout=60, env=environment
    )
    return done.stderr.decode()


def of_socat(pattern: str, *words: str) -> str | None:
    """Return what a pattern finds in what socat says."""
    found = re.search(pattern, said_by_socat(*words), re.DOTALL)
    return found[1] if found else None


def single(text: str) -> Address:
    """Return our reading of one address in socat's dialect."""
    endpoint = parse(text, lenient=True).endpoint
    assert isinstance(endpoint, Address)
    return endpoint


@pytest.mark.parametrize("word", WORDS)
def test_a_parameter_is_unquoted_as_by_socat(word: str) -> None:
    """The path that socat fails to open is the one that we read."""
    theirs = of_socat(r' open\("(.*)", 0\d*, 0\d+\): ', "-u", f"OPEN:/x/{word}", "-")
    assert [part.text for part in single(f"OPEN:/x/{word}").parameters] == [theirs]


@pytest.mark.parametrize("word", [word for word in WORDS if word[0] not in "=[({"])
def test_the_name_of_an_option_is_unquoted_as_by_socat(word: str) -> None:
    """The option that socat does not know is the one that we read, = ending its name."""
    theirs = of_socat(r' unknown option "(.*)"\n', "-u", f"OPEN:/dev/null,Z{word}", "-")
    assert single(f"OPEN:/dev/null,Z{word}").options[0].name.text == theirs


@pytest.mark.parametrize("word", WORDS)
def test_the_value_of_an_option_is_unquoted_as_by_socat(word: str) -> None:
    """The user whom socat does not find is the one that we read."""
    theirs = of_socat(r' getpwnam\("(.*)"\): ', "-u", f"OPEN:/dev/null,user=Z{word}", "-")
    value = single(f"OPEN:/dev/null,user=Z{word}").options[0].value
    assert value is not None
    assert value.text == theirs


@pytest.mark.parametrize("word", ["a", "'a:b'", r"a\:b", '"a,b"', "[a:b]", "[a!!b]x", r"\tcp"])
def test_a_keyword_is_unquoted_as_by_socat(word: str) -> None:
    """The kind that socat does not know is the one that we read."""
    theirs = of_socat(r' unknown device/address "(.*)"\n', "-u", f"Z{word}:x", "-")
    assert single(f"Z{word}:x").keyword.text == theirs


@pytest.mark.parametrize("text", ["/x/a:b", "TCP", "TCP:", "tcp:h", "STDIO:1", "TCP:a:b:c", "3:3"])
def test_the_number_of_parameters_is_socats(text: str) -> None:
    """Where socat counts wrong, we count the same number."""
    theirs = of_socat(r"wrong number of parameters \((\d+) instead", "-u", text, "-")
    # Of a path with a colon socat counts the path twice.
    assert int(theirs or -1) == len(single(text).parameters) + (text[0] == "/")


COMMANDS = (
    "a", "a b", "a  b", r"\'a b\' c", r"\"a b\" c", r"\"a \'b\' c\"", "'a b'", "\"'a b' c\"",
    "a (b c) d", "[a b] c", r"a\\ b", r"\\n", r"a\\\\b", r"\'\' a", r"\"\" a", "'a,b' c", "'a!!b'",
    "{a b}", "\"'a,b' c\"", r"a\:b",
)  # fmt: skip


@pytest.fixture
def shown(tmp_path: Path) -> Path:
    """Return a program that writes its arguments, a NUL after each."""
    path = tmp_path / "show"
    path.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n")
    path.chmod(0o700)
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_split_as_by_socat(shown: Path, command: str) -> None:
    """The arguments of the program that socat starts are those that we split."""
    text = f"EXEC:{shown} {command}"
    done = subprocess.run(
        [needs("socat"), "-u", text, "-"], input=b"", capture_output=True, check=True, timeout=60
    )
    words = split_command(single(text).parameters[0])
    assert [word.text for word in words[1:]] == done.stdout.decode().split("\0")[:-1]


def test_known_difference_open_quotes() -> None:
    """Socat reads past the end after an open ', and refuses an open "; we refuse both."""
    assert of_socat(r' open\("(.*)", ', "-u", "OPEN:/x/'a", "-") == "/x/a-"
    assert "unexpected end" in said_by_socat("-u", 'OPEN:/x/"a', "-")
    for text in ("OPEN:/x/'a", 'OPEN:/x/"a'):
        assert parse(text, lenient=True).problems


def test_known_difference_backslash_at_the_end() -> None:
    """Socat reads past the end after a last backslash; we refuse it."""
    assert 'unknown option "-"' in said_by_socat("-u", "OPEN:/x/a\\", "-")
    assert parse("OPEN:/x/a\\", lenient=True).problems


def test_known_difference_nul() -> None:
    r"""Socat cuts a word at \0 without a sound; we refuse it."""
    assert of_socat(r' open\("(.*)", ', "-u", r"OPEN:/x/a\0b", "-") == "/x/a"
    assert parse(r"OPEN:/x/a\0b", lenient=True).problems


def test_known_difference_third_side() -> None:
    """Socat drops what follows a second !!; we refuse it."""
    assert not said_by_socat("-u", "STDIN!!STDOUT!!nonsense", "-")
    parsed = parse("STDIN!!STDOUT!!nonsense", lenient=True)
    assert isinstance(parsed.endpoint, Dual)
    assert parsed.problems
