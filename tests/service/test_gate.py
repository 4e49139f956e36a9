"""The gate refuses before anything is opened, says why and how to go on, and marks what it let by."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from catflap.bridge.model import Acceptance, Bridge
from catflap.core.errors import ExitStatus, RefusedError, UsageError
from catflap.service.gate import judge
from tests.support.judging import bridge_to_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.service import Service

OPEN = "catflap run TCP-LISTEN:8080,bind=0.0.0.0 TCP:127.0.0.1:9000"
CONTAINER = "UNIX:/var/run/docker.sock"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    command = [sys.executable, "-m", "catflap", "run", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def accepting(line: str, *acceptances: Acceptance) -> Bridge:
    """Return a bridge with acceptances."""
    return replace(bridge_to_run(line), accepted=acceptances)


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (("TCP-LISTEN:{port},bind=0.0.0.0", "TCP:127.0.0.1:9000"), "plaintext-exposed (high)"),
        (("TCP-LISTEN:{port},bind=0.0.0.0", "EXEC:/bin/sh"), "remote-shell (critical)"),
        (("TCP-LISTEN:{port}", "EXEC:/bin/sh"), "remote-shell (high)"),
        (("TCP-LISTEN:{port}", CONTAINER), "docker-socket-exposed (high"),
        (("STDIO", "TLS:api.internal:1,verify=0"), "tls-verify-off (high)"),
    ],
)
def test_refuses_with_status_4(
    words: tuple[str, str], rule: str, free_port: Callable[[], int]
) -> None:
    """The program ends with 4 and names the rule, the mend and the way to accept."""
    port = free_port()
    ended = run(*(word.format(port=port) for word in words))
    assert ended.returncode == ExitStatus.REFUSED
    assert f"refused: {rule}" in ended.stderr
    assert "  mend:    " in ended.stderr
    assert f"--unsafe {rule.split(maxsplit=1)[0]}=REASON" in ended.stderr
    assert "Nothing was opened (exit status 4)." in ended.stderr
    assert ended.stdout == ""


def test_nothing_is_opened(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A refused listener leaves no socket behind, and a certificate that is missing is not asked."""
    path = tmp_path_factory.mktemp("gate") / "s"
    ended = run(f"UNIX-LISTEN:{path},mode=666", "EXEC:bash")
    assert ended.returncode == ExitStatus.REFUSED
    assert not path.exists()


def test_the_message_in_full() -> None:
    """One block a finding: what, where, what follows, the change, the name."""
    with pytest.raises(RefusedError) as caught:
        judge(bridge_to_run(OPEN))
    assert caught.value.render().splitlines() == [
        "refused: plaintext-exposed (high): TCP-LISTEN:8080 takes plaintext connections from any network: anybody there can connect, and whoever is on the way can read and change what passes",
        "  TCP-LISTEN:8080,bind=0.0.0.0",
        "                  ^^^^^^^^^^^^",
        "  also:    wildcard-bind: it listens on 0.0.0.0, on every interface",
        "  also:    no-allowlist: no range= says where peers may come from",
        "  mend:    without bind= it stays on this host; TLS-LISTEN:8080,bind=0.0.0.0,cert=FILE,cafile=FILE encrypts it and asks every client for its certificate",
        "  accept:  --unsafe plaintext-exposed=REASON leaves a mark in the log",
        "  explain: catflap explain plaintext-exposed",
        "",
        "Nothing was opened (exit status 4).",
    ]


def test_every_refusal_is_told_at_once() -> None:
    """Two root causes are two blocks, worst first."""
    line = "catflap run TCP-LISTEN:80,bind=0.0.0.0 TLS:api.internal:1,verify=0"
    with pytest.raises(RefusedError) as caught:
        judge(bridge_to_run(line))
    text = caught.value.render()
    assert text.count("refused: ") == 2
    assert text.index("plaintext-exposed") < text.index("tls-verify-off")


def test_accepted_by_name(free_port: Callable[[], int], catflap: Callable[..., Service]) -> None:
    """An accepted bridge starts, and its log says who answers for it."""
    first = f"TCP-LISTEN:{free_port()},bind=0.0.0.0,range=8.8.8.8"
    service = catflap(
        first, "TCP:127.0.0.1:9", "--unsafe", "plaintext-exposed=a test of the gate", until=""
    )
    event = service.wait_for("unsafe-accepted")
    assert event["rule"] == "plaintext-exposed"
    assert event["reason"] == "a test of the gate"


def test_accepting_one_rule_accepts_no_other() -> None:
    """There is no switch that silences everything."""
    accepted = Acceptance("plaintext-exposed", "why")
    with pytest.raises(RefusedError, match="remote-shell"):
        judge(accepting("catflap run TCP-LISTEN:1,bind=0.0.0.0 EXEC:sh", accepted))
    with pytest.raises(RefusedError, match="tls-verify-off"):
        judge(accepting("catflap run TCP-LISTEN:1,bind=0.0.0.0 TLS:a.b:1,verify=0", accepted))


def test_an_acceptance_ends_with_its_day() -> None:
    """Until yesterday is over; until a day to come holds."""
    with pytest.raises(RefusedError, match="lapsed:  it was accepted until 2020-01-01"):
        judge(accepting(OPEN, Acceptance("plaintext-exposed", "why", "2020-01-01")))
    verdict = judge(accepting(OPEN, Acceptance("plaintext-exposed", "why", "2999-12-31")))
    assert [finding.rule for finding, _ in verdict.accepted] == ["plaintext-exposed"]


def test_an_acceptance_without_a_finding_is_told() -> None:
    """What nothing was found for can go."""
    line = "catflap run TCP-LISTEN:8080 TCP:127.0.0.1:9000"
    verdict = judge(accepting(line, Acceptance("plaintext-exposed")))
    assert [each.rule for each in verdict.idle] == ["plaintext-exposed"]
    assert verdict.accepted == ()


@pytest.mark.parametrize(
    ("name", "hint"), [("plaintext-expose", "did you mean plaintext-exposed?"), ("x", "list rules")]
)
def test_accepting_what_is_no_rule(name: str, hint: str) -> None:
    """A misspelt acceptance is wrong words, not a hole."""
    ended = run("--unsafe", name, "STDIO", "TCP:127.0.0.1:1")
    assert ended.returncode == ExitStatus.USAGE
    assert hint in ended.stderr
    with pytest.raises(UsageError):
        judge(accepting(OPEN, Acceptance(name)))


def test_medium_warns() -> None:
    """A warning does not refuse."""
    verdict = judge(bridge_to_run("catflap run STDIO TCP:api.internal:80"))
    assert [finding.rule for finding in verdict.warnings] == ["plaintext-to-remote"]


def test_the_drop_in_warns_unless_told_to_refuse() -> None:
    """Under socat's dialect findings are warnings; enforcement is asked for."""
    bridge = bridge_to_run("socat TCP-LISTEN:8080,fork TCP:127.0.0.1:9000")
    assert [finding.rule for finding in judge(bridge).warnings] == ["plaintext-exposed"]
    with pytest.raises(RefusedError):
        judge(bridge, enforce=True)
    assert judge(bridge_to_run(OPEN), enforce=False).warnings
