"""Makefiles: what reaches the shell, compared with what make itself would run."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given

from tests.support.readings import mutated, read_as, seconds_for, words_of, written_in

MAKEFILE = """\
# run: socat TCP-LISTEN:9 TCP:a:9
PORT ?= 8080
RELAY := socat -d
PEER = TCP:$(HOST):5432
HOST = db
.PHONY: run

run: other ; socat TCP-LISTEN:1,fork TCP:b:2
\t@-$(RELAY) TCP-LISTEN:$(PORT),fork \\
\t  $(PEER),bind=$@
\t# socat TCP-LISTEN:8 TCP:a:8
\tH=$$(hostname); socat TCP-LISTEN:2 TCP:$$H:3

define canned
socat TCP-LISTEN:3 TCP:$(1):4
endef
"""


def test_recipes_reach_the_shell_with_variables_followed():
    reading = read_as("makefile", MAKEFILE, "Makefile")

    assert words_of(reading) == [
        ["socat", "TCP-LISTEN:1,fork", "TCP:b:2"],
        ["socat", "-d", "TCP-LISTEN:8080,fork", "TCP:db:5432,bind=$@"],
        ["socat", "TCP-LISTEN:2", "TCP:$(hostname):3"],
        ["socat", "TCP-LISTEN:3", "TCP:$(1):4"],
    ]
    assert written_in(MAKEFILE, reading)[1] == [
        "$(RELAY)",
        "$(RELAY)",
        "TCP-LISTEN:$(PORT),fork",
        "$(PEER),bind=$@",
    ]


def test_a_variable_that_is_called_gets_its_arguments():
    text = (
        "FORWARD = socat TCP-LISTEN:$(1),fork $(2)\nup:\n"
        "\t$(call FORWARD,80,TCP:a:80) &\n\t@$(call FORWARD, 81,EXEC:'sh -c (id)')\n"
    )
    reading = read_as("makefile", text, "Makefile")
    assert words_of(reading) == [
        ["socat", "TCP-LISTEN:80,fork", "TCP:a:80"],
        ["socat", "TCP-LISTEN:", "81,fork", "EXEC:sh -c (id)"],
    ]


def test_a_variable_that_calls_itself_ends():
    text = "F = socat $(call F,1)" + "$(call F,2)" * 30 + "\nup:\n\t$(call F,x)\n"
    assert seconds_for("makefile", text, "Makefile") < 1.5


def test_a_followed_value_stands_where_it_is_assigned():
    words = read_as("makefile", MAKEFILE, "Makefile").commands[1].words

    places = [(p.text, MAKEFILE[: p.span.start].rpartition("\n")[2]) for p in words[3].pieces]
    assert places[:3] == [("TCP:", "PEER = "), ("db", "HOST = "), (":5432", "PEER = TCP:$(HOST)")]


@pytest.mark.parametrize(
    "assignments",
    [
        "PORT = $(shell pick)\n",
        "PORT != pick\n",
        "run: PORT = 1\n",
        "PORT = $(PORT)\n",
        "",
    ],
)
def test_a_value_that_is_not_plain_is_unknown(assignments):
    text = f"{assignments}run:\n\tsocat TCP-LISTEN:$(PORT) TCP:b:2\n"

    listener = read_as("makefile", text, "Makefile").commands[0].words[1]
    assert listener.literal is None


def test_what_is_added_to_a_value_follows_it():
    text = "OPTS = -d\nOPTS += -T 5\nrun:\n\tsocat $(OPTS) A:1 B:2\n"

    assert words_of(read_as("makefile", text)) == [["socat", "-d", "-T", "5", "A:1", "B:2"]]


def test_a_call_of_the_shell_is_run_wherever_it_stands():
    text = "X := $(shell socat -u FILE:/a TCP:b:2)\nY != socat C:1 D:2\n"

    assert words_of(read_as("makefile", text)) == [
        ["socat", "-u", "FILE:/a", "TCP:b:2"],
        ["socat", "C:1", "D:2"],
    ]


def test_one_shell_makes_one_script_of_a_recipe():
    text = ".ONESHELL:\nrun:\n\tP=80\n\tsocat TCP-LISTEN:$$P TCP:b:2\n"

    assert words_of(read_as("makefile", text)) == [["socat", "TCP-LISTEN:80", "TCP:b:2"]]


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_itself_runs_these_words(tmp_path):
    text = MAKEFILE.replace("$@", "here").replace("H=$$(hostname); socat", "H=h; socat")
    (tmp_path / "Makefile").write_text(text.replace("run: other", "run:"))
    (tmp_path / "socat").write_text(
        '#!/bin/sh\nfor w in socat "$@"; do printf "%s\\037" "$w"; done; echo\n'
    )
    (tmp_path / "socat").chmod(0o755)

    ran = subprocess.run(
        ["make", "-s", "run"],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    made = [line.rstrip("\x1f").split("\x1f") for line in ran.stdout.splitlines()]
    ours = words_of(read_as("makefile", text))[:3]
    assert [[word.replace("$H", "h") for word in words] for words in ours] == made


@given(mutated(MAKEFILE))
def test_whatever_the_makefile_it_is_read(text):
    read_as("makefile", text, "Makefile")


def test_values_that_grow_without_end_take_no_time():
    bomb = "".join(f"V{n} = $(V{n + 1})$(V{n + 1})$(V{n + 1})$(V{n + 1})\n" for n in range(20))

    text = bomb + "V20 = socat\nrun:\n" + "\t$(V0) socat A:1 B:2\n" * 50
    assert seconds_for("makefile", text, "Makefile") < 1


def test_a_large_makefile_is_read_at_once():
    assert seconds_for("makefile", MAKEFILE * 100, "Makefile") < 1


@pytest.mark.parametrize(
    ("assignments", "heard"),
    [
        ("SOCAT ?= $(shell which socat)\nA = x\n", ["x"]),
        ("SOCAT := $(shell command -v socat 2>/dev/null)\nA = x\n", ["x"]),
        ("include socat.mk\nA = x\n", ["x"]),
        ("SOCAT = socat\nifeq ($(T),1)\nA = x\nelse\nA = y\nendif\n", ["x", "y"]),
        ("SOCAT = socat\nA = x\nifdef T\nA += -d\nendif\n", ["x", "x"]),
        ("SOCAT = socat\nA = x\nA ?= y\n", ["x"]),
        ("SOCAT = socat\nA = x\nA = y\n", ["y"]),
    ],
)
def test_a_relay_in_a_variable_and_the_branches_of_a_condition_are_followed(assignments, heard):
    text = f"{assignments}run:\n\t$(SOCAT) $(A) TCP-LISTEN:80 TCP:b:2\n"

    commands = read_as("makefile", text, "Makefile").commands

    assert [command.words[1].text for command in commands] == heard


def test_a_line_after_a_variable_of_a_target_breaks_nothing():
    assert not read_as("makefile", "run: A = 1\n\tsocat - PTY\n".lstrip(), "Makefile").problems


@pytest.mark.parametrize(
    ("recipe", "heard"),
    [
        ("$(call FORWARD,80,web)", ["TCP-LISTEN:80,fork", "TCP:web:80"]),
        ("@${call FORWARD,80,$(HOST)}", ["TCP-LISTEN:80,fork", "TCP:hall:80"]),
        (
            "$(foreach p,80 81,socat TCP-LISTEN:$(p),fork TCP:a:$(p) &)",
            ["TCP-LISTEN:$(p),fork", "TCP:a:$(p)"],
        ),
    ],
)
def test_a_function_of_the_file_gets_its_words(recipe, heard):
    text = f"HOST = hall\nFORWARD = socat TCP-LISTEN:$(1),fork TCP:$2:$(1)\nup:\n\t{recipe}\n"
    assert words_of(read_as("makefile", text, "Makefile")) == [["socat", *heard]]
