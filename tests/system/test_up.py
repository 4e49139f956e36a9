"""Several bridges in one service: all start or none, the file may change, and all drain."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.support.configured import Configured
from tests.support.revocation import exchange_file
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.traffic import SocketEnd
    from tests.support.traffic_servers import EchoServer

    Up = Callable[..., Configured]
    Connect = Callable[..., SocketEnd]


def bridge(name: str, listen: str, connect: str, *further: str) -> str:
    """Return the table of a bridge."""
    lines = [f"[bridge.{name}]", f"listen = '{listen}'", f"connect = '{connect}'", *further]
    return "\n".join(lines) + "\n"


def to(echo: EchoServer) -> str:
    """Return the address of the far side."""
    return f"TCP:127.0.0.1:{echo.port}"


def speaks(end: SocketEnd, words: bytes = b"hello") -> bool:
    """Whether what is said comes back."""
    end.send(words)
    heard = b""
    while len(heard) < len(words):
        piece = end.receive()
        if not piece:
            return False
        heard += piece
    return heard == words


def change(service: Configured, text: str, **fields: object) -> dict[str, object]:
    """Write the file anew as an editor does, ask for a reload, and return what came of it."""
    service.change(text)
    return service.wait_for(str(fields.pop("event", "reloaded")), **fields)


def came_to(words: str) -> Callable[[object], bool]:
    """Return what tells such a reload, whether the request or the watch of the files came first.

    A look at the files that was under way already may find what the request was to find.
    """
    return lambda reason: reason in {f"SIGHUP: {words}", f"files changed: {words}"}


def test_every_bridge_serves(up: Up, connect: Connect, echo: EchoServer, tmp_path: Path) -> None:
    service = up(
        bridge("tcp", "TCP-LISTEN:0", to(echo)) + bridge("unix", "UNIX-LISTEN:here.sock", to(echo))
    )
    # Paths of the file are relative to the file, wherever the service was started.
    ends = [connect(service.port_of("tcp")), connect(tmp_path / "here.sock")]
    assert all(speaks(end) for end in ends)
    service.wait_for("opened", bridge="tcp")
    service.wait_for("opened", bridge="unix")
    for end in ends:
        end.close()
    assert service.stop() == 0
    assert not (tmp_path / "here.sock").exists()


def test_all_findings_of_all_bridges_refuse_at_once(tmp_path: Path) -> None:
    text = bridge("one", "TCP-LISTEN:0,bind=0.0.0.0", "TCP:127.0.0.1:9") + bridge(
        "two", "TCP-LISTEN:0,bind=0.0.0.0", "TCP:127.0.0.1:9"
    )
    service = Configured(tmp_path, text)
    try:
        assert service.wait() == 4
        said = "\n".join(service.messages)
        assert f"{service.file}:2:24: plaintext-exposed" in said
        assert f"{service.file}:5:24: plaintext-exposed" in said
        assert "in [bridge.two]" in said
        assert not service.events
    finally:
        service.close()


def test_one_port_taken_opens_nothing(
    tmp_path: Path, echo: EchoServer, free_port: Callable[[], int]
) -> None:
    port = free_port()
    text = bridge("good", f"TCP-LISTEN:{port}", to(echo)) + bridge(
        "bad", f"TCP-LISTEN:{echo.port},bind=127.0.0.1", to(echo)
    )
    service = Configured(tmp_path, text)
    try:
        assert service.wait() == 1
        assert "cannot be listened on" in "\n".join(service.messages)
        assert not service.find("listening")
    finally:
        service.close()


def test_added_replaced_and_removed(up: Up, connect: Connect, echo: EchoServer) -> None:
    service = up(
        bridge("stays", "TCP-LISTEN:0", to(echo)) + bridge("goes", "TCP-LISTEN:0", to(echo))
    )
    staying, going = connect(service.port_of("stays")), connect(service.port_of("goes"))
    assert speaks(staying)
    assert speaks(going)
    port = service.port_of("goes")
    event = change(
        service,
        bridge("stays", "TCP-LISTEN:0", to(echo), "limits = { idle = '10m' }")
        + bridge("new", "TCP-LISTEN:0", to(echo)),
        bridge=None,
    )
    assert came_to("added new; removed goes; replaced stays")(event["reason"])
    assert speaks(connect(service.port_of("new")))
    # Sessions go on; only newcomers find nobody.
    assert speaks(staying)
    assert speaks(going)
    with pytest.raises(ConnectionRefusedError):
        connect(port)
    going.close()
    service.wait_for("closed", bridge="goes")


def test_renamed_bridge_keeps_its_socket(
    up: Up, connect: Connect, echo: EchoServer, free_port: Callable[[], int]
) -> None:
    port = free_port()
    service = up(bridge("old", f"TCP-LISTEN:{port},bind=127.0.0.1", to(echo)))
    before = os.readlink(f"/proc/{service.pid}/fd/{_listening(service.pid)}")
    change(service, bridge("new", f"TCP-LISTEN:{port},bind=127.0.0.1", to(echo)), bridge=None)
    assert os.readlink(f"/proc/{service.pid}/fd/{_listening(service.pid)}") == before
    assert speaks(connect(port))
    assert service.wait_for("opened")["bridge"] == "new"


def _listening(pid: int) -> str:
    """Return the descriptor of the one listening TCP socket of a process."""
    with open(f"/proc/{pid}/net/tcp", encoding="ascii") as table:
        listening = {row.split()[9] for row in table if row.split()[3] == "0A"}
    for name in os.listdir(f"/proc/{pid}/fd"):
        target = os.readlink(f"/proc/{pid}/fd/{name}")
        if target.startswith("socket:[") and target[8:-1] in listening:
            return name
    raise AssertionError("nothing listens")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[bridge.api\n", "catflap.toml:1:"),
        (
            "[bridge.api]\nlisten = 'TCP-LISTEN:0,bind=0.0.0.0'\nconnect = 'TCP:127.0.0.1:9'\n",
            "plain",
        ),
        (
            "[bridge.api]\nlisten = 'TLS-LISTEN:0,cert=no.pem,cafile=no.pem'\nconnect = 'TCP:127.0.0.1:9'\n",
            "no.pem",
        ),
        (
            "[bridge.api]\nlisten = 'TCP-LISTEN:{taken},bind=127.0.0.1'\nconnect = 'TCP:127.0.0.1:9'\n",
            "cannot be listened on",
        ),
    ],
)
def test_broken_file_changes_nothing_and_is_told_once(
    up: Up, connect: Connect, echo: EchoServer, text: str, told: str
) -> None:
    service = up(bridge("api", "TCP-LISTEN:0", to(echo)))
    live = connect(service.port_of("api"))
    assert speaks(live)
    event = change(service, text.replace("{taken}", str(echo.port)), event="reload-failed")
    assert told in str(event["reason"])
    assert speaks(live)
    assert speaks(connect(service.port_of("api")))
    # The watch sees the same file, and says nothing again.
    service.process.send_signal(signal.SIGHUP)
    service.wait_for("reload-failed", count=2)
    assert all(each["reason"].startswith("SIGHUP") for each in service.find("reload-failed"))


def test_change_of_the_file_is_seen(up: Up, connect: Connect, echo: EchoServer) -> None:
    service = up(bridge("api", "TCP-LISTEN:0", to(echo)))
    extra = service.folder / "more.toml"
    extra.write_text(bridge("more", "TCP-LISTEN:0", to(echo)))
    text = service.file.read_text()
    exchange_file(service.file, b"include = ['mor*.toml']\n", text.encode())
    event = service.wait_for("reloaded", bridge=None)
    assert event["reason"] == "files changed: added more"
    assert speaks(connect(service.port_of("more")))
    extra.unlink()
    assert service.wait_for("reloaded", bridge=None, count=2)["reason"].endswith("removed more")


def test_drain_of_several(up: Up, connect: Connect, echo: EchoServer) -> None:
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)) + bridge("two", "TCP-LISTEN:0", to(echo)))
    ends = [connect(service.port_of(name)) for name in ("one", "two")]
    assert all(speaks(end) for end in ends)
    service.process.send_signal(signal.SIGTERM)
    assert service.wait_for("draining")["sessions"] == 2
    # While it drains a reload changes nothing.
    service.process.send_signal(signal.SIGHUP)
    assert all(speaks(end) for end in ends)
    for end in ends:
        end.close()
    assert service.wait() == 0
    assert not service.find("reloaded")


def test_second_signal_ends_at_once(up: Up, connect: Connect, echo: EchoServer) -> None:
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)))
    end = connect(service.port_of("one"))
    assert speaks(end)
    service.process.send_signal(signal.SIGTERM)
    service.wait_for("draining")
    assert service.stop() == 143
    eventually(lambda: service.find("closed"))


@pytest.mark.parametrize("workers", [1, 2])
def test_who_else_may_write_the_configuration_is_told(up, tmp_path, workers):
    """A change is taken up by itself, so whoever may write decides what runs with our rights."""
    more = tmp_path / "more.d"
    more.mkdir()
    text = f"include = ['more.d/*.toml']\n[service]\nworkers = {workers}\n"
    text += bridge("one", "TCP-LISTEN:0", "PIPE")
    safe = up(text)
    assert not [each for each in safe.find("notice") if "everybody" in each["message"]]
    assert safe.stop() == 0
    more.chmod(0o1777)
    open_to_all = up(text)
    told = [each["message"] for each in open_to_all.find("notice")]
    assert [each for each in told if f"everybody may write {more}" in each]
    assert not [each for each in told if f"everybody may write {tmp_path}," in each]
