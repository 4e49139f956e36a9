"""Notebooks: what their cells run, in Python and by way of IPython's shell."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from catflap.audit.detect import find_kind
from tests.support.fixing import fixed
from tests.support.readings import mutated, read_as, words_of, written_in

PAIR = ["socat", "TCP-LISTEN:1,fork", "TCP:a:2"]
LINE = " ".join(PAIR)


def notebook(*cells, language="python"):
    made = [
        {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)}
        for kind, text in cells
    ]
    about = {"kernelspec": {"display_name": "x", "language": language, "name": "x"}}
    return json.dumps({"cells": made, "metadata": about, "nbformat": 4}, indent=1)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("code", f"!{LINE} &"),
        ("code", f"x = 1\nout = !sudo {LINE}\n"),
        ("code", f"%%bash\nset -e\n{LINE} &\n"),
        ("code", f'import subprocess\nsubprocess.run("{LINE}", shell=True)\n'),
        ("code", f'import os\n!sleep 1\nos.system(\n    "{LINE}"\n)\n'),
        ("markdown", f"Start it:\n\n```sh\n{LINE}\n```\n"),
    ],
)
def test_a_cell_is_read_as_what_it_is(kind, text):
    found = notebook(("markdown", "# socat"), (kind, text))
    assert find_kind("lab.ipynb", found).name == "notebook"
    reading = read_as("notebook", found, "lab.ipynb")
    assert words_of(reading) == [PAIR]
    assert "TCP-LISTEN:1,fork" in written_in(found, reading)[0][1]


def test_a_notebook_of_a_shell_is_a_script():
    found = notebook(("code", f"PORT=1\n{LINE.replace('1,', '$PORT,')}\n"), language="bash")
    assert words_of(read_as("notebook", found, "a.ipynb")) == [PAIR]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("code", f"# !{LINE}"),
        ("code", "!apt-get install -y socat curl"),
        ("code", f'print("{LINE}")'),
        ("raw", "socat is a relay"),
    ],
)
def test_what_is_only_said_is_no_command(kind, text):
    assert not read_as("notebook", notebook((kind, text)), "a.ipynb").commands


def test_a_cell_is_mended_where_it_stands():
    found = notebook(("code", "!socat TCP-LISTEN:1,bind=127.0.0.1,fork UNIX:/run/a &\n"))
    outcome = fixed(found, "unlimited-fork", kind="notebook", path="a.ipynb", unsafe=False)
    assert outcome.text == found.replace(",fork", ",fork,max-children=100")
    assert json.loads(outcome.text)["nbformat"] == 4


@given(mutated(notebook(("code", f"!{LINE}\n"), ("markdown", f"`{LINE}`"))))
def test_whatever_the_notebook_it_is_read(text):
    read_as("notebook", text, "a.ipynb")
