"""Options of sockets reach the kernel: what ss shows is what was asked for."""

import re
import subprocess

import pytest

from tests.support.peers import needs
from tests.support.waiting import eventually

pytestmark = pytest.mark.needs("ss")


def _show(filter_words: str) -> str:
    """Return what ss tells of established sockets that match, with timers and memory."""
    found = subprocess.run(
        [needs("ss"), "-tnoieOmH", "state", "established", *filter_words.split()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return found.stdout


def test_listener_keeps_alive_by_default(catflap, connect, echo):
    """An accepted connection is probed after 60 s of silence unless somebody says otherwise."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{echo.port}")
    assert connect(service.port).ask(b"x") == b"x"
    shown = eventually(lambda: _show(f"sport = :{service.port}"))
    seconds = re.search(r"timer:\(keepalive,(?:(\d+)min)?(?:(\d+)sec)?", shown)
    assert seconds, shown
    assert 50 <= int(seconds[1] or 0) * 60 + int(seconds[2] or 0) <= 60


def test_keepalive_family_of_a_client(catflap, connect, echo):
    """keepalive, keepidle, keepintvl and keepcnt of a client show in its timer."""
    service = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1",
        f"TCP:127.0.0.1:{echo.port},keepalive,keepidle=33,keepintvl=5,keepcnt=3",
    )
    assert connect(service.port).ask(b"x") == b"x"
    shown = eventually(lambda: _show(f"dport = :{echo.port}"))
    assert re.search(r"timer:\(keepalive,3\dsec", shown), shown


def test_a_client_does_not_keep_alive_by_itself(catflap, connect, echo):
    """Without an option the far side has no timer of ours."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{echo.port}")
    assert connect(service.port).ask(b"x") == b"x"
    shown = eventually(lambda: _show(f"dport = :{echo.port}"))
    assert "keepalive" not in shown


def test_buffers_and_mss(catflap, connect, echo):
    """Rcvbuf, sndbuf and mss reach the socket; the kernel doubles buffers (socket(7))."""
    service = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1",
        f"TCP:127.0.0.1:{echo.port},rcvbuf=30000,sndbuf=40000,mss=900",
    )
    assert connect(service.port).ask(b"x") == b"x"
    shown = eventually(lambda: _show(f"dport = :{echo.port}"))
    assert "rb60000" in shown
    assert "tb80000" in shown
    mss = re.search(r"\bmss:(\d+)", shown)
    assert mss
    assert int(mss[1]) <= 900


def test_backlog(catflap, echo):
    """backlog= is the length of the queue."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1,backlog=7", f"TCP:127.0.0.1:{echo.port}")
    found = subprocess.run(
        [needs("ss"), "-tlnH", f"sport = :{service.port}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert found.stdout.split()[2] == "7"


def test_reuseport_lets_two_serve_one_port(catflap, connect, echo):
    """With reuseport two relays share a port; without it the second is refused."""
    first = catflap("TCP-LISTEN:0,bind=127.0.0.1,reuseport", f"TCP:127.0.0.1:{echo.port}")
    to = f"TCP:127.0.0.1:{echo.port}"
    second = catflap(f"TCP-LISTEN:{first.port},bind=127.0.0.1,reuseport", to)
    assert second.port == first.port
    third = catflap(f"TCP-LISTEN:{first.port},bind=127.0.0.1", to, until="")
    assert third.wait() == 1
    assert connect(first.port).ask(b"x") == b"x"
