"""Plain text: what stands on a line of its own may be a command, a sentence is none."""

from __future__ import annotations

from tests.support.readings import read_as, words_of

_NOTES = """socat notes
===========

socat is used here to relay the port, as socat does for everybody.
Install socat (apt-get install socat), then:

    socat TCP-LISTEN:80,fork \\
        TCP:10.0.0.1:80

  $ sudo socat UDP-LISTEN:53,fork UDP:10.0.0.1:53
root# socat -d -d OPENSSL-LISTEN:443,cert=a.pem,verify=0 STDIO
 * socat -V shows the version
socat TCP-LISTEN is what you want.
"""


def test_lines_that_are_commands_are_read_and_sentences_are_not() -> None:
    reading = read_as("text", _NOTES, "docs/notes.txt")
    assert words_of(reading) == [
        ["socat", "TCP-LISTEN:80,fork", "TCP:10.0.0.1:80"],
        ["socat", "UDP-LISTEN:53,fork", "UDP:10.0.0.1:53"],
        ["socat", "-d", "-d", "OPENSSL-LISTEN:443,cert=a.pem,verify=0", "STDIO"],
    ]
    for command in reading.commands:
        at = command.words[0].span
        assert _NOTES[at.start : at.end] == "socat"
        assert command.surroundings.document


def test_a_last_line_that_goes_on_nowhere_is_read() -> None:
    reading = read_as("text", "socat TCP-LISTEN:80 TCP:a:80 \\\n", "a.txt")
    assert words_of(reading)[0][:3] == ["socat", "TCP-LISTEN:80", "TCP:a:80"]
