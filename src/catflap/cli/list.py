"""``catflap list``: all addresses, options or rules, as a table, Markdown or JSON."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from catflap.address.catalogue import kinds, option_rows
from catflap.cli.rules import RULES
from catflap.cli.words import default_of, is_built, is_option_built, since_of, type_words

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ("list_", "markdown_table", "rows_of")

Cell = str | int | bool | tuple[str, ...]
Row = dict[str, Cell]

_COLUMNS = {
    "addresses": ("name", "parameters", "aliases", "built", "help"),
    "options": ("name", "aliases", "value", "built", "help"),
    "rules": ("name", "worst", "title"),
}


@click.command("list")
@click.argument("what", type=click.Choice(list(_COLUMNS)))
@click.option("--json", "as_json", is_flag=True, help="Everything known, as JSON.")
@click.option("--markdown", is_flag=True, help="A table in Markdown.")
def list_(what: str, *, as_json: bool, markdown: bool) -> None:
    """List all addresses, options or rules."""
    if as_json and markdown:
        raise click.UsageError("--json and --markdown exclude each other")
    rows, columns = rows_of(what), _COLUMNS[what]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    elif markdown:
        click.echo(
            markdown_table(columns, [[_text(row[each]) for each in columns] for row in rows])
        )
    elif sys.stdout.isatty():
        _rich_table(columns, rows)
    else:
        click.echo(_plain_table(columns, rows))


def rows_of(what: str) -> list[Row]:
    """Return everything known about ``addresses``, ``options`` or ``rules``."""
    return {"addresses": _addresses, "options": _options, "rules": _rules}[what]()


def _addresses() -> list[Row]:
    return [
        {
            "name": kind.name, "parameters": kind.syntax, "aliases": kind.aliases,
            "help": kind.help, "role": kind.role.value, "transport": kind.transport.value,
            "direction": kind.direction.value,
            "groups": tuple(group.value for group in kind.groups),
            "risk": kind.risk.value, "default": default_of(kind), "built": is_built(kind),
            "since": since_of(kind.since),
        }
        for kind in kinds()
    ]  # fmt: skip


def _options() -> list[Row]:
    return [
        {
            "name": row.name, "aliases": row.aliases, "value": type_words(row), "help": row.help,
            "type": row.type.value, "phase": row.phase.name,
            "groups": tuple(group.value for group in row.groups), "risk": row.risk.value,
            "built": is_option_built(row), "refused": row.refused, "since": since_of(row.since),
        }
        for row in option_rows()
    ]  # fmt: skip


def _rules() -> list[Row]:
    return [
        {
            "name": rule.slug, "title": rule.title, "worst": str(rule.worst), "cwe": rule.cwe,
            "bad": rule.bad, "good": rule.good, "attacker": rule.attacker, "mend": rule.mend,
            "since": rule.since,
        }
        for rule in RULES
    ]  # fmt: skip


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return ", ".join(cell) if isinstance(cell, tuple) else str(cell)


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown; bars and angle brackets in cells are escaped."""
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for row in rows:
        cells = (cell.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;") for cell in row)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _plain_table(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Return aligned columns, easy to cut and grep; the last one runs free."""
    texts = [[_text(row[each]) or "-" for each in columns] for row in rows]
    widths = [max(len(line[index]) for line in texts) for index in range(len(columns) - 1)]
    return "\n".join(
        "  ".join(
            [*(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=False)), line[-1]]
        )
        for line in texts
    )


def _rich_table(columns: Sequence[str], rows: Sequence[Row]) -> None:
    # Imported for a terminal alone: rich costs 60 ms.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=column == "name", overflow="fold")
    for row in rows:
        name, *rest = (_text(row[each]) for each in columns)
        table.add_row(Text(name, style="cyan"), *(Text(text) for text in rest))
    Console().print(table)
