"""Units of systemd, as systemd.service(5) reads them."""

from __future__ import annotations

import pytest
from hypothesis import given

from catflap.core.surroundings import Publication
from tests.support.readings import mutated, read_as, seconds_for, words_of, written_in

UNIT = """\
[Unit]
Description=a socat TCP-LISTEN:1 TCP:b:2 in a sentence
[Service]
Environment=PORT=8080 "TWO=TCP:a:1 -u"
# ExecStart=/usr/bin/socat TCP-LISTEN:9 TCP:a:9
ExecStart=-/usr/bin/socat -d TCP-LISTEN:${PORT},fork,bind=%i \\
    # a comment within
    "TCP:\\x64b:$$5"
User=relay
"""


def test_a_command_goes_on_over_a_comment_and_knows_its_environment():
    reading = read_as("systemd", UNIT, "/etc/systemd/system/a.service")

    assert words_of(reading) == [
        ["/usr/bin/socat", "-d", "TCP-LISTEN:8080,fork,bind=%i", "TCP:db:$5"]
    ]
    assert written_in(UNIT, reading) == [
        ["/usr/bin/socat", "-d", "TCP-LISTEN:${PORT},fork,bind=%i", '"TCP:\\x64b:$$5"']
    ]
    port = next(piece for piece in reading.commands[0].words[2].pieces if piece.text == "8080")
    assert UNIT[port.span.start - 5 : port.span.end] == "PORT=8080"
    assert reading.commands[0].words[2].literal is None


def test_a_variable_alone_becomes_as_many_words_as_it_has():
    text = (
        '[Service]\nEnvironment="ENDS=TCP-LISTEN:1 TCP:b:2"\nExecStart=/usr/bin/socat $ENDS $MORE\n'
    )

    reading = read_as("systemd", text)

    assert words_of(reading) == [["/usr/bin/socat", "TCP-LISTEN:1", "TCP:b:2", "$MORE"]]
    assert written_in(text, reading)[0][1:] == ["TCP-LISTEN:1", "TCP:b:2", "$MORE"]


def test_a_semicolon_parts_two_commands_and_an_escaped_one_does_not():
    text = (
        r"[Service]"
        "\n"
        r"ExecStartPre=/usr/bin/socat A:1 B:2 \; x ; @/usr/bin/socat relay C:1 D:2"
        "\n"
    )

    reading = read_as("systemd", text)

    assert words_of(reading) == [
        ["/usr/bin/socat", "A:1", "B:2", ";", "x"],
        ["/usr/bin/socat", "C:1", "D:2"],
    ]


def test_an_empty_setting_takes_back_what_was_before():
    text = "[Service]\nExecStart=socat A:1 B:2\nExecStart=\nExecStart=socat C:1 D:2\n"

    assert words_of(read_as("systemd", text)) == [["socat", "C:1", "D:2"]]


@pytest.mark.parametrize(
    ("settings", "path", "user"),
    [
        ("", "/etc/systemd/system/a.service", "root"),
        ("User=relay", "a.service", "relay"),
        ("User=%i", "a@.service", ""),
        ("DynamicUser=yes", "a.service", "dynamic"),
        ("", "/home/a/.config/systemd/user/a.service", "%u"),
        ("", "/etc/systemd/system/a.service.d/10-x.conf", ""),
    ],
)
def test_the_account_is_what_the_unit_shows(settings, path, user):
    text = f"[Service]\n{settings}\nExecStart=/usr/bin/socat A:1 B:2\n"

    assert read_as("systemd", text, path).commands[0].surroundings.user == user


@pytest.mark.parametrize(
    ("prefix", "user"), [("+", "root"), ("!", "root"), ("!!", "relay"), ("-@", "relay")]
)
def test_a_prefix_can_take_the_account_away(prefix, user):
    text = f"[Service]\nUser=relay\nExecStart={prefix}/usr/bin/socat x A:1 B:2\n"

    assert read_as("systemd", text).commands[0].surroundings.user == user


@pytest.mark.parametrize(
    ("settings", "cut_off"),
    [
        ("PrivateNetwork=yes", True),
        ("IPAddressDeny=any\nIPAddressAllow=localhost", True),
        ("IPAddressDeny=any\nIPAddressAllow=localhost 10.0.0.0/8", False),
        ("IPAddressAllow=localhost", False),
        ("RestrictAddressFamilies=AF_UNIX", True),
        ("RestrictAddressFamilies=AF_UNIX AF_INET", False),
        ("RestrictAddressFamilies=~AF_PACKET", False),
    ],
)
def test_a_unit_that_no_other_host_reaches_says_so(settings, cut_off):
    text = f"[Service]\n{settings}\nExecStart=/usr/bin/socat A:1 B:2\n"

    assert read_as("systemd", text).commands[0].surroundings.own_network is cut_off


def test_limits_capabilities_and_the_journal_are_told():
    text = (
        "[Service]\nRuntimeMaxSec=30\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n"
        "ExecStart=/usr/bin/socat A:1 B:2\n"
    )

    around = read_as("systemd", text).commands[0].surroundings

    assert (around.bounded, around.supervised_log) == (True, True)
    assert around.capabilities == ("NET_BIND_SERVICE",)


def test_standard_error_sent_nowhere_is_not_kept():
    text = "[Service]\nStandardOutput=null\nExecStart=/usr/bin/socat A:1 B:2\n"

    assert read_as("systemd", text).commands[0].surroundings.supervised_log is False


def test_a_shell_within_is_read():
    text = "[Service]\nExecStart=/bin/sh -c 'exec socat TCP-LISTEN:1,fork TCP:b:2'\n"

    assert words_of(read_as("systemd", text)) == [["socat", "TCP-LISTEN:1,fork", "TCP:b:2"]]


def test_a_container_of_quadlet_runs_its_image():
    text = (
        "[Container]\nImage=docker.io/alpine/socat:1.7.4.4\nPublishPort=127.0.0.1:80:8080\n"
        "Exec=tcp-listen:8080,fork tcp:b:2\n"
    )

    reading = read_as("systemd", text, "a.container")

    assert words_of(reading) == [["socat", "tcp-listen:8080,fork", "tcp:b:2"]]
    around = reading.commands[0].surroundings
    assert around.container
    assert around.published == (Publication("127.0.0.1", "8080"),)
    assert around.version == "1.7.4.4"


def test_a_line_that_is_no_setting_is_told_and_the_rest_is_read():
    reading = read_as("systemd", "[Service]\nnonsense\nExecStart=socat A:1 B:2\n")

    assert len(reading.commands) == 1
    assert [problem.message for problem in reading.problems] == [
        "this line of a unit is no setting"
    ]


def test_expressions_of_a_template_are_unknown():
    text = (
        "[Service]\nExecStart={{ bin }}/socat TCP-LISTEN:{{ port }}{% if x %},fork{% endif %} A:1\n"
    )

    reading = read_as("systemd", text, "a.service.j2")

    assert words_of(reading)[0][1:] == ["TCP-LISTEN:{{ port }},fork", "A:1"]


@given(mutated(UNIT))
def test_whatever_the_unit_it_is_read(text):
    read_as("systemd", text, "/etc/systemd/system/a.service")


def test_a_large_unit_is_read_at_once():
    assert seconds_for("systemd", UNIT * 150, "a.service") < 0.5
