"""TLS and proxies, told by the words by which people search for them."""

from __future__ import annotations

import pytest

from tests.support.waiting import eventually

_ANSWERS = r"cat >/dev/null & printf '{}'"
_HTTP = r"while read -r x && [ ${{#x}} -gt 1 ]; do :; done; printf 'HTTP/1.0 {}\\r\\n\\r\\n'"


def _serve(start, tmp_path, address: str, program: str) -> None:
    start("-d", "-d", address, program, CATFLAP_GATE="off")
    eventually(lambda: "N listening on" in (tmp_path / "log").read_text())


@pytest.mark.parametrize(
    ("client", "answer", "told"),
    [
        ("PROXY:127.0.0.1:t.test:80,proxyport", _HTTP.format("403 Not for you"), "CONNECT t.test:80: Not for you"),
        ("PROXY:127.0.0.1:t.test:80,proxyport", "exit", "proxy_connect: connection closed by proxy"),
        ("SOCKS4:127.0.0.1:192.0.2.1:80,socksport", _ANSWERS.format(r"\000\133\0\0\0\0\0\0"), "socks: connect request rejected or failed"),
        ("SOCKS4:127.0.0.1:192.0.2.1:80,socksport", _ANSWERS.format(r"\000\134\0\0\0\0\0\0"), "socks: ident refused by client"),
        ("SOCKS4:127.0.0.1:192.0.2.1:80,socksport", "exit", "EOF during read of socks reply, peer might not be a socks4 server"),
        ("SOCKS5:127.0.0.1:t.test:80,socksport", _ANSWERS.format(r"\005\000\005\005\000\001\0\0\0\0\0\0"), "SOCKS5 server error 5: connection refused"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_what_a_proxy_says_is_told(start, ours, free_port, tmp_path, client, answer, told) -> None:
    """In the words of the C program, then in ours."""
    port = free_port()
    (tmp_path / "answer").write_text(answer.replace("\\\\", "\\") + "\n")
    _serve(start, tmp_path, f"TCP4-LISTEN:{port},bind=127.0.0.1", f"SYSTEM:. {tmp_path}/answer")
    run = ours("-", f"{client}={port}")
    assert run.status == 1
    assert f" E {told}" in run.log or told in run.log, run.log


def test_way_through_a_proxy_is_told(start, ours, free_port, tmp_path) -> None:
    port = free_port()
    (tmp_path / "answer").write_text(_HTTP.format("200 OK").replace("\\\\", "\\") + "; cat\n")
    _serve(start, tmp_path, f"TCP4-LISTEN:{port},bind=127.0.0.1", f"SYSTEM:. {tmp_path}/answer")
    run = ours("-d", "-d", "-", f"PROXY:127.0.0.1:t.test:80,proxyport={port}", given=b"x")
    assert run.out == b"x"
    assert f"N opening connection to AF=2 127.0.0.1:{port}\n" in run.log
    assert "N successfully connected to t.test:80 via proxy 127.0.0.1:" in run.log


@pytest.mark.parametrize(
    ("options", "told", "status"),
    [
        ("verify=0", "N option openssl-verify disabled, no check of certificate", 0),
        ("cafile={ca},commonname=localhost", "N trusting certificate, commonName matches", 0),
        ("cafile={ca},commonname=other.test", 'E certificate is valid but its commonName does not match hostname "other.test"', 1),
        ("cafile={client},commonname=localhost", "E SSL_connect(): certificate verify failed", 1),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_why_a_certificate_is_trusted_is_told(  # the row, and what plays it
    start, ours, free_port, tmp_path, certificates, options, told, status
) -> None:
    port = free_port()
    server = f"OPENSSL-LISTEN:{port},bind=127.0.0.1,cert={certificates.server},verify=0"
    _serve(start, tmp_path, server, "PIPE")
    options = options.format(ca=certificates.ca, client=certificates.client)
    run = ours("-d", "-d", "-", f"OPENSSL:127.0.0.1:{port},{options}", given=b"x")
    assert run.status == status
    assert told in run.log, run.log
    if not status:
        assert 'N SSL connection compression "none"' in run.log
        eventually(lambda: "N no peer certificate and no check" in (tmp_path / "log").read_text())


def test_plain_server_is_told_by_the_function_that_failed(start, ours, free_port, tmp_path) -> None:
    port = free_port()
    _serve(start, tmp_path, f"TCP4-LISTEN:{port},bind=127.0.0.1", "SYSTEM:echo plain words; cat")
    run = ours("-", f"OPENSSL:127.0.0.1:{port},verify=0")
    assert run.status == 1
    assert " E SSL_connect(): " in run.log


def test_dtls_is_listened_for_as_udp(start, free_port, tmp_path, certificates) -> None:
    port = free_port()
    start("-d", "-d", f"DTLS-L:{port},bind=127.0.0.1,cert={certificates.server},verify=0", "PIPE")
    wanted = f"N listening on UDP AF=2 127.0.0.1:{port}"
    eventually(lambda: wanted in (tmp_path / "log").read_text())
