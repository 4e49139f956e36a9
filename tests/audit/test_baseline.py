"""A baseline knows its findings again wherever their commands move."""

from __future__ import annotations

import json
from datetime import date

import pytest

from catflap.audit.baseline import baseline_text, mark, read_baseline
from catflap.audit.engine import Request, audit_paths
from catflap.audit.options import Options
from catflap.audit.report import State
from catflap.core.errors import OperationError, UsageError

BAD = "socat TCP-LISTEN:2375,fork UNIX-CONNECT:/var/run/docker.sock\n"
OTHER = "socat TCP-LISTEN:9000,fork EXEC:/bin/sh\n"


def audit(top, text, name="run.sh"):
    (top / name).write_text(text)
    options = Options(date(2026, 6, 1), root=str(top), look=False)
    return audit_paths(Request((str(top),), options))


def names(report):
    return {each.fingerprint for each in report.findings}


def known(report, path):
    path.write_text(baseline_text(report))
    return read_baseline(str(path))


def test_what_was_there_is_marked_and_does_not_count(tmp_path):
    top = tmp_path / "tree"
    top.mkdir()
    found = known(audit(top, BAD), tmp_path / "known.json")
    report = mark(audit(top, f"#!/bin/sh\n\nif true; then\n  {BAD}fi\n{OTHER}"), found)
    old = {each.rule for each in report.findings if each.state is State.BASELINE}
    new = {each.rule for each in report.open}
    assert "docker-socket-exposed" in old
    assert "docker-socket-exposed" not in new
    assert "remote-shell" in new


@pytest.mark.parametrize(
    "moved",
    [
        f"\n\n\n# more\n{BAD}",
        f"  {BAD}",
        BAD.replace(" UNIX", " \\\n   UNIX"),
        f"{OTHER}{BAD}",
        f"{BAD}{OTHER}",
        BAD.replace("\n", "\r\n"),
    ],
)
def test_moving_a_command_changes_no_fingerprint(tmp_path, moved):
    assert names(audit(tmp_path, BAD)) <= names(audit(tmp_path, moved))


@pytest.mark.parametrize("changed", [BAD.replace("2375", "2376"), BAD + BAD])
def test_another_command_is_another_finding(tmp_path, changed):
    assert names(audit(tmp_path, changed)) - names(audit(tmp_path, BAD))


def test_another_file_is_another_finding(tmp_path):
    one = names(audit(tmp_path, BAD))
    (tmp_path / "run.sh").unlink()
    assert not one & names(audit(tmp_path, BAD, "other.sh"))


def test_it_does_not_matter_where_the_audit_starts(tmp_path, monkeypatch):
    report = audit(tmp_path, BAD)
    monkeypatch.chdir(tmp_path)
    options = Options(date(2026, 6, 1), root=str(tmp_path), look=False)
    assert names(audit_paths(Request(("run.sh",), options))) == names(report)


def test_no_two_findings_share_a_fingerprint(tmp_path):
    report = audit(tmp_path, (BAD + OTHER) * 5)
    assert len(names(report)) == len(report.findings)


def test_suppressed_findings_are_not_written(tmp_path):
    report = audit(tmp_path, f"# catflap: ignore[docker-socket-exposed] a lab\n{BAD}")
    rules = {each["rule"] for each in json.loads(baseline_text(report))["findings"]}
    assert "docker-socket-exposed" not in rules


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", ":1:2: "),
        ("[]", "is no baseline of version 1"),
        ('{"version": 2, "findings": []}', "is no baseline of version 1"),
        ('{"version": 1, "findings": [{"fingerprint": "x"}]}', "is no baseline of version 1"),
        ("[" * 100_000, ":1:1: "),
    ],
)
def test_what_is_no_baseline_is_refused(tmp_path, text, says):
    path = tmp_path / "known.json"
    path.write_text(text)
    with pytest.raises(UsageError) as told:
        read_baseline(str(path))
    assert says in told.value.message


def test_a_baseline_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(OperationError, match="cannot be read"):
        read_baseline(str(tmp_path / "none.json"))
