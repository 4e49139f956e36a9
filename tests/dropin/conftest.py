"""The drop-in under its own name and beside the real program."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SECONDS = 60.0


@dataclass(frozen=True)
class Run:
    """What a program left: bytes out, its log, its status."""

    out: bytes
    log: str
    status: int


@pytest.fixture(scope="session")
def socat_program(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the path of a file named socat that is ours."""
    path = tmp_path_factory.mktemp("bin") / "socat"
    path.write_text(
        f"#!{sys.executable}\nimport sys\nfrom catflap.dropin.main import main\nsys.exit(main())\n"
    )
    path.chmod(0o755)
    return str(path)


def run_program(program: str, *words: str, given: bytes = b"", **environment: str) -> Run:
    """Run a program to its end."""
    done = subprocess.run(
        [program, *words],
        input=given,
        capture_output=True,
        timeout=_SECONDS,
        check=False,
        env={**os.environ, **environment},
    )
    return Run(done.stdout, done.stderr.decode("utf-8", "replace"), done.returncode)


@pytest.fixture
def ours(socat_program: str) -> Callable[..., Run]:
    """Return what runs our program."""

    def run(*words: str, given: bytes = b"", **environment: str) -> Run:
        return run_program(socat_program, *words, given=given, **environment)

    return run


@pytest.fixture
def theirs() -> Callable[..., Run]:
    """Return what runs the C program."""

    def run(*words: str, given: bytes = b"", **environment: str) -> Run:
        return run_program("/usr/bin/socat", *words, given=given, **environment)

    return run


@pytest.fixture
def start(socat_program: str, tmp_path: Path) -> object:
    """Return what starts our program and leaves it running; all end with the test."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(*words: str, log: str = "log", **environment: str) -> subprocess.Popen[bytes]:
        with open(tmp_path / log, "wb") as file:
            process = subprocess.Popen(
                [socat_program, *words],
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
