"""The pages of docs/reference, from the same tables: ``python -m catflap.cli.reference``."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from catflap.address.catalogue import kinds, option_rows
from catflap.audit.formats.document import json_schema
from catflap.cli.configuration_pages import configuration_page, configuration_schema
from catflap.cli.list import markdown_table
from catflap.cli.rule_pages import rule_pages
from catflap.cli.words import (
    default_of,
    example_of,
    is_built,
    is_option_built,
    options_by_group,
    since_of,
    type_words,
)
from catflap.core.errors import ExitStatus
from catflap.guard.decisions import DECISIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.address.rows import Kind, OptionRow

__all__ = ("main", "pages", "stale_pages", "write_pages")

_HERE = Path("docs/reference")
_NOTICE = "<!-- Made by tools/generate from the tables in src/catflap; do not edit. -->"
_RUN_STATUSES = {
    ExitStatus.OK: "it is over, or a signal ended it once every session had finished",
    ExitStatus.FAILURE: "the machine, a file or a peer said no",
    ExitStatus.USAGE: "the words of the command, or the configuration, are wrong",
    ExitStatus.REFUSED: "the gate refused an unsafe bridge; nothing was opened",
}
_AUDIT_STATUSES = {
    ExitStatus.OK: "no finding at or above `--fail-on`, or no command at all",
    ExitStatus.FAILURE: "a file that was named, the settings or the baseline could not be read",
    ExitStatus.USAGE: "the words of the command, the settings or the baseline are wrong",
    ExitStatus.NO_INPUT: "there was nothing to look at under the paths",
    ExitStatus.FOUND_INFO: "the worst finding is of severity info",
    ExitStatus.FOUND_LOW: "low",
    ExitStatus.FOUND_MEDIUM: "medium",
    ExitStatus.FOUND_HIGH: "high",
    ExitStatus.FOUND_CRITICAL: "critical",
}
_FIX_STATUSES = {
    ExitStatus.OK: "there is nothing left to do: no fix to write, or all were written",
    ExitStatus.FAILURE: "a file could not be read or written",
    ExitStatus.USAGE: "the words of the command, or the settings, are wrong",
    ExitStatus.NO_INPUT: "there was nothing to look at under the paths",
    ExitStatus.TO_DO: "there are fixes to write; with `--write`, placeholders to fill in",
}


def pages() -> dict[str, str]:
    """Return the text of every page by its file name."""
    made = {
        "addresses.md": _addresses(),
        "options.md": _options(),
        **rule_pages(),
        "denials.md": _denials(),
        "configuration.md": configuration_page(),
        "exit-codes.md": _exit_codes(),
    }
    written = {name: "\n".join([_NOTICE, "", *lines]) + "\n" for name, lines in made.items()}
    schemas = {
        "audit.schema.json": f"{json.dumps(json_schema(), indent=2)}\n",
        "catflap.schema.json": configuration_schema(),
    }
    return written | schemas


def _addresses() -> Iterator[str]:
    built = [kind for kind in kinds() if is_built(kind)]
    yield "# Addresses"
    yield ""
    yield f"catflap knows {len(kinds())} kinds, socat 1.8.1.3's and its own; it opens {len(built)}."
    yield "Names and aliases may be written in any case."
    yield ""
    links = ([f"[{kind.name}](#{kind.name.lower()})", kind.syntax, kind.help] for kind in built)
    yield markdown_table(("opened here", "parameters", "what it does"), [*links])
    for kind in kinds():
        yield from _kind(kind)


def _kind(kind: Kind) -> Iterator[str]:
    yield f"\n## {kind.name}\n"
    yield f"`{kind.name}{kind.syntax}`: {kind.help}.\n"
    facts = {
        "aliases": ", ".join(kind.aliases),
        "default": default_of(kind),
        "risk": kind.risk.value,
        "here": "built" if is_built(kind) else "known, not built yet",
        "since": since_of(kind.since),
        "option groups": ", ".join(options_by_group(kind)),
    }
    yield from _facts(facts)
    yield from ("", "```", example_of(kind), "```")


def _options() -> Iterator[str]:
    yield "# Options"
    yield ""
    yield f"{len(option_rows())} options, by the first group that takes them. An address takes an"
    yield "option when they share a group: `catflap explain ADDRESS` lists those of an address."
    groups: dict[str, list[OptionRow]] = {}
    for row in option_rows():
        groups.setdefault(row.groups[0].value, []).append(row)
    for group, rows in sorted(groups.items()):
        yield f"\n## {group.strip('()')}\n"
        yield markdown_table(
            ("option", "aliases", "value", "here", "what it does"),
            [
                [row.name, ", ".join(row.aliases), type_words(row), _here(row), _help(row)]
                for row in rows
            ],
        )


def _here(row: OptionRow) -> str:
    if row.refused:
        return "refused"
    return "yes" if is_option_built(row) else "no"


def _help(row: OptionRow) -> str:
    risk = f" (risk: {row.risk.value})" if row.risk.value else ""
    return f"{row.help}{risk}{'; refused: ' + row.refused if row.refused else ''}"


def _denials() -> Iterator[str]:
    yield "# Why a peer is turned away"
    yield ""
    yield "The `rule` of the events `denied`, `handshake-failed` and `connect-failed`."
    for meaning in DECISIONS:
        yield from ("", f"## {meaning.slug}", "", f"{meaning.title}.", "", meaning.mend)


def _exit_codes() -> Iterator[str]:
    yield "# Exit codes"
    yield "\n## catflap run\n"
    run = [[str(int(status)), text] for status, text in _RUN_STATUSES.items()]
    run.append(["128+n", "ended by signal n before every session had finished"])
    yield markdown_table(("status", "meaning"), run)
    yield "\n## catflap audit\n"
    audit = [[str(int(status)), text] for status, text in _AUDIT_STATUSES.items()]
    yield markdown_table(("status", "meaning"), audit)
    yield ""
    yield "Suppressed findings and those of the baseline do not count."
    yield "`--min-severity` and `--min-confidence` change what is shown, not the status."
    yield "\n## catflap fix\n"
    fix = [[str(int(status)), text] for status, text in _FIX_STATUSES.items()]
    yield markdown_table(("status", "meaning"), fix)
    yield ""
    yield "With `-` the fixed text is printed, and the status is 0."
    yield "\n## catflap demo\n"
    demo = [["0", "every attempt came out as expected"], ["1", "one did not, or it could not run"]]
    yield markdown_table(("status", "meaning"), demo)
    yield "\n## catflap explain, catflap list\n"
    rest = [["0", "told"], ["2", "there is no such name; the nearest one is told"]]
    yield markdown_table(("status", "meaning"), rest)


def _facts(facts: dict[str, str]) -> Iterator[str]:
    """Yield a list of what is known, markup of the tables escaped."""
    for name, text in facts.items():
        if text:
            yield f"- **{name}**: {text.replace('<', '&lt;').replace('*', chr(92) + '*')}"


def stale_pages(folder: Path) -> list[str]:
    """Return the differences between the pages in a folder and what they should be."""
    differences: list[str] = []
    for name, text in pages().items():
        path = folder / name
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = difflib.unified_diff(
            old.splitlines(), text.splitlines(), str(path), f"{path} (new)", lineterm="", n=0
        )
        differences.extend(lines)
    return differences


def write_pages(folder: Path) -> None:
    """Write every page into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or tell whether they are fresh; return the exit status."""
    parser = argparse.ArgumentParser(description="Write docs/reference from the tables.")
    parser.add_argument("--check", action="store_true", help="only tell whether they are fresh")
    parser.add_argument("--folder", type=Path, default=_HERE)
    chosen = parser.parse_args(arguments)
    if not chosen.check:
        write_pages(chosen.folder)
        return 0
    differences = stale_pages(chosen.folder)
    if differences:
        shown = "\n".join([*differences[:40], "stale: run tools/generate"])
        sys.stderr.write(f"{shown}\n")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
