"""Programs that tests talk to: skipped where they are missing, demanded in CI."""

from __future__ import annotations

import os
import shutil

import pytest

__all__ = ("needs",)


def needs(program: str) -> str:
    """Return the path of a program; without it the test is skipped, or fails when CI=true."""
    path = shutil.which(program)
    if path is not None:
        return path
    message = f"{program} is not installed"
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(message)
    pytest.skip(message)
