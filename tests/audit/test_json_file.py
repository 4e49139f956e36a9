"""JSON: commands under their names, argument vectors, containers."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from catflap.core.surroundings import Publication
from tests.support.readings import mutated, read_as, seconds_for, words_of, written_in

PACKAGE = r"""{
  // socat TCP-LISTEN:9 TCP:a:9
  "description": "socat TCP-LISTEN:9 TCP:a:9",
  "scripts": {
    "relay": "socat \"TCP-LISTEN:1,fork\" TCP:\u0062:2 \\\n -d",
  },
  "mcpServers": {"db": {"command": "socat", "args": ["STDIO", "TCP:${input:host}:1"]}},
  "packages": ["socat", "curl"],
  "runCommand": ["sh", "-c", "socat TCP-LISTEN:3 TCP:b:4"],
}
"""


def test_scripts_and_vectors_with_places_through_escapes():
    reading = read_as("json_file", PACKAGE, "package.json")

    assert words_of(reading) == [
        ["socat", "TCP-LISTEN:1,fork", "TCP:b:2", "-d"],
        ["socat", "STDIO", "TCP:${input:host}:1"],
        ["socat", "TCP-LISTEN:3", "TCP:b:4"],
    ]
    assert written_in(PACKAGE, reading)[:2] == [
        ["socat", r"\"TCP-LISTEN:1,fork\"", r"TCP:\u0062:2", "-d"],
        ['"socat"', '"STDIO"', '"TCP:${input:host}:1"'],
    ]


@pytest.mark.parametrize("name", ["program", "exe", "binary", "tool"])
def test_a_program_stands_beside_its_arguments(name):
    text = json.dumps([{name: "/usr/bin/socat", "args": ["TCP-LISTEN:1", "TCP:a:1"]}])
    assert words_of(read_as("json_file", text, "relays.json")) == [
        ["/usr/bin/socat", "TCP-LISTEN:1", "TCP:a:1"]
    ]


def test_a_task_definition_shows_its_containers():
    text = json.dumps(
        {
            "networkMode": "awsvpc",
            "containerDefinitions": [
                {
                    "name": "relay",
                    "image": "alpine/socat:1.7.4.4",
                    "command": ["tcp-listen:80,fork", "tcp:db:5432"],
                    "portMappings": [{"containerPort": 80}],
                    "user": "0",
                }
            ],
        }
    )

    reading = read_as("json_file", text, "task.json")

    assert words_of(reading) == [["socat", "tcp-listen:80,fork", "tcp:db:5432"]]
    around = reading.commands[0].surroundings
    assert (around.container, around.user, around.version) == (True, "0", "1.7.4.4")
    assert around.published == (Publication("", "80"),)


def test_an_inspected_container_is_told_once_with_its_ports():
    text = json.dumps(
        [
            {
                "Path": "socat",
                "Args": ["tcp-listen:80", "tcp:b:2"],
                "Config": {
                    "Image": "alpine/socat",
                    "Cmd": ["tcp-listen:80", "tcp:b:2"],
                    "User": "7",
                },
                "HostConfig": {
                    "NetworkMode": "bridge",
                    "Privileged": True,
                    "PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]},
                },
            }
        ],
        indent=1,
    )

    reading = read_as("json_file", text, "inspect.json")

    assert words_of(reading) == [["socat", "tcp-listen:80", "tcp:b:2"]]
    around = reading.commands[0].surroundings
    assert (around.user, around.privileged) == ("7", True)
    assert around.published == (Publication("127.0.0.1", "80"),)


def test_commands_of_a_devcontainer_run_inside_of_it():
    text = json.dumps(
        {
            "image": "x",
            "remoteUser": "vscode",
            "runArgs": ["--network=host"],
            "initializeCommand": "socat A:1 B:2",
            "postCreateCommand": {
                "a": "socat C:1 D:${localEnv:PORT:2}",
                "b": ["socat", "E:1", "F:2"],
            },
        }
    )

    reading = read_as("json_file", text, ".devcontainer/devcontainer.json")

    assert words_of(reading) == [
        ["socat", "A:1", "B:2"],
        ["socat", "C:1", "D:${localEnv:PORT:2}"],
        ["socat", "E:1", "F:2"],
    ]
    outside, *inside = (command.surroundings for command in reading.commands)
    assert not outside.container
    assert {(one.container, one.host_network, one.user) for one in inside} == {
        (True, True, "vscode")
    }


@pytest.mark.parametrize(
    "task",
    [
        {"command": "socat", "args": ["A:1", {"value": "B:2", "quoting": "strong"}]},
        {"type": "shell", "command": "socat A:1 B:2"},
        {"program": "socat", "args": ["A:1", "B:2"]},
        {"cmd": ["timeout", "5", "socat", "A:1", "B:2"]},
    ],
)
def test_tasks_of_editors(task):
    text = json.dumps({"tasks": [task]})

    assert words_of(read_as("json_file", text, ".vscode/tasks.json")) == [["socat", "A:1", "B:2"]]


def test_a_manifest_means_the_same_as_in_yaml():
    manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "spec": {
            "containers": [{"name": "a", "image": "alpine/socat", "args": ["tcp-l:1", "tcp:b:2"]}]
        },
    }
    text = json.dumps(manifest, indent=2)

    reading = read_as("json_file", text, "pod.json")

    assert [words[1:] for words in words_of(reading)] == [["tcp-l:1", "tcp:b:2"]]
    assert reading.commands[0].surroundings.container


def test_a_broken_file_is_read_as_far_as_it_goes():
    text = '{"scripts": {"a": "socat A:1 B:2", "b": oh no, ]}'

    reading = read_as("json_file", text, "package.json")

    assert words_of(reading) == [["socat", "A:1", "B:2"]]
    assert reading.problems


@given(mutated(PACKAGE))
def test_whatever_the_file_it_is_read(text):
    read_as("json_file", text, "package.json")


def test_a_large_file_is_read_at_once():
    entries = {f"n{number}": {"script": "socat A:1 B:2", "x": [1, 2, 3]} for number in range(900)}
    assert seconds_for("json_file", json.dumps(entries), "a.json") < 1.5
    assert seconds_for("json_file", "[" * 50_000 + '"socat A:1 B:2"', "a.json") < 1
