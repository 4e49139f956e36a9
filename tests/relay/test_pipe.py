"""PIPE: the echo without a name, the FIFO with one."""

import os
import socket
import stat
import subprocess
import sys
import threading

import pytest

from tests.support.waiting import PATIENCE, eventually

_RUN = (sys.executable, "-m", "catflap", "run", "--log-format", "json")


def start(*words: str, **settings) -> subprocess.Popen:
    return subprocess.Popen(
        [*_RUN, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        **settings,
    )  # fmt: skip


def finish(process: subprocess.Popen, given: bytes | None = None) -> tuple[bytes, bytes, int]:
    output, errors = process.communicate(given, timeout=60)
    return output, errors, process.returncode


def mode_of(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_echo():
    """What goes in comes out, to the last byte."""
    data = os.urandom(300_000)
    assert finish(start("STDIO", "PIPE"), data)[0] == data


def test_echo_for_everyone(catflap):
    """Each session has a pipe of its own."""
    service = catflap("TCP-LISTEN:0", "ECHO,f-setpipe-sz=65536")
    peers = [socket.create_connection(("127.0.0.1", service.port), PATIENCE) for _ in range(5)]
    for number, peer in enumerate(peers):
        peer.sendall(b"%d" % number)
    for number, peer in enumerate(peers):
        assert peer.recv(10) == b"%d" % number
        peer.shutdown(socket.SHUT_WR)
        assert peer.recv(10) == b""
        peer.close()


def test_fifo_is_made_written_and_removed(tmp_path):
    """A reader that comes later gets all of it; the FIFO is ours alone and goes with us."""
    path = tmp_path / "fifo"
    writer = start("-u", "STDIO", f"PIPE:{path}")
    eventually(path.exists)
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert mode_of(path) == 0o600
    got = []
    reader = threading.Thread(target=lambda: got.append(path.read_bytes()))
    reader.start()
    assert finish(writer, b"through") == (b"", b"", 0)
    reader.join(PATIENCE)
    assert got == [b"through"]
    assert not path.exists()


@pytest.mark.parametrize(
    ("options", "mode"),
    [
        (",mode=640", 0o640),
        (",perm=606", 0o606),
        (",umask=027", 0o640),
        (",mode=622,umask=077", 0o622),
    ],
)
def test_fifo_is_made_with_its_mode(tmp_path, options, mode):
    """At once: nobody else can have opened it before."""
    path = tmp_path / "fifo"
    process = start("-u", f"PIPE:{path}{options}", "STDIO")
    eventually(path.exists)
    assert mode_of(path) == mode
    path.write_bytes(b"x")
    assert finish(process)[0] == b"x"
    assert not path.exists()


def test_fifo_of_others_stays(tmp_path):
    """What was there before us is used and left, unless we are told otherwise."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    for options, stays in (("", True), (",unlink-close=0", True), (",unlink-close", False)):
        process = start("-u", f"PIPE:{path}{options}", "STDIO")
        path.write_bytes(b"x")
        assert finish(process)[0] == b"x"
        assert path.exists() == stays, options


def test_fifo_of_ours_stays_when_told(tmp_path):
    """unlink-close=0 leaves it."""
    path = tmp_path / "fifo"
    process = start("-u", f"PIPE:{path},unlink-close=0", "STDIO")
    eventually(path.exists)
    path.write_bytes(b"x")
    finish(process)
    assert path.exists()


def test_fifo_both_ways_hears_itself(tmp_path):
    """Opened for both ways it is its own other end, as in the C program."""
    path = tmp_path / "fifo"
    assert finish(start("STDIO", f"PIPE:{path}"), b"both")[0] == b"both"
    assert not path.exists()


def test_fifo_of_several_sessions_goes_with_the_last(catflap, tmp_path):
    """The first session to end does not take it from the others."""
    path = tmp_path / "fifo"
    service = catflap("TCP-LISTEN:0", f"PIPE:{path}", "-U")
    first = socket.create_connection(("127.0.0.1", service.port), PATIENCE)
    second = socket.create_connection(("127.0.0.1", service.port), PATIENCE)
    service.wait_for("opened", count=2)
    writer = os.open(path, os.O_WRONLY)
    first.close()
    os.write(writer, b"x" * 10)
    eventually(path.exists)
    os.close(writer)
    while second.recv(100):
        pass
    second.close()
    eventually(lambda: not path.exists())


@pytest.mark.parametrize(
    ("before", "options", "said"),
    [
        ("file", "", "is no FIFO"),
        ("fifo", ",excl", "is there already"),
        ("", ",creat=0", "No such file"),
        ("folder", "", "is no FIFO"),
        ("fifo", ",nonblock", "nobody reads it"),
        ("", ",nonblock", "nobody reads it"),
        ("", ",f-setpipe-sz=2000000000,rdwr", "cannot hold"),
    ],
)
def test_what_cannot_be(tmp_path, before, options, said):
    """One clear reason, status 1, and nothing of ours left behind."""
    path = tmp_path / "fifo"
    {"file": path.touch, "folder": path.mkdir, "fifo": lambda: os.mkfifo(path)}.get(
        before, lambda: None
    )()
    _, errors, status = finish(start("-u", "STDIO", f"PIPE:{path}{options}"), b"x")
    assert status == 1
    assert said in errors.decode()
    assert path.exists() == bool(before)


def test_nobody_reads(tmp_path):
    """A writer waits for a reader as long as the limit says."""
    process = start("--connect-timeout", "0.2", "-u", "STDIO", f"PIPE:{tmp_path}/fifo")
    _, errors, status = finish(process, b"x")
    assert status == 1
    assert "nobody reads" in errors.decode()
    assert not list(tmp_path.iterdir())


def test_stale_entry_is_removed_first(tmp_path):
    """unlink-early makes way for the FIFO."""
    path = tmp_path / "fifo"
    path.write_text("stale")
    process = start("-u", f"PIPE:{path},unlink-early", "STDIO")
    eventually(path.is_fifo)
    path.write_bytes(b"x")
    assert finish(process)[0] == b"x"


def test_directory_and_late_removal(tmp_path):
    """chdir says where; unlink-late takes the name away once it is open."""
    process = start("STDIO", f"PIPE:fifo,cd={tmp_path},unlink-late")
    assert finish(process, b"x")[0] == b"x"
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a file away")
def test_owner(tmp_path):
    """user= and group= give it away, once it is open."""
    path = tmp_path / "fifo"
    process = start("-u", f"PIPE:{path},user=nobody,group=daemon", "STDIO")
    eventually(lambda: path.exists() and (path.owner(), path.group()) == ("nobody", "daemon"))
    path.write_bytes(b"x")
    finish(process)
