"""Failures and beginnings, told so that who searches socat's log for them finds them."""

from __future__ import annotations

import re
import socket

import pytest

from tests.support.ports import free_port

FAILURES = [
    ("refused", ["-", "TCP4:127.0.0.1:{p}"], r" W connect\(\d+, AF=2 127\.0\.0\.1:{p}, 16\): Conn"),
    ("refused-told", ["-", "TCP4:127.0.0.1:{p}"], r" E TCP4:127\.0\.0\.1:{p}: Connection refused"),
    ("refused-6", ["-", "TCP6:[::1]:{p}"], r" W connect\(\d+, AF=10 \[0000:[0:]+:0001\]:{p}, 28\)"),
    ("by-name", ["-", "TCP4:localhost:{p}"], r" W connect\(\d+, AF=2 127\.0\.0\.1:{p}, 16\): Conn"),
    ("socks", ["-", "SOCKS4:127.0.0.1:192.0.2.1:80,socksport={p}"], r" W connect\(\d+, AF=2 127\.0\.0\.1:{p}, 16\)"),
    ("proxy", ["-", "PROXY:127.0.0.1:192.0.2.1:80,proxyport={p}"], r" W connect\(\d+, AF=2 127\.0\.0\.1:{p}, 16\)"),
    ("other-version", ["-", "TCP4:[::1]:{p}"], r' E getaddrinfo\("::1", .*: Address family for hostname not supp'),
    ("other-version-6", ["-", "TCP6:127.0.0.1:{p}"], r" E getaddrinfo\(.127.0.0.1., .*: Address family for hostname not supp"),
    ("client", ["-", "UNIX-CLIENT:{d}/no"], r" E UNIX-CLIENT:{d}/no: No such file"),
    ("packet-unix", ["-u", "-", "UNIX-SENDTO:{d}/no"], r" E sendto\(.* AF=1 .{d}/no., \d+\): No such file"),
    ("packet-abstract", ["-u", "-", "ABSTRACT-SENDTO:n{p}"], r' E sendto\(.* AF=1 "\\0n{p}", \d+\): Connection refused'),
    ("packet-broadcast", ["-u", "-", "UDP4-SENDTO:255.255.255.255:{p}"], r" E sendto\(.* AF=2 255\.255\.255\.255:{p}, 16\): Permission denied"),
    ("not-executable", ["-", "EXEC:/etc/passwd"], r' E execvp\("/etc/passwd", "/etc/passwd"\): Permission denied'),
    ("user", ["-u", "-", "CREATE:{d}/f,user=no-such-user"], r' E getpwnam\("no-such-user"\): no such user'),
    ("group", ["-u", "-", "CREATE:{d}/f,group=no-such-group"], r' E getgrnam\("no-such-group"\): no such group'),
    ("certificate", ["OPENSSL-LISTEN:{p},cert={d}/no", "-"], r" E SSL_CTX_use_certificate_file\(\).*No such file"),
    ("key", ["OPENSSL-LISTEN:{p},cert={d}/no,key={d}/no", "-"], r" E SSL_CTX_use_(certificate|PrivateKey)_file\(\).*No such file"),
    ("authorities", ["-", "OPENSSL:127.0.0.1:{p},cafile={d}/no"], r" E SSL_CTX_load_verify_locations\(\).*No such file"),
    ("no-reader", ["-u", "-", "PIPE:{d}/p,nonblock"], r' E open\("{d}/p", .*: No such device or address'),
    ("lock-file", ["-u", "-", "CREATE:{d}/f,lockfile={s}"], r' E could not obtain lock "{s}"'),
    ("a-socket", ["-u", "OPEN:{s}", "-"], r' E open\("{s}", 00, 0666\): No such device or address'),
    ("unix", ["-", "UNIX-CONNECT:{d}/no"], r' E connect\(, AF=1 "{d}/no", \d+\): No such file'),
    ("abstract", ["-", "ABSTRACT-CONNECT:n{p}"], r" E connect\(, AF=1 .*n{p}.*Connection refused"),
    ("missing", ["-u", "OPEN:{d}/no", "-"], r' E open\("{d}/no", 00, 0666\): No such file or dir'),
    ("excl", ["-u", "-", "OPEN:{d},creat,excl"], r' E open\("{d}", 0301, 0666\): File exists'),
    ("gopen", ["-u", "-", "{d}/no/x"], r' E open\("{d}/no/x", 0101, 0666\): No such file or dir'),
    ("creat", ["-u", "-", "CREATE:{d}/no/x"], r' E creat\("{d}/no/x", 0666\): No such file or dir'),
    ("bind", ["TCP4-LISTEN:{p},bind=192.0.2.1", "-"], r" E bind\(\d+, \{AF=2 192\.0\.2\.1:{p}\}, 1"),
    ("unix-bind", ["UNIX-LISTEN:{d}/no/s", "-"], r' E bind\(\d+, \{AF=1 "{d}/no/s"\}, \d+\): No su'),
    ("unix-there", ["UNIX-LISTEN:{d}", "-"], r' E "{d}" exists'),
    ("program", ["-", "EXEC:{d}/no"], r' E execvp\("{d}/no", "{d}/no"\): No such file or directory'),
    ("full", ["-u", "-", "OPEN:/dev/full"], r" E write\(\d+, .*: No space left on device"),
    ("directory", ["-u", "OPEN:{d}", "-"], r" E read\(\d+, .*: Is a directory"),
    ("bad-number", ["-b", "x", "-", "-"], r' E parseopts\(\): missing numerical value of option "-b"'),
]  # fmt: skip


@pytest.mark.parametrize(("words", "told"), [f[1:] for f in FAILURES], ids=[f[0] for f in FAILURES])
def test_a_failure_is_told_as_socat_does(ours, theirs, tmp_path, words, told) -> None:
    """The name of the system call, what it was asked, and what errno says."""
    port = free_port()

    def filled(text: str) -> str:
        named = text.replace("{s}", str(tmp_path / "socket"))
        return named.replace("{p}", str(port)).replace("{d}", str(tmp_path))

    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
    mine = ours(*map(filled, words), given=b"x\n")
    real = theirs(*map(filled, words), given=b"x\n")
    assert re.search(filled(told), mine.log), mine.log
    # Debian 12's 1.7.4.4 has one line where 1.8.1 has a warning and an error.
    if " W " not in told and "TCP" not in told and "getaddrinfo" not in told:
        assert re.search(filled(told), real.log), real.log
    assert mine.status == 1
    # The C program mostly ends before it hears how its child did.
    assert real.status == 1 or "execvp" in told


BEGINNINGS = [
    ("stdio", ["-", "PIPE"]),
    ("one-way", ["-u", "STDIN", "STDOUT"]),
    ("standard-error", ["-u", "-", "STDERR"]),
    ("descriptors", ["-u", "FD:0", "FD:1"]),
    ("file", ["-u", "OPEN:{d}/f", "-"]),
    ("backward", ["-U", "CREATE:{d}/g", "OPEN:{d}/f"]),
    ("device", ["-u", "-", "/dev/null"]),
    ("program", ["-", "EXEC:cat"]),
    ("pipes", ["-t0.1", "-", "SYSTEM:cat,pipes"]),
    ("pty", ["-t0.1", "-", "EXEC:cat,pty,raw,echo=0"]),
]


@pytest.mark.parametrize("words", [b[1] for b in BEGINNINGS], ids=[b[0] for b in BEGINNINGS])
def test_what_is_opened_is_told_as_socat_does(ours, theirs, tmp_path, words) -> None:
    """The notices of ``-d -d`` before bytes flow, in order; the numbers of descriptors differ."""
    (tmp_path / "f").write_text("x\n")
    filled = [word.replace("{d}", str(tmp_path)) for word in words]

    def shape(log: str) -> list[str]:
        told = [line.partition("] ")[2] for line in log.splitlines() if " N " in line]
        known = ("N forked off child process", "N execvp'ing", "N childdied")
        return [line for line in told if not line.startswith(known) and "is at EOF" not in line]

    def beginnings(run) -> list[str]:
        lines = shape(re.sub(r"with FDs .*", "with FDs", run.log))
        return lines[: lines.index("N starting data transfer loop with FDs") + 1]

    mine = ours("-d", "-d", *filled, given=b"x\n")
    real = theirs("-d", "-d", *filled, given=b"x\n")
    assert beginnings(mine) == beginnings(real)


def test_a_program_is_told_to_end_before_it_loses_its_terminal(ours) -> None:
    """It has no time to complain of its terminal on our standard error."""
    run = ours("-t0.2", "-", "EXEC:cat,pty,rawer", given=b"hello\n", until=b"hello\n")
    assert (run.out, run.log, run.status) == (b"hello\n", "", 0)


def test_what_is_tried_and_how_it_ends_is_told(ours) -> None:
    """Notices before and after the error, as the C program has them."""
    port = free_port()
    told = [
        line.partition("] ")[2]
        for line in ours("-dd", "-", f"TCP4:127.0.0.1:{port}").log.splitlines()
    ]
    assert told[0] == "N reading from and writing to stdio"
    assert told[1] == f"N opening connection to AF=2 127.0.0.1:{port}"
    assert told[-1] == "N exit(1)"


def test_each_further_try_is_told_by_its_system_call(ours) -> None:
    port = free_port()
    log = ours("-dd", "-", f"TCP4:127.0.0.1:{port},retry=1,interval=0.05").log
    assert re.search(rf" N connect\(\d+, AF=2 127\.0\.0\.1:{port}, 16\): Connection refused", log)


def test_silent_peer_is_told_by_what_was_tried(ours) -> None:
    """A listener whose queue is full answers nobody any more."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for sock in (first, second):
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())
        port = full.getsockname()[1]
        run = ours("-", f"TCP4:127.0.0.1:{port},connect-timeout=0.2")
    assert run.status == 1
    assert f" E connecting to AF=2 127.0.0.1:{port}: Connection timed out" in run.log
