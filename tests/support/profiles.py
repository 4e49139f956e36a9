"""How much hypothesis tries: the same small story every time, more when it is asked for."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

__all__ = ("load_profile",)


def load_profile() -> None:
    """Load the profile that FUZZ names: nothing for the quick one, ``long`` for a long run.

    Examples are derived from the test itself, so that a run tells the same story every time; a
    long run draws new ones. Deadlines are off: a loaded machine is not a slow parser.
    """
    ignored = [HealthCheck.too_slow]
    settings.register_profile(
        "quick",
        max_examples=150,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=ignored,
    )
    settings.register_profile(
        "long", max_examples=20_000, deadline=None, suppress_health_check=ignored
    )
    settings.load_profile(os.environ.get("FUZZ", "quick"))
