"""YAML of no kind of its own: cloud-init, tasks, pipelines of others."""

from __future__ import annotations

import pytest
from hypothesis import given

from catflap.audit.detect import find_kind
from catflap.findings.finding import Confidence
from tests.support.readings import mutated, read_as, words_of

ANYTHING = """\
#cloud-config
description: run socat TCP-LISTEN:90 TCP:x:2 to do it
packages: [socat, jq]
runcmd:
- [socat, "TCP-LISTEN:1", "TCP:a:1"]
- socat TCP-LISTEN:2 TCP:a:1 &
- [sh, -c, "socat TCP-LISTEN:3 TCP:a:1"]
write_files:
- path: /etc/systemd/system/x.service
  content: |
    [Service]
    ExecStart=/usr/bin/socat TCP-LISTEN:4 TCP:a:1
- path: /usr/local/bin/foo.sh
  content: socat TCP-LISTEN:5 TCP:a:1
jobs:
  steps:
  - run:
      name: socat TCP-LISTEN:90 TCP:a:1
      command: socat TCP-LISTEN:6 TCP:a:1
  - script: |
      echo
      socat TCP-LISTEN:7 TCP:a:1
tasks:
  x:
    cmds: ["socat TCP-LISTEN:8 TCP:a:1", {cmd: "socat TCP-LISTEN:9 TCP:a:1"}]
repos: [{hooks: [{id: a, entry: 'socat TCP-LISTEN:10 TCP:a:1'}]}]
forward: socat TCP-LISTEN:11 TCP:a:1
text: socat is a nice tool
others:
- image: alpine/socat
  command: [tcp-listen:12, "tcp:a:1"]
tunnelCommand: socat TCP-LISTEN:13 TCP:a:1
args: [socat, TCP-LISTEN:14, 'TCP:{{ x | default("b") }}:1']
"""


def test_keys_tell_what_is_run():
    reading = read_as("yaml", ANYTHING)

    assert [words[1].lower() for words in words_of(reading)] == [
        f"tcp-listen:{number}" for number in range(1, 15)
    ]
    assert words_of(reading)[-1][2] == "TCP:b:1"


def test_the_image_of_a_chart_s_values_is_that_of_its_arguments():
    text = (
        "image:\n  repository: alpine/socat\n  tag: 1.8.0.3\n"
        "args: [TCP-LISTEN:1, 'TCP:{{ .Values.host }}:2']\n"
    )
    assert words_of(read_as("yaml", text, "values.yaml")) == [
        ["socat", "TCP-LISTEN:1", "TCP:{{ .Values.host }}:2"]
    ]


def test_a_command_under_a_key_that_says_nothing_is_less_sure():
    unsure = [
        command.words[1].text
        for command in read_as("yaml", ANYTHING).commands
        if command.confidence is Confidence.MEDIUM
    ]

    assert unsure == ["TCP-LISTEN:11"]


def test_lists_of_packages_and_sentences_are_no_commands():
    text = "install: [socat, curl]\nnote: socat TCP-LISTEN:1 TCP:b:2\nx: [socat, jq, vim]\ny: use socat\n"

    assert not [words for words in words_of(read_as("yaml", text)) if len(words) > 2]


@given(mutated(ANYTHING))
def test_whatever_the_text_its_places_lie_in_it(text):
    read_as("yaml", text)


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        # What kubectl prints: a list at the top, and no playbook.
        (
            "all.yaml",
            (
                "apiVersion: v1\nkind: List\nitems:\n- kind: Pod\n  spec:\n    containers:\n"
                '    - image: alpine/socat\n      command: [socat, "tcp-listen:1", "tcp:a:2"]\n'
            ),
            "kubernetes",
        ),
        # Drone: a kind, and services that are a list.
        (
            ".drone.yml",
            (
                "kind: pipeline\nsteps:\n- name: a\n  commands: [ls]\nservices:\n- name: b\n"
                '  image: alpine/socat\n  command: ["tcp-listen:1", "tcp:a:2"]\n'
            ),
            "yaml",
        ),
        (
            "stack.yaml",
            (
                "Resources:\n  Task:\n    Containers:\n    - Image: alpine/socat\n"
                '      Command: ["tcp-listen:1", "tcp:a:2"]\n'
            ),
            "yaml",
        ),
    ],
)
def test_files_that_look_like_another_kind_are_read_as_their_own(path, text, kind):
    source = find_kind(path, text)
    assert source is not None
    assert source.name == kind
    assert words_of(read_as(source.module, text, path)) == [["socat", "tcp-listen:1", "tcp:a:2"]]
