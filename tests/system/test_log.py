"""What the log says: one JSON object a line, wire bytes escaped, payload only on request."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys

import pytest
from OpenSSL import SSL

from catflap.service import payload
from tests.support.readiness import await_ready
from tests.support.traffic_peers import Program
from tests.support.traffic_tls import TlsClient
from tests.support.waiting import eventually
from tests.system.test_up import bridge, speaks, to

_SECRET = b"hunter2-is-the-password"


def test_every_line_is_json(catflap, connect, echo, tmp_path):
    """--log-file: each line parses, carries a UTC time, and tells the session from end to end."""
    path = tmp_path / "log"
    service = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1",
        f"TCP:127.0.0.1:{echo.port}",
        f"--log-file={path}",
        until="",
    )

    def events():
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text().splitlines()]

    def listening():
        return [event for event in events() if event["event"] == "listening"]

    (found,) = eventually(listening)
    port = int(found["on"][0].rpartition(":")[2])
    near = connect(port)
    assert near.ask(_SECRET) == _SECRET
    near.close()
    eventually(lambda: [event for event in events() if event["event"] == "closed"])
    assert service.stop() == 0
    told = events()
    assert [event["event"] for event in told] == [
        "started",
        "listening",
        "opened",
        "closed",
        "stopped",
    ]
    assert all(event["time"].endswith("Z") for event in told)
    opened, closed = told[2], told[3]
    assert opened["session"] == closed["session"]
    assert opened["peer"].startswith("127.0.0.1:")
    assert opened["to"] == f"127.0.0.1:{echo.port}"
    assert (closed["sent"], closed["received"]) == (len(_SECRET), len(_SECRET))
    assert closed["duration"] > 0
    assert _SECRET.decode() not in path.read_text()
    assert path.stat().st_mode & 0o007 == 0


def test_log_file_is_appended(catflap, echo, tmp_path):
    """A second run adds to the file of the first."""
    path = tmp_path / "log"
    path.write_text("kept\n")
    service = catflap(
        f"UNIX-LISTEN:{tmp_path}/near", f"TCP:127.0.0.1:{echo.port}", f"--log-file={path}", until=""
    )
    eventually(lambda: "listening" in path.read_text())
    service.stop()
    assert path.read_text().startswith("kept\n{")


_HOSTILE = "a\x1bcb\r\nfake \x9b2J \u202e line"


@pytest.mark.parametrize(
    "form",
    ["human", "json"],
)
def test_hostile_subject(catflap, certificates, echo, tmp_path, form):
    """A certificate's subject cannot move the terminal of who reads the log, nor forge a line."""
    leaf = certificates.authority.issue(_HOSTILE, ("x.example",))
    path = certificates.store(f"hostile-{form}.pem", leaf)
    log = tmp_path / "log"
    catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{echo.port}",
        f"--log-file={log}",
        f"--log-format={form}",
        until="",
    )

    def listening() -> re.Match[str] | None:
        return (
            re.search(r"listening.*127\.0\.0\.1:(\d+)", log.read_text()) if log.exists() else None
        )

    with TlsClient(int(eventually(listening)[1]), path) as client:
        assert client.ask(b"x") == b"x"
    eventually(lambda: "closed" in log.read_text())
    text = log.read_text()
    assert [char for char in text if char != "\n" and not char.isprintable()] == []
    assert not any(line.startswith("fake") for line in text.splitlines())
    assert len(text.splitlines()) == 4


def test_hostile_subject_in_json(catflap, certificates, echo, tmp_path):
    """In JSON the subject keeps its characters, each of the control ones as an escape."""
    leaf = certificates.authority.issue("a\x1bcb\r\nfake line", ("x.example",))
    path = certificates.store("control.pem", leaf)
    service = catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{echo.port}",
    )
    with TlsClient(service.port, path) as client:
        assert client.ask(b"x") == b"x"
    assert service.wait_for("opened")["certificate"]["subject"] == "CN=a\x1bcb\r\nfake line"
    assert not service.messages


def test_human_line_of_a_hostile_path(echo, tmp_path):
    """The human format escapes a UNIX path with ESC in it."""
    path = tmp_path / "a\x1bcb"
    words = ("-m", "catflap", "run", f"UNIX-LISTEN:{path}", f"TCP:127.0.0.1:{echo.port}")
    with Program(sys.executable, *words) as relay:
        relay.wait_for("listening")
    assert path.name not in relay.text
    assert "\x1b" not in relay.text
    assert r"\x1bcb" in relay.text


@pytest.mark.parametrize("dump", ["", "text", "hex"])
def test_payload_only_on_request(catflap, connect, echo, dump):
    """The payload is on the standard error with --dump and never without it."""
    flags = (f"--dump={dump}",) if dump else ()
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{echo.port}", *flags)
    near = connect(service.port)
    assert near.ask(_SECRET + b"\x1b\n") == _SECRET + b"\x1b\n"
    near.close()
    service.wait_for("closed")
    service.stop()
    shown = "\n".join(service.messages)
    assert (_SECRET.decode() in service.story()) is (dump == "text")
    assert "\x1b" not in shown
    if dump == "hex":
        assert _SECRET[:8].hex(" ") in shown
    if dump:
        assert [line[0] for line in service.messages if "length=" in line] == [">", "<"]


def test_handshake_failure_names_the_certificate(catflap, certificates, echo):
    """Who presents a bad certificate is told with its subject, serial and expiry."""
    service = catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{echo.port}",
    )
    expected = {
        certificates.client_expired: "certificate-expired",
        certificates.client_future: "certificate-not-yet-valid",
        certificates.client_other: "certificate-untrusted",
        certificates.self_signed: "certificate-self-signed",
    }
    for number, (path, rule) in enumerate(expected.items()):
        try:
            with TlsClient(service.port, path) as client:
                assert client.ask(b"x") == b""
        except SSL.Error:
            pass
        failed = service.wait_for("handshake-failed", count=number + 1)
        assert failed["rule"] == rule
        assert failed["certificate"]["serial"]
        assert failed["certificate"]["expires"]
    assert echo.accepted == 0


def test_denials_are_whole_lines_in_a_pipe(catflap, connect, echo):
    """Two hundred denials in a row are two hundred whole lines."""
    service = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1,range=[10.0.0.0/8]", f"TCP:127.0.0.1:{echo.port}"
    )
    for _ in range(200):
        with contextlib.suppress(ConnectionError):
            connect(service.port)
    service.wait_for("denied", count=200)
    assert service.stop() == 0
    assert not service.messages


def test_log_that_nobody_reads(connect, echo, tmp_path):
    """A full pipe as log does not stop traffic; every line in it is whole."""
    near = tmp_path / "near"
    words = ("-m", "catflap", "run", "--log-format=json", "--log-level=info")
    read, write = os.pipe()
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, read)
        process = subprocess.Popen(
            [sys.executable, *words, f"UNIX-LISTEN:{near}", f"TCP:127.0.0.1:{echo.port}"],
            stderr=write,
            stdin=subprocess.DEVNULL,
        )
        stack.callback(process.wait)
        stack.callback(process.kill)
        os.close(write)
        await_ready(process, "file", path=near)
        for _ in range(600):
            end = connect(near)
            assert end.ask(b"still served") == b"still served"
            end.close()
        process.send_signal(signal.SIGTERM)
        text = b""
        while data := os.read(read, 65_536):
            text += data
        assert process.wait(60) == 0
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines[0]["event"] == "started"
    assert lines[-1]["event"] == "stopped"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_log_file_is_rotated_by_renaming(up, connect, echo, free_port, tmp_path, workers):
    """What comes after the renaming is in a new file, of every process."""
    path = tmp_path / "log"
    port = free_port()
    service = up(
        bridge("one", f"TCP-LISTEN:{port}", to(echo)),
        "--workers",
        workers,
        f"--log-file={path}",
        until="",
    )
    eventually(lambda: path.exists() and '"listening"' in path.read_text())
    path.rename(tmp_path / "log.1")

    def visit():
        end = connect(port)
        assert speaks(end)
        end.close()

    def goes_on():
        visit()
        return path.exists() and '"opened"' in path.read_text()

    eventually(goes_on)
    before = (tmp_path / "log.1").stat().st_size

    def stays():
        nonlocal before
        for _ in range(8):
            visit()
        size = (tmp_path / "log.1").stat().st_size
        before, was = size, before
        return size == was

    eventually(stays)
    assert service.stop() == 0


def test_steps_that_were_not_taken_are_left_out(catflap, connect, echo):
    """A plain session has no handshake, and nothing is said of one."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{echo.port}")
    assert connect(service.port).ask(b"hello") == b"hello"
    assert not {"handshake", "connect"} & service.wait_for("opened").keys()


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_a_log_file_tells_why_nothing_was_served(tmp_path, workers):
    """What ends the start is in the log too, and not on the standard error alone."""
    log = tmp_path / "log"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = ["run", f"TCP4-LISTEN:{port}", "TCP:127.0.0.1:9"]
        if workers:
            words = ["up", str(tmp_path / "catflap.toml"), f"--workers={workers}"]
            text = bridge("one", f"TCP4-LISTEN:{port}", "TCP:127.0.0.1:9")
            (tmp_path / "catflap.toml").write_text(text)
        done = subprocess.run(
            [sys.executable, "-m", "catflap", *words, "--log-format=json", f"--log-file={log}"],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"catflap: 127.0.0.1:{port} cannot be listened on")
    started, stopped = map(json.loads, log.read_text().splitlines())
    assert (started["event"], stopped["event"]) == ("started", "stopped")
    assert stopped["reason"] in done.stderr


def test_payload_that_cannot_be_shown_harms_nobody(monkeypatch):
    """A dump into a pipe that broke: whoever looks on no more takes nothing from the stream."""
    reading, writing = os.pipe()
    os.close(reading)
    monkeypatch.setattr(payload, "_STDERR", writing)
    payload.PayloadTap("text").forward(b"hello")
    os.close(writing)
