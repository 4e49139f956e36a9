"""Standard streams through pipes, files, sockets and terminals, and how they are left behind."""

import fcntl
import os
import pty
import socket
import subprocess
import termios

import pytest

from tests.support.traffic import PipeEnd, read_all, read_exactly
from tests.support.waiting import PATIENCE, eventually


def _flags(descriptor) -> int:
    return fcntl.fcntl(descriptor, fcntl.F_GETFL)


def test_files(catflap, echo, tmp_path):
    """``catflap run - TCP:… <in >out``: regular files on both standard streams."""
    data = os.urandom(3_000_001)
    (tmp_path / "in").write_bytes(data)
    with (tmp_path / "in").open("rb") as source, (tmp_path / "out").open("wb") as sink:
        service = catflap("-", f"TCP:127.0.0.1:{echo.port}", until="", stdin=source, stdout=sink)
        assert service.wait() == 0
    assert (tmp_path / "out").read_bytes() == data


def test_pipes(catflap, echo):
    """A question by one pipe, its answer by the other."""
    service = catflap(
        "STDIO",
        f"TCP:127.0.0.1:{echo.port}",
        until="",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    end = PipeEnd(service.process.stdin, service.process.stdout)
    end.send(b"question")
    assert end.receive() == b"question"
    end.end()
    assert end.receive() == b""
    assert service.wait() == 0


def test_socket_as_both(catflap, echo):
    """One socket as standard input and output, as inetd gives it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(PATIENCE)
        service = catflap(
            "STDIO", f"TCP:127.0.0.1:{echo.port}", until="", stdin=theirs, stdout=theirs
        )
        ours.sendall(b"question")
        assert ours.recv(100) == b"question"
        ours.shutdown(socket.SHUT_WR)
        assert ours.recv(100) == b""
        assert service.wait() == 0
        assert not _flags(theirs) & os.O_NONBLOCK


@pytest.mark.parametrize("ends", ["alone", "by signal"])
def test_pipes_stay_blocking(catflap, echo, ends):
    """A pipe that others share is as blocking afterwards, and meanwhile, as it was before."""
    read, write = os.pipe()
    back, out = os.pipe()
    try:
        before = [_flags(number) for number in (read, write, back, out)]
        service = catflap("STDIO", f"TCP:127.0.0.1:{echo.port}", until="", stdin=read, stdout=out)
        os.write(write, b"question")
        assert os.read(back, 100) == b"question"
        assert [_flags(number) for number in (read, write, back, out)] == before
        if ends == "alone":
            os.close(write)
            write = -1
            assert service.wait() == 0
            before.pop(1)
        else:
            assert service.stop() == 143
        rest = [number for number in (read, write, back, out) if number >= 0]
        assert [_flags(number) for number in rest] == before
    finally:
        for number in (read, write, back, out):
            if number >= 0:
                os.close(number)


@pytest.mark.parametrize("number", [0, 15, 9])
def test_terminal_stays_as_it_was(catflap, echo, number):
    """A terminal keeps its flags and settings however the relay ends; raw is put back."""
    ours, theirs = pty.openpty()
    try:
        before = termios.tcgetattr(theirs)
        flags = _flags(theirs)
        option = "" if number == 9 else ",raw,echo=0"
        service = catflap(
            f"STDIO{option}", f"TCP:127.0.0.1:{echo.port}", until="", stdin=theirs, stdout=theirs
        )
        os.write(ours, b"hello\n")
        seen = b""
        while not seen.endswith(b"hello" + (b"\r\n" if number == 9 else b"\n")):
            seen += os.read(ours, 100)
        if option:
            assert termios.tcgetattr(theirs) != before
        if number:
            service.stop(number)
        else:
            echo.close_all()
            service.wait()
        assert not _flags(theirs) & os.O_NONBLOCK
        assert _flags(theirs) == flags
        assert termios.tcgetattr(theirs) == before
    finally:
        os.close(ours)
        os.close(theirs)


def test_dual_of_standard_streams(catflap, taker):
    """``STDIN!!STDOUT`` is what STDIO is."""
    service = catflap(
        "STDIN!!STDOUT",
        f"TCP:127.0.0.1:{taker.port}",
        until="",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    end = PipeEnd(service.process.stdin, service.process.stdout)
    end.send(b"question")
    end.end()
    far = taker.take()
    assert read_exactly(far, 100) == b"question"
    far.send(b"answer")
    far.end()
    assert end.receive() == b"answer"
    assert service.wait() == 0


def test_descriptor_by_number(catflap, echo):
    """FD:n, and a single digit alone, use what the caller opened."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(PATIENCE)
        service = catflap(
            f"FD:{theirs.fileno()}",
            f"TCP:127.0.0.1:{echo.port}",
            until="",
            descriptors=[theirs.fileno()],
        )
        ours.sendall(b"question")
        assert ours.recv(100) == b"question"
        ours.shutdown(socket.SHUT_WR)
        assert service.wait() == 0


def test_reader_of_our_output_goes(catflap, taker):
    """When nobody reads our output any more the session ends instead of spinning."""
    service = catflap(
        "STDOUT", f"TCP:127.0.0.1:{taker.port}", "-U", until="", stdout=subprocess.PIPE
    )
    far = taker.take()
    far.send(b"one")
    assert os.read(service.process.stdout.fileno(), 100) == b"one"
    service.process.stdout.close()

    def is_told() -> bool:
        try:
            far.send(b"two")
        except OSError:
            return True
        return service.process.poll() is not None

    eventually(is_told)
    service.wait()


def test_first_byte_and_version(catflap, echo):
    """``catflap --version`` and the first byte of ``catflap run -`` come; bench says how soon."""
    import sys

    found = subprocess.run(
        [sys.executable, "-m", "catflap", "--version"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "catflap" in found.stdout
    service = catflap(
        "-",
        f"TCP:127.0.0.1:{echo.port}",
        until="",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    end = PipeEnd(service.process.stdin, service.process.stdout)
    end.send(b"1")
    end.end()
    assert read_all(end) == "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
