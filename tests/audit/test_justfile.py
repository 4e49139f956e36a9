"""Recipes of just."""

from __future__ import annotations

from hypothesis import given

from tests.support.readings import mutated, read_as, seconds_for, words_of, written_in

JUSTFILE = """\
# socat TCP-LISTEN:9 TCP:a:9
port := "8080"
host := env_var_or_default('HOST', 'db')
made := `pick`

# serve it
@run peer="b" *rest: build
    @socat TCP-LISTEN:{{port}},fork \\
      TCP:{{ host }}:{{made}}
    -socat TCP-LISTEN:1 TCP:{{peer}}:{{rest}}

script:
    #!/usr/bin/env bash
    p=7
    socat TCP-LISTEN:$p TCP:b:2
"""


def test_lines_go_to_the_shell_with_interpolations_followed():
    reading = read_as("justfile", JUSTFILE, "justfile")

    assert words_of(reading) == [
        ["socat", "TCP-LISTEN:8080,fork", "TCP:db:{{made}}"],
        ["socat", "TCP-LISTEN:1", "TCP:b:{{rest}}"],
        ["socat", "TCP-LISTEN:7", "TCP:b:2"],
    ]
    assert written_in(JUSTFILE, reading)[0] == [
        "socat",
        "TCP-LISTEN:{{port}},fork",
        "TCP:{{ host }}:{{made}}",
    ]
    port = reading.commands[0].words[1].pieces[1]
    assert JUSTFILE[: port.span.start].endswith('port := "')


def test_a_script_in_another_language_is_read_as_that():
    text = 'run:\n    #!/usr/bin/env python3\n    import os\n    os.system("socat A:1 B:2")\n'

    assert words_of(read_as("justfile", text, "justfile")) == [["socat", "A:1", "B:2"]]


def test_a_script_in_a_language_that_nobody_reads_has_no_commands():
    text = "run:\n    #!/usr/bin/env perl\n    socat A:1 B:2\n"

    assert words_of(read_as("justfile", text, "justfile")) == []


@given(mutated(JUSTFILE))
def test_whatever_the_justfile_it_is_read(text):
    read_as("justfile", text, "justfile")


def test_a_large_justfile_is_read_at_once():
    assert seconds_for("justfile", JUSTFILE * 100, "justfile") < 1


def test_a_recipe_whose_body_is_gone_is_none() -> None:
    """Found by mutation: the name stands in a variable, and a recipe has no line."""
    text = 'target := "socat here"\nforward:\n\nshell:\n    @socat TCP-LISTEN:1 EXEC:sh\n'
    assert words_of(read_as("justfile", text)) == [["socat", "TCP-LISTEN:1", "EXEC:sh"]]
