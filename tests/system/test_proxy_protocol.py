"""The PROXY protocol with real proxies on both sides, and with those that only pretend."""

import socket

import pytest

from catflap.proxyproto.header import Endpoint
from catflap.proxyproto.v1 import decode_v1
from catflap.proxyproto.v2 import FIXED, body_length, decode_v2, encode_v2
from tests.support.traffic_peers import haproxy, nginx, opens
from tests.support.waiting import PATIENCE
from tests.system.test_up import bridge, change, speaks, to

_TRUST = "proxy-from=[127.0.0.1,::1]"
_FORGED = b"PROXY TCP4 10.9.9.9 127.0.0.1 1 1\r\n"


def _take(end, count):
    return end.socket.recv(count, socket.MSG_WAITALL)


def _line(end):
    """Return what comes up to the end of its line, and no more."""
    line = b""
    while not line.endswith(b"\n"):
        line += _take(end, 1)
    return line


def _header_v2(end):
    fixed = _take(end, FIXED)
    return decode_v2(fixed + _take(end, body_length(fixed)))


def _ask(port, data, source="127.0.0.1"):
    """Send bytes and return what comes back until the end, or nothing after a reset."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE, (source, 0)) as sock:
        sock.settimeout(PATIENCE)
        try:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: sock.recv(4096), b""))
        except ConnectionError:
            return b""


def test_the_real_source_is_told_and_judged(catflap, echo):
    """Behind a trusted proxy, range= is asked about the client, not about the proxy."""
    service = catflap(
        f"TCP-LISTEN:0,bind=127.0.0.1,{_TRUST},range=10.0.0.0/8", f"TCP:127.0.0.1:{echo.port}"
    )
    assert _ask(service.port, b"PROXY TCP4 10.1.2.3 127.0.0.1 77 80\r\nhello") == b"hello"
    opened = service.wait_for("opened")
    assert opened["peer"] == "10.1.2.3:77"
    assert opened["via"].startswith("127.0.0.1:")
    assert _ask(service.port, b"PROXY TCP4 192.0.2.1 127.0.0.1 77 80\r\nhello") == b""
    denied = service.wait_for("denied")
    assert (denied["peer"], denied["rule"]) == ("192.0.2.1:77", "range")


@pytest.mark.parametrize("data", [_FORGED, encode_v2(Endpoint("10.1.1.1", 1), Endpoint("::1", 2))])
def test_forged_by_an_untrusted_source(catflap, echo, data):
    """Whoever is not on the list of proxies is refused, header or not."""
    service = catflap(f"TCP-LISTEN:0,bind=127.0.0.1,{_TRUST}", f"TCP:127.0.0.1:{echo.port}")
    assert _ask(service.port, data + b"hello", source="127.0.0.7") == b""
    assert service.wait_for("denied")["rule"] == "proxy-from"
    assert echo.accepted == 0


@pytest.mark.parametrize(
    "data", [b"hello, world, no header", b"PROXY TCP4 1.2.3.4\r\n", b"PROX", b""]
)
def test_trusted_and_without_a_header(catflap, echo, data):
    """Nothing is detected: a trusted proxy has to say for whom it speaks."""
    service = catflap(f"TCP-LISTEN:0,bind=127.0.0.1,{_TRUST}", f"TCP:127.0.0.1:{echo.port}")
    assert _ask(service.port, data) == b""
    assert service.wait_for("handshake-failed")["rule"] == "proxy-header-invalid"
    assert echo.accepted == 0


def test_never_detected_without_the_option(catflap, echo):
    """A listener that was told nothing of proxies passes such a line on as data."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{echo.port}")
    assert _ask(service.port, _FORGED) == _FORGED


def test_a_header_that_never_ends(catflap, echo):
    """The header is under the limit of the handshake."""
    service = catflap(
        f"TCP-LISTEN:0,bind=127.0.0.1,{_TRUST}",
        f"TCP:127.0.0.1:{echo.port}",
        "--handshake-timeout",
        "0.3",
    )
    with socket.create_connection(("127.0.0.1", service.port), PATIENCE) as sock:
        sock.sendall(b"PROXY TCP4 ")
        assert service.wait_for("handshake-failed")["rule"] == "handshake-timeout"


def test_in_front_of_tls(catflap, connect, certificates, taker, free_port, tmp_path):
    """HAProxy hands TLS through with a v2 header; the certificate is still asked for."""
    service = catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca},{_TRUST}",
        f"TCP:127.0.0.1:{taker.port}",
    )
    port = free_port()
    section = (
        f"listen near\n  bind 127.0.0.1:{port}\n"
        f"  server far 127.0.0.1:{service.port} send-proxy-v2 proxy-v2-options crc32c,unique-id"
        f" ssl crt {certificates.client} ca-file {certificates.ca} verify required"
        " verifyhost localhost\n"
    )
    with haproxy(tmp_path, section) as program:
        opens(port, program)
        near = connect(port, source="127.0.0.9")
        far = taker.take()
        near.send(b"hello")
        assert _take(far, 5) == b"hello"
    opened = service.wait_for("opened")
    assert opened["peer"].startswith("127.0.0.9:")
    assert opened["certificate"]["subject"] == "CN=client"


@pytest.mark.needs("nginx")
def test_nginx_in_front(catflap, connect, echo, free_port, tmp_path):
    """nginx speaks version 1."""
    service = catflap(f"TCP-LISTEN:0,bind=127.0.0.1,{_TRUST}", f"TCP:127.0.0.1:{echo.port}")
    port = free_port()
    server = f"server {{ listen 127.0.0.1:{port}; proxy_pass 127.0.0.1:{service.port}; proxy_protocol on; }}\n"
    with nginx(tmp_path, server) as program:
        opens(port, program)
        assert connect(port, source="127.0.0.11").ask(b"hello") == b"hello"
    opened = service.wait_for("opened")
    assert opened["peer"].startswith("127.0.0.11:")


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_haproxy_behind(catflap, connect, taker, free_port, tmp_path, version):
    """HAProxy accepts what we send and passes the source on, as v1, to whom it serves."""
    port = free_port()
    section = (
        f"listen front\n  bind 127.0.0.1:{port} accept-proxy\n"
        f"  server far 127.0.0.1:{taker.port} send-proxy\n"
    )
    with haproxy(tmp_path, section) as program:
        opens(port, program)
        service = catflap(
            "TCP-LISTEN:0,bind=127.0.0.1",
            f"TCP:127.0.0.1:{port},send-proxy={version}",
        )
        near = connect(service.port, source="127.0.0.12")
        near.send(b"hello")
        far = taker.take()
        assert decode_v1(_line(far)).source.host == "127.0.0.12"
        assert _take(far, 5) == b"hello"


@pytest.mark.needs("nginx")
def test_nginx_behind(catflap, connect, free_port, tmp_path):
    """nginx takes version 1 and would refuse the connection without it."""
    port = free_port()
    server = f"server {{ listen 127.0.0.1:{port} proxy_protocol; return $proxy_protocol_addr; }}\n"
    with nginx(tmp_path, server) as program:
        opens(port, program)
        service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{port},send-proxy=v1")
        end = connect(service.port, source="127.0.0.13")
        assert _take(end, 10) == b"127.0.0.13"


def test_who_the_tls_client_is(catflap, certificates, taker):
    """Version 2 says by which certificate the client came in, and under which session."""
    service = catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{taker.port},send-proxy=v2",
    )
    client = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1",
        f"TLS:127.0.0.1:{service.port},cert={certificates.client},cafile={certificates.ca}",
    )
    with socket.create_connection(("127.0.0.1", client.port), PATIENCE) as sock:
        sock.sendall(b"hello")
        far = taker.take()
        header = _header_v2(far)
        assert _take(far, 5) == b"hello"
    assert header.tls.verified
    assert header.tls.common_name == "client"
    assert header.tls.version == "TLSv1.3"
    assert header.unique_id.decode() == service.wait_for("opened")["session"]


def test_over_a_unix_socket(catflap, connect, taker, tmp_path):
    """Trust of a UNIX listener is its file's mode; what it learns goes on to the far side."""
    path = tmp_path / "near.sock"
    service = catflap(
        f"UNIX-LISTEN:{path},proxy-from=unix", f"TCP:127.0.0.1:{taker.port},send-proxy=v1"
    )
    end = connect(path)
    end.send(encode_v2(Endpoint("2001:db8::7", 99), Endpoint("2001:db8::1", 443)) + b"hello")
    far = taker.take()
    assert decode_v1(_line(far)).source == Endpoint("2001:db8::7", 99)
    assert _take(far, 5) == b"hello"
    assert service.wait_for("opened")["peer"] == "[2001:db8::7]:99"


def test_the_name_that_a_client_asked_for(catflap, certificates, taker):
    """Version 2 passes the name of SNI on as the authority (PP2_TYPE_AUTHORITY)."""
    service = catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{taker.port},send-proxy=v2",
    )
    trust = f"cert={certificates.client},cafile={certificates.ca},snihost=api.example.com"
    client = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TLS:127.0.0.1:{service.port},{trust}")
    with socket.create_connection(("127.0.0.1", client.port), PATIENCE) as sock:
        sock.sendall(b"hello")
        assert _header_v2(taker.take()).authority == "api.example.com"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (",proxy-from=127.0.0.1", ",proxy-from=127.0.0.9"),
        (",proxy-from=127.0.0.1", ""),
        ("", ",proxy-from=127.0.0.9"),
    ],
)
def test_a_proxy_that_is_trusted_no_more(up, connect, echo, free_port, before, after):
    """Sessions by a proxy whose word counts no more, or beside one that is now needed, end."""
    listen = f"TCP-LISTEN:{free_port()},bind=127.0.0.1"
    service = up(bridge("one", listen + before, to(echo)))
    end = connect(service.port_of("one"))
    if before:
        end.send(b"PROXY TCP4 10.1.2.3 127.0.0.1 77 80\r\n")
    assert speaks(end)
    change(service, bridge("one", listen + after, to(echo)), bridge=None)
    closed = service.wait_for("closed")
    assert (closed["closed_by"], closed["rule"]) == ("policy", "proxy-from")


def test_a_proxy_that_is_trusted_still(up, connect, echo, free_port):
    listen = f"TCP-LISTEN:{free_port()},bind=127.0.0.1,proxy-from="
    service = up(bridge("one", listen + "127.0.0.1", to(echo)))
    end = connect(service.port_of("one"))
    end.send(b"PROXY TCP4 10.1.2.3 127.0.0.1 77 80\r\n")
    assert speaks(end)
    change(service, bridge("one", listen + "127.0.0.0/8", to(echo)), bridge=None)
    assert speaks(end)


def test_a_listener_that_is_waited_for(catflap):
    """The second address too takes headers from its proxies alone, and asks about the client."""
    service = catflap("PIPE", f"TCP-LISTEN:0,bind=127.0.0.1,{_TRUST},range=10.0.0.0/8")
    assert _ask(service.port, b"hello") == b""
    assert _ask(service.port, b"PROXY TCP4 192.0.2.1 127.0.0.1 77 80\r\nhello") == b""
    assert _ask(service.port, b"PROXY TCP4 10.1.2.3 127.0.0.1 77 80\r\nhello") == b"hello"
    assert service.wait() == 0
    other = catflap("PIPE", "TCP-LISTEN:0,bind=127.0.0.1,proxy-from=10.0.0.1")
    assert _ask(other.port, b"PROXY TCP4 10.1.2.3 127.0.0.1 77 80\r\nhello") == b""
    assert (
        "proxy-from" in other.wait_for("notice", message=lambda text: "refused" in text)["message"]
    )
