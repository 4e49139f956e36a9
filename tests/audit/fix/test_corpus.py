"""Every fix that is offered on the labelled corpus, made, read and judged again."""

from __future__ import annotations

import ast
import json
import subprocess
import tomllib
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import pytest
from ruamel.yaml import YAML

from catflap.audit.detect import find_kind
from catflap.audit.fix.offered import offer_of
from catflap.audit.fix.plan import Wanted, fix_snapshot, offers
from catflap.audit.fix.proposal import NotFixableError
from catflap.audit.fix.to_catflap import rewrite_snapshot
from catflap.audit.fix.verify import Snapshot
from catflap.findings.finding import Severity
from tests.corpus.score import labels

if TYPE_CHECKING:
    from catflap.audit.fix.proposal import Proposal
    from catflap.audit.judge import Judged
    from tests.corpus.score import Label

LABELS = [label for label in labels() if label.commands]


@cache
def read(label: Label) -> Snapshot | None:
    text = label.path.read_text()
    source = find_kind(label.name, text)
    return None if source is None else Snapshot.of(text, source, label.name)


def offered(snapshot: Snapshot) -> list[tuple[Judged, Proposal, Snapshot]]:
    found = []
    for judged in snapshot.judged:
        try:
            found.append((judged, *next(offers(snapshot, judged))))
        except NotFixableError:
            continue
    return found


def rules(snapshot: Snapshot) -> Counter[str]:
    return Counter(each.finding.rule for each in snapshot.judged)


def notes(snapshot: Snapshot) -> set[str]:
    return {n.partition(":")[0] for each in snapshot.judged for n in each.finding.notes}


@pytest.mark.parametrize("label", LABELS, ids=lambda label: label.name)
def test_a_fix_takes_its_finding_away_and_brings_no_other(label: Label) -> None:
    before = read(label)
    assert before is not None
    for judged, proposal, after in offered(before):
        rule = judged.finding.rule
        again = Snapshot.of(after.text, before.source, label.name)
        assert rules(again)[rule] < rules(before)[rule], proposal.title
        least = Severity.INFO if proposal.safe else Severity.MEDIUM
        new = {each.finding.rule for each in again.judged if each.finding.severity >= least}
        assert new <= set(rules(before)) | notes(before), proposal.title
        _assert_all_else_stays(before, judged, proposal, after)


def _assert_all_else_stays(
    before: Snapshot, judged: Judged, proposal: Proposal, after: Snapshot
) -> None:
    """Compare from both ends of the file: nothing outside of the edits differs."""
    first = min(change.start for change in proposal.changes)
    last = max(change.end for change in proposal.changes)
    assert after.text[:first] == before.text[:first]
    rest = before.text[last:]
    assert rest == "" or after.text.endswith(rest)
    words = [tuple(word.text for word in each.words) for each in before.reading.commands]
    changed = [tuple(word.text for word in each.words) for each in after.reading.commands]
    assert len(words) == len(changed)
    own = {piece.span for word in judged.command.words for piece in word.pieces}
    for command, old, new in zip(before.reading.commands, words, changed, strict=True):
        pieces = {piece.span for word in command.words for piece in word.pieces}
        assert old == new or command.span == judged.command.span or pieces & own


def _parse(name: str, text: str) -> None:
    """Read a text by the language's own parser.

    Raises:
        Exception: it is not right, or there is no parser here.
    """
    ending = name.rpartition(".")[2]
    if ending in {"yml", "yaml"}:
        list(YAML(typ="safe", pure=True).load_all(text))
    elif ending == "sh":
        subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True, check=True)
    else:
        {"json": json.loads, "toml": tomllib.loads, "py": ast.parse}[ending](text)


def _parses(label: Label) -> bool:
    try:
        _parse(label.name, label.path.read_text())
    except Exception:  # noqa: BLE001 - each parser has its own
        return False
    return True


PARSED = [label for label in LABELS if _parses(label)]


@pytest.mark.parametrize("label", PARSED, ids=lambda label: label.name)
def test_what_its_own_language_could_read_it_still_can(label: Label) -> None:
    before = read(label)
    assert before is not None
    _parse(label.name, fix_snapshot(before, Wanted(unsafe=True)).text)
    _parse(label.name, rewrite_snapshot(before, lambda address: "").text)


def test_an_audit_promises_the_fixes_that_there_are() -> None:
    kept: Counter[bool] = Counter()
    for snapshot in filter(None, map(read, LABELS)):
        made = {id(judged): proposal for judged, proposal, _ in offered(snapshot)}
        for judged in snapshot.judged:
            proposal = made.get(id(judged))
            real = "" if proposal is None else "safe" if proposal.safe else "unsafe"
            kept[offer_of(judged, snapshot.reading.commands, snapshot.text) == real] += 1
    assert kept[True] >= 0.99 * kept.total()


def test_most_that_is_found_can_be_mended() -> None:
    snapshots = [
        found for label in LABELS if label.name.startswith("shell/t") if (found := read(label))
    ]
    findings = sum(len(snapshot.judged) for snapshot in snapshots)
    fixes = [each for snapshot in snapshots for each in offered(snapshot)]
    safe = sum(proposal.safe for _, proposal, _ in fixes)
    print(f"{findings} findings, {len(fixes)} fixes, {safe} of them safe")
    assert len(fixes) >= 0.65 * findings
    assert safe >= 0.2 * findings
