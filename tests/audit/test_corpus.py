"""The labelled corpus: what the auditor must find, and where it must keep still."""

from __future__ import annotations

from functools import cache

import pytest

from catflap.audit.detect import find_kind
from catflap.audit.judge import judge
from catflap.audit.locate import Lines
from catflap.audit.reader import read_text
from tests.corpus.score import ROOT, Found, Label, Outcome, compare, labels, recall_and_precision

LABELS = labels()


@cache
def outcome_of(label: Label) -> Outcome:
    text = label.path.read_text()
    source = find_kind(label.name, text)
    if source is None:
        return compare(label, [], [])
    lines = Lines(text)
    reading = read_text(text, source, label.name)

    def rows(span):
        return lines.number(span.start), lines.number(max(span.start, span.end - 1))

    commands = [rows(each.span) for each in reading.commands]
    findings = [
        Found(*rows(each.command.span), each.finding.rule, each.finding.severity.name.lower())
        for each in judge(reading.commands, text)
    ]
    return compare(label, commands, findings)


@pytest.mark.parametrize("label", LABELS, ids=lambda label: label.name)
def test_a_file_is_judged_as_a_reviewer_would(label):
    outcome = outcome_of(label)
    assert outcome.agrees, str(outcome)


def test_nearly_all_that_is_serious_is_found_and_hardly_anything_else():
    recall, precision = recall_and_precision([outcome_of(label) for label in LABELS])
    print(f"high and critical: recall {recall:.3f}, precision {precision:.3f}")
    assert recall >= 0.97
    assert precision >= 0.95


def test_the_corpus_is_as_large_as_was_asked():
    kinds = {label.name.split("/", 1)[0] for label in LABELS if label.findings}
    assert sum(len(label.commands) for label in LABELS) >= 170
    assert sum(label.is_clean for label in LABELS) >= 45
    assert len(kinds) >= 18


def test_every_file_of_the_corpus_has_a_label_and_every_line_of_a_label_is_there():
    labelled = {label.path for label in LABELS}
    own = {"labels.toml", "score.py", "ruff.toml"}
    for path in ROOT.rglob("*"):
        if (
            path.is_file()
            and path.name not in own
            and not {"__pycache__", ".ruff_cache"} & set(path.parts)
        ):
            assert path in labelled, f"{path} has no label"
    for label in LABELS:
        size = len(label.path.read_text().splitlines())
        named = [*label.commands, *(each.line for each in (*label.findings, *label.may))]
        assert all(1 <= line <= size for line in named), label.name
