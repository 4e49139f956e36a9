"""Comments that suppress: how they are written, what they reach, what is wrong with them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.audit.comments import openers_of, parse_comments
from catflap.audit.options import Options
from catflap.audit.reader import audit_text
from catflap.audit.report import State
from catflap.audit.sources.registry import SOURCES
from catflap.audit.tree import Found

TODAY = date(2026, 6, 1)
SHELL = openers_of(("#",))
BAD = "socat TCP-LISTEN:2375,fork UNIX-CONNECT:/var/run/docker.sock"


def audit(text, path="run.sh", *, ignores=True, severities=None):
    options = Options(TODAY, ignores=ignores, severities=severities or {}, look=False)
    return audit_text(text.encode(), Found(path, "", given=True), options).findings


def states(text, path="run.sh", **more):
    """Return the rules of each state, those of no consequence left out."""
    found = {}
    for each in audit(text, path, **more):
        if each.rule == "docker-socket-exposed" or each.rule.startswith("suppression"):
            found.setdefault(str(each.state), []).append(each.rule)
    return found


SUPPRESSED = {"suppressed": ["docker-socket-exposed"]}


@pytest.mark.parametrize(
    "text",
    [
        f"{BAD} # catflap: ignore[docker-socket-exposed] a lab without a network\n",
        f"# catflap: ignore[docker-socket-exposed] a lab\n{BAD}\n",
        f"# catflap: ignore[docker-socket-exposed] a lab\n# and more about it\n{BAD}\n",
        f"# catflap: ignore[docker-socket-exposed] a lab\n{BAD.replace(' UNIX', ' ' + chr(92) + chr(10) + '  UNIX')}\n",
        f"#!/bin/sh\n# catflap: ignore-file[docker-socket-exposed] a lab\n\n\n{BAD}\n",
        f"# CATFLAP: Ignore[ docker-socket-exposed ]: a lab\n{BAD}\n",
        f"# catflap: ignore[docker-socket-exposed] until=2026-06-01 its last day\n{BAD}\n",
        f"# catflap: ignore[docker-socket-exposed] a lab until=2026-07-01\r\n{BAD}\r\n",
    ],
)
def test_a_comment_on_the_line_or_above_it_suppresses(text):
    assert states(text) == SUPPRESSED


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("compose.yml", ("services:\n  d:\n    image: alpine/socat\n    # catflap: ignore[docker-socket-exposed] lab\n"
         "    command: TCP-LISTEN:2375,fork UNIX-CONNECT:/var/run/docker.sock\n    ports: ['2375:2375']\n")),
        ("go.go", ('package main\n\nfunc f() {\n\t// catflap: ignore[docker-socket-exposed] lab\n'
         f'\texec.Command("sh", "-c", "{BAD}").Run()\n}}\n')),
        ("a.js", f"/* catflap: ignore[docker-socket-exposed] lab */\nrequire('child_process').execSync('{BAD}');\n"),
        ("a.service", f"[Service]\n; catflap: ignore[docker-socket-exposed] lab\nExecStart={BAD}\n"),
        ("a.md", f"# T\n\n<!-- catflap: ignore[docker-socket-exposed] lab -->\n```sh\necho 1\n{BAD}\n```\n"),
        ("a.py", f"import os\n# catflap: ignore[docker-socket-exposed] lab\nos.system('{BAD}')\n"),
        ("Dockerfile", f"FROM alpine\n# catflap: ignore[docker-socket-exposed] lab\nCMD {BAD}\n"),
        ("a.nix", f'{{\n  /* catflap: ignore[docker-socket-exposed] lab */\n  s.ExecStart = "{BAD}"; }}\n'),
        ("a.bat", f"rem catflap: ignore[docker-socket-exposed] lab\n{BAD}\n"),
        ("a.cmd", f":: catflap: ignore[docker-socket-exposed] lab\n{BAD}\n"),
        ("a.ps1", f"<# catflap: ignore[docker-socket-exposed] lab #>\n{BAD}\n"),
        ("a.plist", f"<!-- catflap: ignore[docker-socket-exposed] lab -->\n<string>{BAD}</string>\n"),
        ("a.adoc", ("// catflap: ignore[docker-socket-exposed] lab\n.Title\n[source,sh]\n----\n"
         f"echo\n{BAD}\n----\n")),
    ],
)  # fmt: skip
def test_each_kind_has_its_own_comments(path, text):
    found = states(text, path)
    assert found.get("suppressed") == ["docker-socket-exposed"], found
    assert "new" not in found


def test_the_reason_is_told_with_the_finding():
    text = f"{BAD} # catflap: ignore[docker-socket-exposed] until=2026-12-31 -- a lab\n"
    reasons = [each.reason for each in audit(text) if each.state is State.SUPPRESSED]
    assert reasons == ["a lab"]


@pytest.mark.parametrize(
    ("comment", "rule"),
    [
        ("ignore[docker-socket-exposed]", "suppression-without-reason"),
        ("ignore[docker-socket-exposed] until=2026-05-31 a lab", "suppression-expired"),
        ("ignore a lab", "suppression-malformed"),
        ("ignore[] a lab", "suppression-malformed"),
        ("ignore[docker-socket-exposed a lab", "suppression-malformed"),
        ("ignore[docker-socket-exposed] until=soon a lab", "suppression-malformed"),
        ("ignore[docker-socket-exposed] until=2026-02-30 a lab", "suppression-malformed"),
    ],
)
def test_a_comment_that_is_wrong_suppresses_nothing_and_is_a_finding(comment, rule):
    found = states(f"{BAD} # catflap: {comment}\n")
    assert sorted(found["new"]) == ["docker-socket-exposed", rule]
    assert "suppressed" not in found


def test_an_unknown_rule_is_told_with_the_nearest_name():
    found = audit(f"{BAD} # catflap: ignore[docker-socket-expose] a lab\n")
    (unknown,) = [each for each in found if each.rule == "suppression-unknown-rule"]
    assert "did you mean docker-socket-exposed?" in unknown.message
    assert (
        unknown.excerpt[0][unknown.place.column - 1 : unknown.place.end_column - 1]
        == "docker-socket-expose"
    )


def test_a_rule_about_comments_cannot_be_suppressed_by_one():
    found = audit("true # catflap: ignore[suppression-unused] why not\n")
    assert [each.rule for each in found] == ["suppression-unknown-rule"]


def test_what_is_not_found_is_told_as_useless():
    text = f"{BAD} # catflap: ignore[docker-socket-exposed, remote-shell] a lab\n"
    (unused,) = [each for each in audit(text) if each.rule == "suppression-unused"]
    assert unused.place.column == text.index("remote-shell") + 1


def test_a_rule_that_is_off_is_no_useless_name():
    text = f"{BAD} # catflap: ignore[docker-socket-exposed] a lab\n"
    assert audit(text, severities={"docker-socket-exposed": None}) == tuple(
        each for each in audit(text) if each.rule != "docker-socket-exposed"
    )


def test_without_comments_all_counts():
    text = f"{BAD} # catflap: ignore[docker-socket-exposed] a lab\n"
    assert states(text, ignores=False) == {"new": ["docker-socket-exposed"]}


def test_a_comment_reaches_no_further_than_the_next_line():
    text = f"# catflap: ignore[docker-socket-exposed] a lab\ntrue\n{BAD}\n"
    assert sorted(states(text)["new"]) == ["docker-socket-exposed", "suppression-unused"]


def test_for_the_whole_file_only_at_its_beginning():
    text = "true\n" * 40 + f"# catflap: ignore-file[docker-socket-exposed] a lab\n{BAD}\n"
    assert sorted(states(text)["new"]) == ["docker-socket-exposed", "suppression-malformed"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", 'HELP = "use # catflap: ignore[remote-shell] reason"\n'),
        ("a.md", "Write `# catflap: ignore[RULE] reason` above it.\n\n```sh\n# catflap: ignore[RULE]\n```\n"),
        ("a.sh", "echo run#catflap: ignore[x]\n"),
        ("a.sh", "echo catflap: ignore[x] reason\n"),
    ],
)  # fmt: skip
def test_text_that_tells_of_comments_is_none(path, text):
    assert audit(text, path) == ()


openers = st.sampled_from(sorted({each for source in SOURCES for each in source.comments}))


@given(
    st.lists(
        st.one_of(
            st.sampled_from(["catflap:", " ignore", "-file", "[", "]", ",", "a-b", " until=", "2026-01-01", "\n", "\r\n", "#", "//", "<!--", "-->", " why", "é", "\udc80"]),
            st.text(max_size=3),
        )
    ).map("".join),
    openers,
)  # fmt: skip
def test_whatever_the_text_every_comment_stands_in_it(text, opener):
    for comment in parse_comments(text, openers_of((opener,))):
        assert 0 <= comment.span.start < comment.span.end <= len(text)
        assert text[comment.span.start :].lower().startswith("catflap:")
        assert "\n" not in text[comment.span.start : comment.span.end]
        for slug in comment.slugs:
            assert text[slug.span.start : slug.span.end] == slug.text
        assert comment.problem or comment.slugs


@given(
    st.lists(st.from_regex(r"[a-z]+(-[a-z]+)*", fullmatch=True), min_size=1, max_size=4),
    st.none() | st.dates(),
    st.from_regex(r"[a-z]+( [a-z]+)*", fullmatch=True),
    st.booleans(),
)
def test_what_is_written_is_what_is_read(slugs, until, reason, whole):
    date_text = f" until={until}" if until else ""
    text = f"  # catflap: ignore{'-file' * whole}[{', '.join(slugs)}]{date_text} {reason}\n"
    (comment,) = parse_comments(text, SHELL)
    assert [each.text for each in comment.slugs] == slugs
    assert (comment.until, comment.reason, comment.whole_file, comment.alone) == (
        until,
        reason,
        whole,
        True,
    )
    assert not comment.problem
