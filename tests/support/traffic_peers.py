"""Other people's programs as processes: watched by what they write, ended by their id."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.support.peers import needs
from tests.support.waiting import PATIENCE, eventually

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

__all__ = ("Program", "haproxy", "nginx", "opens")


class Program:
    """One process of somebody else's.

    Args:
        words: its command line; the program is looked for first.
        folder: where it runs.
        descriptors: descriptors that it inherits under their numbers.
    """

    def __init__(
        self,
        *words: str,
        folder: Path | None = None,
        descriptors: Sequence[int] = (),
    ) -> None:
        """Start it, both outputs on one pipe."""
        self.process = subprocess.Popen(
            [needs(words[0]), *words[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            pass_fds=tuple(descriptors),
            process_group=0,
        )
        self._text = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        while data := os.read(self.process.stdout.fileno(), 65_536):
            self._text += data

    @property
    def text(self) -> str:
        """What it has written so far."""
        return self._text.decode(errors="replace")

    def say(self, data: bytes) -> None:
        """Write to its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def end_input(self) -> None:
        """Close its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Return the first match in what it writes."""
        what = f"{pattern!r} in the output of {self.process.args!r}"
        try:
            return eventually(lambda: re.search(pattern, self.text), PATIENCE, what) or _never()
        except AssertionError as error:
            message = f"{error}\n{self.text}"
            raise AssertionError(message) from None

    def wait(self) -> int:
        """Return the exit status once it has ended."""
        status = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return status

    def close(self) -> None:
        """End it and what it started."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(10.0)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._reader.join(10.0)
        for file in (self.process.stdin, self.process.stdout):
            if file is not None:
                with contextlib.suppress(BrokenPipeError):
                    file.close()

    def __enter__(self) -> Self:
        """Run until the block ends."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """End it."""
        self.close()


def _never() -> re.Match[str]:
    raise AssertionError


def opens(port: int, program: Program) -> None:
    """Wait until a program listens on a port of 127.0.0.1; nobody connects meanwhile."""
    wanted = f"0100007F:{port:04X}"

    def listens() -> bool:
        assert program.process.poll() is None, program.text
        rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
        return any(row[1] == wanted and row[3] == "0A" for row in rows)

    eventually(listens, PATIENCE, f"port {port} of {program.process.args!r}")


def haproxy(folder: Path, *listens: str) -> Program:
    """Run HAProxy in the foreground with these ``listen`` sections."""
    parts = (
        "global\n  nbthread 1\n  maxconn 200\n",
        "defaults\n  mode tcp\n  timeout connect 60s\n  timeout client 60s\n  timeout server 60s\n",
        *listens,
    )
    path = folder / "haproxy.cfg"
    path.write_text("".join(parts))
    return Program("haproxy", "-db", "-f", str(path))


_STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"


def nginx(folder: Path, *servers: str) -> Program:
    """Run nginx in the foreground with these ``server`` sections of ``stream``."""
    load = f"load_module {_STREAM_MODULE};\n" if os.path.exists(_STREAM_MODULE) else ""
    text = (
        f"{load}worker_processes 1; daemon off; pid {folder}/nginx.pid; "
        f"error_log stderr info; user root;\n"
        "events { worker_connections 200; }\n"
        f"stream {{\n{''.join(servers)}}}\n"
    )
    path = folder / "nginx.conf"
    path.write_text(text if os.geteuid() == 0 else text.replace("user root;", ""))
    return Program("nginx", "-e", "stderr", "-p", str(folder), "-c", str(path))
