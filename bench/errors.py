"""The one error of the bench: a sample that could not be taken, and why."""

from __future__ import annotations

__all__ = ("BenchError",)


class BenchError(Exception):
    """A process, a helper or a peer did not do what the measurement needs."""
