"""The numbers as text: Prometheus's text format, version 0.0.4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.service.measures import METRICS, OTHER, Metric, Sort

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catflap.relay.counters import Counters

__all__ = ("CONTENT_TYPE", "Sample", "expose", "samples_of")

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[str, tuple[str, ...], float]
"""Name, values of its labels, and the number."""

_MICROSECONDS = 1_000_000


def samples_of(counters: Counters) -> list[Sample]:
    """Return every number of a map, summed over the processes."""
    found: list[Sample] = []
    for name, row in counters.names().items():
        head, *values = name.split("\t")
        amount: float = counters.sum(row)
        if not amount and OTHER in values:
            continue
        if head.endswith("_seconds_sum"):
            amount /= _MICROSECONDS
        found.append((head, tuple(values), amount))
    return found


def expose(samples: Iterable[Sample]) -> bytes:
    """Return the page: every metric with its help and type, its samples in a fixed order."""
    by_name: dict[str, list[tuple[tuple[str, ...], float]]] = {}
    for name, values, amount in samples:
        by_name.setdefault(name, []).append((values, amount))
    lines: list[str] = []
    for metric in METRICS:
        lines.append(f"# HELP {metric.name} {metric.help}")
        lines.append(f"# TYPE {metric.name} {metric.sort.value}")
        if metric.sort is Sort.HISTOGRAM:
            lines += _histogram(metric, by_name)
            continue
        found = sorted(by_name.get(metric.name, ()))
        if not found and not metric.labels and metric.sort is Sort.COUNTER:
            # A counter that has no labels is there from the start, so that its rate can be seen.
            found = [((), 0.0)]
        lines += [_line(metric.name, metric.labels, values, amount) for values, amount in found]
    return ("\n".join(lines) + "\n").encode()


def _histogram(
    metric: Metric, by_name: dict[str, list[tuple[tuple[str, ...], float]]]
) -> list[str]:
    """Return the lines of a histogram; its buckets are cumulative, as the format wants it."""
    counts: dict[tuple[str, ...], dict[str, float]] = {}
    for values, amount in by_name.get(f"{metric.name}_bucket", ()):
        counts.setdefault(values[:-1], {})[values[-1]] = amount
    sums = dict(by_name.get(f"{metric.name}_sum", ()))
    lines: list[str] = []
    labels = (*metric.labels, "le")
    for values in sorted(counts):
        below = 0.0
        for bound in (*map(str, metric.buckets), "+Inf"):
            below += counts[values].get(bound, 0)
            lines.append(_line(f"{metric.name}_bucket", labels, (*values, bound), below))
        lines.append(_line(f"{metric.name}_sum", metric.labels, values, sums.get(values, 0.0)))
        lines.append(_line(f"{metric.name}_count", metric.labels, values, below))
    return lines


def _line(name: str, labels: tuple[str, ...], values: tuple[str, ...], amount: float) -> str:
    shown = (
        repr(amount) if isinstance(amount, float) and not amount.is_integer() else f"{amount:.0f}"
    )
    if not labels:
        return f"{name} {shown}"
    pairs = zip(labels, values, strict=True)
    inner = ",".join(f'{label}="{_escaped(value)}"' for label, value in pairs)
    return f"{name}{{{inner}}} {shown}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
