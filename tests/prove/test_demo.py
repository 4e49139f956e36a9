"""The real demo, as a person runs it: all as expected, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from catflap.prove import stage
from catflap.prove.attempt import Outcome
from catflap.prove.demo import ATTEMPTS, Audience, Demo, run_demo

if TYPE_CHECKING:
    from catflap.prove.evidence import Evidence

SECONDS = 75


def demo_environment(folder: Path) -> dict[str, str]:
    """Everything that the demo makes goes below ``folder``, so that one sees what is left."""
    return {**os.environ, "TMPDIR": str(folder)}


def processes_in(folder: Path) -> list[int]:
    """Return the processes whose working directory is below ``folder``, even if it is gone."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                where = os.readlink(entry / "cwd")
            except OSError:
                continue
            if where.startswith(f"{folder}/"):
                found.append(int(entry.name))
    return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "catflap", "demo", "--json"],
        capture_output=True,
        timeout=SECONDS,
        env=demo_environment(folder),
        check=False,
    )
    assert done.stderr == b""
    assert done.returncode == 0, done.stdout.decode()
    assert list(folder.iterdir()) == []
    assert processes_in(folder) == []
    msgspec.json.decode(done.stdout, type=Demo)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_every_attempt_ends_as_expected(told: dict[str, Any]) -> None:
    rows = told["attempts"]
    assert [row["attempt"] for row in rows] == [attempt.name for attempt in ATTEMPTS]
    assert [row["attempt"] for row in rows if not row["as_expected"]] == []
    assert told["ok"]


def test_every_row_has_its_event(told: dict[str, Any]) -> None:
    for row in told["attempts"]:
        assert row["event"]["peer"] == row["source"]
        assert row["event"]["rule"] == row["rule"] == row["expected_rule"]
    by_name = {row["attempt"]: row for row in told["attempts"]}
    assert by_name["no-certificate"]["alert"] == "certificate required"
    assert by_name["outside-range"]["source"].startswith("127.0.0.66:")
    assert by_name["post"]["event"]["tls"]["group"] == "X25519MLKEM768"
    assert "still fits" in by_name["expired-ticket"]["note"]


def test_the_word_reaches_the_api_and_cannot_be_read_on_the_way(told: dict[str, Any]) -> None:
    exchange = told["exchange"]
    assert exchange["word"] in exchange["request"]
    assert exchange["word_in_request"]
    assert not exchange["word_on_network"]
    assert exchange["records"][0]["type"] == "ClientHello"
    assert sum(record["holds_request"] for record in exchange["records"]) == 1
    assert told["strangers"] == []


class Interrupted(Audience):
    """Sends a signal to this process at a given moment of the demo."""

    def __init__(self, number: int, after: int) -> None:
        self._number = number
        self._left = after

    def staged(self, server: tuple[str, ...], client: tuple[str, ...]) -> None:
        if not self._left:
            os.kill(os.getpid(), self._number)

    def told(self, evidence: Evidence) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), self._number)
            os.kill(os.getpid(), self._number)  # an impatient person changes nothing


@pytest.mark.parametrize(
    ("number", "after"), [(signal.SIGINT, 0), (signal.SIGINT, 5), (signal.SIGTERM, 20)]
)
def test_a_signal_ends_it_with_nothing_left(
    number: signal.Signals, after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert run_demo(Interrupted(number, after)) == 128 + number
    assert list(tmp_path.iterdir()) == []
    assert processes_in(tmp_path) == []


def test_a_weak_bridge_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asks nobody for a certificate, speaks old TLS and lets everybody in: rows must say so."""
    listener = "TLS-LISTEN:0,bind=127.0.0.1,verify=0,min-proto-version=TLS1.2,cert=server.pem"
    unsafe = ("--unsafe", "anonymous-clients", "--handshake-timeout", "2")
    monkeypatch.setattr(stage, "server_words", lambda: (*unsafe, listener, "UNIX:api.sock"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    report = run_demo(Audience())
    assert not isinstance(report, int)
    assert not report.ok
    served = {
        row.attempt
        for row in report.attempts
        if row.outcome is Outcome.SERVED and row.expected is not Outcome.SERVED
    }
    assert {"no-certificate", "self-signed", "expired", "tls-1.2", "outside-range"} <= served
    assert served <= set(report.strangers)
    assert {"silent", "plain-http", "tls-1.1"}.isdisjoint(served)


def test_a_bridge_that_does_not_come_up_is_one_clear_line(tmp_path: Path) -> None:
    """The gate refuses it: what it said is what the reader is told, and nothing is left."""
    script = (
        "import sys; from catflap.prove import stage; from catflap.cli.commands import invoke\n"
        "stage.server_words = lambda: ('TLS-LISTEN:0,bind=0.0.0.0,verify=0,cert=server.pem', 'UNIX:api.sock')\n"
        "sys.exit(invoke(['demo']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=demo_environment(tmp_path),
        check=False,
    )
    assert done.returncode == 1
    assert "did not come up" in done.stderr
    assert "anonymous-clients" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert processes_in(tmp_path) == []
