"""``catflap up`` as a process, with its file, its state and its control socket in one folder."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.support.revocation import exchange_file
from tests.support.service import Service

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ("Configured",)


class Configured(Service):
    """One ``catflap up`` that logs JSON to the standard error.

    Args:
        folder: where ``catflap.toml`` is written, and the state is kept.
        text: what the file says.
        arguments: further words, such as ``--workers 2``.
        settings: as for :class:`Service`.
    """

    def __init__(self, folder: Path, text: str, *arguments: str, **settings: Any) -> None:
        """Write the file and start."""
        self.folder = folder
        self.file = folder / "catflap.toml"
        self.state = folder / "state"
        self.file.write_text(text)
        super().__init__("", "", *arguments, **settings)

    def words(self, first: str, second: str, arguments: Sequence[str]) -> list[str]:
        """Return what stands behind the program's name."""
        told = ["--log-format", "json", "--log-level", "info", "--state", str(self.state)]
        return ["up", *told, *arguments, str(self.file)]

    def port_of(self, bridge: str) -> int:
        """Return the port of a bridge, as its latest event tells it."""
        self.wait_for("listening", bridge=bridge)
        return int(self.find("listening", bridge=bridge)[-1]["on"][0].rpartition(":")[2])

    def change(self, text: str) -> None:
        """Put another file in the place of the old one, and ask for a reload, in one moment.

        So it is the request that finds the change, and not the watch of the file.
        """
        with self.stopped():
            exchange_file(self.file, text.encode())
            self.process.send_signal(signal.SIGHUP)

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command of catflap against its control socket."""
        command = [sys.executable, "-m", "catflap", *words, "--state", str(self.state)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def ask_json(self, *words: str) -> Any:
        """Return what a command answers as JSON."""
        answer = self.ask(*words, "--json")
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)
