"""What is said to proxies, and what is made of any answer at all."""

from __future__ import annotations

import base64
import contextlib
import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.proxies.dialogue import Line, ProxyRefusedError, Read, Send
from catflap.proxies.http_connect import http_connect
from catflap.proxies.socks4 import socks4_connect
from catflap.proxies.socks5 import socks5_bind, socks5_bound, socks5_connect

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.proxies.dialogue import Dialogue

_MAKERS: tuple[Callable[[], Dialogue[object]], ...] = (
    lambda: http_connect("api.example", 443, credentials="me:secret"),
    lambda: http_connect("api.example", 443, bare_lf=True),
    lambda: socks4_connect("192.0.2.1", 80, user="me"),
    lambda: socks4_connect("api.example", 80, by_name=True),
    lambda: socks5_connect("api.example", 443, user="me", password="secret"),
    lambda: socks5_bind("0.0.0.0", 0),
    socks5_bound,
)


def hold(dialogue: Dialogue[object], answer: bytes) -> tuple[object, bytes, bytes]:
    """Hold a dialogue; return its outcome, what it said, and what of the answer it left."""
    said, rest = b"", answer
    try:
        step = next(dialogue)
        while True:
            if isinstance(step, Send):
                said += step.data
                step = dialogue.send(b"")
                continue
            if isinstance(step, Read):
                count = step.count
            else:
                end = rest.find(b"\n", 0, step.longest) + 1
                count = end or step.longest
            data, rest = rest[:count], rest[count:]
            if len(data) < count and not (isinstance(step, Line) and data.endswith(b"\n")):
                raise EOFError
            step = dialogue.send(data)
    except StopIteration as over:
        return over.value, said, rest


def refusal(dialogue: Dialogue[object], answer: bytes) -> str:
    """Return why a dialogue was given up."""
    with pytest.raises(ProxyRefusedError) as caught:
        hold(dialogue, answer)
    return str(caught.value)


@given(st.sampled_from(_MAKERS), st.binary(max_size=600))
def test_any_answer_is_an_outcome_or_a_refusal(
    make: Callable[[], Dialogue[object]], answer: bytes
) -> None:
    """Whatever a hostile proxy says, nothing but a refusal, or a wish for more, comes of it."""
    with contextlib.suppress(ProxyRefusedError, EOFError):
        hold(make(), answer)


@given(st.sampled_from([b"\5\0", b"\5\2\1\0"]), st.binary(max_size=300), st.integers(0, 255))
def test_every_length_of_a_name_is_read_whole(start: bytes, after: bytes, length: int) -> None:
    """A name of 128 bytes or more is as long as it says (CVE-2026-56123), and no byte is lost."""
    name = b"n" * length
    answer = start + b"\5\0\0\3" + bytes([length]) + name + struct.pack("!H", 4711) + after
    outcome, _, rest = hold(socks5_connect("h", 1, user="u", password="p"), answer)
    assert outcome == (name.decode(), 4711)
    assert rest == after


@given(st.binary(max_size=100))
def test_what_follows_the_answer_is_the_targets(after: bytes) -> None:
    """A target that speaks first, such as SSH, loses nothing to the dialogue."""
    answer = b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n"
    assert hold(http_connect("h", 22), answer + after)[2] == after
    assert hold(socks4_connect("192.0.2.1", 22), b"\0\x5a" + bytes(6) + after)[2] == after


def test_connect_names_the_target_and_the_password() -> None:
    """The request is one CONNECT with Basic credentials (RFC 9110, RFC 7617)."""
    _, said, _ = hold(
        http_connect("2001:db8::1", 443, credentials="me:p:w"), b"HTTP/1.0 200 OK\r\n\r\n"
    )
    token = base64.b64encode(b"me:p:w")
    assert said == (
        b"CONNECT [2001:db8::1]:443 HTTP/1.0\r\nProxy-authorization: Basic " + token + b"\r\n\r\n"
    )


def test_version_1_1_needs_a_host() -> None:
    """HTTP/1.1 is not spoken without Host (RFC 9112, section 3.2)."""
    _, said, _ = hold(http_connect("h", 443, version="1.1"), b"HTTP/1.1 200 OK\r\n\r\n")
    assert b"\r\nHost: h:443\r\n" in said


def test_more_spaces_than_one_in_the_status_are_taken() -> None:
    """Some proxies align their status line; it still says what it says."""
    hold(http_connect("h", 443), b"HTTP/1.0   200 OK\r\n\r\n")


@pytest.mark.parametrize("host", ["a b", "a\r\nX: y", "\N{SNOWMAN}.example", "a\0b"])
def test_a_host_cannot_add_to_the_request(host: str) -> None:
    """What would make two lines of one is not sent."""
    assert "no name that a proxy takes" in refusal(http_connect(host, 80), b"")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "the proxy says 407"),
        (b"HTTP/1.1 403 \x1b[2J\r\n\r\n", "\\x1b"),
        (b"SSH-2.0-OpenSSH\r\n", "no HTTP proxy"),
        (b"HTTP/1.0 200 OK\n\n", "ignorecr"),
        (b"HTTP/1.0 200 OK\r\n" + b"A: b\r\n" * 300, "more than 200 lines"),
        (b"HTTP/1.0 200 OK\r\nA: " + b"b" * 9000, "over 8192 bytes"),
    ],
)
def test_an_http_proxy_that_says_no(answer: bytes, why: str) -> None:
    """The reason is the proxy's own words, made harmless, or what is wrong with them."""
    assert why in refusal(http_connect("h", 80), answer)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"\4\0", "no SOCKS5 server"),
        (b"\5\xff", "socksuser= and sockspass="),
        (b"\5\2", "socksuser= and sockspass="),
        (b"\5\0\5\2\0\1", "rules do not allow"),
        (b"\5\0\5\x63\0\1", "code 99"),
        (b"\5\0\5\0\0\7", "no known kind"),
    ],
)
def test_a_socks5_server_that_says_no(answer: bytes, why: str) -> None:
    """Each reply of RFC 1928 has its words."""
    assert why in refusal(socks5_connect("h", 80), answer)


def test_a_wrong_password_is_said() -> None:
    """RFC 1929: any status but 0 is a no."""
    dialogue = socks5_connect("h", 80, user="me", password="wrong")
    assert "does not take this name and password" in refusal(dialogue, b"\5\2\1\1")


def test_a_password_is_not_given_to_who_does_not_ask() -> None:
    """A server that wants none gets none."""
    answer = b"\5\0" + b"\5\0\0\1" + bytes(6)
    _, said, _ = hold(socks5_connect("192.0.2.9", 80, user="u", password="sesame"), answer)
    assert said == b"\5\2\0\2" + b"\5\1\0\1\xc0\0\2\x09\0\x50"


def test_no_secret_shows() -> None:
    """The repr of a step does not hold the password it sends."""
    assert "secret" not in repr(Send(b"\1\2me\6secret"))


@pytest.mark.parametrize("code", [91, 92, 93, 7])
def test_a_socks4_server_that_says_no(code: int) -> None:
    """All codes but 90 are a no."""
    assert "says no" in refusal(socks4_connect("192.0.2.1", 80), bytes([0, code]) + bytes(6))


def test_what_socks4_cannot_say() -> None:
    """An IPv6 address, and texts that would end early, are refused before anything is sent."""
    assert "IPv4 addresses only" in refusal(socks4_connect("::1", 80), b"")
    assert "does not fit" in refusal(socks4_connect("192.0.2.1", 80, user="a\0b"), b"")
    assert "does not fit" in refusal(socks4_connect("h" * 256, 80, by_name=True), b"")
