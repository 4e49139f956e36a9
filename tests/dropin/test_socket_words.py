"""Sockets and packets, told with their addresses as the C program tells them."""

from __future__ import annotations

import re
import socket

import pytest

from tests.support.readiness import await_ready
from tests.support.waiting import PATIENCE, eventually


def _notices(text: str) -> list[str]:
    return [line.partition("] ")[2] for line in text.splitlines() if " N " in line]


PACKETS = [
    ("UDP4-RECVFROM:{p}", "UDP4-SENDTO:127.0.0.1:{p}", r"N receiving packet from AF=2 127\.0\.0\.1:\d+"),
    ("UDP4-RECVFROM:{p},fork", "UDP4-SENDTO:127.0.0.1:{p}", r"N receiving packet from AF=2 127\.0\.0\.1:\d+"),
    ("UDP4-RECVFROM:{p}", "UDP4-SENDTO:127.0.0.1:{p}", r"N received packet with 6 bytes from AF=2 127\.0\.0\.1:\d+"),
    ("UDP4-LISTEN:{p}", "UDP4:127.0.0.1:{p}", r"N accepting UDP connection from AF=2 127\.0\.0\.1:\d+"),
    ("UDP4-LISTEN:{p},fork", "UDP4:127.0.0.1:{p}", r"N accepting UDP connection from AF=2 127\.0\.0\.1:\d+"),
    ("UDP4-LISTEN:{p},range=10.0.0.0/8", "UDP4:127.0.0.1:{p}", r"N forbidding UDP connection from AF=2 127\.0\.0\.1:\d+"),
    ("UDP4-RECVFROM:{p},range=10.0.0.0/8", "UDP4:127.0.0.1:{p}", r"W refusing connection from AF=2 127\.0\.0\.1:\d+ due to range option"),
    ("UNIX-RECVFROM:{d}/s", "UNIX-SENDTO:{d}/s,bind={d}/c", r'N receiving packet from AF=1 ".*/c"'),
    ("ABSTRACT-RECVFROM:s{p}", "ABSTRACT-SENDTO:s{p},bind=c{p}", r'N receiving packet from AF=1 "\\0c\d+"'),
]  # fmt: skip


@pytest.mark.parametrize("program", ["ours", "theirs"])
@pytest.mark.parametrize(("server", "client", "told"), PACKETS, ids=lambda value: str(value)[:45])
def test_packets_are_told_with_their_senders(
    start, request, free_port, tmp_path, server, client, told, program
) -> None:
    """The server is ours; the client is either program."""
    port = free_port()
    server, client = (
        text.replace("{p}", str(port)).replace("{d}", str(tmp_path)) for text in (server, client)
    )
    start("-d", "-d", server, "PIPE", CATFLAP_GATE="off")
    log = tmp_path / "log"
    eventually(lambda: "N receiving on" in log.read_text() or "N listening on" in log.read_text())
    request.getfixturevalue(program)("-t0.2", "-", client, given=b"hello\n")
    eventually(lambda: re.search(told, log.read_text()), what=told)


def test_packets_to_many_are_told_with_their_senders(start, ours, free_port, tmp_path) -> None:
    port = free_port()
    start("-d", "-d", "-u", f"UDP4-RECV:{port},bind=127.0.0.1", "STDOUT")
    log = tmp_path / "log"
    eventually(lambda: "N starting data transfer loop" in log.read_text())
    sender = ours("-d", "-d", "-t0.1", "-", f"UDP4-SENDTO:127.0.0.1:{port}", given=b"hello\n")
    assert "N successfully prepared local socket AF=2 0.0.0.0:0" in _notices(sender.log)
    assert any(line.startswith("N local address: AF=2 0.0.0.0:") for line in _notices(sender.log))
    wanted = r"N received packet with 6 bytes from AF=2 127\.0\.0\.1:\d+"
    eventually(lambda: re.search(wanted, log.read_text()), what=wanted)


def test_abstract_names_are_told_as_the_c_program_does(start, theirs, free_port, tmp_path) -> None:
    """In the log and in the environment of programs."""
    name = f"catflap-{free_port()}"
    command = "SYSTEM:read x; printenv SOCAT_SOCKADDR SOCAT_PEERADDR"
    start("-d", "-d", f"ABSTRACT-LISTEN:{name}", command)
    log = tmp_path / "log"
    eventually(lambda: "N listening on" in log.read_text())
    client = theirs("-", f"ABSTRACT-CONNECT:{name},bind={name}-c", given=b"x\n")
    assert client.out.decode() == f"\\0{name}\n\\0{name}-c\n"
    told = _notices(log.read_text())
    assert f'N listening on AF=1 "\\0{name}"' in told
    assert f'N accepting connection from AF=1 "\\0{name}-c" on AF=1 "\\0{name}"' in told


def test_path_of_a_client_is_told(start, theirs, tmp_path) -> None:
    server = start("-d", "-d", f"UNIX-LISTEN:{tmp_path}/s", "PIPE")
    await_ready(server, "file", path=tmp_path / "s")
    theirs("-", f"UNIX-CONNECT:{tmp_path}/s,bind={tmp_path}/c", given=b"x")
    wanted = f'N accepting connection from AF=1 "{tmp_path}/c" on AF=1 "{tmp_path}/s"'
    assert wanted in _notices((tmp_path / "log").read_text())


def test_peer_whose_way_leads_nowhere_sees_an_end(start, free_port, tmp_path) -> None:
    """A plain end as by the C program, no reset, whatever the peer has said by then."""
    port, nobody = free_port(), free_port()
    start(f"TCP4-LISTEN:{port},bind=127.0.0.1,fork", f"TCP4:127.0.0.1:{nobody}", CATFLAP_GATE="off")
    peer: list[socket.socket] = []

    def connected() -> bool:
        try:
            peer.append(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
        except ConnectionRefusedError:
            return False
        return True

    eventually(connected)
    with peer[0] as sock:
        assert sock.recv(10) == b""
    eventually(lambda: "Connection refused" in (tmp_path / "log").read_text())


def test_program_gets_packets_of_a_peer_though_it_is_nofork(
    start, theirs, free_port, tmp_path
) -> None:
    """One socket serves all peers here, so the program has a socket of its own."""
    port = free_port()
    start("-d", "-d", f"UDP4-LISTEN:{port},bind=127.0.0.1", "EXEC:cat,nofork")
    log = tmp_path / "log"
    eventually(lambda: "N listening on UDP" in log.read_text())
    words = ("-t0.5", "-", f"UDP4:127.0.0.1:{port}")
    run = theirs(*words, given=b"hello\n", until=b"hello\n")
    assert run.out == b"hello\n"


def test_what_is_shown_is_what_is_written(ours, theirs) -> None:
    """With crnl the carriage returns too, as by the C program."""
    words = ["-v", "-u", "-", "CREATE:/dev/null,crnl"]
    mine, real = ours(*words, given=b"a\nb\n"), theirs(*words, given=b"a\nb\n")
    assert mine.log.splitlines()[1:] == real.log.splitlines()[1:] == ["a\\r", "b\\r"]
    assert "length=6 from=0 to=5" in mine.log


def test_nothing_is_told_after_a_signal(start, tmp_path) -> None:
    """The line with the status is the last one."""
    process = start("-d", "-d", "PIPE", "PIPE")
    log = tmp_path / "log"
    eventually(lambda: "starting data transfer loop" in log.read_text())
    process.terminate()
    assert process.wait(PATIENCE) == 143
    assert _notices(log.read_text())[-1] == "N exit(143)"


def test_host_of_the_log_is_that_of_the_environment(ours) -> None:
    log = ours("-lh", "-", "FOO", HOSTNAME="elsewhere").log
    assert re.match(r"\S+ \S+ elsewhere socat\[\d+\] E ", log)
