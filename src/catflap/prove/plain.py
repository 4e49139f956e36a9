"""The report as plain aligned lines, for pipes and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.prove.tap import Direction
from catflap.prove.telling import NEXT, byte_count, command, detail, hex_lines, runs_of, sayings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catflap.prove.demo import Demo
    from catflap.prove.exchange import Exchange

__all__ = ("plain_report",)

_ARROWS = {Direction.TO_SERVER: "->", Direction.TO_CLIENT: "<-"}


def plain_report(demo: Demo) -> str:
    """Return the whole report, ASCII but for what a peer said."""
    return "\n".join(
        (
            f"server bridge: {command(demo.server)}",
            f"client bridge: {command(demo.client)}",
            "",
            *_attempts(demo),
            "",
            *_exchange(demo.exchange),
            "",
            *(f"{'ok' if each.good else 'NOT'}: {each.text}" for each in sayings(demo)),
            f"{demo.seconds:.1f} s",
            "",
            "The same for your API, with certificates from your CA:",
            *_aligned([(f"  {where}:", words) for where, words in NEXT]),
            "",
        )
    )


def _attempts(demo: Demo) -> list[str]:
    head = ("attempt", "expected", "outcome", "", "rule", "alert, or why")
    rows = [
        (
            row.title,
            row.expected.value,
            row.outcome.value,
            "ok" if row.as_expected else "NOT",
            row.rule or "-",
            detail(row),
        )
        for row in demo.attempts
    ]
    return _aligned([head, *rows])


def _exchange(exchange: Exchange) -> list[str]:
    lines = ["one request as the network carried it (TLS records):"]
    lines += _aligned(
        [
            (
                f"  {_ARROWS[run.direction]}",
                run.type,
                f"x{run.count}",
                byte_count(run.length),
                "the request" if run.holds_request else "",
            )
            for run in runs_of(exchange.records)
        ]
    )
    lines += [f"  {digits:<35}  {text}" for digits, text in hex_lines(exchange)]
    lines.append("and as the API saw it:")
    return [*lines, *(f"  {line}".rstrip() for line in exchange.request.splitlines())]


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)] if rows else []
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
