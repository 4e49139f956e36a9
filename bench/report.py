"""Show results: a table on a terminal, plain text elsewhere, Markdown for a README, or JSON."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from bench.bars import Outcome, judge
from bench.measure import SCENARIOS
from bench.measure.requests import FAILED
from bench.peers import OURS, PEERS

if TYPE_CHECKING:
    from bench.bars import Verdict
    from bench.measure import Measure
    from bench.results import Results

__all__ = ("as_json", "as_markdown", "as_text", "show")

_PLAIN_WIDTH = 190
_MARKS = {Outcome.HOLDS: "holds", Outcome.MISSED: "MISSED", Outcome.UNKNOWN: "not measured"}
_STYLES = {Outcome.HOLDS: "green", Outcome.MISSED: "bold red", Outcome.UNKNOWN: "dim"}


@dataclass(frozen=True, slots=True)
class _Row:
    """A measure: its title, a cell a peer, and its bars."""

    title: str
    cells: list[str]
    verdicts: list[Verdict]


def show(results: Results) -> None:
    """Print the table and a summary, in colour where stdout is a terminal."""
    console = Console()
    if console.is_terminal:
        _print(results, console)
    else:
        sys.stdout.write(as_text(results))


def as_text(results: Results) -> str:
    """Return the table and the summary as plain text."""
    out = io.StringIO()
    _print(results, Console(file=out, width=_PLAIN_WIDTH))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def as_markdown(results: Results) -> str:
    """Return the table and the summary as Markdown."""
    heads = ["measure", *_peers(results), "bars"]
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 2) + "---|"]
    for row in _rows(results):
        bars = "<br>".join(_bar_text(verdict) for verdict in row.verdicts)
        lines.append("| " + " | ".join([row.title, *row.cells, bars]) + " |")
    notes = [f"- {line}" for line in _notes(results)]
    return "\n".join([*lines, "", _summary(results), *(["", *notes] if notes else [])]) + "\n"


def as_json(results: Results) -> str:
    """Return everything: raw samples, medians, and every bar with its verdict."""
    medians = {
        measure: {peer: results.median(measure, peer) for peer in by_peer}
        for measure, by_peer in results.samples.items()
    }
    verdicts = [msgspec.to_builtins(verdict) for verdict in judge(results)]
    document = msgspec.to_builtins(results) | {"medians": medians, "bars": verdicts}
    return msgspec.json.format(msgspec.json.encode(document)).decode() + "\n"


def _print(results: Results, console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("median (ours / theirs)")
    for peer in _peers(results):
        table.add_column(peer, justify="right")
    table.add_column("bars")
    for row in _rows(results):
        bars = "\n".join(_styled(verdict) for verdict in row.verdicts)
        table.add_row(row.title, *row.cells, bars)
    console.print(table)
    console.print(_summary(results))
    for line in _notes(results):
        console.print(f"- {line}", markup=False)


def _peers(results: Results) -> list[str]:
    measured = {peer for by_peer in results.samples.values() for peer in by_peer}
    return [peer.name for peer in PEERS if peer.name in measured]


def _rows(results: Results) -> list[_Row]:
    verdicts = judge(results)
    measures = [
        measure
        for scenario in SCENARIOS
        for case in scenario.cases
        for measure in case.measures
        if measure.name in results.samples
    ]
    return [
        _Row(
            f"{measure.title}, {measure.unit}",
            [_cell(results, measure, peer) for peer in _peers(results)],
            [verdict for verdict in verdicts if verdict.bar.measure == measure.name],
        )
        for measure in measures
    ]


def _cell(results: Results, measure: Measure, peer: str) -> str:
    median = results.median(measure.name, peer)
    if median is None:
        return ""
    text = f"{median:,.{measure.decimals}f}"
    ratio = results.ratio(measure.name, OURS.name, peer) if peer != OURS.name else None
    return f"{text} ({ratio:.2f})" if ratio is not None else text


def _bar_text(verdict: Verdict) -> str:
    bar = verdict.bar
    sign = "≤" if bar.at_most else "≥"
    limit = f"{sign} {bar.limit:g}" + (f" x {bar.peer}" if bar.peer else "")
    return f"{limit}: {_MARKS[verdict.outcome]}"


def _styled(verdict: Verdict) -> str:
    style = _STYLES[verdict.outcome]
    return f"[{style}]{_bar_text(verdict)}[/]"


def _summary(results: Results) -> str:
    outcomes = [verdict.outcome for verdict in judge(results)]
    hold, missed, unknown = (outcomes.count(one) for one in Outcome)
    bars = f"Bars that hold: {hold}; missed: {missed}; not measured: {unknown}."
    return f"{bars} Medians of {results.runs} alternating runs."


def _notes(results: Results) -> list[str]:
    facts = [f"{name}: {value}" for name, value in results.environment.items()]
    failed = [
        f"{measure.removesuffix(FAILED)}, {peer}: {sum(counts):.0f} requests failed in all"
        for measure, by_peer in results.samples.items()
        for peer, counts in by_peer.items()
        if measure.endswith(FAILED)
    ]
    return [*results.problems, *failed, *facts]
