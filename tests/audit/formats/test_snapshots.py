"""What each format writes for one report, kept as files that a reviewer can read.

``CATFLAP_SNAPSHOTS=write`` makes them anew; the difference is then in the review.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from catflap.audit.formats.registry import FORMATS
from catflap.audit.report import Report
from tests.support.reports import sample, written

KEPT = Path(__file__).parent / "snapshots"
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "text.txt": ("text", {}),
    "text-verbose-narrow.txt": ("text", {"verbose": True, "width": 60, "hidden": 2}),
    "text-colour.txt": ("text", {"color": True, "links": True, "width": 100}),
    "report.json": ("json", {}),
    "report.sarif": ("sarif", {}),
    "github.txt": ("github", {}),
    "gitlab.json": ("gitlab", {}),
    "junit.xml": ("junit", {}),
    "markdown.md": ("markdown", {}),
}


def _text(name: str, said: dict[str, Any]) -> str:
    text = written(name, sample(), **said)
    if name != "sarif":
        return text.replace("\x1b", "ESC")
    # The rules are told by their own pages; here they would change with every word of them.
    made = json.loads(text)
    del made["runs"][0]["tool"]["driver"]["rules"]
    return f"{json.dumps(made, indent=2)}\n"


@pytest.mark.parametrize("file", CASES)
def test_is_as_it_was(file: str) -> None:
    """The format writes what it wrote before."""
    name, said = CASES[file]
    text = _text(name, said)
    if os.environ.get("CATFLAP_SNAPSHOTS") == "write":
        (KEPT / file).write_text(text)
    assert text == (KEPT / file).read_text()


def test_every_format_has_one() -> None:
    """No format is left out, and no file stands for none."""
    assert {name for name, _ in CASES.values()} == set(FORMATS)
    assert {path.name for path in KEPT.iterdir()} == set(CASES)


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_found(name: str) -> None:
    """A report without findings is still one that its readers take."""
    text = written(name, Report((), files=3), exit_status=0)
    if name in {"json", "sarif", "gitlab"}:
        json.loads(text)
    expected = {
        "text": "no findings; no command in 3 files\n",
        "github": "",
        "gitlab": "[]\n",
        "markdown": "### catflap audit\n\nno findings; no command in 3 files.\n",
    }
    assert text == expected.get(name, text)
    assert name != "junit" or '<testcase classname="catflap audit"' in text
