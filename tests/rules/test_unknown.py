"""What a variable hides lowers how sure a finding is, never how bad it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from catflap.address.model import Dual, Literal, Unknown
from catflap.address.syntax import parse
from catflap.bridge.effective import Dialect
from catflap.bridge.model import Bridge
from catflap.bridge.side import Side
from catflap.core.facts import Facts
from catflap.core.spans import Span
from catflap.rules.registry import judge_bridge

if TYPE_CHECKING:
    from catflap.findings.finding import Finding


def side_of(text: str, dialect: Dialect = Dialect.SOCAT) -> Side:
    """Return a side in which every ``$NAME`` is unknown."""
    parts: list[Literal | Unknown] = []
    for match in re.finditer(r"\$\w+|[^$]+", text):
        span = Span(*match.span())
        parts.append((Unknown if match[0].startswith("$") else Literal)(match[0], span))
    endpoint = parse(parts, text, lenient=True).endpoint
    assert not isinstance(endpoint, Dual)
    return Side(endpoint, dialect, text)


def judge(first: str, second: str = "TCP:127.0.0.1:9000") -> dict[str, Finding]:
    """Return the findings by rule."""
    bridge = Bridge(side_of(first), side_of(second), Dialect.SOCAT)
    return {finding.rule: finding for finding in judge_bridge(bridge, Facts())}


@pytest.mark.parametrize(
    ("first", "second", "rule", "severity", "confidence"),
    [
        ("TCP-LISTEN:80", "TCP:127.0.0.1:9000", "plaintext-exposed", "high", "high"),
        ("TCP-LISTEN:$PORT", "TCP:127.0.0.1:9000", "plaintext-exposed", "high", "high"),
        ("TCP-LISTEN:80,$MORE", "TCP:127.0.0.1:9000", "plaintext-exposed", "high", "medium"),
        ("TCP-LISTEN:80,bind=$ADDR", "TCP:127.0.0.1:9000", "plaintext-exposed", "high", "low"),
        ("TCP-LISTEN:80,range=$NET", "TCP:127.0.0.1:9000", "plaintext-exposed", "high", "low"),
        ("TCP-LISTEN:443", "TCP:127.0.0.1:9000", "plaintext-exposed", "high", "medium"),
        ("STDIO", "TCP:$HOST:80", "plaintext-to-remote", "medium", "low"),
        ("STDIO", "OPENSSL:a.b:1,verify=$CHECK", "tls-verify-off", "high", "low"),
        ("TCP-LISTEN:80", "EXEC:$SHELL", "remote-shell", "critical", "medium"),
        ("TCP-LISTEN:80,bind=$ADDR", "EXEC:bash", "remote-shell", "critical", "low"),
        ("TCP-LISTEN:2375", "UNIX:$SOCK", "docker-socket-exposed", "critical", "low"),
        ("TCP-LISTEN:80", "UNIX:$SOCK", "plaintext-exposed", "high", "high"),
        ("TCP-LISTEN:2375", "UNIX:app.sock", "plaintext-exposed", "high", "high"),
        ("STDIO", "SYSTEM:run $WORDS", "shell-interpolation", "low", "low"),
    ],
)
def test_confidence(first: str, second: str, rule: str, severity: str, confidence: str) -> None:
    """The worst that the unknown part can be decides how bad, and how little is known how sure."""
    finding = judge(first, second)[rule]
    assert (str(finding.severity), str(finding.confidence)) == (severity, confidence)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("$ADDRESS", "TCP:127.0.0.1:9000"),
        ("$KIND:80,fork", "$OTHER"),
        ("TCP-LISTEN:80,bind=127.0.0.1", "$FAR"),
        ("STDIO", "EXEC:$COMMAND"),
        ("nonsense:1", "rubbish"),
    ],
)
def test_hidden_addresses_do_no_harm(first: str, second: str) -> None:
    """Nothing is claimed about an address whose kind nobody knows."""
    assert {str(each.severity) for each in judge(first, second).values()} <= {"low", "info"}
