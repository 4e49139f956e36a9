"""What sessions share, what each has of its own, and when they are over."""

from __future__ import annotations

import os
import signal
import socket
import threading

import pytest

from tests.support.readiness import await_ready
from tests.support.waiting import PATIENCE, eventually


def _say(port: int, data: bytes, host: str = "127.0.0.1") -> None:
    def connected() -> socket.socket | None:
        try:
            return socket.create_connection((host, port), timeout=PATIENCE)
        except ConnectionRefusedError:
            return None

    with eventually(connected) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(99):
            pass


def test_file_before_a_listener_is_opened_once(start, free_port, tmp_path) -> None:
    """What one session writes stands behind what the last one wrote, and is not cut away."""
    port, file = free_port(), tmp_path / "file"
    start("-U", f"OPEN:{file},creat,trunc,append", f"TCP4-LISTEN:{port},fork")
    for word in (b"one ", b"two ", b"three"):
        _say(port, word)
    eventually(lambda: file.read_bytes() == b"one two three")


def test_file_before_a_listener_that_cannot_be_opened_ends_it(ours, free_port, tmp_path) -> None:
    """Before anybody connects."""
    run = ours("-U", f"OPEN:{tmp_path}/no/file,creat", f"TCP4-LISTEN:{free_port()},fork")
    assert run.status == 1
    assert "No such file or directory" in run.log


def test_client_that_connects_again_has_only_so_many_sessions(start) -> None:
    """max-children of a client waits with the next connection until one is over."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        server.settimeout(PATIENCE)
        start("-d", "-d", f"TCP4:127.0.0.1:{port},fork,max-children=2,interval=0.01", "PIPE")
        taken.extend(server.accept()[0] for _ in range(2))
        server.settimeout(0.5)
        with pytest.raises(TimeoutError):
            server.accept()
        taken.pop().close()
        server.settimeout(PATIENCE)
        taken.append(server.accept()[0])
    for sock in taken:
        sock.close()


def test_each_session_has_its_own_files_of_what_passes(start, free_port, tmp_path) -> None:
    """With fork their names may tell the peer, and the moment."""
    port = free_port()
    left = tmp_path / "l.$PROGNAME.$MOO_PEERADDR.$MOO_PEERPORT"
    start("-lp", "moo", "-r", str(left), f"TCP4-LISTEN:{port},fork", "PIPE")
    for word in (b"a", b"b"):
        _say(port, word)
    found = eventually(lambda: (made := sorted(tmp_path.glob("l.*")))[1:] and made)
    assert {each.read_bytes() for each in found} == {b"a", b"b"}
    assert all(each.name.startswith("l.moo.127.0.0.1.") for each in found)


def test_session_whose_bytes_cannot_be_kept_ends(start, free_port, tmp_path) -> None:
    """Who wants them kept is not served without."""
    port = free_port()
    start("-r", f"{tmp_path}/no/file", f"TCP4-LISTEN:{port},fork", "PIPE")
    _say(port, b"a")
    eventually(lambda: "No such file or directory" in (tmp_path / "log").read_text())


def test_statistics_on_demand_need_no_flag(start, free_port, tmp_path) -> None:
    """The bytes are right whether or not anybody looks at them on their way."""
    port = free_port()
    process = start(f"TCP4-LISTEN:{port},fork", "PIPE")
    _say(port, b"12345")
    process.send_signal(signal.SIGUSR1)
    log = tmp_path / "log"
    eventually(lambda: "STATISTICS: right to left: 5 byte(s)" in log.read_text())
    assert "STATISTICS: left to right: 5 byte(s)" in log.read_text()


def test_statistics_that_are_asked_for_too_early_end_nothing(start, tmp_path) -> None:
    """The signal may come before the program is ready for it."""
    process = start("-d", "-d", "PIPE", "PIPE")
    log = tmp_path / "log"
    eventually(lambda: _ignores(process.pid, signal.SIGUSR1))
    process.send_signal(signal.SIGUSR1)
    eventually(lambda: "starting data transfer" in log.read_text())
    assert process.poll() is None


def _ignores(pid: int, number: int) -> bool:
    with open(f"/proc/{pid}/status") as status:
        sets = {line.split()[0]: line.split()[1] for line in status if line.startswith("Sig")}
    ours = int(sets["SigIgn:"], 16) | int(sets["SigCgt:"], 16)
    return bool(ours >> (number - 1) & 1)


@pytest.mark.parametrize("environment", [{}, {"SOCAT_DEFAULT_LISTEN_IP": "0"}])
def test_listener_without_a_preferred_version_takes_both(start, free_port, environment) -> None:
    """-0 is one socket for IPv6 and IPv4."""
    port = free_port()
    words = () if environment else ("-0",)
    start(*words, f"TCP-LISTEN:{port},fork", "PIPE", **environment)
    _say(port, b"x", "127.0.0.1")
    _say(port, b"x", "::1")


def test_nothing_is_read_for_a_stalled_end(start, tmp_path) -> None:
    """What STALL does not take stays for whoever reads next."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    holder = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    try:
        os.write(holder, b"untouched")
        process = start("-u", "-T", "0.3", f"OPEN:{fifo}", "STALL")
        assert process.wait(PATIENCE) == 0
        assert os.read(holder, 99) == b"untouched"
    finally:
        os.close(holder)


def test_empty_packet_ends_a_udp_session(start, ours, free_port, tmp_path) -> None:
    """A client that has nothing more to say tells so, and the listener ends."""
    port, file = free_port(), tmp_path / "file"
    process = start("-u", f"UDP4-LISTEN:{port}", f"CREATE:{file}")
    await_ready(process, "udp", port)
    ours("-t", "0.1", "-", f"UDP4:127.0.0.1:{port}", given=b"all")
    assert process.wait(PATIENCE) == 0
    assert file.read_bytes() == b"all"


def test_program_that_cannot_answer_has_the_time_that_was_said(start, tmp_path) -> None:
    """A sender without a name cannot be answered; its packet is worked on all the same."""
    path, file = tmp_path / "s", tmp_path / "file"
    start(f"UNIX-RECVFROM:{path},fork", f"SYSTEM:read x; sleep 1; echo $x >>{file}")
    eventually(path.exists)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"job\n", str(path))
    eventually(lambda: file.exists() and file.read_bytes() == b"job\n")


@pytest.mark.parametrize("kind", ["UNIX", "ABSTRACT"])
@pytest.mark.parametrize("server", ["LISTEN", "RECVFROM"])
def test_clients_with_names_made_up_do_not_collide(
    start, free_port, tmp_path, kind, server
) -> None:
    """bind-tempname gives each its own, so that datagrams can be answered."""
    port, name = free_port(), f"{tmp_path}/s"
    start(f"{kind}-{server}:{name},fork", "PIPE", log="server")
    client = f"{kind}-CLIENT:{name},bind-tempname={tmp_path}/c.XXXXXX"
    start("-t", "1", f"TCP4-LISTEN:{port},fork", client, log="client")
    answers: list[bytes] = []

    def talk(word: bytes) -> None:
        def answered() -> bytes:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as sock:
                    sock.sendall(word)
                    return sock.recv(99)
            except OSError:
                return b""

        answers.append(eventually(answered))

    talkers = [threading.Thread(target=talk, args=(word,)) for word in (b"a", b"b")]
    for talker in talkers:
        talker.start()
    for talker in talkers:
        talker.join()
    assert sorted(answers) == [b"a", b"b"]
    eventually(lambda: not list(tmp_path.glob("c.*")))


def test_dtls_client_waits_no_longer_than_a_receive_may(ours, free_port) -> None:
    """so-rcvtimeo bounds the silence of a server that never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        run = ours("-", f"DTLS:127.0.0.1:{port},verify=0,so-rcvtimeo=0.3")
    assert run.status == 1
    assert "nothing came within 0.3 s (so-rcvtimeo)" in run.log


def test_file_without_the_cache_is_read(ours, tmp_path) -> None:
    """O_DIRECT reads into memory that begins at a page."""
    file = tmp_path / "file"
    file.write_bytes(b"direct")
    try:
        os.close(os.open(file, os.O_RDONLY | os.O_DIRECT))
    except OSError:
        pytest.skip("this file system has no O_DIRECT")
    assert ours("-u", f"OPEN:{file},o-direct", "-").out == b"direct"


def test_terminal_keeps_what_a_program_left_for_a_moment(start, tmp_path) -> None:
    """Closing a terminal throws away what nobody has read, so its end waits as ``-t`` says."""
    link, done = tmp_path / "tty", tmp_path / "done"
    program = f"SYSTEM:echo here; echo x >{done}"
    start("-t", "20", f"PTY,link={link},wait-slave,pty-interval=0.05,rawer", program)
    eventually(link.exists)
    with open(link, "rb", buffering=0) as terminal:
        eventually(done.exists)
        assert terminal.read(10) == b"here\n"


def test_peer_that_takes_no_more_is_a_failure(start, free_port, tmp_path) -> None:
    """As by the C program, whether its reset is heard by reading or by writing."""
    port = free_port()
    process = start(f"TCP4-LISTEN:{port},bind=127.0.0.1", "EXEC:yes")
    await_ready(process, "tcp", port)
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as sock:
        assert sock.recv(2) == b"y\n"
    assert process.wait(PATIENCE) == 1
    log = (tmp_path / "log").read_text()
    assert "): Broken pipe" in log or "): Connection reset by peer" in log
