"""Code in reStructuredText and AsciiDoc."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.support.readings import mutated, read_as, seconds_for, words_of, written_in

RST = """\
Relays
======

Use ``socat TCP-LISTEN:1,fork TCP:b:2`` like this::

    $ socat TCP-LISTEN:2 TCP:b:3
    socat TCP-LISTEN:9 is what it prints TCP:a:9

.. code-block:: bash
   :caption: a relay

   # socat TCP-LISTEN:9 TCP:a:9
   socat TCP-LISTEN:3 \\
     TCP:b:4

.. socat TCP-LISTEN:9 TCP:a:9

..
   socat TCP-LISTEN:9 TCP:a:9

.. note::

   .. prompt:: bash $

      socat TCP-LISTEN:4 TCP:b:5

socat TCP-LISTEN:9 TCP:a:9 is prose.
"""

ASCII_DOC = """\
= Relays

Use `+socat TCP-LISTEN:1,fork TCP:b:2+`.

[source,bash]
----
# socat TCP-LISTEN:9 TCP:a:9
socat TCP-LISTEN:2 TCP:b:3
----

// socat TCP-LISTEN:9 TCP:a:9

....
$ socat TCP-LISTEN:3 TCP:b:4
....

 socat TCP-LISTEN:4 TCP:b:5

[source,mermaid]
socat TCP-LISTEN:9 TCP:a:9
"""


def test_commands_of_restructured_text():
    reading = read_as("rst", RST, "docs/a.rst")

    expected = [
        ["socat", "TCP-LISTEN:1,fork", "TCP:b:2"],
        ["socat", "TCP-LISTEN:2", "TCP:b:3"],
        ["socat", "TCP-LISTEN:3", "TCP:b:4"],
        ["socat", "TCP-LISTEN:4", "TCP:b:5"],
    ]
    assert words_of(reading) == expected
    assert written_in(RST, reading) == expected
    assert all(command.surroundings.document for command in reading.commands)


def test_commands_of_ascii_doc():
    reading = read_as("rst", ASCII_DOC, "docs/a.adoc")

    expected = [
        ["socat", "TCP-LISTEN:1,fork", "TCP:b:2"],
        ["socat", "TCP-LISTEN:2", "TCP:b:3"],
        ["socat", "TCP-LISTEN:3", "TCP:b:4"],
        ["socat", "TCP-LISTEN:4", "TCP:b:5"],
    ]
    assert words_of(reading) == expected
    assert written_in(ASCII_DOC, reading) == expected


@pytest.mark.parametrize("language", ["python", "systemd"])
def test_a_highlight_directive_names_the_language_of_what_follows(language):
    code = {
        "python": 'import os\n   os.system("socat A:1 B:2")',
        "systemd": "[Service]\n   ExecStart=socat A:1 B:2",
    }
    text = f".. highlight:: {language}\n\nSo::\n\n   {code[language]}\n"

    assert words_of(read_as("rst", text, "a.rst")) == [["socat", "A:1", "B:2"]]


@given(mutated(RST))
def test_whatever_the_document_it_is_read(text):
    read_as("rst", text, "a.rst")


@given(mutated(ASCII_DOC))
def test_whatever_the_ascii_doc_it_is_read(text):
    read_as("rst", text, "a.adoc")


def test_a_large_document_is_read_at_once():
    assert seconds_for("rst", RST * 70, "a.rst") < 1.5
    assert seconds_for("rst", ASCII_DOC * 70, "a.adoc") < 1.5
