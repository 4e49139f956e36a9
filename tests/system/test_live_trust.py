"""A live session ends when its credential does: expired, withdrawn, or no longer trusted."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest
from OpenSSL import SSL

from catflap.tls.hostile import Arms, HostileClient
from tests.support.certificates import Authority, loosely_encoded
from tests.support.revocation import exchange_file, revocation_list
from tests.support.traffic_servers import tcp_client
from tests.support.traffic_tls import TlsClient
from tests.support.waiting import PATIENCE, eventually

if TYPE_CHECKING:
    from pathlib import Path

_SOON = 2.0
"""Seconds within which a live session ends once it is no longer allowed; by the median of several,
and by the time that events carry, for a machine that stood still says nothing of us."""

_BRIEF = 8
"""Seconds that a brief certificate lasts: long enough to get in by it on a slow machine."""


def _refused(port: int, path: Path, session: Any = None, newest: str = "") -> bool:
    """Whether a client is turned away: in the handshake (TLS 1.2) or right after it (1.3)."""
    try:
        with TlsClient(port, path, session, newest=newest) as client:
            return client.ask(b"let me in") == b""
    except (SSL.Error, ConnectionError):
        return True


def _seconds(began: datetime, event: Any) -> float:
    """Return how long after a moment an event was, by its own time."""
    return (datetime.fromisoformat(event["time"]) - began).total_seconds()


class _Site:
    """A TLS listener before an echo, with a revocation list of its own."""

    def __init__(self, catflap: Any, certificates: Any, echo: Any, folder: Path) -> None:
        self._catflap = catflap
        self.certificates = certificates
        self.echo = echo
        self.folder = folder
        self.authority = certificates.authority
        self.crl = folder / "ca.crl"
        self.crl.write_bytes(revocation_list(self.authority))

    def start(self, *options: str) -> Any:
        """Start it."""
        words = (
            "TLS-LISTEN:0,bind=127.0.0.1",
            f"cert={self.certificates.server}",
            f"cafile={self.certificates.ca}",
            *options,
        )
        return self._catflap(",".join(words), f"TCP:127.0.0.1:{self.echo.port}")

    def revoke(self, *leaves: Any) -> datetime:
        """Withdraw certificates, and return when that was."""
        exchange_file(self.crl, revocation_list(self.authority, *leaves))
        return datetime.now(UTC)

    def client(self, name: str, **given: Any) -> tuple[Any, Path]:
        """Issue a certificate; return it and its file."""
        leaf = self.authority.issue(name, (f"{name}.example",), **given)
        path = self.folder / f"{name}.pem"
        exchange_file(path, leaf.pem, leaf.key_pem)
        return leaf, path


@pytest.fixture
def site(catflap: Any, certificates: Any, echo: Any, tmp_path: Path) -> _Site:
    """Return what starts a listener with revocation."""
    return _Site(catflap, certificates, echo, tmp_path)


def test_expiry_ends_a_live_session(site: _Site) -> None:
    """A certificate of a few seconds: the session says so and is over within two more."""
    service = site.start()
    late = []
    with ExitStack() as held:
        clients = []
        for number in range(3):
            leaf, path = site.client(f"brief{number}", ends=timedelta(seconds=_BRIEF + number))
            clients.append((leaf, held.enter_context(TlsClient(service.port, path))))
            assert clients[-1][1].ask(b"alive") == b"alive"
        for number, (leaf, client) in enumerate(clients):
            closed = service.wait_for("closed", count=number + 1)
            late.append(_seconds(leaf.certificate.not_valid_after_utc, closed))
            assert (closed["closed_by"], closed["rule"]) == ("expiry", "certificate-expired")
            assert f"CN=brief{number}" in closed["reason"]
            assert client.receive() == b""
    assert min(late) >= 0
    assert median(late) < _SOON


def test_expiry_may_keep_a_live_session(site: _Site) -> None:
    """on-expiry=keep: the session goes on, a new one is refused, and a reload keeps it too."""
    service = site.start("on-expiry=keep", f"crl={site.crl}")
    leaf, path = site.client("brief", ends=timedelta(seconds=_BRIEF))
    with TlsClient(service.port, path) as client:
        assert client.ask(b"alive") == b"alive"
        over = leaf.certificate.not_valid_after_utc + timedelta(seconds=1.2)
        eventually(lambda: datetime.now(UTC) > over, what="the end of the certificate")
        os.kill(service.pid, signal.SIGHUP)
        service.wait_for("reloaded")
        assert client.ask(b"still alive") == b"still alive"
        with TlsClient(service.port, path) as late:
            assert late.ask(b"late") == b""
        assert service.wait_for("handshake-failed")["rule"] == "certificate-expired"
        site.revoke(leaf)
        assert service.wait_for("closed")["rule"] == "certificate-revoked"


def test_expiry_of_the_server_ends_a_session(catflap: Any, certificates: Any, site: _Site) -> None:
    """A client relay trusts its server no longer than the server's certificate lasts."""
    leaf = site.authority.issue("localhost", ("127.0.0.1",))
    path = site.folder / "server.pem"
    exchange_file(path, leaf.pem, leaf.key_pem)
    words = f"TLS-LISTEN:0,bind=127.0.0.1,cert={path},cafile={certificates.ca}"
    server = catflap(words, f"TCP:127.0.0.1:{site.echo.port}")
    client = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1",
        f"TLS:127.0.0.1:{server.port},cert={certificates.client},cafile={certificates.ca}",
    )
    # Only now, for a start may take long.
    brief = site.authority.issue("localhost", ("127.0.0.1",), ends=timedelta(seconds=_BRIEF))
    exchange_file(path, brief.pem, brief.key_pem)
    server.wait_for("reloaded")
    end = tcp_client(client.port)
    assert end.ask(b"alive") == b"alive"
    closed = client.wait_for("closed")
    assert (closed["closed_by"], closed["rule"]) == ("expiry", "certificate-expired")
    end.close()


@pytest.mark.parametrize("newest", ["TLS1.3", "TLS1.2"])
def test_revocation_ends_and_refuses(site: _Site, newest: str) -> None:
    """A withdrawn client is cut off within two seconds, and comes in no more: ticket or not."""
    leaf, path = site.client("mallory")
    _, other = site.client("alice")
    service = site.start(f"crl={site.crl}", "min-proto-version=TLS1.2")
    with TlsClient(service.port, path, newest=newest) as early:
        assert early.ask(b"first") == b"first"
        early.end()
        ticket = early.ticket()
    service.wait_for("closed")
    with (
        TlsClient(service.port, path, ticket, newest=newest) as client,
        TlsClient(service.port, other, newest=newest) as good,
    ):
        assert client.ask(b"alive") == b"alive"
        assert client.resumed
        assert good.ask(b"alive") == b"alive"
        began = site.revoke(leaf)
        closed = service.wait_for("closed", rule="certificate-revoked")
        assert _seconds(began, closed) < PATIENCE
        assert closed["closed_by"] == "policy"
        assert "CN=mallory" in closed["reason"]
        assert good.ask(b"still alive") == b"still alive"
    served = site.echo.accepted
    for session in (None, ticket):
        assert _refused(service.port, path, session, newest)
    failed = service.wait_for("handshake-failed", count=2)
    assert failed["rule"] == "certificate-revoked"
    assert site.echo.accepted == served


def test_revoked_in_the_middle_of_the_handshake(site: _Site) -> None:
    """Trust changes between two flights: the handshake ends well by the old, and opens nothing."""
    leaf, _ = site.client("slow")
    service = site.start(f"crl={site.crl}")
    served = site.echo.accepted
    hostile = HostileClient(Arms(leaf.certificate, leaf.key))
    end = tcp_client(service.port)
    end.send(hostile.step())
    flight = hostile.step(end.receive())
    while not flight:
        flight = hostile.step(end.receive())
    site.revoke(leaf)
    service.wait_for("reloaded")
    end.send(flight + hostile.say(b"let me in"))
    denied = service.wait_for("denied")
    assert denied["rule"] == "certificate-revoked"
    end.close()
    assert not service.find("opened")
    assert site.echo.accepted == served


def test_revoked_intermediate_takes_its_leaves_along(site: _Site) -> None:
    """Whoever withdraws an authority means all that it signed, also whom a ticket let in."""
    between = Authority("Between", site.authority)
    leaf = between.issue("nested", ("nested.example",))
    path = site.folder / "nested.pem"
    exchange_file(path, leaf.pem, between.pem, leaf.key_pem)
    second = site.folder / "between.crl"
    exchange_file(second, revocation_list(between))
    service = site.start(f"crl={site.crl}", f"crl={second}")
    with TlsClient(service.port, path) as client:
        assert client.ask(b"first") == b"first"
        client.end()
        ticket = client.ticket()
    with TlsClient(service.port, path, ticket) as client:
        assert client.ask(b"alive") == b"alive"
        assert client.resumed
        site.revoke()
        service.wait_for("reloaded")
        assert client.ask(b"still allowed") == b"still allowed"
        site.revoke(between)
        assert service.wait_for("closed", count=2)["rule"] == "certificate-revoked"


def test_authority_without_a_list_is_refused(site: _Site) -> None:
    """An intermediate of which no list is known: its holders are refused, in words."""
    between = Authority("Unlisted", site.authority)
    leaf = between.issue("nested", ("nested.example",))
    path = site.folder / "nested.pem"
    exchange_file(path, leaf.pem, between.pem, leaf.key_pem)
    service = site.start(f"crl={site.crl}")
    with TlsClient(service.port, path) as client:
        assert client.ask(b"hello") == b""
    assert service.wait_for("handshake-failed")["rule"] == "revocation-unknown"


def test_list_that_runs_out_refuses_until_renewed(site: _Site) -> None:
    """Once the list is out of date nobody new comes in; who is in stays; a new list mends it."""
    service = site.start(f"crl={site.crl}")
    over = datetime.now(UTC) + timedelta(seconds=11)  # the library counts in whole seconds
    exchange_file(site.crl, revocation_list(site.authority, ends=timedelta(seconds=10)))
    service.wait_for("reloaded")
    path = site.certificates.client
    with TlsClient(service.port, path) as live:
        assert live.ask(b"alive") == b"alive"
        with TlsClient(service.port, path) as early:
            assert early.ask(b"first") == b"first"
            early.end()
            ticket = early.ticket()
        eventually(lambda: datetime.now(UTC) > over, what="the end of the list")
        for session in (None, ticket):
            with TlsClient(service.port, path, session) as late:
                assert late.ask(b"late") == b""
        failed = service.wait_for("handshake-failed", count=2)
        assert failed["rule"] == "revocation-list-expired"
        assert live.ask(b"still alive") == b"still alive"
        site.revoke()
        service.wait_for("reloaded", count=2)
        with TlsClient(service.port, path) as again:
            assert again.ask(b"again") == b"again"


def test_old_list_refuses_to_start(site: _Site) -> None:
    """A list that is out of date at the start is told at once, with its file."""
    old = revocation_list(site.authority, starts=-timedelta(hours=3), ends=-timedelta(hours=1))
    exchange_file(site.crl, old)
    words = f"TLS-LISTEN:0,cert={site.certificates.server},cafile={site.certificates.ca}"
    service = site._catflap(f"{words},crl={site.crl}", f"TCP:127.0.0.1:{site.echo.port}", until="")
    assert service.wait() == 1
    assert "out of date" in "\n".join(service.messages)


def test_authority_that_is_no_longer_trusted(site: _Site) -> None:
    """When the CA is exchanged, sessions of the old one end; those of the new one begin."""
    bundle = site.folder / "cas.pem"
    new = Authority("New CA")
    exchange_file(bundle, site.authority.pem, new.pem)
    fresh = new.issue("fresh", ("fresh.example",))
    path = site.folder / "fresh.pem"
    exchange_file(path, fresh.pem, fresh.key_pem)
    words = f"TLS-LISTEN:0,bind=127.0.0.1,cert={site.certificates.server},cafile={bundle}"
    service = site._catflap(words, f"TCP:127.0.0.1:{site.echo.port}")
    with (
        TlsClient(service.port, site.certificates.client) as old,
        TlsClient(service.port, path) as kept,
    ):
        assert old.ask(b"old") == b"old"
        assert kept.ask(b"new") == b"new"
        exchange_file(bundle, new.pem)
        closed = service.wait_for("closed")
        assert (closed["closed_by"], closed["rule"]) == ("policy", "certificate-untrusted")
        assert kept.ask(b"still alive") == b"still alive"


def test_client_relay_hears_of_a_revoked_server(catflap: Any, site: _Site) -> None:
    """crl= on a TLS client: a server whose certificate is withdrawn is left, and not met again."""
    leaf = site.authority.issue("localhost", ("127.0.0.1",))
    path = site.folder / "server.pem"
    exchange_file(path, leaf.pem, leaf.key_pem)
    words = f"TLS-LISTEN:0,bind=127.0.0.1,cert={path},cafile={site.certificates.ca}"
    server = catflap(words, f"TCP:127.0.0.1:{site.echo.port}")
    client = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1",
        f"TLS:127.0.0.1:{server.port},cert={site.certificates.client}"
        f",cafile={site.certificates.ca},crl={site.crl}",
    )
    end = tcp_client(client.port)
    assert end.ask(b"alive") == b"alive"
    site.revoke(leaf)
    assert client.wait_for("closed")["rule"] == "certificate-revoked"
    end.close()
    again = tcp_client(client.port)
    assert client.wait_for("connect-failed")["rule"] == "certificate-revoked"
    again.close()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_revoked_again_and_again(
    up: Any, certificates: Any, echo: Any, tmp_path: Path, workers: str
) -> None:
    """Whenever the list changes between two looks at it, whoever is on it is out in two seconds."""
    authority = certificates.authority
    crl = tmp_path / "ca.crl"
    crl.write_bytes(revocation_list(authority))
    listen = f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}"
    text = f"[bridge.api]\nlisten = '{listen}'\nconnect = 'TCP:127.0.0.1:{echo.port}'\n"
    service = up(f"{text}crls = ['{crl}']\n", "--workers", workers)
    port, path = service.port_of("api"), tmp_path / "client.pem"
    withdrawn, late = [], []
    for turn in range(1, 6):
        leaf = authority.issue(f"client{turn}", (f"client{turn}.example",))
        exchange_file(path, leaf.pem, leaf.key_pem)
        with TlsClient(port, path) as client:
            assert client.ask(b"alive") == b"alive"
            withdrawn.append(leaf)
            exchange_file(crl, revocation_list(authority, *withdrawn))
            began = datetime.now(UTC)
            closed = service.wait_for("closed", rule="certificate-revoked", count=turn)
            late.append(_seconds(began, closed))
            assert client.receive() == b""
        # The worker that had the session has read the list; this says that all of them have.
        service.wait_for("reloaded", bridge="api", changed=[str(crl)], count=turn)
        assert _refused(port, path)
    assert median(late) < _SOON


def test_one_session_that_cannot_be_judged_spares_no_other(site: _Site, certificates: Any) -> None:
    """A peer may send along what we cannot read: neither that session nor its neighbour stays."""
    service = site.start(f"crl={site.crl}")
    leaf, path = site.client("revoked")
    stranger = Authority("Stranger")
    odd = loosely_encoded(stranger.issue("odd"), stranger)
    first = certificates.store("with-odd.pem", leaf.pem, odd, leaf.key_pem)
    with TlsClient(service.port, first) as shield, TlsClient(service.port, path) as behind:
        assert shield.ask(b"alive") == b"alive"
        assert behind.ask(b"alive") == b"alive"
        site.revoke(leaf)
        for number in (1, 2):
            assert service.wait_for("closed", count=number)["rule"] == "certificate-revoked"
        assert behind.receive() == b""
    assert not service.find("defect")
