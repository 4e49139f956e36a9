"""A baseline: findings that were there when somebody began to look, by their fingerprints."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit.report import State
from catflap.core.errors import OperationError, UsageError
from catflap.core.spans import printable

if TYPE_CHECKING:
    from collections.abc import Collection

    from catflap.audit.report import Located, Report

__all__ = ("baseline_text", "mark", "read_baseline")

_VERSION = 1
_FINGERPRINT = re.compile(r"[0-9a-f]{32}")
_LARGEST = 64 * 1024 * 1024


def read_baseline(path: str) -> frozenset[str]:
    """Return the fingerprints in a baseline file.

    Raises:
        OperationError: it cannot be read.
        UsageError: it is none of ours.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST)
    except OSError as error:
        message = f"{printable(path)} cannot be read: {error.strerror or error}"
        raise OperationError(message, "--write-baseline FILE makes one") from None
    try:
        document = json.loads(data)
    except json.JSONDecodeError as error:
        place = f"{printable(path)}:{error.lineno}:{error.colno}"
        message = f"{place}: this is not JSON, as a baseline is"
        raise UsageError(message, hint="--write-baseline makes it anew") from None
    except (UnicodeDecodeError, RecursionError):
        raise UsageError(f"{printable(path)}:1:1: is no baseline of catflap's") from None
    found = _fingerprints(document)
    if found is None:
        message = f"{printable(path)}:1:1: is no baseline of version {_VERSION}"
        raise UsageError(message, hint="--write-baseline makes it anew")
    return found


def baseline_text(report: Report) -> str:
    """Return a baseline of all findings that count; suppressed ones are told by their comments.

    It is sorted and has a line for each finding, so that its changes can be read.
    """
    findings = [
        {
            "fingerprint": each.fingerprint,
            "rule": each.rule,
            "severity": str(each.severity),
            "path": each.path,
        }
        for each in report.findings
        if each.state is not State.SUPPRESSED
    ]
    findings.sort(key=lambda each: (each["path"], each["rule"], each["fingerprint"]))
    lines = ",\n".join(f"    {json.dumps(each)}" for each in findings)
    body = f"[\n{lines}\n  ]" if lines else "[]"
    return f'{{\n  "version": {_VERSION},\n  "findings": {body}\n}}\n'


def mark(report: Report, known: Collection[str]) -> Report:
    """Return the report with the findings of a baseline marked; they stay in it."""
    return replace(report, findings=tuple(_marked(each, known) for each in report.findings))


def _marked(found: Located, known: Collection[str]) -> Located:
    if found.state is State.NEW and found.fingerprint in known:
        return replace(found, state=State.BASELINE)
    return found


def _fingerprints(document: object) -> frozenset[str] | None:
    if not isinstance(document, dict) or document.get("version") != _VERSION:
        return None
    findings = document.get("findings")
    if not isinstance(findings, list):
        return None
    found: set[str] = set()
    for each in findings:
        name = each.get("fingerprint") if isinstance(each, dict) else None
        if not isinstance(name, str) or not _FINGERPRINT.fullmatch(name):
            return None
        found.add(name)
    return frozenset(found)
