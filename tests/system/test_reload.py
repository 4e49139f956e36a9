"""Certificates, keys and authorities change under a running relay; what holds goes on to hold."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import pytest
from OpenSSL import SSL

from tests.support.revocation import exchange_file
from tests.support.traffic import FULL, digest_of, read_all, stream
from tests.support.traffic_servers import tcp_client
from tests.support.traffic_tls import TlsClient
from tests.support.waiting import eventually
from tests.system.test_up import bridge, speaks, to

if TYPE_CHECKING:
    from pathlib import Path

_PUMPS = 10
_SIZE = 200 * 1000**2 if FULL else 12 * 1000**2
_RELOADS = 5
_LOCAL = ("localhost", "127.0.0.1")


def _renew(certificates: Any, path: Path, key_path: Path | None = None) -> int:
    """Issue a new certificate in the place of the old one; return its serial number."""
    leaf = certificates.authority.issue("localhost", _LOCAL)
    if key_path is None:
        exchange_file(path, leaf.pem, leaf.key_pem)
    else:
        exchange_file(key_path, leaf.key_pem)
        exchange_file(path, leaf.pem)
    return int(leaf.certificate.serial_number)


def _served(port: int, certificates: Any) -> int:
    """Return the serial number of the certificate that a new connection is shown."""
    with TlsClient(port, certificates.client) as client:
        assert client.ask(b"hello") == b"hello"
        return int(client.connection.get_peer_certificate().get_serial_number())


@pytest.fixture
def listener(catflap: Any, certificates: Any, echo: Any, tmp_path: Path) -> Any:
    """Return what starts a TLS listener whose certificate is its own to exchange."""

    def start(*options: str) -> tuple[Any, Path]:
        path = tmp_path / "server.pem"
        _renew(certificates, path)
        words = (f"TLS-LISTEN:0,bind=127.0.0.1,cert={path},cafile={certificates.ca}", *options)
        return catflap(",".join(words), f"TCP:127.0.0.1:{echo.port}"), path

    return start


def _write(end: Any, seed: int, halfway: threading.Event) -> None:
    """Write a stream whose second half waits: some reloads meet bytes that are on their way."""
    sent = 0
    for block in stream(_SIZE, seed):
        if sent > _SIZE // 2:
            halfway.wait(300)
        end.send(block)
        sent += len(block)
    end.end()


@pytest.mark.timeout(600)
def test_reload_under_load(catflap: Any, certificates: Any, tmp_path: Path, taker: Any) -> None:
    """Ten pumps both ways, five reloads on both ends with new certificates: every byte arrives."""
    mine, its = tmp_path / "client.pem", tmp_path / "server.pem"
    _renew(certificates, mine)
    _renew(certificates, its)
    server = catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={its},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{taker.port}",
    )
    client = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1",
        f"TLS:127.0.0.1:{server.port},cert={mine},cafile={certificates.ca}",
    )
    halfway = threading.Event()
    pairs = [(tcp_client(client.port), taker.take()) for _ in range(_PUMPS)]
    with ThreadPoolExecutor(4 * _PUMPS) as pool, ExitStack() as stack:
        stack.callback(halfway.set)  # so that a test that fails ends
        found = []
        for number, (near, far) in enumerate(pairs):
            for seed, writer, reader in ((number, near, far), (100 + number, far, near)):
                pool.submit(_write, writer, seed, halfway)
                found.append((seed, pool.submit(read_all, reader)))
        for count in range(1, _RELOADS + 1):
            _renew(certificates, mine)
            serial = _renew(certificates, its)
            for service in (client, server):
                os.kill(service.pid, signal.SIGHUP)
                service.wait_for("reloaded", count=count, reason="SIGHUP")
            with TlsClient(server.port, certificates.client) as fresh:
                shown = fresh.connection.get_peer_certificate().get_serial_number()
                assert shown == serial
            if count == _RELOADS // 2 + 1:
                halfway.set()
        for seed, digest in found:
            assert digest.result() == digest_of(_SIZE, seed)
    for near, far in pairs:
        near.close()
        far.close()
    for service in (client, server):
        service.wait_for("closed", count=_PUMPS)
        assert not service.find("reload-failed")
        assert not [each for each in service.find("closed") if each["closed_by"] == "policy"]


def test_changed_file_is_taken_up(listener: Any, certificates: Any) -> None:
    """Nobody sends a signal: the file changes, and new connections see the new certificate."""
    service, path = listener()
    with TlsClient(service.port, certificates.client) as live:
        assert live.ask(b"alive") == b"alive"
        serial = _renew(certificates, path)
        told = service.wait_for("reloaded")
        assert (told["reason"], told["changed"]) == ("files changed", [str(path)])
        assert _served(service.port, certificates) == serial
        assert live.ask(b"still alive") == b"still alive"


def test_broken_file_keeps_the_old_one(listener: Any, certificates: Any) -> None:
    """A broken file is told once, however long it stays; the old certificate goes on to serve."""
    service, path = listener()
    before = _served(service.port, certificates)
    exchange_file(path, b"-----BEGIN CERTIFICATE-----\nbroken\n")
    failed = service.wait_for("reload-failed")
    assert str(path) in failed["reason"]
    watched = 3  # looks at the files, one a second
    until = eventually(lambda: service.find("reload-failed"), 1)
    assert len(until) == 1
    pause = threading.Event()
    pause.wait(watched)
    assert len(service.find("reload-failed")) == 1
    assert _served(service.port, certificates) == before
    serial = _renew(certificates, path)
    service.wait_for("reloaded")
    assert _served(service.port, certificates) == serial


def test_key_that_comes_after_its_certificate(
    catflap: Any, certificates: Any, echo: Any, tmp_path: Path
) -> None:
    """Certificate first, key later: in between the old pair serves, and says what is wrong."""
    path, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    before = _renew(certificates, path, key)
    words = f"TLS-LISTEN:0,bind=127.0.0.1,cert={path},key={key},cafile={certificates.ca}"
    service = catflap(words, f"TCP:127.0.0.1:{echo.port}")
    leaf = certificates.authority.issue("localhost", _LOCAL)
    exchange_file(path, leaf.pem)
    failed = service.wait_for("reload-failed")
    assert "does not belong" in failed["reason"]
    assert _served(service.port, certificates) == before
    exchange_file(key, leaf.key_pem)
    service.wait_for("reloaded")
    assert _served(service.port, certificates) == leaf.certificate.serial_number


def test_secret_of_kubernetes(catflap: Any, certificates: Any, echo: Any, tmp_path: Path) -> None:
    """A projected volume: tls.crt -> ..data/tls.crt, and ..data is exchanged by a rename."""
    serials = []
    for version in ("..2026_01", "..2026_02"):
        folder = tmp_path / version
        folder.mkdir()
        serials.append(_renew(certificates, folder / "tls.crt", folder / "tls.key"))
    (tmp_path / "..data").symlink_to("..2026_01")
    for name in ("tls.crt", "tls.key"):
        (tmp_path / name).symlink_to(f"..data/{name}")
    words = (
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={tmp_path}/tls.crt,key={tmp_path}/tls.key"
        f",cafile={certificates.ca}"
    )
    service = catflap(words, f"TCP:127.0.0.1:{echo.port}")
    assert _served(service.port, certificates) == serials[0]
    (tmp_path / "..new").symlink_to("..2026_02")
    (tmp_path / "..new").rename(tmp_path / "..data")
    service.wait_for("reloaded")
    assert _served(service.port, certificates) == serials[1]
    assert not service.find("reload-failed")


def test_file_that_is_gone_keeps_the_old_one(listener: Any, certificates: Any) -> None:
    """A file that is taken away is told; what was read from it serves on."""
    service, path = listener()
    before = _served(service.port, certificates)
    path.unlink()
    assert "No such file" in service.wait_for("reload-failed")["reason"]
    assert _served(service.port, certificates) == before


def test_tickets_end_with_a_reload(listener: Any, certificates: Any) -> None:
    """A ticket of before is worth a full handshake: its client proves itself by the new trust."""
    service, path = listener()
    with TlsClient(service.port, certificates.client) as client:
        assert client.ask(b"first") == b"first"
        client.end()
        ticket = client.ticket()
    with TlsClient(service.port, certificates.client, ticket) as client:
        assert client.ask(b"second") == b"second"
        assert client.resumed
    _renew(certificates, path)
    service.wait_for("reloaded")
    with TlsClient(service.port, certificates.client, ticket) as client:
        assert client.ask(b"third") == b"third"
        assert not client.resumed


def test_client_relay_presents_its_new_certificate(
    catflap: Any, certificates: Any, echo: Any, tmp_path: Path
) -> None:
    """A client relay renews too: its next connection shows the new certificate."""
    mine = tmp_path / "mine.pem"
    _renew(certificates, mine)
    words = f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}"
    server = catflap(words, f"TCP:127.0.0.1:{echo.port}")
    client = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1",
        f"TLS:127.0.0.1:{server.port},cert={mine},cafile={certificates.ca}",
    )
    shown = []
    for count in (1, 2):
        end = tcp_client(client.port)
        assert end.ask(b"hello") == b"hello"
        shown.append(server.wait_for("opened", count=count)["certificate"]["serial"])
        end.close()
        if count == 1:
            serial = _renew(certificates, mine)
            client.wait_for("reloaded")
    assert shown[1] == f"{serial:X}" != shown[0]


def test_reload_during_drain_is_ignored(catflap: Any, certificates: Any, taker: Any) -> None:
    """SIGHUP after SIGTERM changes nothing: the live session finishes, and the status is 0."""
    words = f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}"
    service = catflap(words, f"TCP:127.0.0.1:{taker.port}")
    with TlsClient(service.port, certificates.client) as client:
        client.send(b"begun")
        far = taker.take()
        assert far.receive() == b"begun"
        os.kill(service.pid, signal.SIGTERM)
        service.wait_for("draining")
        os.kill(service.pid, signal.SIGHUP)
        far.send(b"answer")
        assert client.receive() == b"answer"
        far.end()
        assert client.receive() == b""
        client.end()
    far.close()
    assert service.wait() == 0
    assert not service.find("reloaded")


def test_hangup_reloads_a_plain_listener(catflap: Any, echo: Any) -> None:
    """A listener without any file lives on after SIGHUP, as a daemon does."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{echo.port}")
    end = tcp_client(service.port)
    os.kill(service.pid, signal.SIGHUP)
    service.wait_for("reloaded")
    assert end.ask(b"alive") == b"alive"
    end.close()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_limit_that_is_new_counts_who_is_in_already(
    up: Any, connect: Any, certificates: Any, echo: Any, workers: str
) -> None:
    """Who came before there was a limit for one identity, or one source, has its place in it."""
    listen = f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}"
    plain = "TCP-LISTEN:0,bind=127.0.0.1"
    text = bridge("tls", listen, to(echo)) + bridge("plain", plain, to(echo))
    service = up(text, "--workers", workers)
    ports = {name: service.port_of(name) for name in ("tls", "plain")}
    here = [connect(ports["plain"]) for _ in range(2)]
    assert all(speaks(each) for each in here)
    with (
        TlsClient(ports["tls"], certificates.client) as first,
        TlsClient(ports["tls"], certificates.client) as second,
    ):
        assert speaks(first)
        assert speaks(second)
        service.change(
            bridge("tls", listen, to(echo), "limits.per-identity = 2")
            + bridge("plain", plain, to(echo), "limits.per-source = 2")
        )
        service.wait_for("reloaded")
        with TlsClient(ports["tls"], certificates.client) as third, suppress(OSError, SSL.Error):
            third.send(b"x")
            assert not third.receive()
        service.wait_for("denied", bridge="tls", rule="too-many-of-identity")
        assert speaks(first)
    with suppress(ConnectionError):
        assert not connect(ports["plain"]).receive()
    service.wait_for("denied", bridge="plain", rule="too-many-from-source")
    assert all(speaks(each) for each in here)
    here[0].close()
    eventually(lambda: _is_served(connect, ports["plain"]), what="the place that was left")


def _is_served(connect: Any, port: int) -> bool:
    try:
        return speaks(connect(port))
    except ConnectionError:
        return False
