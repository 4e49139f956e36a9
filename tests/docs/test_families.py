"""The worked examples of docs/families are true: each block is typed, and says what it says."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.ports import free_port

_FOLDER = Path(__file__).resolve().parents[2] / "docs" / "families"
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECONDS = 25.0


class Block(NamedTuple):
    """What a page lets type, and what it promises to see."""

    name: str
    script: str
    output: str


def _blocks() -> list[Block]:
    found = []
    for page in sorted(_FOLDER.glob("*.md")):
        for number, text in enumerate(_BLOCK.findall(page.read_text()), start=1):
            lines = text.splitlines()
            script = "\n".join(line[2:] for line in lines if line.startswith("$ "))
            output = "".join(f"{line}\n" for line in lines if not line.startswith("$ "))
            found.append(Block(f"{page.stem}-{number}", script, output))
    return found


@pytest.mark.parametrize("block", _blocks(), ids=lambda block: block.name)
def test_block_prints_what_it_says(block: Block, tmp_path) -> None:
    """In a shell with a directory and a port of its own."""
    if "unshare" in block.script and os.geteuid() != 0:
        pytest.skip("needs a network namespace")
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DIR": str(tmp_path),
        "PORT": str(free_port()),
        "LC_ALL": "C",
    }
    # Findings of the examples go to the standard error, which is not what a page shows.
    with (tmp_path / "log").open("wb") as log:
        shell = subprocess.Popen(
            ["bash", "-c", block.script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
            start_new_session=True,
        )
        try:
            # Servers in the background may outlive the shell and hold its output open.
            shell.wait(_SECONDS)
        finally:
            _end(shell.pid)
            said, _ = shell.communicate(timeout=5)
    assert said.decode() == block.output, (tmp_path / "log").read_text()
    assert shell.returncode == 0


def _end(session: int) -> None:
    """End what is left of the shell's session."""
    try:
        os.killpg(session, signal.SIGKILL)
    except ProcessLookupError:
        return


def test_families_are_there() -> None:
    """A page for each, and each has an example."""
    names = {block.name.rpartition("-")[0] for block in _blocks()}
    assert names == {page.stem for page in _FOLDER.glob("*.md")}
    assert len(names) >= 10
