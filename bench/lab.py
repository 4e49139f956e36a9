"""The place where a run happens: its folder, certificates, programs and backends."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from bench.certificates import Certificates, make_certificates
from bench.errors import BenchError
from bench.helpers import Helper
from bench.peers import OURS
from bench.peers.start import fill
from bench.processes import await_port, free_ports

if TYPE_CHECKING:
    from bench.peers import Peer
    from bench.processes import Crew

__all__ = ("Backend", "BackendKind", "Lab")

_READY_SECONDS = 10.0
_WEB_TEMPLATE = Path(__file__).resolve().parent / "peers" / "web.cfg"


class BackendKind(Enum):
    """What stands behind the relays; the value is its program in ``bench.load``, web apart."""

    SINK = "sink"
    ECHO = "echo"
    HOLD = "hold"
    WEB = "web"


@dataclass(frozen=True, slots=True)
class Backend:
    """A running backend; the web server has no helper to ask."""

    port: int
    helper: Helper | None


@dataclass(frozen=True, slots=True)
class Lab:
    """Everything that all samples of a run share.

    Attributes:
        folder: temporary; configurations, logs and keys live and die here.
        certificates: what every relay shows and trusts.
        catflap: path of the catflap to measure, None if there is none.
        split_pairs: give each end of a TLS pair its own process, also where one could do both.
    """

    folder: Path
    certificates: Certificates
    catflap: str | None
    split_pairs: bool

    @classmethod
    def open(cls, folder: Path, catflap: str | None, *, split_pairs: bool) -> Lab:
        """Make the certificates and find catflap: as given, beside this Python, or in PATH."""
        beside = Path(sys.executable).parent / OURS.program
        found = shutil.which(catflap or str(beside)) or OURS.path()
        return cls(folder, make_certificates(folder), found, split_pairs)

    def program(self, peer: Peer) -> str | None:
        """Return the path of a peer's program, None if it is not here."""
        return self.catflap if peer is OURS else peer.path()

    def version(self, peer: Peer) -> str:
        """Return the version a peer gives, in one line."""
        program = self.program(peer)
        if program is None:
            return "absent"
        words = [program, *peer.version]
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=10, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"unknown: {error}"
        lines = (done.stdout + done.stderr).splitlines()
        named = [line.strip() for line in lines if "version" in line.lower() or "5." in line]
        return (named or lines or ["unknown"])[0]

    def placeholders(self, peer: Peer) -> dict[str, str]:
        """Return the values that do not depend on ports."""
        return {
            "PROGRAM": self.program(peer) or "",
            "CA": str(self.certificates.ca),
            "SERVER_PEM": str(self.certificates.server),
            "CLIENT_PEM": str(self.certificates.client),
        }

    def backend(self, crew: Crew, kind: BackendKind) -> Backend:
        """Start a backend and return once it listens."""
        if kind is BackendKind.WEB:
            return Backend(self._web(crew), None)
        helper = Helper(crew, kind.value, [], self.folder)
        return Backend(int(helper.answer(_READY_SECONDS)["port"]), helper)

    def _web(self, crew: Crew) -> int:
        nginx = shutil.which("nginx")
        if nginx is None:
            raise BenchError("the backend for requests is nginx, which is not installed")
        folder = Path(tempfile.mkdtemp(prefix="web-", dir=self.folder))
        (port,) = free_ports(1)
        config = folder / "config"
        values = {"BACKEND": str(port), "DIR": str(folder)}
        config.write_text(fill(_WEB_TEMPLATE.read_text(), values))
        log = folder / "log"
        words = [nginx, "-e", str(log), "-p", str(folder), "-c", str(config)]
        await_port(crew.start(words, log), port, _READY_SECONDS, log)
        return port
