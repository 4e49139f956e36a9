"""What a reload tells: once, when it holds everywhere, and which file it was."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.revocation import exchange_file
from tests.support.traffic_tls import TlsClient
from tests.support.waiting import eventually
from tests.system.test_up import bridge, speaks, to

if TYPE_CHECKING:
    from pathlib import Path

_LOCAL = ("localhost", "127.0.0.1")


def _renew(certificates: Any, path: Path) -> int:
    leaf = certificates.authority.issue("localhost", _LOCAL)
    exchange_file(path, leaf.pem, leaf.key_pem)
    return int(leaf.certificate.serial_number)


def _served(port: int, certificates: Any) -> int:
    with TlsClient(port, certificates.client) as client:
        assert client.ask(b"hello") == b"hello"
        return int(client.connection.get_peer_certificate().get_serial_number())


@pytest.fixture
def secured(up: Any, certificates: Any, echo: Any, tmp_path: Path) -> Any:
    """Return what starts a TLS bridge from a file, whose certificate is its own to exchange."""
    path = tmp_path / "server.pem"
    _renew(certificates, path)

    def start(*arguments: str) -> tuple[Any, Path]:
        listen = f"TLS-LISTEN:0,bind=127.0.0.1,cert={path},cafile={certificates.ca}"
        return up(bridge("api", listen, to(echo)), *arguments), path

    return start


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("asked", [True, False], ids=["SIGHUP", "by itself"])
def test_told_when_it_holds(secured: Any, certificates: Any, workers: str, asked: bool) -> None:
    """Whoever waits for the event meets the new certificate, whichever worker takes him in."""
    service, path = secured("--workers", workers)
    port = service.port_of("api")
    for turn in range(1, 4):
        with service.stopped():
            serial = _renew(certificates, path)
            if asked:
                service.process.send_signal(signal.SIGHUP)
        service.wait_for("reloaded", bridge="api", changed=[str(path)], count=turn)
        if asked:
            assert "changed" not in service.wait_for("reloaded", reason="SIGHUP: nothing changed")
        assert {_served(port, certificates) for _ in range(6)} == {serial}


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("asked", [True, False], ids=["SIGHUP", "by itself"])
def test_a_broken_certificate_is_told_once(
    secured: Any, certificates: Any, workers: str, asked: bool
) -> None:
    """Whoever finds out tells it; that others, or the same, find out again is no news."""
    service, path = secured("--workers", workers)
    before = _served(service.port_of("api"), certificates)
    with service.stopped():
        exchange_file(path, b"nothing of use")
        if asked:
            service.process.send_signal(signal.SIGHUP)
    told = service.wait_for("reload-failed", reason=lambda text: text.startswith("SIGHUP") is asked)
    assert "server.pem" in told["reason"]
    # A file that is whole again is seen: so the broken one was looked at in between.
    serial = _renew(certificates, path)
    eventually(lambda: _served(service.port_of("api"), certificates) == serial, what="the new one")
    assert before != serial
    failed = service.find("reload-failed")
    assert failed[-1] == told
    # Who asks is answered, even where a process was quicker to find it out by itself.
    assert len(failed) <= 1 + asked


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_certificate_that_is_gone_is_told_once(
    secured: Any, certificates: Any, workers: str
) -> None:
    """The watch of the configuration sees that too, in the folder, and has other words for it."""
    service, path = secured("--workers", workers)
    port = service.port_of("api")
    path.unlink()
    told = service.wait_for("reload-failed")
    assert f"{path} cannot be read" in told["reason"]
    serial = _renew(certificates, path)
    eventually(lambda: _served(port, certificates) == serial, what="the new one")
    assert service.find("reload-failed") == [told]


def test_the_file_that_changed_is_named(up: Any, echo: Any, tmp_path: Path) -> None:
    """Of several files the one that is another now; a secret that one refers to is one of them."""
    (tmp_path / "there").mkdir()
    secret = tmp_path / "there" / "port"
    secret.write_text(f"{echo.port}\n")
    (tmp_path / "further.toml").write_text(bridge("b", "TCP-LISTEN:0", to(echo)))
    text = "include = ['further.toml']\n" + bridge(
        "a", "TCP-LISTEN:0,bind=127.0.0.1", "TCP:127.0.0.1:${file:there/port}"
    )
    service = up(text, until="")
    for name in ("a", "b"):
        service.wait_for("listening", bridge=name)
    # Its files are watched once it answers.
    eventually(lambda: service.ask("status").returncode == 0)
    exchange_file(secret, b"9\n")
    told = service.wait_for("reloaded", reason="files changed: replaced a")
    assert told["changed"] == [str(secret)]
    further = tmp_path / "further.toml"
    exchange_file(further, further.read_bytes() + b"allow = ['10.0.0.0/8']\n")
    told = service.wait_for("reloaded", reason="files changed: replaced b")
    assert told["changed"] == [str(further)]
    assert len(service.find("reloaded")) == 2


def test_a_key_that_others_can_read_is_not_taken(
    catflap: Any, certificates: Any, echo: Any, open_folder: Path
) -> None:
    """What refuses a start refuses a renewal; the old one goes on until the mode is right."""
    path = open_folder / "server.pem"
    before = _renew(certificates, path)
    service = catflap(f"TLS-LISTEN:0,bind=127.0.0.1,cert={path},cafile={certificates.ca}", to(echo))
    fresh = open_folder / "fresh.pem"
    serial = _renew(certificates, fresh)
    fresh.chmod(0o644)
    fresh.replace(path)
    told = service.wait_for("reload-failed")
    assert told["reason"].startswith("private-key-exposed (high)")
    assert "chmod 600" in told["hint"]
    assert _served(service.port, certificates) == before
    path.chmod(0o600)
    service.wait_for("reloaded")
    assert _served(service.port, certificates) == serial


def test_the_same_mistake_twice_is_told_twice(up: Any, echo: Any, tmp_path: Path) -> None:
    """Who saves a file that is still wrong hears of it again; a broken neighbour changes nothing."""
    text = bridge("api", "TCP-LISTEN:0,bind=127.0.0.1", to(echo))
    service = up(text)
    file = tmp_path / "catflap.toml"
    for turn in (1, 2, 3):
        exchange_file(file, f"{text}alow = []  # attempt {turn}\n".encode())
        told = service.wait_for("reload-failed", count=turn)
        assert f"{file}:4:1: [bridge.api] has no key alow; did you mean allow?" in told["reason"]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_change_during_the_start_is_seen(up: Any, echo: Any, workers: str) -> None:
    """Between being read and being watched a file may change as well."""
    text = bridge("api", "TCP-LISTEN:0,bind=127.0.0.1", to(echo))
    service = up(text, "--workers", workers, until="started")
    exchange_file(service.file, f"{text}allow = ['10.0.0.0/8']\n".encode())
    service.wait_for("reloaded", reason="files changed: replaced api")


def test_the_first_file_of_a_directory_that_is_included(up, connect, echo, tmp_path, free_port):
    """A pattern that matches nothing at the start is looked at as well."""
    folder = tmp_path / "conf.d"
    folder.mkdir()
    service = up("include = ['conf.d/*.toml']\n" + bridge("one", "TCP-LISTEN:0", to(echo)))
    port = free_port()
    (tmp_path / "new").write_text(bridge("two", f"TCP-LISTEN:{port}", to(echo)))
    (tmp_path / "new").rename(folder / "two.toml")
    service.wait_for("listening", bridge="two")
    assert speaks(connect(port))
