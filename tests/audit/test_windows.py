r"""Programs with their directories as Windows writes them, which no shell here would start."""

from __future__ import annotations

import pytest

from tests.support.readings import read_as, words_of

_WORDS = ["socat.exe", "TCP-LISTEN:8000", "EXEC:cmd.exe,pipes"]
_LINE = " ".join(_WORDS[1:])


@pytest.mark.parametrize(
    "program",
    [r".\socat.exe", r"C:\Tools\net\socat.exe", r"%TEMP%\socat.exe", r"$env:TEMP\socat.exe"],
)
@pytest.mark.parametrize("fence", ["bash", "powershell", ""])
@pytest.mark.parametrize("prompt", ["", r"PS C:\Users\me> "])
def test_a_document_shows_how_it_is_started_there(program, fence, prompt):
    text = f"```{fence}\n{prompt}{program} {_LINE}\n```\n"
    assert words_of(read_as("markdown", text)) == [_WORDS]


def test_a_sentence_may_show_it_too():
    assert words_of(read_as("markdown", rf"Run `.\socat.exe {_LINE}` there.")) == [_WORDS]


def test_what_a_directory_holds_beside_it_is_none():
    text = "```\ncopy .\\socat.exe.config C:\\Tools\n```\n"
    assert not read_as("markdown", text).commands
