"""Compose files: what services run, and who reaches them."""

from __future__ import annotations

import pytest
from hypothesis import given

from catflap.core.surroundings import Publication
from tests.support.readings import mutated, read_as, seconds_for, words_of, written_in

PROJECT = """\
x-tunnel: &tunnel
  command: [socat, "TCP-LISTEN:80,fork", 'TCP:${HOST:-db}:5432']
services:
  image-of-socat:
    image: alpine/socat:1.7.4.4
    command: tcp-listen:80,fork "tcp:db:${PORT}"
    user: "1000:1000"
    ports: ["127.0.0.1:8080:80"]
  anchored:
    <<: *tunnel
    ports:
    - 80
    - {target: 90, published: 9, host_ip: 127.0.0.1}
    cap_add: [CAP_NET_ADMIN]
  scripted:
    entrypoint: ["sh", "-c"]
    command: ["socat TCP-LISTEN:$$PORT,fork TCP:x:80"]
    environment:
      PORT: 8080
    network_mode: service:image-of-socat
  folded:
    image: debian
    command: >
      socat -d
      TCP-LISTEN:1 TCP:b:2
    network_mode: host
    healthcheck:
      test: [CMD-SHELL, "socat - TCP:localhost:80"]
"""


def surroundings_of(text):
    """Return where each command of a compose file runs."""
    return [command.surroundings for command in read_as("compose", text).commands]


def one_service(*lines):
    """Return a project of one relay with these keys."""
    head = "services:\n  a:\n    command: socat TCP-LISTEN:80 TCP:b:1\n"
    return head + "".join(f"    {line}\n" for line in lines)


def test_words_are_those_the_program_gets_in_every_form():
    assert words_of(read_as("compose", PROJECT)) == [
        ["socat", "TCP-LISTEN:80,fork", "TCP:db:5432"],
        ["socat", "tcp-listen:80,fork", "tcp:db:${PORT}"],
        ["socat", "TCP-LISTEN:8080,fork", "TCP:x:80"],
        ["socat", "-d", "TCP-LISTEN:1", "TCP:b:2"],
        ["socat", "-", "TCP:localhost:80"],
    ]


def test_words_stand_where_they_are_written():
    written = written_in(PROJECT, read_as("compose", PROJECT))

    assert written[0] == ["socat", '"TCP-LISTEN:80,fork"', "'TCP:${HOST:-db}:5432'"]
    assert written[1] == ["alpine/socat:1.7.4.4", "tcp-listen:80,fork", '"tcp:db:${PORT}"']
    assert written[3] == ["socat", "-d", "TCP-LISTEN:1", "TCP:b:2"]


def test_a_default_is_known_and_stands_in_its_reference():
    (command,) = read_as("compose", one_service("x: y").replace("b:1", "${B:-c}:1")).commands
    text = one_service("x: y").replace("b:1", "${B:-c}:1")

    assert command.words[2].literal == "TCP:c:1"
    assert [text[p.span.start : p.span.end] for p in command.words[2].pieces] == ["TCP:", "c", ":1"]


def test_a_variable_without_default_is_not_guessed():
    (command,) = read_as("compose", one_service().replace("b:1", "${B}:$$1")).commands

    assert command.words[2].literal is None
    assert command.words[2].text == "TCP:${B}:$1"


def test_surroundings_are_what_each_service_says():
    anchored, image, scripted, folded, health = surroundings_of(PROJECT)

    assert anchored.published == (Publication("", "80"), Publication("127.0.0.1", "90"))
    assert anchored.capabilities == ("NET_ADMIN",)
    assert (image.user, image.version) == ("1000", "1.7.4.4")
    assert scripted.published == (Publication("127.0.0.1", "80"),)
    assert folded.host_network
    assert folded.published is None
    assert folded.supervised_log
    assert not health.supervised_log
    assert all(each.container for each in (anchored, image, scripted, folded, health))


@pytest.mark.parametrize(
    ("ports", "published"),
    [
        ('["80"]', (Publication("", "80"),)),
        ("[8080:80/tcp]", (Publication("", "80"),)),
        ('["[::1]:8080:80"]', (Publication("::1", "80"),)),
        ('["127.0.0.1::80"]', (Publication("127.0.0.1", "80"),)),
        ('["${IP}:8080:80"]', (Publication(None, "80"),)),
        ('["${IP:-127.0.0.1}:8080:80"]', (Publication("127.0.0.1", "80"),)),
        ('["90-92:80-82"]', tuple(Publication("", port) for port in ("80", "81", "82"))),
        ('["8080:${PORT}"]', (Publication("", None),)),
    ],
)
def test_ports_are_read_in_every_short_form(ports, published):
    assert surroundings_of(one_service(f"ports: {ports}"))[0].published == published


def test_without_ports_only_its_own_network_reaches_a_service():
    (where,) = surroundings_of(one_service())

    assert where.own_network
    assert where.published == ()


def test_an_internal_network_hands_no_port_on():
    text = (
        one_service("networks: [back]", "ports: ['80:80']") + "networks: {back: {internal: true}}\n"
    )
    (where,) = surroundings_of(text)

    assert where.own_network
    assert where.published == ()


@pytest.mark.parametrize("line", ["privileged: true", "pid: host"])
def test_a_container_can_be_as_good_as_its_host(line):
    assert surroundings_of(one_service(line))[0].privileged


def test_an_entry_point_takes_the_command_as_its_arguments():
    text = "services: {a: {entrypoint: [socat, -d], command: ['TCP-LISTEN:1', 'TCP:b:2']}}\n"

    assert words_of(read_as("compose", text)) == [["socat", "-d", "TCP-LISTEN:1", "TCP:b:2"]]


def test_what_a_service_extends_counts():
    text = one_service("ports: ['1:80']") + "  b:\n    extends: a\n    user: bob\n"
    first, second = surroundings_of(text)

    assert (first.user, second.user) == ("", "bob")
    assert second.published == (Publication("", "80"),)


def test_a_broken_service_does_not_hide_the_next():
    text = one_service() + '  b:\n    image: "open\n  c:\n    command: socat TCP-LISTEN:2 TCP:c:3\n'
    reading = read_as("compose", text)

    assert [words[1] for words in words_of(reading)] == ["TCP-LISTEN:80", "TCP-LISTEN:2"]
    assert [text[p.span.start : p.span.end] for p in reading.problems] == ['    image: "open\n']


def test_names_and_labels_are_no_commands():
    text = "services: {socat: {image: x, labels: {a: 'socat TCP-LISTEN:1 TCP:b:2'}}}\n"

    assert not read_as("compose", text).commands


def test_a_large_file_takes_no_time():
    text = one_service() + "".join(
        f"  s{n}:\n    image: foo:{n}\n    command: [a, b]\n    environment:\n      A: |\n        x\n"
        for n in range(600)
    )
    assert len(text) > 40_000
    seconds_for("compose", text, "x")

    assert seconds_for("compose", text, "x") < 0.5


@given(mutated(PROJECT))
def test_whatever_the_text_its_places_lie_in_it(text):
    read_as("compose", text)


def test_a_dockerfile_within_the_file_is_read():
    text = "services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM x\n        CMD socat - TCP:x:1\n"

    assert words_of(read_as("compose", text)) == [["socat", "-", "TCP:x:1"]]


def test_a_template_of_jinja_is_read_with_its_expressions_unknown():
    text = "services:\n{% if x %}\n  a:\n    command: socat TCP-LISTEN:1 TCP:{{ host }}:1\n{% endif %}\n"
    (command,) = read_as("compose", text).commands

    assert command.words[2].literal is None
    assert command.words[2].text == "TCP:{{ host }}:1"
