"""``catflap explain``: an address kind, an option or a rule, from the tables, offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from catflap.address.catalogue import find_kind, find_option, kinds, option_rows
from catflap.bridge.file.forms import FORMS, NOTES
from catflap.bridge.file.shape import LIMITS
from catflap.cli.commands import COMMANDS
from catflap.cli.completion import complete_name
from catflap.cli.configuration_pages import KEY_NAMES, KEYS_OF, keys_named
from catflap.cli.rules import RULES, find_rule
from catflap.cli.words import (
    default_of,
    example_of,
    is_built,
    is_option_built,
    options_by_group,
    since_of,
    type_words,
)
from catflap.cli.wrapping import wrapped
from catflap.core.errors import UsageError
from catflap.core.spans import nearest, printable
from catflap.guard.decisions import DECISIONS, find_meaning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.address.rows import Kind, OptionRow
    from catflap.bridge.file.shape import Key
    from catflap.guard.decisions import Meaning
    from catflap.rules.rule import Rule

__all__ = ("DOCUMENTATION", "explain")

DOCUMENTATION = "docs/reference"
_LABEL = 10
_MOST_TAKERS = 30
_EPILOG = """\b
Examples:
  catflap explain TLS-LISTEN          an address kind, or an alias of it, in any case
  catflap explain verify              an option
  catflap explain identities          a key of catflap.toml
  catflap explain plaintext-exposed   a rule that the gate refused by
"""


@click.command(epilog=_EPILOG)
@click.argument("name", shell_complete=complete_name)
def explain(name: str) -> None:
    """Explain an address, an option, a key of the file or a rule; of several, all."""
    pages = list(_pages(name)) or list(_pages(name.partition(":")[0].partition("=")[0]))
    if not pages:
        raise UsageError(f"{printable(name)} is no address, option, key or rule", hint=_hint(name))
    click.echo("\n\n".join(pages))


def _hint(name: str) -> str:
    if name in COMMANDS:
        return f"{name} is a command: catflap {name} --help"
    known = [word for kind in kinds() for word in (kind.name, *kind.aliases)]
    known += [word for row in option_rows() for word in (row.name, *row.aliases)]
    known += [rule.slug for rule in RULES]
    known += [meaning.slug for meaning in DECISIONS]
    known += KEY_NAMES
    close = nearest(name, known)
    if not close:
        return "catflap list addresses, catflap list options and catflap list rules tell all names"
    kind = find_kind(close)
    return f"did you mean {close.upper() if kind is not None else close}?"


def _pages(name: str) -> Iterator[str]:
    for where, value, key in keys_named(name.lower()):
        yield "\n".join(_key_page(where, value, key))
    kind, row, rule = find_kind(name), find_option(name), find_rule(name.lower())
    if kind is not None:
        yield "\n".join(_kind_page(kind))
    if row is not None:
        yield "\n".join(_option_page(row))
    if rule is not None:
        yield "\n".join(_rule_page(rule))
    meaning = find_meaning(name.lower())
    if meaning is not None:
        yield "\n".join(_denial_page(meaning))


def _kind_page(kind: Kind) -> Iterator[str]:
    yield from _title(f"{kind.name}{kind.syntax}", "address", kind.help)
    yield from _field("aliases", ", ".join(kind.aliases))
    yield from _field("risk", kind.risk.value)
    yield from _field("default", default_of(kind))
    yield from _field("here", "built" if is_built(kind) else "known, not built yet")
    yield from _field("since", since_of(kind.since))
    yield from _section("Example", example_of(kind))
    yield ""
    yield click.style("Options", bold=True)
    groups = options_by_group(kind)
    for group, rows in groups.items():
        names = ", ".join(row.name if is_option_built(row) else f"{row.name}*" for row in rows)
        yield from _field(group, names, 12)
    if not all(is_option_built(row) for rows in groups.values() for row in rows):
        yield from _field("*", "refused: catflap explain NAME says why", 12)


def _option_page(row: OptionRow) -> Iterator[str]:
    yield from _title(row.name, "option", row.help)
    yield from _field("aliases", ", ".join(row.aliases))
    yield from _field("value", type_words(row))
    yield from _field("groups", ", ".join(group.value for group in row.groups))
    yield from _field("taken by", _takers(row))
    yield from _field("applied", f"in the phase {row.phase.name} ({row.phase.value} of 30)")
    yield from _field("risk", row.risk.value)
    if row.refused:
        yield from _field("here", f"refused: {row.refused}")
    else:
        yield from _field("here", "built" if is_option_built(row) else "known, not built yet")
    yield from _field("since", since_of(row.since))


def _takers(row: OptionRow) -> str:
    takers = [kind.name for kind in sorted(kinds(), key=_unbuilt_last) if row.fits(kind)]
    if len(takers) == len(kinds()):
        return "every address"
    more = len(takers) - _MOST_TAKERS
    shown = ", ".join(takers[:_MOST_TAKERS])
    return f"{shown} and {more} more of these groups" if more > 0 else shown


def _unbuilt_last(kind: Kind) -> tuple[bool, str]:
    return not is_built(kind), kind.name


def _rule_page(rule: Rule) -> Iterator[str]:
    yield from _title(rule.slug, "rule", rule.title)
    yield from _field("worst", str(rule.worst))
    yield from _field("weakness", f"CWE-{rule.cwe}")
    yield from _field("attacker", rule.attacker)
    yield from _field("mend", rule.mend)
    yield from _field("good", rule.good_sentence)
    fixes = {"safe": "catflap fix", "unsafe": "catflap fix --unsafe-fixes"}
    yield from _field("fix", fixes.get(rule.fixable, f"none: {rule.fixable}"))
    yield from _field("more", f"{DOCUMENTATION}/rules/{rule.slug}.md")
    yield from _section("Bad", rule.bad)
    yield from _section("Good", rule.good)


def _denial_page(meaning: Meaning) -> Iterator[str]:
    yield from _title(meaning.slug, "denial", meaning.title)
    yield from _field("mend", meaning.mend)
    yield from _field("more", f"{DOCUMENTATION}/denials.md#{meaning.slug}")


def _key_page(where: str, value: str, key: Key) -> Iterator[str]:
    yield from _title(key.name, "key of catflap.toml", key.help)
    yield from _field("in", where)
    yield from _field("value", value)
    yield from _field("default", key.default)
    yield from _field("keys", ", ".join(each.name for each in KEYS_OF.get(key.name, ())))
    yield from _field("flag", f"--limit {key.name}=VALUE of catflap run" if _is_limit(key) else "")
    forms = FORMS.get(key.name, ())
    if forms:
        yield from ("", click.style("Entries", bold=True))
        width = max(len(text) for text, _ in forms) + 1
        for text, meaning in forms:
            yield from _field(text, meaning, width)
        yield ""
        yield from _field("together", NOTES[key.name])
    yield from _field("more", f"{DOCUMENTATION}/configuration.md")


def _is_limit(key: Key) -> bool:
    return any(key is each for each in LIMITS)


def _title(name: str, sort: str, text: str) -> Iterator[str]:
    yield f"{click.style(name, bold=True)}  ({sort})"
    yield wrapped(text, "  ")
    yield ""


def _field(name: str, text: str, width: int = _LABEL) -> Iterator[str]:
    """Yield a label and its text, wrapped beside it; nothing when there is no text."""
    if text:
        yield wrapped(text, f"  {name:<{width}}")


def _section(name: str, command: str) -> Iterator[str]:
    """Yield a command as one line that can be copied."""
    yield ""
    yield click.style(name, bold=True)
    yield f"  {command}"
