"""Dockerfiles: what is run while an image is built, and what its container runs."""

from __future__ import annotations

import pytest
from hypothesis import given

from catflap.findings.finding import Confidence
from tests.support.readings import mutated, read_as, seconds_for, words_of, written_in

FILE = """\
# syntax=docker/dockerfile:1
ARG V=3
FROM alpine:$V AS base
RUN apk add --no-cache \\
    # a comment between
    socat=1.7.4.4-r0 && \\

    socat - TCP:x:1
FROM base
ENV PORT=8080 HOST="db"
USER app:app
COPY <<EOF /run.sh
#!/bin/sh
socat TCP-LISTEN:1 TCP:x:1
EOF
RUN <<EOF
socat TCP-LISTEN:3 TCP:x:1
EOF
HEALTHCHECK --interval=5s CMD socat - TCP:localhost:$PORT
ENTRYPOINT ["socat", "-d", \\
  "TCP-LISTEN:80,fork"]
CMD ["TCP:d\\u0062:5432"]
"""


def test_every_instruction_that_runs_something_is_read():
    assert words_of(read_as("dockerfile", FILE)) == [
        ["socat", "-", "TCP:x:1"],
        ["socat", "TCP-LISTEN:1", "TCP:x:1"],
        ["socat", "TCP-LISTEN:3", "TCP:x:1"],
        ["socat", "-", "TCP:localhost:8080"],
        ["socat", "-d", "TCP-LISTEN:80,fork", "TCP:db:5432"],
    ]


def test_an_entry_point_and_its_command_keep_their_own_places():
    written = written_in(FILE, read_as("dockerfile", FILE))

    assert written[-1] == ['"socat"', '"-d"', '"TCP-LISTEN:80,fork"', '"TCP:d\\u0062:5432"']
    assert written[0] == ["socat", "-", "TCP:x:1"]


def test_surroundings_are_those_of_the_instruction():
    build, _, script, health, main = (
        command.surroundings for command in read_as("dockerfile", FILE).commands
    )

    assert (build.user, script.user, main.user) == ("root", "app", "app")
    assert build.bounded
    assert not main.bounded
    assert main.published is None
    assert main.supervised_log
    assert not health.supervised_log
    assert {each.version for each in (build, main)} == {"1.7.4.4"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("CMD socat TCP-LISTEN:$P TCP:${H:-x}:1", ["socat", "TCP-LISTEN:80", "TCP:x:1"]),
        ('ENTRYPOINT ["tini", "--"]\nCMD socat TCP-LISTEN:1 TCP:x:1', ["socat", "TCP-LISTEN:1", "TCP:x:1"]),
        ('ENTRYPOINT ["/e.sh"]\nCMD ["socat", "-", "TCP:x:1"]', ["socat", "-", "TCP:x:1"]),
        ("CMD socat - TCP:x:1\nCMD socat - TCP:x:2", ["socat", "-", "TCP:x:2"]),
        ('CMD ["TCP:no:1"]\nENTRYPOINT socat - TCP:x:1', ["socat", "-", "TCP:x:1"]),
        ("ONBUILD RUN socat - TCP:x:1", ["socat", "-", "TCP:x:1"]),
        ('SHELL ["/bin/bash", "-c"]\nRUN socat - TCP:x:1', ["socat", "-", "TCP:x:1"]),
        ("run --mount=type=cache,target=/a socat - \\\n # c\n TCP:x:1", ["socat", "-", "TCP:x:1"]),
    ],
)  # fmt: skip
def test_forms_of_the_process(text, words):
    reading = read_as("dockerfile", f"FROM alpine\nENV P=80\n{text}\n")

    assert words_of(reading) == [words]
    assert reading.commands[0].confidence is Confidence.HIGH


def test_an_image_of_socat_takes_the_command_as_arguments():
    text = 'FROM alpine/socat:1.7.4.1\nCMD ["tcp-listen:1", "tcp:x:1"]\n'
    (command,) = read_as("dockerfile", text).commands

    assert words_of(read_as("dockerfile", text)) == [["socat", "tcp-listen:1", "tcp:x:1"]]
    assert text[command.span.start : command.span.end] == '"tcp-listen:1", "tcp:x:1"'
    assert command.surroundings.version == "1.7.4.1"


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ('FROM alpine\nENTRYPOINT ["socat", "TCP-LISTEN:1,fork"]\n', True),
        ('FROM alpine\nENTRYPOINT ["socat", "TCP-LISTEN:1"]\nCMD ["TCP:a:1"]\n', False),
        ('FROM alpine\nCMD ["socat", "TCP-LISTEN:1", "TCP:a:1"]\n', False),
    ],
)
def test_an_entry_point_without_a_command_gets_its_other_address_when_it_starts(text, given):
    (command,) = read_as("dockerfile", text).commands
    assert command.surroundings.hidden_input is given


def test_a_shell_of_windows_is_not_read():
    text = '# escape=`\nFROM x\nSHELL ["powershell", "-c"]\nRUN socat - `\n TCP:x:1\n'

    assert not read_as("dockerfile", text).commands


def test_the_command_of_a_base_stage_counts_only_where_it_runs():
    text = 'FROM a AS b\nCMD ["socat", "-", "TCP:x:1"]\nFROM b\nCMD ["true"]\n'

    assert not read_as("dockerfile", text).commands


def test_many_here_documents_take_no_time():
    text = "FROM a\nCOPY " + "<<EOF " * 3000 + "/x\n" + "socat\nEOF\n" * 3000
    seconds_for("dockerfile", text, "x")

    assert seconds_for("dockerfile", text, "x") < 1


@given(mutated(FILE))
def test_whatever_the_text_its_places_lie_in_it(text):
    read_as("dockerfile", text)


def test_a_flag_that_does_not_end_takes_no_time():
    text = "FROM a\nRUN --mount=" + "x" * 4000 + '"socat - PTY\n'
    assert seconds_for("dockerfile", text, "Dockerfile") < 1
