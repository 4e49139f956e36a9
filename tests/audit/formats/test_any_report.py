"""Whatever stands in files, names and messages: each format stays what its readers can read."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings

from catflap.audit.formats.document import Document, json_schema
from catflap.audit.formats.registry import FORMATS
from catflap.audit.report import Report, State
from tests.support.reports import reports, written

DATA = Path(__file__).resolve().parents[2] / "data"
_COMMAND = re.compile(r"::(error|warning|notice) (\w+=[^,:\r\n]*,)*\w+=[^,:\r\n]*::[^\r\n]*\n")


@cache
def _sarif() -> jsonschema.protocols.Validator:
    schema = json.loads((DATA / "sarif" / "sarif-2.1.0-rtm.5.json").read_text())
    return jsonschema.Draft4Validator(schema)


@cache
def _own() -> jsonschema.protocols.Validator:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def _uris(value: Any) -> list[str]:
    """Return every URI of a SARIF document."""
    if isinstance(value, list):
        return [uri for each in value for uri in _uris(each)]
    if not isinstance(value, dict):
        return []
    own = [value[key] for key in ("uri", "helpUri", "informationUri") if key in value]
    return own + [uri for each in value.values() for uri in _uris(each)]


@pytest.mark.parametrize("name", FORMATS)
@given(report=reports())
@settings(max_examples=40)
def test_is_text_for_any_file(name: str, report: Report) -> None:
    """It can be encoded, and no character of a file moves a terminal's cursor."""
    text = written(name, report)
    assert text.endswith("\n") or not text
    text.encode()
    assert all(line.isprintable() for line in text.split("\n") if name not in {"json", "sarif"})


@given(report=reports())
@settings(max_examples=25, deadline=None)
def test_sarif_is_valid(report: Report) -> None:
    """SARIF holds to its schema, its URIs are ones, and its indices name the right rules."""
    made = json.loads(written("sarif", report))
    _sarif().validate(made)
    run = made["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    for result, found in zip(run["results"], report.findings, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == found.rule
        assert bool(result.get("suppressions")) == (found.state is not State.NEW)
    for uri in _uris(made):
        assert uri.isascii()
        assert uri.isprintable()
        assert " " not in uri
        urlsplit(uri)


@given(report=reports())
def test_json_is_valid(report: Report) -> None:
    """JSON holds to its schema, and has nothing that the schema does not name."""
    text = written("json", report)
    made = json.loads(text)
    _own().validate(made)
    known = msgspec.json.decode(text, type=Document)
    assert msgspec.to_builtins(known) == made
    assert len(made["findings"]) == len(report.findings)


@given(report=reports())
def test_github_has_one_line_for_each(report: Report) -> None:
    """Each finding is one command; nothing from a file can begin another."""
    lines = written("github", report).splitlines(keepends=True)
    assert len(lines) == len(report.open) + len(report.troubles)
    assert all(_COMMAND.fullmatch(line) for line in lines)


@given(report=reports())
def test_gitlab_has_what_the_widget_needs(report: Report) -> None:
    """Each finding has the five properties, with the words that GitLab knows."""
    issues = json.loads(written("gitlab", report))
    assert len(issues) == len(report.open)
    for issue in issues:
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert isinstance(issue["location"]["lines"]["begin"], int)
        assert {"description", "check_name", "fingerprint"} <= set(issue)


@given(report=reports())
def test_junit_is_xml_that_counts(report: Report) -> None:
    """It parses, and its counts are those of its tests."""
    root = ET.fromstring(written("junit", report).encode())
    assert int(root.get("tests", "")) == len(root.findall(".//testcase")) >= 1
    assert int(root.get("failures", "")) == len(root.findall(".//failure")) == len(report.open)


@given(report=reports())
def test_markdown_keeps_its_frame(report: Report) -> None:
    """No text of a file closes what we opened, links, mentions, or breaks a row of the table."""
    text = written("markdown", report)
    lines = text.splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    assert len(rows) == (len(report.open) + 1 if report.open else 0)
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) == 5
    outside, fence = [], ""
    for line in lines:
        mark = re.match(r"`{3,}", line)
        if fence:
            fence = "" if line == fence else fence
        elif mark:
            fence = mark[0]
        else:
            outside.append(line)
    assert not fence
    # Hosts look for nobody's name within code.
    prose = re.sub(r"<code>[^<]*</code>", "", "\n".join(outside))
    assert prose.count("<details>") == prose.count("</details>") == len(report.open)
    assert "](https://evil" not in prose
    assert not re.search(r"(?<!\w)@\w", prose)
