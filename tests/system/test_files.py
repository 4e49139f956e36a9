"""Files as addresses: append, creat, excl, trunc, dual addresses, and what a file becomes."""

import os
import stat

import pytest

from tests.support.traffic import read_all


@pytest.fixture
def write(catflap, tmp_path):
    """Return what writes ``new`` from a file to an address and returns the exit status."""
    source = tmp_path / "source"
    source.write_bytes(b"new")

    def run(address: str):
        service = catflap(f"OPEN:{source},rdonly", address, "-u", until="")
        return service.wait(), service.story()

    return run


@pytest.mark.parametrize(
    ("before", "address", "after"),
    [
        (b"old text", "OPEN:{},wronly", b"new text"),
        (b"old text", "OPEN:{},append", b"old textnew"),
        (b"old text", "OPEN:{},trunc", b"new"),
        (b"old text", "CREATE:{}", b"new"),
        (None, "OPEN:{},creat", b"new"),
        (None, "OPEN:{},creat,excl", b"new"),
        (None, "CREATE:{}", b"new"),
        (None, "GOPEN:{}", b"new"),
        (b"old text", "GOPEN:{}", b"old textnew"),
        (b"old text", "OPEN:{},seek=4", b"old new" + b"t"),
    ],
)
def test_how_a_file_is_opened(write, tmp_path, before, address, after):
    """Each way to open a file leaves in it what open(2) says."""
    path = tmp_path / "target"
    if before is not None:
        path.write_bytes(before)
    status, story = write(address.format(path))
    assert status == 0, story
    assert path.read_bytes() == after


@pytest.mark.parametrize(
    ("exists", "address", "words"),
    [
        (False, "OPEN:{}", "No such file"),
        (True, "OPEN:{},creat,excl", "File exists"),
    ],
)
def test_how_a_file_is_not_opened(write, tmp_path, exists, address, words):
    """A missing or an unexpected file is one line and exit 1."""
    path = tmp_path / "target"
    if exists:
        path.write_bytes(b"old")
    status, story = write(address.format(path))
    assert status == 1
    assert words in story
    assert "Traceback" not in story


def test_mode_of_a_new_file(write, tmp_path):
    """mode= is the mode of a file that is made."""
    status, story = write(f"CREATE:{tmp_path}/target,mode=0640")
    assert status == 0, story
    assert stat.S_IMODE((tmp_path / "target").stat().st_mode) == 0o640


def test_dual_of_files(catflap, tmp_path, taker):
    """``OPEN:a!!CREATE:b``: a is read from, b is written to, in one session."""
    (tmp_path / "a").write_bytes(b"question")
    service = catflap(
        f"OPEN:{tmp_path}/a,rdonly!!CREATE:{tmp_path}/b", f"TCP:127.0.0.1:{taker.port}", until=""
    )
    far = taker.take()
    assert far.receive() == b"question"
    assert far.receive() == b""
    far.send(b"answer")
    far.end()
    assert service.wait() == 0
    assert (tmp_path / "b").read_bytes() == b"answer"


def test_every_session_appends(catflap, connect, tmp_path):
    """A listener before a file appends what each client says."""
    path = tmp_path / "log"
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"OPEN:{path},creat,append", "-u")
    for number in range(3):
        near = connect(service.port)
        near.send(b"line %d\n" % number)
        near.end()
        service.wait_for("closed", count=number + 1)
        near.close()
    assert path.read_bytes() == b"line 0\nline 1\nline 2\n"


def test_named_pipe(catflap, taker, tmp_path):
    """A FIFO is read until its last writer is gone."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    service = catflap(f"OPEN:{path},rdonly", f"TCP:127.0.0.1:{taker.port}", "-u", until="")
    with path.open("wb") as writer:
        writer.write(b"through a pipe with a name")
    assert read_all(taker.take()) == read_all_of(b"through a pipe with a name")
    assert service.wait() == 0


def read_all_of(data: bytes) -> str:
    """Return the digest of bytes."""
    import hashlib

    return hashlib.sha256(data).hexdigest()


def test_full_disk(catflap, connect, taker):
    """A device that is full ends the session with an event that says so."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", "OPEN:/dev/full,wronly", "-u")
    near = connect(service.port)
    near.send(b"no room for this")
    closed = service.wait_for("closed")
    assert "No space left" in closed["reason"]
