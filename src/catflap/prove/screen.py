"""The report for a person at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from catflap.prove.attempt import Outcome
from catflap.prove.demo import ATTEMPTS, Audience
from catflap.prove.exchange import TLS_OVERHEAD
from catflap.prove.tap import Direction
from catflap.prove.telling import (
    NEXT,
    Run,
    byte_count,
    command,
    detail,
    hex_lines,
    runs_of,
    sayings,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

    from catflap.prove.demo import Demo
    from catflap.prove.evidence import Evidence
    from catflap.prove.exchange import Exchange

__all__ = ("Screen",)

_COLOURS = {
    Outcome.SERVED: "green",
    Outcome.REFUSED: "yellow",
    Outcome.DENIED: "yellow",
    Outcome.DROPPED: "yellow",
    Outcome.UNCLEAR: "red",
}
_ARROWS = {Direction.TO_SERVER: "→", Direction.TO_CLIENT: "←"}
_WIDE = 100
_HEADER_DIGITS = 14
"""Characters of the record's header in hexadecimal: five bytes."""


class Screen(Audience):
    """Shows how it goes, then the report.

    Args:
        console: where to draw.
    """

    def __init__(self, console: Console) -> None:
        """Draw nothing yet."""
        self._console = console
        self._status: Status | None = None
        self._done = 0

    def __enter__(self) -> Self:
        """Begin to show how it goes."""
        self._status = self._console.status("making a CA, starting an API and two bridges …")
        self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop showing how it goes."""
        if self._status is not None:
            self._status.stop()

    def staged(self, server: tuple[str, ...], client: tuple[str, ...]) -> None:
        """Show what runs."""
        self._console.print(_stage(server, client), soft_wrap=True)

    def told(self, evidence: Evidence) -> None:
        """Count; the latest attempt is named."""
        self._done += 1
        if self._status is not None:
            self._status.update(
                f"{self._done} of {len(ATTEMPTS)} attempts done, the latest: {evidence.title}"
            )

    def report(self, demo: Demo) -> None:
        """Show the whole report."""
        print_ = self._console.print
        print_(_attempts(demo, wide=self._console.width >= _WIDE))
        print_()
        print_(_exchange(demo.exchange, self._console.width))
        print_()
        print_(_sayings(demo))
        gone = "its keys, files and processes are gone"
        print_(Text(f"   {demo.seconds:.1f} s; {gone}", "dim"))
        print_()
        print_(Text.assemble((" Now yours", "bold"), ", with certificates from your CA:"))
        for where, words in NEXT:
            line = Text.assemble("  ", (f"{where:<16}", "dim"), (words, "cyan"))
            print_(line, soft_wrap=True)


def _stage(server: tuple[str, ...], client: tuple[str, ...]) -> Text:
    line = "─" * 19
    return Text.assemble(
        ("\n catflap demo", "bold"),
        "  an API, a bridge that guards it, and those who should not get in\n\n",
        "  you ─ TCP ─▶ ",
        ("client bridge", "bold cyan"),
        (" ═ TLS 1.3, mutual ═▶ ", "green"),
        ("server bridge", "bold cyan"),
        " ─ UNIX ─▶ API\n",
        (f"  attackers ─ straight at its port {line}─▲\n\n", "red"),
        ("  server  ", "dim"),
        (command(server), "cyan"),
        ("\n  client  ", "dim"),
        (command(client), "cyan"),
        "\n",
    )


def _mark(*, good: bool) -> tuple[str, str]:
    return ("✓", "bold green") if good else ("✗", "bold red")


def _sayings(demo: Demo) -> Table:
    """Return the sentences, folded beside their marks."""
    grid = Table.grid(padding=(0, 1))
    for each in sayings(demo):
        grid.add_row(Text.assemble(" ", _mark(good=each.good)), Text(each.text))
    return grid


def _attempts(demo: Demo, *, wide: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    rows = demo.attempts
    heads = ("   attempt", "expected", "outcome", "said by the rule")
    cells = [(f"   {row.title}", row.expected, row.outcome, row.rule) for row in rows]
    for column in zip(heads, *cells, strict=True):
        # Only the last column gives way on a narrow terminal.
        table.add_column(column[0], no_wrap=True, min_width=max(map(len, column)))
    if wide:
        table.add_column("alert, or why", style="dim")
    family = ""
    for row in demo.attempts:
        if row.family != family:
            family = row.family
            table.add_row(Text(f" {family}", "bold"))
        table.add_row(*_cells(row, wide=wide))
        if not row.as_expected and not wide:
            table.add_row(Text(f"     {detail(row)}", "red"))
    return table


def _cells(row: Evidence, *, wide: bool) -> list[Text]:
    colour = _COLOURS[row.outcome] if row.as_expected else "bold red"
    cells = [
        Text.assemble(" ", _mark(good=row.as_expected), " ", row.title),
        Text(row.expected, "dim"),
        Text(row.outcome, colour),
        Text(row.rule or "nobody", "" if row.as_expected else "red"),
    ]
    return [*cells, Text(detail(row))] if wide else cells


def _exchange(exchange: Exchange, width: int) -> Table:
    network, request = _network(exchange), _request(exchange)
    side_by_side = width >= _WIDE
    height = len(network.plain.splitlines()) + 2 if side_by_side else None
    left = Panel(
        network, title="on the network: TLS records", title_align="left", border_style="yellow"
    )
    right = Panel(
        request, title="at the API", title_align="left", border_style="green", height=height
    )
    grid = Table.grid(expand=True)
    if not side_by_side:
        grid.add_column()
        grid.add_row(left)
        grid.add_row(right)
        return grid
    grid.add_column(ratio=6)
    grid.add_column(ratio=5)
    grid.add_row(left, right)
    return grid


def _network(exchange: Exchange) -> Text:
    text = Text()
    for run in runs_of(exchange.records):
        text.append_text(_run(run))
    text.append("\n")
    header = _HEADER_DIGITS
    for digits, readable in hex_lines(exchange):
        text.append(digits[:header], "bold magenta")
        text.append(f"{digits[header:]:<{35 - header}}  ", "yellow")
        text.append(f"{readable}\n", "dim")
        header = 0
    text.append("17 03 03", "bold magenta")
    text.append(" is how every encrypted TLS 1.3 record begins", "dim")
    return text


def _run(run: Run) -> Text:
    many = f" x {run.count}" if run.count > 1 else ""
    style = "bold" if run.holds_request else "dim"
    line = Text(
        f"{_ARROWS[run.direction]} {run.type + many:<22}{byte_count(run.length):>12}", style
    )
    if run.holds_request:
        line.append("  the request", "bold yellow")
    return line.append("\n")


def _request(exchange: Exchange) -> Text:
    text = Text(exchange.request.replace("\r", ""))
    text.highlight_words([exchange.word], "bold black on green")
    size = len(exchange.request.encode())
    text.append(f"\n\n{size} bytes", "bold")
    if any(record.holds_request for record in exchange.records):
        text.append(f", with TLS around them {size + TLS_OVERHEAD}", "dim")
    return text
