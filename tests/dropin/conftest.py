"""The drop-in under its own name and beside the real program."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.support.conversing import Said, converse
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SECONDS = 60.0


@pytest.fixture(scope="session")
def socat_program(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the path of a file named socat that is ours."""
    path = tmp_path_factory.mktemp("bin") / "socat"
    path.write_text(
        f"#!{sys.executable}\nimport sys\nfrom catflap.dropin.main import main\nsys.exit(main())\n"
    )
    path.chmod(0o755)
    return str(path)


def _patient(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return words of which the usual half second is none: what answers late still answers.

    Whoever says a time (``-t``) means it.
    """
    if len(words) < 2 or any(word.startswith("-t") for word in words):
        return words
    return (f"-t{PATIENCE:g}", *words)


def run_program(
    program: str, *words: str, given: bytes = b"", until: bytes = b"", **environment: str
) -> Said:
    """Run a program to its end; its input ends at once, or when ``until`` has come out."""
    command, variables = [program, *_patient(words)], {**os.environ, **environment}
    if until:
        return converse(command, given, until, variables)
    done = subprocess.run(
        command, input=given, capture_output=True, timeout=_SECONDS, check=False, env=variables
    )
    return Said(done.stdout, done.stderr.decode("utf-8", "replace"), done.returncode)


@pytest.fixture
def ours(socat_program: str) -> Callable[..., Said]:
    """Return what runs our program."""
    return partial(run_program, socat_program)


@pytest.fixture
def theirs() -> Callable[..., Said]:
    """Return what runs the C program."""
    return partial(run_program, "/usr/bin/socat")


@pytest.fixture
def start(socat_program: str, tmp_path: Path) -> object:
    """Return what starts our program and leaves it running; all end with the test."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(*words: str, log: str = "log", **environment: str) -> subprocess.Popen[bytes]:
        with open(tmp_path / log, "wb") as file:
            process = subprocess.Popen(
                [socat_program, *_patient(words)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=file,
                env={**os.environ, **environment},
            )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()
