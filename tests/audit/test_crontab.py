"""Tables of cron, as crontab(5) reads them."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.support.readings import mutated, read_as, seconds_for, words_of, written_in

TABLE = """\
# * * * * * socat TCP-LISTEN:9 TCP:a:9
SHELL=/bin/sh
PORT = "8080"
@reboot /usr/bin/socat TCP-LISTEN:$PORT,fork TCP:db:5432
*/5 0-6 * jan mon-fri  socat -u OPEN:/tmp/\\%d TCP:a:1%and this is its input
0 0 * * * echo socat TCP-LISTEN:7 TCP:a:7
"""


def test_a_users_table():
    reading = read_as("crontab", TABLE, "crontab")

    assert words_of(reading) == [
        ["/usr/bin/socat", "TCP-LISTEN:8080,fork", "TCP:db:5432"],
        ["socat", "-u", "OPEN:/tmp/%d", "TCP:a:1"],
    ]
    assert written_in(TABLE, reading)[1] == ["socat", "-u", "OPEN:/tmp/\\%d", "TCP:a:1"]
    port = next(piece for piece in reading.commands[0].words[1].pieces if piece.text == "8080")
    assert TABLE[port.span.start : port.span.end] == "8080"


@pytest.mark.parametrize(
    ("line", "path", "user"),
    [
        ("@reboot relay socat A:1 B:2", "/etc/cron.d/relay", "relay"),
        ("* * * * * root\tsocat A:1 B:2", "/etc/crontab", "root"),
        ("* * * * * root socat A:1 B:2", "deploy/crontab", "root"),
        ("* * * * * www-data timeout 60 socat A:1 B:2", "crontab", "www-data"),
        ("* * * * * socat A:1 B:2", "crontab", ""),
        ("* * * * * nohup socat A:1 B:2", "crontab", ""),
        ("* * * * * socat A:1 B:2", "/var/spool/cron/crontabs/alice", "alice"),
    ],
)
def test_the_account_stands_in_system_tables_only(line, path, user):
    reading = read_as("crontab", line + "\n", path)

    assert words_of(reading) == [["socat", "A:1", "B:2"]]
    assert reading.commands[0].surroundings.user == user


@given(mutated(TABLE))
def test_whatever_the_table_it_is_read(text):
    read_as("crontab", text, "/etc/cron.d/x")


def test_a_large_table_is_read_at_once():
    assert seconds_for("crontab", TABLE * 100, "crontab") < 1
