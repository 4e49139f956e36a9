"""The log: its form, its levels, where it goes."""

from __future__ import annotations

import os
import re
import socket
import stat

import pytest

from tests.support.waiting import eventually

LINE = r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d socat\[\d+\] [EWNI] .+"


def test_every_line_has_the_form_that_programs_parse(ours) -> None:
    lines = ours("-d", "-d", "-d", "-", "PIPE", given=b"x").log.splitlines()
    assert lines
    assert all(re.fullmatch(LINE, line) for line in lines), lines


def test_notices_tell_the_life_of_a_transfer(ours) -> None:
    log = ours("-d2", "-", "EXEC:cat", given=b"x").log
    for text in (
        "N starting data transfer loop with FDs [",
        "is at EOF",
        "N exiting with status 0",
    ):
        assert text in log


def test_times_name_and_host_as_asked(ours) -> None:
    log = ours("-lu", "-lh", "-lp", "relay", "-", "FOO", HOSTNAME="").log
    host = re.escape(os.uname().nodename)
    assert re.match(rf"\S+ \d\d:\d\d:\d\d\.\d{{6}} {host} relay\[\d+\] E ", log)


def test_quiet_program_says_nothing(ours) -> None:
    assert ours("-", "PIPE", given=b"x").log == ""


def test_errors_alone_with_d0(ours) -> None:
    log = ours("-d0", "-", "TCP:127.0.0.1:1").log
    assert [line.split()[3] for line in log.splitlines()] == ["E"]


def test_log_file_takes_the_lines_and_is_not_for_everybody(ours, tmp_path) -> None:
    path = tmp_path / "socat.log"
    run = ours("-lf", str(path), "-", "FOO")
    assert run.log == ""
    assert "unknown device/address" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0


def test_log_file_that_cannot_be_opened_is_told(ours) -> None:
    run = ours("-lf", "/nonexistent/log", "-", "PIPE")
    assert run.status == 1
    assert "/nonexistent/log" in run.log


def test_bytes_of_a_stranger_move_no_cursor(ours) -> None:
    log = ours("-", "FOO\x1b[31m:x").log
    assert "\x1b" not in log


def test_statistics_at_the_end(ours) -> None:
    log = ours("--statistics", "-", "PIPE", given=b"hello\n").log
    assert "STATISTICS: left to right: 1 packets(s), 6 byte(s)" in log
    assert "STATISTICS: right to left: 1 packets(s), 6 byte(s)" in log


@pytest.mark.parametrize(
    ("host", "options", "details"),
    [
        (
            "127.0.0.1",
            "ip-recvttl,ip-recvtos,ip-pktinfo,so-timestamp",
            [
                r"SCM_TIMESTAMP: timestamp=\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}, \d{6} usecs",
                "IP_PKTINFO: if=lo",
                r"IP_PKTINFO: locaddr=127\.0\.0\.1",
                r"IP_PKTINFO: dstaddr=127\.0\.0\.1",
                r"IP_TTL: ttl=\d+",
                "IP_TOS: tos=0",
            ],
        ),
        (
            "[::1]",
            "ipv6-recvpktinfo,ipv6-recvhoplimit,ipv6-recvtclass",
            [
                r"IPV6_PKTINFO: dstaddr=\[0000:0000:0000:0000:0000:0000:0000:0001\]",
                "IPV6_PKTINFO: if=lo",
                r"IPV6_HOPLIMIT: hoplimit=\d+",
                "IPV6_TCLASS: tclass=x00000000",
            ],
        ),
    ],
)
def test_packets_tell_what_was_asked_of_them(
    start, free_port, tmp_path, host, options, details
) -> None:
    """What the kernel says of each packet stands in the log, line by line as in the C program's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.bind((host.strip("[]"), 0))
        port = free_port()
        kind = "UDP6" if ":" in host else "UDP4"
        start("-d", "-d", "-d", "-u", f"{kind}-RECV:{port},bind={host},{options}", "STDOUT")
        log = tmp_path / "log"
        eventually(lambda: "starting data transfer loop" in log.read_text())
        sender.sendto(b"hello", (host.strip("[]"), port))
        eventually(lambda: "transferred 5 bytes" in log.read_text())
    told = [line.partition("ancillary message: ")[2] for line in log.read_text().splitlines()]
    told = [line for line in told if line]
    assert len(told) == len(details)
    assert all(any(re.fullmatch(wanted, line) for line in told) for wanted in details), told


def test_name_of_a_terminal_is_told_as_scripts_look_for_it(ours) -> None:
    """Scripts cut the name of the terminal out of this very line."""
    done = ours("-d", "-d", "-t0.1", "/dev/null", "PTY")
    assert re.search(r" N PTY is /dev/pts/\d+$", done.log, re.MULTILINE)
