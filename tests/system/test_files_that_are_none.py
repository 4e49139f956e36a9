"""FIFOs, devices and links in a ring where a file was: the service goes on, and takes the next."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.traffic_tls import TlsClient
from tests.system.test_up import bridge, change, speaks, to

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_KINDS: dict[str, Callable[[Path], object]] = {
    "fifo": os.mkfifo,
    "endless device": lambda path: path.symlink_to("/dev/zero"),
    "ring of links": lambda path: path.symlink_to(path.name),
    "directory": os.mkdir,
}


def _away(path: Path) -> None:
    path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


@pytest.mark.parametrize("kind", _KINDS)
def test_in_place_of_a_certificate(
    up: Callable[..., Any], certificates: Any, echo: Any, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "own.pem"
    path.write_bytes(certificates.server.read_bytes())
    path.chmod(0o600)
    listen = f"TLS-LISTEN:0,bind=127.0.0.1,cert={path},cafile={certificates.ca}"
    service = up(bridge("one", listen, to(echo)))
    path.unlink()
    _KINDS[kind](path)
    service.wait_for("reload-failed", bridge="one")
    with TlsClient(service.port_of("one"), certificates.client) as client:
        assert client.ask(b"hello") == b"hello"
    _away(path)
    path.write_bytes(certificates.server.read_bytes())
    path.chmod(0o600)
    service.wait_for("reloaded", bridge="one")
    assert not service.find("defect")


@pytest.mark.parametrize("kind", _KINDS)
def test_in_place_of_the_configuration(
    up: Callable[..., Any], connect: Any, echo: Any, kind: str
) -> None:
    text = bridge("one", "TCP-LISTEN:0", to(echo))
    service = up(text)
    service.file.unlink()
    _KINDS[kind](service.file)
    service.process.send_signal(signal.SIGHUP)
    service.wait_for("reload-failed")
    assert speaks(connect(service.port_of("one")))
    _away(service.file)
    change(service, text + bridge("two", "TCP-LISTEN:0", to(echo)), bridge=None)
    assert speaks(connect(service.port_of("two")))
    assert not service.find("defect")
