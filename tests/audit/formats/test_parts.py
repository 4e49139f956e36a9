"""What the formats share: counts, paths, pages, colours."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import pytest

from catflap.audit.formats import pages
from catflap.audit.formats.options import Mend, Replacement
from catflap.audit.formats.paint import Paint, is_coloured
from catflap.audit.formats.paths import from_root, uri_of
from catflap.audit.formats.registry import FORMATS
from catflap.audit.formats.summary import status_sentence, summary
from catflap.audit.report import Report, State, Trouble
from catflap.findings.finding import Severity
from tests.support.reports import DOCUMENTATION, finding, sample, written


def test_summary_counts() -> None:
    """One line says what was found, looked at, set aside, and can be mended."""
    assert summary(sample(), hidden=2) == (
        "3 findings: 1 critical, 1 medium, 1 info; 6 commands in 5 of 1,234 files; "
        "1 suppressed, 1 in the baseline, 2 not shown; 2 files not read in full; "
        "catflap fix can mend 2"
    )
    one = Report((finding("a b", "b"),), files=1, read=1, commands=1)
    assert summary(one) == "1 finding: 1 high; 1 command in 1 of 1 file"


def test_status_has_a_reason() -> None:
    """The exit status is explained by the worst finding and the limit."""
    assert status_sentence(sample(), Severity.HIGH).endswith("at or above --fail-on high")
    low = Report((finding("a b", "b", severity=Severity.LOW),))
    assert status_sentence(low, Severity.MEDIUM) == "the worst is low, below --fail-on medium"
    hidden = Report((finding("a b", "b", state=State.SUPPRESSED),))
    assert status_sentence(hidden, Severity.INFO) == "nothing counts"


@pytest.mark.parametrize(
    ("path", "shown", "uri"),
    [
        ("run.sh", "run.sh", "run.sh"),
        ("./a/run.sh", "a/run.sh", "a/run.sh"),
        ("/src/a/run.sh", "a/run.sh", "a/run.sh"),
        ("/srcs/run.sh", "/srcs/run.sh", "file:///srcs/run.sh"),
        ("../run.sh", "../run.sh", "../run.sh"),
        ("a b#?%.sh", "a b#?%.sh", "a%20b%23%3F%25.sh"),
        ("c:d/e", "c:d/e", "c%3Ad/e"),
        ("na\udcefme", "na\udcefme", "na%EFme"),
        ("\u540d", "\u540d", "%E5%90%8D"),
    ],
)
def test_paths(path: str, shown: str, uri: str) -> None:
    """Hosts get paths from their root; a URI names the same bytes."""
    assert from_root(path, "/src") == shown
    assert uri_of(path, "/src") == uri


def test_pages_of_rules() -> None:
    """A rule's page is where the documentation is, else its weakness's; never nothing."""
    assert pages.page_of("remote-shell", DOCUMENTATION) == f"{DOCUMENTATION}/rules/remote-shell.md"
    assert pages.page_of("remote-shell", "").startswith("https://cwe.mitre.org/")
    assert pages.page_of("of-tomorrow", "") == ""
    assert (
        pages.documentation({pages.DOCUMENTATION: "https://a.example/x/"}) == "https://a.example/x"
    )
    assert "javascript" not in pages.documentation({pages.DOCUMENTATION: "javascript:alert(1)"})
    assert pages.documentation({}, local=True)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_where_a_terminal_is() -> None:
    """Colours are for terminals that want them; who asks for them gets them anyway."""
    assert is_coloured(_Terminal(), "auto", {})
    assert not is_coloured(io.StringIO(), "auto", {})
    assert not is_coloured(_Terminal(), "auto", {"NO_COLOR": "1"})
    assert is_coloured(_Terminal(), "auto", {"NO_COLOR": ""})
    assert not is_coloured(_Terminal(), "auto", {"TERM": "dumb"})
    assert is_coloured(io.StringIO(), "always", {"NO_COLOR": "1"})
    assert not is_coloured(_Terminal(), "never", {})


def test_text_is_the_same_without_its_colours() -> None:
    """Colours and links add escape sequences and change nothing else."""
    plain = written("text", sample(), width=80)
    bright = written("text", sample(), width=80, color=True, links=True)
    bare = re.sub(r"\x1b\[[\d;]*m|\x1b\]8;;[^\x1b]*\x1b\\", "", bright)
    assert bare == plain
    assert Paint(links=True).link("https://a.example/\x1b", "x") == "x"


def test_quiet_is_findings_and_troubles() -> None:
    """Quiet leaves the summary out, never what could not be read."""
    text = written("text", sample(), quiet=True)
    assert "findings:" not in text
    assert "secret.sh: cannot be read" in text


def test_sarif_tells_what_the_host_shows() -> None:
    """A rule is shown as bad as the worst of its results, and notes what could not be read."""
    low = finding("socat A B", "A", rule="docker-socket-exposed", severity=Severity.LOW)
    report = Report((low,), (Trouble("x", "cannot be read", fatal=True),))
    run = json.loads(written("sarif", report))["runs"][0]
    rules = {rule["id"]: rule["properties"] for rule in run["tool"]["driver"]["rules"]}
    assert float(rules["docker-socket-exposed"]["security-severity"]) < 4.0
    assert float(rules["remote-shell"]["security-severity"]) > 9.0
    assert "external/cwe/cwe-749" in rules["remote-shell"]["tags"]
    (invocation,) = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 15)
    assert invocation["toolExecutionNotifications"][0]["level"] == "error"
    assert "baselineState" not in run["results"][0]


def test_sarif_has_the_fix() -> None:
    """What catflap fix would do can be applied from an editor."""
    found = finding("socat - SSL:a:1,verify=0", ",verify=0")
    mend = Mend("remove verify=0", (Replacement(found.place, ""),))
    text = written("sarif", Report((found,)), fixes={found.fingerprint: mend})
    (fix,) = json.loads(text)["runs"][0]["results"][0]["fixes"]
    (replacement,) = fix["artifactChanges"][0]["replacements"]
    assert replacement["deletedRegion"]["charLength"] == len(",verify=0")
    assert replacement["insertedContent"] == {"text": ""}


def test_sarif_keeps_text_text() -> None:
    """A file cannot put a link or a placeholder into a message; templates stay readable."""
    found = finding("a b", "b", message="[x](https://e.example) {0}", mend="{{ .port }}")
    text = json.loads(written("sarif", Report((found,))))["runs"][0]["results"][0]["message"][
        "text"
    ]
    assert text == "\\[x\\](https://e.example) {{0}}\nMend: {{ .port }}"


def test_markdown_leaves_room() -> None:
    """A comment has an upper bound; what does not fit is counted."""
    long = "socat " + "x" * 500
    many = tuple(
        replace(finding(long, "socat", message="m" * 400), path=f"{number}.sh", notes=("y" * 300,))
        for number in range(400)
    )
    text = written("markdown", Report(many))
    assert len(text) < 65_536
    assert re.search(r"^and 3\d\d more\.$", text, re.MULTILINE)
    assert re.search(r"Details of \d+ more are left out\.", text)


def test_formats_say_what_they_are() -> None:
    """Every format has a line of help."""
    assert all(each.name == name and each.help for name, each in FORMATS.items())
