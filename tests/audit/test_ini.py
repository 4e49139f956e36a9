"""INI files and the tables that are near to them."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.support.readings import mutated, read_as, seconds_for, words_of, written_in

SUPERVISOR = """\
[supervisord]
user=root
; command=socat TCP-LISTEN:9 TCP:a:9
[program:relay]
command=/usr/bin/socat -d "TCP-LISTEN:%(ENV_PORT)s,fork" ; the front
  'TCP:db:5432'
user=relay
stderr_logfile=/dev/null
[eventlistener:other]
command=socat A:1 B:2
environment=X="socat C:1 D:2"
"""


def test_programs_of_supervisord():
    reading = read_as("ini", SUPERVISOR, "supervisord.conf")

    assert words_of(reading) == [
        ["/usr/bin/socat", "-d", "TCP-LISTEN:%(ENV_PORT)s,fork", "TCP:db:5432"],
        ["socat", "A:1", "B:2"],
    ]
    assert written_in(SUPERVISOR, reading)[0][2:] == [
        '"TCP-LISTEN:%(ENV_PORT)s,fork"',
        "'TCP:db:5432'",
    ]
    first, second = (command.surroundings for command in reading.commands)
    assert (first.user, first.supervised_log) == ("relay", False)
    assert (second.user, second.supervised_log) == ("root", True)


@pytest.mark.parametrize(
    ("text", "path", "words", "user"),
    [
        ("web: socat A:1 B:2 &\n", "Procfile", ["socat", "A:1", "B:2"], ""),
        ("r:2345:respawn:/bin/socat A:1 B:2\n", "inittab", ["/bin/socat", "A:1", "B:2"], "root"),
        ("::respawn:-socat A:1 B:2\n", "etc/inittab", ["socat", "A:1", "B:2"], "root"),
        (
            "service x\n{\n\tserver = /usr/bin/socat\n\tserver_args = - TCP:b:2\n\tuser = nobody\n}\n",
            "etc/xinetd.d/x",
            ["/usr/bin/socat", "-", "TCP:b:2"],
            "nobody",
        ),
        (
            "x stream tcp nowait nobody /usr/bin/socat socat - TCP:b:2\n",
            "inetd.conf",
            ["/usr/bin/socat", "-", "TCP:b:2"],
            "nobody",
        ),
        (
            "[watcher:x]\ncmd = socat\nargs = A:1 B:2\nuid = u\n",
            "circus.ini",
            ["socat", "A:1", "B:2"],
            "u",
        ),
        ("[uwsgi]\nattach-daemon = socat A:1 B:2\n", "uwsgi.ini", ["socat", "A:1", "B:2"], ""),
        (
            "[uwsgi]\nsmart-attach-daemon = /run/x.pid socat A:1 B:2\n",
            "uwsgi.ini",
            ["socat", "A:1", "B:2"],
            "",
        ),
        ("[Desktop Entry]\nExec=socat A:1 B:%%2\n", "x.desktop", ["socat", "A:1", "B:%2"], ""),
        (
            "[testenv]\ncommands =\n    pytest\n    socat A:1 B:2\n",
            "tox.ini",
            ["socat", "A:1", "B:2"],
            "",
        ),
        (
            "[x]\nrelay = socat TCP-LISTEN:1 TCP:b:2\n",
            "x.ini",
            ["socat", "TCP-LISTEN:1", "TCP:b:2"],
            "",
        ),
    ],
)
def test_other_tables(text, path, words, user):
    reading = read_as("ini", text, path)

    assert words_of(reading) == [words]
    assert reading.commands[0].surroundings.user == user


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("[x]\ndescription = socat is used here: see TCP:b\n", "x.ini"),
        ("[x]\npackages = socat curl\n", "x.ini"),
        ("r:2345:off:socat A:1 B:2\n", "inittab"),
        (
            "service x\n{\n disable = yes\n server = socat\n server_args = A:1 B:2\n}\n",
            "xinetd.d/x",
        ),
    ],
)
def test_what_is_not_run_is_no_command(text, path):
    assert words_of(read_as("ini", text, path)) == []


@given(mutated(SUPERVISOR))
def test_whatever_the_file_it_is_read(text):
    read_as("ini", text, "supervisord.conf")


def test_a_large_file_is_read_at_once():
    assert seconds_for("ini", SUPERVISOR * 120, "supervisord.conf") < 0.5
