"""Through HTTP proxies and SOCKS servers: what they are asked, and what becomes of a bad one."""

import pytest

from tests.support.proxies import TestProxy
from tests.support.traffic import read_exactly, swap
from tests.support.traffic_peers import Program

_SIZE = 1_000_003


@pytest.fixture
def proxy():
    """Return a proxy that takes everybody."""
    with TestProxy() as server:
        yield server


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("PROXY:127.0.0.1:localhost:{port},proxyport={proxy}", "http localhost:{port}"),
        (
            "PROXY:127.0.0.1:localhost:{port},proxyport={proxy},resolve,pf=ip4",
            "http 127.0.0.1:{port}",
        ),
        ("SOCKS4:127.0.0.1:localhost:{port},socksport={proxy}", "socks4 127.0.0.1:{port}"),
        (
            "SOCKS4A:127.0.0.1:localhost:{port},socksport={proxy},socksuser=me",
            "socks4a me localhost:{port}",
        ),
        ("SOCKS5:127.0.0.1:{proxy}:localhost:{port}", "socks5 localhost:{port}"),
        ("TCP:127.0.0.1:{port},via=[SOCKS5:127.0.0.1:{proxy}]", "socks5 127.0.0.1:{port}"),
        (
            (
                "TCP:localhost:{port},via=[PROXY:127.0.0.1,proxyport={proxy},"
                "via=[SOCKS4A:127.0.0.1,socksport={proxy}]]"
            ),
            "socks4a 127.0.0.1:{proxy} http localhost:{port}",
        ),
    ],
)
def test_a_megabyte_both_ways(catflap, connect, taker, proxy, address, asked):
    """The proxy is asked for the target as it was written, and nothing is lost behind it."""
    service = catflap("TCP-LISTEN:0", address.format(port=taker.port, proxy=proxy.port))
    swap(connect(service.port), taker.take(), _SIZE)
    assert " ".join(proxy.asked) == asked.format(port=taker.port, proxy=proxy.port)


def test_a_target_that_speaks_first_is_heard(catflap, connect, taker, proxy):
    """A greeting that follows the proxy's answer at once, as SSH's does, is not swallowed."""
    service = catflap(
        "TCP-LISTEN:0", f"PROXY:127.0.0.1:127.0.0.1:{taker.port},proxyport={proxy.port}"
    )
    client = connect(service.port)
    taker.take().send(b"SSH-2.0-test\r\n")
    assert read_exactly(client, 14) == b"SSH-2.0-test\r\n"


def test_passwords_from_files(catflap, connect, taker, tmp_path):
    """Both kinds of password come from a file, and show in no event."""
    secret = tmp_path / "secret"
    secret.write_text("me:sesame\n")
    only = tmp_path / "only"
    only.write_text("sesame\n")
    with TestProxy(password="me:sesame") as socks, TestProxy() as http:
        inner = f"SOCKS5:127.0.0.1:{socks.port},socksuser=me,sockspass-file={only}"
        service = catflap(
            "TCP-LISTEN:0",
            f"PROXY:127.0.0.1:127.0.0.1:{taker.port},proxyport={http.port},"
            f"proxy-authorization-file={secret},via=[{inner}]",
        )
        swap(connect(service.port), taker.take(), 100)
        assert b"Proxy-authorization: Basic bWU6c2VzYW1l\r\n" in http.heads[0]
    assert "sesame" not in service.story()


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (b"HTTP/1.1 407 No\r\n\r\n", "the proxy says 407 No"),
        (b"\xff" * 9000, "over 8192 bytes"),
    ],
)
def test_a_proxy_that_says_no(catflap, connect, says, why):
    """The client's connection ends, and the event says what the proxy said."""
    with TestProxy(says=says) as bad:
        service = catflap("TCP-LISTEN:0", f"PROXY:127.0.0.1:h:80,proxyport={bad.port}")
        connect(service.port)
        assert why in service.wait_for("connect-failed")["reason"]


def test_a_silent_proxy_has_a_limit(catflap, connect):
    """connect-timeout covers the dialogue too; the C program hangs here."""
    with TestProxy(says=b"") as silent:
        service = catflap(
            "TCP-LISTEN:0", f"SOCKS5:127.0.0.1:{silent.port}:h:80,connect-timeout=0.2"
        )
        connect(service.port)
        assert "did not answer within 0.2 s" in service.wait_for("connect-failed")["reason"]


def test_a_socks_server_listens_for_us(catflap, connect, taker, proxy):
    """BIND: who connects to the server is passed on, and we are told where and who."""
    service = catflap(
        f"SOCKS5-LISTEN:127.0.0.1:{proxy.port}:0.0.0.0:0",
        f"TCP:127.0.0.1:{taker.port}",
        until="notice",
    )
    notice = service.wait_for("notice")["message"]
    port = int(notice.rpartition(":")[2])
    swap(connect(port), taker.take(), _SIZE)
    assert any("connected to the proxy" in each["message"] for each in service.find("notice"))


@pytest.mark.needs("socat")
def test_what_the_c_program_asks_we_ask(catflap, connect, taker):
    """Beside the real socat, the same request line reaches the proxy."""
    with TestProxy() as proxy:
        address = f"PROXY:127.0.0.1:localhost:{taker.port},proxyport={proxy.port},proxyauth=me:pw"
        with Program("socat", "-", address) as socat:
            socat.say(b"x")
            assert read_exactly(taker.take(), 1) == b"x"
        service = catflap("TCP-LISTEN:0", address)
        connect(service.port).send(b"x")
        assert read_exactly(taker.take(), 1) == b"x"
        theirs, ours = proxy.heads
        assert ours == theirs
