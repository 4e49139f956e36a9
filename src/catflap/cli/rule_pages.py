"""The pages of docs/reference/rules: an index, and one page a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.cli.list import markdown_table
from catflap.cli.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.rules.rule import Rule

__all__ = ("rule_index", "rule_page", "rule_pages")

_CWE = "https://cwe.mitre.org/data/definitions"
_FIXES = {
    "safe": "`catflap fix` has one that is safe: it behaves as before, or is strictly narrower",
    "unsafe": "`catflap fix` has one that is unsafe: somebody has to look at the result",
}


def rule_pages() -> dict[str, Iterator[str]]:
    """Return the lines of every page by its file name, below docs/reference."""
    return {"rules.md": rule_index()} | {f"rules/{rule.slug}.md": rule_page(rule) for rule in RULES}


def rule_index() -> Iterator[str]:
    """Yield the lines of the list of all rules, worst first as they are judged."""
    yield "# Rules"
    yield ""
    yield "`catflap run` does not start with high and critical findings (exit status 4), and warns"
    yield "of medium ones. `--unsafe RULE=REASON` accepts one by its name and leaves a mark in the"
    yield "log. `catflap audit` finds the same in files. How bad is what, is in"
    yield "[design](../design.md#how-bad-is-it)."
    yield ""
    links = (
        [f"[{rule.slug}](rules/{rule.slug}.md)", str(rule.worst), rule.title] for rule in RULES
    )
    yield markdown_table(("rule", "worst", "what it finds"), [*links])


def rule_page(rule: Rule) -> Iterator[str]:
    """Yield the lines of one rule's page."""
    yield f"# {rule.slug}"
    yield ""
    facts = {
        "bad": f"{rule.bad_sentence}.",
        "good": rule.good_sentence,
        "worst": str(rule.worst),
        "weakness": f"[CWE-{rule.cwe}]({_CWE}/{rule.cwe}.html)",
        "attacker": rule.attacker,
        "mend": rule.mend,
        "fix": _FIXES.get(rule.fixable, f"none: {rule.fixable}"),
        "since": f"catflap {rule.since}",
    }
    for name, text in facts.items():
        if text:
            yield f"- **{name}**: {text.replace('<', '&lt;').replace('*', chr(92) + '*')}"
    yield from ("", "```", "# bad", rule.bad, "# good", rule.good, "```", "")
    yield "[All rules](../rules.md)"
