"""A session that we cut off ends with a reset and no close_notify: nobody takes a part for a whole."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from OpenSSL import SSL

from tests.support.traffic_tls import TlsClient
from tests.system.test_up import bridge, to

if TYPE_CHECKING:
    from collections.abc import Callable

_LIMITS = {
    "idle": ("idle-timeout", "limits = { idle = 4 }\n"),
    "lifetime": ("lifetime", "limits = { lifetime = 4 }\n"),
    "half-close": ("half-close-timeout", "limits = { half-close = 4 }\n"),
}
"""Seconds enough for what is said before, also on a slow machine."""
_CUTS = [*_LIMITS, "operator", "shutdown", "policy", "bridge-removed"]


def _is_cut(end: Any) -> bool:
    """Whether a plain connection ends by a reset rather than an end."""
    try:
        return bool(end.receive()) and _is_cut(end)
    except ConnectionResetError:
        return True


def _is_truncated(client: TlsClient) -> bool:
    """Whether a TLS connection ends without close_notify."""
    try:
        return bool(client._wait(client.connection.recv, 1000)) and _is_truncated(client)
    except SSL.ZeroReturnError:
        return False
    except (SSL.Error, ConnectionError):
        return True


def _cut(service: Any, how: str) -> None:
    """Cut off the one session of a service; a limit does that by itself."""
    if how == "operator":
        assert service.ask("end", service.wait_for("opened")["session"]).returncode == 0
    elif how == "shutdown":
        service.process.send_signal(signal.SIGTERM)
        service.wait_for("draining")
        service.process.send_signal(signal.SIGTERM)
    elif how in {"policy", "bridge-removed"}:
        text = service.file.read_text()
        changed = text.replace("connect", "allow = ['10.0.0.0/8']\nconnect", 1)
        if how == "bridge-removed":
            changed = text.replace("bridge.one", "bridge.two")
        service.change(changed)


@pytest.mark.parametrize("how", _CUTS)
def test_both_sides_of_a_plain_session_see_a_cut(
    up: Callable[..., Any], connect: Any, taker: Any, how: str
) -> None:
    limits = _LIMITS.get(how, ("", ""))[1]
    service = up(bridge("one", "TCP-LISTEN:0", to(taker)) + limits, "--drain", "1")
    near = connect(service.port_of("one"))
    far = taker.take()
    near.send(b"a part")
    assert far.receive() == b"a part"
    far.send(b"of an answer")
    assert near.receive() == b"of an answer"
    if how == "half-close":
        near.end()
        assert far.receive() == b""
    _cut(service, how)
    assert _is_cut(near)
    if how != "half-close":
        assert _is_cut(far)
    closed = service.wait_for("closed")
    assert closed["closed_by"] == {"bridge-removed": "shutdown"}.get(
        how, "limit" if how in _LIMITS else how
    )


@pytest.mark.parametrize("how", _CUTS)
def test_a_tls_client_sees_no_close_notify(
    up: Callable[..., Any], certificates: Any, taker: Any, how: str
) -> None:
    limits = _LIMITS.get(how, ("", ""))[1]
    listen = f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}"
    service = up(bridge("one", listen, to(taker)) + limits, "--drain", "1")
    with TlsClient(service.port_of("one"), certificates.client) as client:
        client.send(b"a part")
        far = taker.take()
        assert far.receive() == b"a part"
        if how == "half-close":
            client.end()
            assert far.receive() == b""
        _cut(service, how)
        assert _is_truncated(client)
        if how != "half-close":
            assert _is_cut(far)


def test_one_session_that_is_cut_is_a_failure(catflap: Any, taker: Any) -> None:
    """Whoever keeps what came must be able to tell that there may be more."""
    service = catflap(
        f"TCP:127.0.0.1:{taker.port}", "STDOUT", "-u", "--idle-timeout=400ms", until=""
    )
    far = taker.take()
    far.send(b"a part")
    assert service.wait() == 1


def test_silence_is_how_packets_end(catflap: Any, taker: Any) -> None:
    """A sender of packets has no other end, so what it said goes on as an orderly one."""
    service = catflap("UDP-LISTEN:0,bind=127.0.0.1,idle-timeout=0.4", f"TCP:127.0.0.1:{taker.port}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
        near.sendto(b"question", ("127.0.0.1", service.port))
        far = taker.take()
        assert far.receive() == b"question"
        assert far.receive() == b""


def test_the_dialect_of_socat_ends_as_socat_does(taker: Any) -> None:
    """-T lets both sides see an end, and the status is 0."""
    words = ("-T", "0.4", f"TCP:127.0.0.1:{taker.port}", f"TCP:127.0.0.1:{taker.port}")
    code = "import sys; from catflap.dropin.main import main; sys.exit(main())"
    with subprocess.Popen([sys.executable, "-c", code, *words]) as process:
        ends = taker.take(), taker.take()
        assert [end.receive() for end in ends] == [b"", b""]
        assert process.wait(60) == 0
