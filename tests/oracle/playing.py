"""Runs scenarios with one of the programs, in a directory and on a port of their own."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.conversing import Said, converse
from tests.support.ports import free_port
from tests.support.readiness import is_ready
from tests.support.waiting import PATIENCE, eventually

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

    from tests.oracle.scenarios import Pair, Single
    from tests.support.certificates import Certificates

__all__ = ("Played", "Stage", "has_sctp", "marked")

_PATIENCE = 60.0
_TRIES = 5
_ENVIRONMENT = {**os.environ, "ORACLE_SECRET": "seen", "LC_ALL": "C", "CATFLAP_GATE": "off"}


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it.

    Args:
        status: the exit status; of a pair the client's.
        output: standard output; of a pair the client's.
        after: what the script afterwards found, and what lies in the file ``out``.
        log: standard error.
    """

    status: int
    output: bytes
    after: bytes
    log: str


def _program(name: str) -> list[str]:
    if name == "socat":
        found = shutil.which("socat")
        assert found is not None
        return [found]
    return [str(Path(sys.executable).with_name(name))]


class Stage:
    """A directory and a port.

    Args:
        folder: made here.
        program: of the single command, or of a pair's server.
    """

    def __init__(self, folder: Path, program: str) -> None:
        """Make both."""
        folder.mkdir(parents=True)
        self._folder = folder
        self._program = program
        self._port = free_port()

    def _words(self, words: tuple[str, ...]) -> list[str]:
        said = len(words) < 2 or any(word.startswith("-t") for word in words)
        patient = () if said else (f"-t{PATIENCE:g}",)
        return [*patient, *(self._fill(word) for word in words)]

    def _fill(self, text: str) -> str:
        text = re.sub(r"\{(\w)\}", r"\0\1\0", text)
        values = {"d": str(self._folder), "p": str(self._port), "h": f"{self._port:04x}"}
        for name, value in values.items():
            text = text.replace(f"\0{name}\0", value)
        return text

    def _script(self, text: str) -> bytes:
        if not text:
            return b""
        words = ["sh", "-c", self._fill(text)]
        run = subprocess.run(words, capture_output=True, timeout=_PATIENCE, check=False)
        return run.stdout.replace(str(self._folder).encode(), b"{d}")

    def single(self, scenario: Single) -> Played:
        """Run one command."""
        self._script(scenario.before)
        words = [*_program(self._program), *self._words(scenario.words)]
        done = _run(words, scenario.given, scenario.until)
        return Played(done.status, done.out, self._script(scenario.after), done.log)

    def pair(self, pair: Pair, client: str, certificates: Certificates) -> Played:
        """Run the server by this stage's program and the client by another."""
        if pair.needs_certificate:
            for name, path in (("srv", certificates.server), ("cli", certificates.client),
                               ("ca", certificates.ca)):  # fmt: skip
                shutil.copy(path, self._folder / f"{name}.pem")
        server = self._serve(pair)
        try:
            done = _run([*_program(client), *self._words(pair.client)], pair.given, pair.until)
            out = self._folder / "out"
            if any("{d}/out" in word for word in pair.server):
                size = len(pair.given)
                wanted = lambda: out.exists() and out.stat().st_size >= size  # noqa: E731 - a name for one line
                eventually(wanted, what="the server's file")
            after = out.read_bytes() if out.exists() else b""
        finally:
            said = _stop(server)
        log = f"client: {done.log}\nserver: {said.decode(errors='replace')}"
        output = done.out.replace(str(self._folder).encode(), b"{d}")
        output = output.replace(str(self._port).encode(), b"{p}")
        return Played(done.status, output, after, log)

    def _serve(self, pair: Pair) -> subprocess.Popen[bytes]:
        """Start the server and wait for it; on another port if somebody was quicker."""
        said = b""
        for _ in range(_TRIES):
            server = self._start(pair)
            if server.poll() is None:
                return server
            said = _stop(server)
            assert b"address already in use" in said.lower(), said
            self._port = free_port()
        raise AssertionError(said)

    def _start(self, pair: Pair) -> subprocess.Popen[bytes]:
        """Start the server; return once it is ready, or over."""
        server = subprocess.Popen(
            [*_program(self._program), *self._words(pair.server)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_ENVIRONMENT,
            process_group=0,
        )
        path = self._folder / "s"

        def settled() -> bool:
            return is_ready(pair.ready, server.pid, self._port, path) or server.poll() is not None

        try:
            eventually(settled, what=f"{' '.join(pair.server)} being ready")
        except AssertionError:
            _stop(server)
            raise
        return server


def _run(words: list[str], given: bytes | None, until: bytes) -> Said:
    """Run a program to its end; without an input it reads from ``/dev/null``."""
    if until:
        return converse(words, given or b"", until, _ENVIRONMENT)
    settings: dict[str, object] = (
        {"stdin": subprocess.DEVNULL} if given is None else {"input": given}
    )
    run = subprocess.run(  # type: ignore[call-overload]
        words, capture_output=True, timeout=_PATIENCE, env=_ENVIRONMENT, check=False, **settings
    )
    return Said(run.stdout, run.stderr.decode(errors="replace"), run.returncode)


def _stop(server: subprocess.Popen[bytes]) -> bytes:
    """End it and its children; return what it said."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, 15)
    try:
        said, _ = server.communicate(timeout=5)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, 9)
        said, _ = server.communicate()
    return said


def has_sctp() -> bool:
    """Whether the kernel makes an SCTP socket (sctp(7))."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_SCTP).close()
    except OSError:
        return False
    return True


def marked(scenarios: tuple[Single, ...] | tuple[Pair, ...]) -> list[ParameterSet]:
    """Return them as parameters of a test, those that are known to fail marked with the reason."""
    return [
        pytest.param(
            each,
            id=each.name,
            marks=[pytest.mark.xfail(reason=each.known, strict=False)] if each.known else [],
        )
        for each in scenarios
    ]


assert socket.AF_INET == 2  # SOCKET-LISTEN:2 in the rows
