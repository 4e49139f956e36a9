"""TOML: tasks, scripts and commands."""

from __future__ import annotations

from hypothesis import given

from tests.support.readings import mutated, read_as, seconds_for, words_of, written_in

TASKS = r"""# run = "socat TCP-LISTEN:9 TCP:a:9"
description = "socat TCP-LISTEN:9 TCP:a:9"
packages = ["socat", "curl"]

[tasks.relay]
run = "socat TCP-LISTEN:1,fork TCP:\u0062:2"
command = ["socat", 'TCP-LISTEN:2', "TCP:b:3"]

[[process]]
cmd = '''
socat TCP-LISTEN:3 \
  TCP:b:4'''

[tool.poe.tasks]
serve = { cmd = "socat TCP-LISTEN:4 TCP:b:5" }
"""


def test_tasks_and_vectors():
    reading = read_as("toml_file", TASKS, "mise.toml")

    assert words_of(reading) == [
        ["socat", "TCP-LISTEN:1,fork", "TCP:b:2"],
        ["socat", "TCP-LISTEN:2", "TCP:b:3"],
        ["socat", "TCP-LISTEN:3", "TCP:b:4"],
        ["socat", "TCP-LISTEN:4", "TCP:b:5"],
    ]
    assert written_in(TASKS, reading)[:2] == [
        ["socat", "TCP-LISTEN:1,fork", r"TCP:\u0062:2"],
        ['"socat"', "'TCP-LISTEN:2'", '"TCP:b:3"'],
    ]


def test_a_broken_file_is_read_as_far_as_it_goes():
    reading = read_as("toml_file", '[a\nrun = "socat A:1 B:2"\n[b]\nrun = "socat C:1 D:2"\n')

    assert ["socat", "C:1", "D:2"] in words_of(reading)
    assert reading.problems


@given(mutated(TASKS))
def test_whatever_the_file_it_is_read(text):
    read_as("toml_file", text, "mise.toml")


def test_a_large_file_is_read_at_once():
    assert seconds_for("toml_file", TASKS * 100, "mise.toml") < 1.5
