"""``python -m bench``: take the samples, show the table."""

from __future__ import annotations

import os
import platform
import signal
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
import msgspec

from bench.lab import Lab
from bench.measure import SCENARIOS
from bench.peers import PEERS
from bench.processes import raise_descriptor_limit
from bench.report import as_json, as_markdown, as_text, show
from bench.results import Results
from bench.run import Bench, Plan

if TYPE_CHECKING:
    from types import FrameType

    from bench.peers import Peer

_RUNS, _QUICK_RUNS = 7, 2
_SECONDS, _QUICK_SECONDS = 2.0, 1.0
_IDLE_STEPS, _QUICK_IDLE_STEPS = (1000, 5000), (1000,)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_CASES = [case.name for scenario in SCENARIOS for case in scenario.cases]


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def _chosen_peers(text: str | None) -> list[Peer]:
    names = _names(text) or [peer.name for peer in PEERS]
    unknown = set(names) - {peer.name for peer in PEERS}
    if unknown:
        known = ", ".join(peer.name for peer in PEERS)
        raise click.UsageError(f"unknown peer {', '.join(sorted(unknown))}; there are {known}")
    return [peer for peer in PEERS if peer.name in names]


def _chosen_cases(text: str | None) -> set[str]:
    """Return the cases that the names begin: ``requests`` is four, ``requests-tls`` two."""
    names = _names(text)
    scenarios = {scenario.name: scenario for scenario in SCENARIOS}
    chosen: set[str] = set()
    for name in names:
        whole = {case.name for case in scenarios[name].cases} if name in scenarios else set()
        found = whole | {case for case in _CASES if case == name or case.startswith(f"{name}-")}
        if not found:
            known = ", ".join([*scenarios, *_CASES])
            raise click.UsageError(f"unknown measure {name}; there are {known}")
        chosen |= found
    return chosen or set(_CASES)


def _environment(lab: Lab, peers: list[Peer], *, seconds: float) -> dict[str, str]:
    facts = {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, Linux {platform.release()} {platform.machine()}",
        "load before": " ".join(f"{one:.2f}" for one in os.getloadavg()),
        "python": platform.python_version(),
        "seconds a sample": f"{seconds:g}",
        "pair": "a process for each end" if lab.split_pairs else "as each peer does by itself",
    }
    return facts | {peer.name: lab.version(peer) for peer in peers if peer.program}


def _write(results: Results, form: str, output: Path | None) -> None:
    if output is None and form == "text":
        show(results)
        return
    text = {"json": as_json, "markdown": as_markdown, "text": as_text}[form](results)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text)


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    # An ordinary exit unwinds every crew, and so ends every process; nothing may cut that short.
    for one in _SIGNALS:
        signal.signal(one, signal.SIG_IGN)
    sys.exit(128 + number)


@click.command(help="Measure catflap beside the relays found here.")
@click.option("--json", "form", flag_value="json", help="All raw numbers, as JSON.")
@click.option("--markdown", "form", flag_value="markdown", help="The table as Markdown.")
@click.option("--runs", type=click.IntRange(1), help=f"Alternating runs ({_RUNS}).")
@click.option("--seconds", type=click.FloatRange(0.1), help=f"Length of a sample ({_SECONDS:g}).")
@click.option("--only", metavar="NAME[,NAME]", help="Only these measures, or what they begin.")
@click.option("--peers", metavar="NAME[,NAME]", help="Only these relays.")
@click.option("--quick", is_flag=True, help="Few and short runs; fewer idle sessions.")
@click.option("--split-pairs", is_flag=True, help="Two processes for every peer's TLS pair.")
@click.option("--catflap", metavar="FILE", help="The catflap to measure.")
@click.option("--output", type=click.Path(path_type=Path), help="Write the report here.")
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, exists=True),
    help="Show the results in this JSON file; measure nothing.",
)
def main(  # noqa: PLR0913 - one parameter an option
    *,
    form: str | None,
    runs: int | None,
    seconds: float | None,
    only: str | None,
    peers: str | None,
    quick: bool,
    split_pairs: bool,
    catflap: str | None,
    output: Path | None,
    source: Path | None,
) -> None:
    """Read the options, take the samples, write the report."""
    if source is not None:
        _write(msgspec.json.decode(source.read_bytes(), type=Results), form or "text", output)
        return
    cases, chosen = _chosen_cases(only), _chosen_peers(peers)
    plan = Plan(
        runs or (_QUICK_RUNS if quick else _RUNS),
        seconds or (_QUICK_SECONDS if quick else _SECONDS),
        _QUICK_IDLE_STEPS if quick else _IDLE_STEPS,
        cases.__contains__,
    )
    raise_descriptor_limit()
    for number in _SIGNALS:
        signal.signal(number, _stop)
    with tempfile.TemporaryDirectory(prefix="catflap-bench-") as folder:
        lab = Lab.open(Path(folder), catflap, split_pairs=split_pairs)
        results = Results(_environment(lab, chosen, seconds=plan.seconds), plan.runs)
        absent = [peer for peer in chosen if peer.program and lab.program(peer) is None]
        results.problems += [f"{peer.name} is not installed" for peer in absent]
        present = [peer for peer in chosen if peer not in absent]
        bench = Bench(lab, plan, present, results, lambda line: click.echo(line, err=True))
        for scenario in SCENARIOS:
            bench.play(scenario)
    _write(results, form or "text", output)


if __name__ == "__main__":
    main()
