"""Durations as values of options."""

from __future__ import annotations

import click

from catflap.core.units import parse_duration

__all__ = ("SECONDS", "Seconds")


class Seconds(click.ParamType[float]):
    """A duration: 90, 1.5, 500ms, 2m, 1h; 0 is no limit."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return seconds."""
        if isinstance(value, float):
            return value
        try:
            return parse_duration(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a duration such as 90, 500ms, 2m or 1h", param, ctx)


SECONDS = Seconds()
