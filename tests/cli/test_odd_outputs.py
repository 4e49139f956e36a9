"""A full disk, a closed output, a directory that is gone: one line, and never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_COMMANDS = (
    ("--version",),
    ("--help",),
    ("list", "rules"),
    ("explain", "range"),
    ("audit", "--format", "json", "--", "socat", "-", "TCP:localhost:1"),
    ("fds",),
)


def run(
    *words: str, redirections: str = "", folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command behind a shell's redirections."""
    script = f'exec "$@" {redirections}'
    return subprocess.run(
        ["/bin/sh", "-c", script, "sh", sys.executable, "-m", "catflap", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )


@pytest.mark.parametrize("words", _COMMANDS, ids=" ".join)
def test_a_full_disk_is_told(words: tuple[str, ...]) -> None:
    """What could not be written is a failure, and the reason is the kernel's."""
    done = run(*words, redirections=">/dev/full")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("catflap: ")
    assert last.endswith("could not be written: No space left on device")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", _COMMANDS, ids=" ".join)
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_output_changes_no_status(words: tuple[str, ...], closed: str) -> None:
    """Who closes the output asks for the status alone, and gets the one it would have been."""
    open_one, closed_one = run(*words), run(*words, redirections=closed)
    assert closed_one.returncode == open_one.returncode
    assert "Traceback" not in closed_one.stderr


@pytest.mark.parametrize("words", [("check",), ("audit",), ("up",)], ids=" ".join)
def test_a_directory_that_is_gone_is_told(words: tuple[str, ...], tmp_path: Path) -> None:
    """Its path cannot be resolved, and that is what the line says."""
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f'rmdir {gone}; exec "$@"'
    done = subprocess.run(
        ["/bin/sh", "-c", script, "sh", sys.executable, "-m", "catflap", *words],
        capture_output=True,
        text=True,
        cwd=gone,
        env={**os.environ, "PWD": str(gone)},
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "catflap: the working directory cannot be used: No such file or directory\n"
    )
