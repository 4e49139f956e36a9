"""Reports made by hand, and by hypothesis."""

from __future__ import annotations

import io
from typing import Any

from hypothesis import strategies as st

from catflap.audit.formats.options import FormatOptions
from catflap.audit.formats.registry import FORMATS
from catflap.audit.report import Located, Place, Report, State, Trouble
from catflap.findings.finding import Confidence, Severity

__all__ = ("DOCUMENTATION", "finding", "reports", "sample", "written")

DOCUMENTATION = "https://docs.example/reference"


def finding(line: str, marked: str, **facts: Any) -> Located:
    """Return a finding that points at a part of a single line of a file."""
    number = facts.pop("number", 1)
    start = line.index(marked)
    place = Place(number, start + 1, number, start + 1 + len(marked), start, start + len(marked))
    whole = Place(number, 1, number, len(line) + 1, 0, len(line))
    said: dict[str, Any] = {
        "path": "deploy/run.sh",
        "kind": "shell",
        "rule": "tls-verify-off",
        "severity": Severity.HIGH,
        "confidence": Confidence.HIGH,
        "message": "the client does not check the server's certificate",
        "place": place,
        "command": whole,
        "excerpt": (line,),
        "excerpt_line": number,
        "fingerprint": "0123456789abcdef0123456789abcdef",
    }
    return Located(**(said | facts))


def sample() -> Report:
    """Return a report with a finding of every state, a place of two lines, and two troubles."""
    docker = finding(
        "socat TCP-LISTEN:2375,fork UNIX-CONNECT:/var/run/docker.sock",
        "UNIX-CONNECT:/var/run/docker.sock",
        number=7,
        rule="docker-socket-exposed",
        severity=Severity.CRITICAL,
        message="Docker's socket is open through TCP-LISTEN:2375: whoever asks becomes root here",
        mend="DOCKER_HOST=ssh://USER@HOST",
        notes=("plaintext-exposed: whoever is on the way reads it", "no-timeout: -T is missing"),
        fingerprint="1" * 32,
    )
    unsure = finding(
        '\tsocat - TCP:"$HOST":80,\u540d\u524d',
        'TCP:"$HOST":80',
        number=12,
        path="deploy/Makefile",
        kind="makefile",
        rule="plaintext-to-remote",
        severity=Severity.MEDIUM,
        confidence=Confidence.LOW,
        message="TCP:$HOST:80 is another host, and what goes there is not encrypted",
        fix="unsafe",
        fingerprint="2" * 32,
    )
    two = ("socat TCP-LISTEN:9,bind=127.0.0.1 \\", "    OPENSSL:a.example:443,verify=0")
    both = Place(3, 35, 4, 35, 34, 70)
    wide = finding(two[0], "\\", place=both, command=Place(3, 1, 4, 35, 0, 70), number=3)
    return Report(
        findings=(
            docker,
            finding(
                "socat -v - TCP:127.0.0.1:80 # <b>&'\"",
                "-v",
                rule="payload-logged",
                severity=Severity.INFO,
                message="-v writes what passes",
                fix="safe",
                fingerprint="3" * 32,
            ),
            unsure,
            _with(wide, excerpt=two, path="old.sh", state=State.SUPPRESSED, reason="a lab, #12"),
            finding(
                "socat - OPENSSL:b.example:1,verify=0",
                "verify=0",
                path="old.sh",
                number=9,
                state=State.BASELINE,
                fingerprint="4" * 32,
            ),
        ),
        troubles=(
            Trouble("broken.yml", "line 4 is no YAML; the rest was read", line=4),
            Trouble("secret.sh", "cannot be read: Permission denied", fatal=True),
        ),
        files=1234,
        read=5,
        commands=6,
    )


def _with(found: Located, **facts: Any) -> Located:
    from dataclasses import replace

    return replace(found, **facts)


def written(name: str, report: Report, **said: Any) -> str:
    """Return what a format writes."""
    stream = io.StringIO()
    options = {"documentation": DOCUMENTATION, "root": "/home/alice/src", "exit_status": 15} | said
    FORMATS[name].write(report, stream, FormatOptions(**options))
    return stream.getvalue()


_TEXT = st.text(st.characters(codec=None), max_size=30) | st.sampled_from(
    [
        "::error::x",
        "]]>",
        "```",
        "</details>",
        "{0}",
        "[a](https://evil.example)",
        "@all",
        "\x1b[2J",
    ]
)
_COUNT = st.integers(1, 3)


@st.composite
def _places(draw: st.DrawFn) -> Place:
    line, column, start = draw(_COUNT), draw(st.integers(1, 40)), draw(st.integers(0, 40))
    lines, length = draw(st.integers(0, 9)), draw(st.integers(0, 40))
    end = column + length if not lines else draw(st.integers(1, 40))
    return Place(line, column, line + lines, end, start, start + length)


_SLUGS = st.sampled_from(["tls-verify-off", "remote-shell", "suppression-unused", "of-tomorrow"])
_LINES = st.lists(_TEXT.map(lambda text: text.replace("\n", "")), max_size=5).map(tuple)
_FINDINGS = st.builds(
    Located,
    path=_TEXT,
    kind=st.sampled_from(["shell", "yaml"]),
    rule=_SLUGS,
    severity=st.sampled_from(list(Severity)),
    confidence=st.sampled_from(list(Confidence)),
    message=_TEXT,
    place=_places(),
    command=_places(),
    excerpt=_LINES,
    excerpt_line=_COUNT,
    fingerprint=st.text("0123456789abcdef", min_size=32, max_size=32),
    mend=_TEXT,
    notes=st.lists(_TEXT, max_size=2).map(tuple),
    fix=st.sampled_from(["", "safe", "unsafe"]),
    state=st.sampled_from(list(State)),
    reason=_TEXT,
)
_TROUBLES = st.builds(
    Trouble, path=_TEXT, message=_TEXT, line=st.integers(0, 9), fatal=st.booleans()
)


def reports() -> st.SearchStrategy[Report]:
    """Return reports in which any text stands anywhere."""
    return st.builds(
        Report,
        findings=st.lists(_FINDINGS, max_size=3).map(tuple),
        troubles=st.lists(_TROUBLES, max_size=2).map(tuple),
        files=st.integers(0, 10**7),
        read=st.integers(0, 10**7),
        commands=st.integers(0, 10**7),
    )
