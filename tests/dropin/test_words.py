"""What is wrong is told in the words by which people and programs look for it."""

from __future__ import annotations

import re

import pytest

from tests.support.readiness import await_ready

WRONG = [
    (["-b", "9223372036854775808", "-", "PIPE"], "buffer size option (-b) to big"),
    (["-u", 'OPEN:/tmp/a"b', "STDOUT"], 'syntax error in "OPEN:/tmp/a"b"'),
    (["-", "PTY,ispeed=b19200"], 'parseopts(): missing numerical value of option "ispeed=b19200"'),
    (
        ["-", "PTY,ispeed=19200B"],
        'parseopts(): trailing garbage in numerical arg of option "ispeed=19200B"',
    ),
    (["-", "PIPE,mode=89"], 'parseopts(): missing numerical value of option "mode=89"'),
    (["-", "PIPE,user"], 'option "user": value required'),
    (["-", "TCP4:127.0.0.1:1,pf=ip9"], 'unknown protocol family "ip9"'),
    (["-", "TCP4:127.0.0.1:"], "empty port/service"),
    (["-", "TCP4:127.0.0.1:no-such"], "Servname not supported for ai_socktype"),
    (["-", "FD:x"], 'error in FD number "x"'),
    (
        ["-", f"UNIX-CONNECT:/{'x' * 120}"],
        "unix socket address 121 characters long, max length is 108",
    ),
    (["-", "SSL:127.0.0.1:1,min-proto-version=TLS9"], 'Unknown SSL/TLS version "TLS9"'),
    (["-lq", "-", "PIPE"], 'unknown log option "-lq"'),
    (["-t", "0.2s", "-", "PIPE"], 'parseopts(): trailing garbage in numerical arg of option "-t"'),
    (["-b"], 'option -b requires an argument; use option "-h" for help'),
    (["-lf"], 'option -lf requires an argument; use option "-h" for help'),
    (["-b", "-5", "-", "PIPE"], "buffer size option (-b) to big"),
    (["-", "EXEC:cat,pty,socktype=2"], "socktype has no effect without a socket pair"),
]


@pytest.mark.parametrize(("words", "text"), WRONG, ids=lambda value: str(value)[:50])
def test_what_is_wrong_has_the_known_words(ours, words, text) -> None:
    """One line of the log says it, and the program fails."""
    run = ours(*words)
    assert run.status == 1
    assert text in run.log


def test_last_number_of_the_version_line_is_the_languages(ours) -> None:
    """Scripts cut the version out with a greedy pattern."""
    second = ours("-V").out.decode().splitlines()[1]
    found = re.sub(r".* ([0-9]+\.[0-9]+\.[0-9]\S*).*", r"\1", second)
    assert found == "1.8.1.3"


def test_fdout_of_a_program_that_is_only_written_to_is_refused(ours) -> None:
    """It would have no effect, and nothing fails in silence."""
    run = ours("-u", "-", "EXEC:cat,fdout=3")
    assert run.status == 1
    assert "fdout has no effect where nothing is read from the program" in run.log
    assert ours("-U", "-", "EXEC:cat,fdin=3").status == 1


RANGES = [
    ("TCP4-LISTEN:{port},range=localhost:255.255.255.255", True),
    ("TCP4-LISTEN:{port},range=localhost", True),
    ("TCP4-LISTEN:{port},range=localhost/32", True),
    ("SOCKET-LISTEN:2:6:x{hex}7f000001x0000000000000000,range=x00007f000000:x0000ff000000", True),
    ("SOCKET-LISTEN:2:6:x{hex}7f000001x0000000000000000,range=x00007f010000:x0000ffff0000", False),
]


@pytest.mark.parametrize(("address", "enters"), RANGES, ids=lambda value: str(value)[:60])
def test_ranges_by_name_and_by_raw_bytes_hold(start, ours, free_port, address, enters) -> None:
    """The C program takes both; here they become numbers before anything is judged."""
    port = free_port()
    written = address.format(port=port, hex=f"{port:04x}")
    listener = start(f"{written},reuseaddr", "PIPE", log="listener")
    await_ready(listener, "tcp", port)
    run = ours("-", f"TCP4:127.0.0.1:{port}", given=b"may I?")
    assert (run.out == b"may I?") == enters
    assert (listener.poll() is None) or enters


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("TCP4-LISTEN:0,range=no-such-host.invalid/8", "no-such-host.invalid is not known"),
        ("TCP4-LISTEN:0,range=1.2.3", "missing netmask delimiter"),
        ("TCP4-LISTEN:0,range=1.2.3/8", "is no IPv4 address"),
        ("TCP4-LISTEN:0,range=10.0.0.0/99", "/99 is not a prefix length"),
        ("SOCKET-LISTEN:2:6:x0000x7f000001,range=x0001x7f000000:xffffxff000000", "asks for a port"),
    ],
)
def test_ranges_that_are_none_are_refused(ours, address, text) -> None:
    """A listener that meant to keep somebody out does not start without."""
    run = ours(address, "PIPE")
    assert run.status == 1
    assert text in run.log
