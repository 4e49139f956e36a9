"""The nouns name themselves; secrets do not."""

from __future__ import annotations

import re

import pytest

from catflap.core import clock
from catflap.core.errors import CatflapError, ExitStatus, OperationError, RefusedError, UsageError
from catflap.core.nouns import CertificateFacts, Identity, Peer, UnixCredentials
from catflap.core.secrets import Secret
from catflap.core.spans import Problem, Span


@pytest.mark.parametrize(
    ("peer", "text"),
    [
        (Peer("127.0.0.1", 80), "127.0.0.1:80"),
        (Peer("::1", 80), "[::1]:80"),
        (Peer("/run/x"), "/run/x"),
        (Peer("stdio"), "stdio"),
    ],
)
def test_a_peer_is_written_as_an_address(peer: Peer, text: str) -> None:
    """IPv6 stands in brackets before a port."""
    assert str(peer) == text


def test_an_identity_is_the_shortest_name() -> None:
    """A subject, else alternative names, else a user, else nobody."""
    facts = CertificateFacts("", "CN=ca", "1", 0, 1, "00", dns=("a",), uris=("u:b",))
    assert str(Identity(facts)) == "dns:a,uri:u:b"
    named = CertificateFacts("CN=x", "CN=ca", "1", 0, 1, "00", addresses=("::1",), emails=("a@b",))
    assert str(Identity(named)) == "CN=x"
    assert named.names() == ("ip:::1", "email:a@b")
    assert str(Identity(credentials=UnixCredentials(1, 1000, 1000))) == "uid=1000"
    assert str(Identity()) == "anonymous"


def test_a_secret_does_not_show() -> None:
    """Neither print, nor repr, nor a format shows it; the one place that asks gets it."""
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {secret!s} {[secret]}"
    assert secret.reveal() == "hunter2"


def test_errors_say_what_to_do_and_how_to_end() -> None:
    """Whose fault it is decides the status; the hint stands below the message."""
    assert OperationError("no", "try").render() == "no\n  hint: try"
    assert RefusedError("no").render() == "no"
    assert UsageError("no", hint="try").render() == "no\n  hint: try"
    assert UsageError("no", (Problem("bad", Span(0, 1), "x"),)).render() == "bad\n  x\n  ^"
    statuses = [
        error.exit_status for error in (CatflapError, OperationError, UsageError, RefusedError)
    ]
    assert statuses == [
        ExitStatus.FAILURE,
        ExitStatus.FAILURE,
        ExitStatus.USAGE,
        ExitStatus.REFUSED,
    ]


def test_times_are_written_in_utc() -> None:
    """RFC 3339 with milliseconds."""
    assert clock.utc(0.0015) == "1970-01-01T00:00:00.001Z"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", clock.utc(clock.now()))
    assert clock.monotonic() <= clock.monotonic()
