"""The control socket: who lives there, ending one of them, and for whom it is."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.core.errors import OperationError
from catflap.service.client import ask
from catflap.service.protocol import (
    LONGEST_QUESTION,
    ProtocolError,
    Question,
    decode_question,
    encode,
)
from tests.support.configured import Configured
from tests.support.revocation import exchange_file
from tests.support.waiting import PATIENCE
from tests.system.test_up import bridge, speaks, to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.service import Service
    from tests.support.traffic import SocketEnd
    from tests.support.traffic_servers import EchoServer

    Up = Callable[..., Configured]
    Connect = Callable[..., SocketEnd]


def raw(service: Configured, line: bytes) -> bytes:
    """Return what the control socket answers to a line."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(service.state / "control.sock"))
        sock.settimeout(PATIENCE)
        sock.sendall(line)
        return sock.makefile("rb").readline()


def test_status_and_sessions(up: Up, connect: Connect, echo: EchoServer) -> None:
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)) + bridge("two", "TCP-LISTEN:0", to(echo)))
    end = connect(service.port_of("one"))
    assert speaks(end, b"12345")
    status = service.ask_json("status")
    assert status["pid"] == service.pid
    assert status["state"] == "serving"
    assert [each["sessions"] for each in status["bridges"]] == [1, 0]
    assert status["bridges"][0]["on"] == service.find("listening", bridge="one")[0]["on"]
    sessions = service.ask_json("sessions")
    assert sessions["total"] == 1
    session = sessions["sessions"][0]
    assert session["id"] == service.wait_for("opened")["session"]
    assert (session["sent"], session["received"]) == (5, 5)
    assert session["peer"] == service.find("opened")[0]["peer"]
    assert service.ask_json("sessions", "--bridge", "two") == {"total": 0, "sessions": []}
    shown = service.ask("sessions").stdout.splitlines()
    assert shown[0].split()[:3] == ["SESSION", "BRIDGE", "PEER"]
    assert session["id"] in shown[1]
    assert "127.0.0.1" in service.ask("status").stdout


def test_end_of_one_session(up: Up, connect: Connect, echo: EchoServer) -> None:
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)))
    first, second = (connect(service.port_of("one")) for _ in range(2))
    assert speaks(first)
    assert speaks(second)
    name = service.wait_for("opened")["session"]
    assert service.ask("end", name).returncode == 0
    closed = service.wait_for("closed", session=name)
    assert closed["closed_by"] == "operator"
    with pytest.raises(ConnectionResetError):
        first.receive()
    assert speaks(second)
    again = service.ask("end", name)
    assert again.returncode == 1
    assert "there is no session" in again.stderr


def test_sessions_of_a_bridge_that_is_not_there(up: Up, echo: EchoServer) -> None:
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)))
    assert service.ask("sessions", "--bridge", "one").returncode == 0
    answer = service.ask("sessions", "--bridge", "ona")
    assert answer.returncode == 2
    assert "did you mean one?" in answer.stderr


def test_those_who_ask_nothing_give_way(up: Up, echo: EchoServer) -> None:
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)))
    with ExitStack() as stack:
        for _ in range(100):
            silent = stack.enter_context(socket.socket(socket.AF_UNIX))
            silent.connect(str(service.state / "control.sock"))
            silent.settimeout(PATIENCE)
        assert service.ask_json("status")["pid"] == service.pid


def test_a_full_queue_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has a place soon; only a service that takes nobody for long does not answer."""
    monkeypatch.setattr("catflap.service.client._SECONDS", 0.05)
    with socket.socket(socket.AF_UNIX) as busy, socket.socket(socket.AF_UNIX) as first:
        busy.bind(str(tmp_path / "control.sock"))
        busy.listen(0)
        first.connect(str(tmp_path / "control.sock"))
        with pytest.raises(OperationError, match="did not answer within"):
            ask(str(tmp_path), "status")


def test_a_directory_of_others_stays_theirs(tmp_path: Path, echo: EchoServer) -> None:
    """--state /tmp, as root, would otherwise bar everybody from it."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    text = bridge("one", "TCP-LISTEN:0", to(echo))
    service = Configured(tmp_path, text, "--state", str(shared))
    try:
        assert service.wait() == 1
        assert "holds more than the service's state" in "\n".join(service.messages)
    finally:
        service.close()
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777


def test_reload_tells_what_came_of_it(up: Up, echo: EchoServer) -> None:
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)))
    text = service.file.read_text() + bridge("two", "TCP-LISTEN:0", to(echo))
    exchange_file(service.file, text.encode())
    answer = service.ask("reload")
    assert answer.returncode == 0
    # The file is looked at twice a second; where that came first, nothing was left to do.
    seen = service.find("reloaded", reason="files changed: added two")
    assert answer.stdout == ("nothing changed\n" if seen else "added two\n")
    assert len(service.find("listening", bridge="two")) == 1
    exchange_file(service.file, b"[bridge.one\n")
    answer = service.ask("reload")
    assert answer.returncode == 1
    assert "catflap.toml:1:" in answer.stderr
    assert "\n  [bridge.one\n" in answer.stderr, "the line with the mistake stands by itself"
    assert service.find("reload-failed")


def test_only_the_owner_may_enter(up: Up, echo: EchoServer) -> None:
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)))
    assert stat.S_IMODE(service.state.stat().st_mode) == 0o700
    assert stat.S_IMODE((service.state / "control.sock").stat().st_mode) == 0o600


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a folder that every user may enter."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
@pytest.mark.needs("setpriv")
def test_another_user_is_refused_and_told(up: Up, echo: EchoServer, open_folder: Path) -> None:
    state = open_folder / "state"
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)), "--state", str(state))
    # Even where the doors were opened by mistake.
    control = state / "control.sock"
    state.chmod(0o755)
    control.chmod(0o666)
    program = (
        "import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]);"
        's.sendall(b\'{"catflap":1,"do":"status"}\\n\'); print(s.makefile().readline())'
    )
    python = shutil.which("python3", path="/usr/bin:/bin") or sys.executable
    found = subprocess.run(
        ["setpriv", "--reuid=65534", "--clear-groups", python, "-c", program, str(control)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert found.stdout, found.stderr
    assert json.loads(found.stdout)["ok"] is False
    assert service.wait_for("denied")["rule"] == "control-owner"
    assert service.find("denied")[0]["peer"] == "uid=65534"


def test_stale_socket_is_replaced_and_a_live_one_is_not(
    up: Up, echo: EchoServer, tmp_path: Path
) -> None:
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)))
    second = Configured(tmp_path, bridge("one", "TCP-LISTEN:0", to(echo)))
    try:
        assert second.wait() == 1
        assert "another service that runs" in "\n".join(second.messages)
    finally:
        second.close()
    assert service.ask("status").returncode == 0
    os.kill(service.pid, signal.SIGKILL)
    service.wait()
    assert (service.state / "control.sock").exists()
    assert "no service answers" in service.ask("status").stderr
    third = up(bridge("one", "TCP-LISTEN:0", to(echo)))
    assert third.ask("status").returncode == 0
    assert third.stop() == 0
    assert not (third.state / "control.sock").exists()


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"[]\n",
        b"{}\n",
        b'{"catflap":2,"do":"status"}\n',
        b'{"catflap":true,"do":"status"}\n',
        b'{"catflap":1,"do":"stop"}\n',
        b'{"catflap":1,"do":"status","x":1}\n',
        b'{"catflap":1,"do":"end","session":5}\n',
        b"[" * 3000 + b"\n",
        b"\xff\xfe\n",
        b"x" * (LONGEST_QUESTION + 10) + b"\n",
    ],
)
def test_what_is_no_question_is_refused(up: Up, echo: EchoServer, line: bytes) -> None:
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)))
    answer = json.loads(raw(service, line))
    assert answer["ok"] is False
    assert answer["error"]
    assert json.loads(raw(service, Question("status").encode()))["ok"] is True


@given(st.binary(max_size=200))
def test_no_line_breaks_the_reader(line: bytes) -> None:
    try:
        decode_question(line)
    except ProtocolError:
        return
    assert json.loads(line)["catflap"] == 1


def test_answers_are_ascii() -> None:
    assert encode({"peer": "\x1b[31m\u202e"}).isascii()


def test_run_answers_when_it_is_asked_to(
    catflap: Callable[..., Service], echo: EchoServer, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    service = catflap(
        "TCP-LISTEN:0", to(echo), "--state", str(state), "--metrics", f"unix:{tmp_path}/m.sock"
    )
    command = [sys.executable, "-m", "catflap", "status", "--json", "--state", str(state)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(found.stdout)["pid"] == service.pid
    assert (tmp_path / "m.sock").exists()
    assert service.stop() == 0
    assert not (state / "control.sock").exists()


def test_run_makes_nothing_unasked(
    catflap: Callable[..., Service], echo: EchoServer, tmp_path: Path
) -> None:
    catflap("TCP-LISTEN:0", to(echo), environment={"STATE_DIRECTORY": str(tmp_path / "state")})
    assert not (tmp_path / "state").exists()
