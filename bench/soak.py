"""Many connections of mixed kinds, and what is left of them: ``python -m bench.soak``.

Four services of ``catflap-socat`` with ``fork`` are used at once: TCP to EXEC, UNIX, UDP-LISTEN and
TLS. Clients of this process end in each of the ways a peer may: both ends in order, a half-close, a
reset in the middle, nothing said at all. After a warm-up and again at the end, descriptors,
processes, memory and files of the services are counted.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import select
import socket
import ssl  # noqa: TID251 - a client of another make than what it tries
import struct
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("Left", "Outcome", "main", "soak")

PATIENCE = 60.0
AT_ONCE = 8
GROWTH = 1.05
WARM_UP = 0.2
ENDINGS = ("order", "half", "reset", "mute")
TLS_NAME = "localhost"


@dataclass(frozen=True, slots=True)
class Left:
    """What the services hold at one moment.

    Args:
        descriptors: open in the services' leaders.
        processes: of their groups, the leaders and the dead that nobody has reaped included.
        memory: resident bytes of the leaders that only they have (RssAnon of proc(5)).
        files: in the directory that TMPDIR names for them, with their sockets.
    """

    descriptors: int
    processes: int
    memory: int
    files: int

    def exceeds(self, other: Left) -> bool:
        """Whether there is more of anything but memory."""
        mine = (self.descriptors, self.processes, self.files)
        its = (other.descriptors, other.processes, other.files)
        return any(one > two for one, two in zip(mine, its, strict=True))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a soak.

    Args:
        connections: begun in all.
        answered: those that wanted their bytes back and got them, equal.
        failed: kind and ending of each that wanted them and did not, and what it got.
        seconds: it took.
        warm: what was held after the warm-up.
        end: what was held at the end.
    """

    connections: int
    answered: int
    failed: tuple[str, ...]
    seconds: float
    warm: Left
    end: Left

    def faults(self) -> list[str]:
        """Name what there is more of at the end, or what was not answered."""
        found = [f"{len(self.failed)} connections were not answered"] if self.failed else []
        for name in ("descriptors", "processes", "files"):
            before, after = getattr(self.warm, name), getattr(self.end, name)
            if after > before:
                found.append(f"{name}: {before} before, {after} after")
        if self.end.memory > self.warm.memory * GROWTH:
            found.append(f"memory: {self.warm.memory} before, {self.end.memory} after")
        return found


class Services:
    """The four services under a directory.

    Args:
        folder: for sockets and temporary files.
        certificate: PEM file of the TLS service with its key.
        port: returns a free port each time.
    """

    def __init__(self, folder: Path, certificate: Path, port: Callable[[], int]) -> None:
        """Start them and wait until they listen."""
        self.folder = folder
        self.unix = folder / "s"
        self.tcp, self.tls, self.udp = port(), port(), port()
        bound = "bind=127.0.0.1,fork"
        tls = f"cert={certificate},verify=0"
        self.children = [
            self._start("-t60", f"TCP4-LISTEN:{self.tcp},{bound},reuseaddr", "EXEC:cat"),
            self._start("-t60", f"UNIX-LISTEN:{self.unix},fork", "PIPE"),
            self._start("-t0.2", "-T0.5", f"UDP4-LISTEN:{self.udp},{bound}", "PIPE"),
            self._start("-t60", f"OPENSSL-LISTEN:{self.tls},pf=ip4,{bound},{tls}", "PIPE"),
        ]
        self._await()

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        program = Path(sys.executable).with_name("catflap-socat")
        environment = {**os.environ, "TMPDIR": str(self.folder), "CATFLAP_GATE": "off"}
        log = (self.folder / "log").open("ab")
        try:
            return subprocess.Popen(
                [program, "-d0", *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                process_group=0,
            )
        finally:
            log.close()

    def _await(self) -> None:
        for kind in ("tcp", "unix", "tls"):
            until = time.monotonic() + PATIENCE
            while True:
                try:
                    self.connect(kind).close()
                    break
                except OSError:
                    if time.monotonic() > until:
                        raise
                    _pause(0.05)
        until = time.monotonic() + PATIENCE
        while talk(self, "udp", "order", b"ready?") is not True and time.monotonic() < until:
            _pause(0.05)

    def connect(self, kind: str) -> socket.socket:
        """Return a socket connected to the service of that kind; the caller closes it."""
        if kind == "unix":
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            target: str | tuple[str, int] = str(self.unix)
        elif kind == "udp":
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            target = ("127.0.0.1", self.udp)
        else:
            sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            target = ("127.0.0.1", self.tls if kind == "tls" else self.tcp)
        try:
            # Without a limit yet: with one, a full queue of a UNIX listener is an error at once.
            sock.connect(target)
            sock.settimeout(PATIENCE)
        except OSError:
            sock.close()
            raise
        return sock

    def held(self) -> Left:
        """Count what they hold now."""
        leaders = [each.pid for each in self.children]
        descriptors = sum(len(os.listdir(f"/proc/{each}/fd")) for each in leaders)
        memory = sum(_memory(each) for each in leaders)
        files = sum(1 for _ in self.folder.rglob("*"))
        return Left(descriptors, _members(set(leaders)), memory, files)

    def settled(self, warm: Left | None = None) -> Left:
        """Count when sessions have ended, or patience ends.

        Args:
            warm: what was held before, when they had; without it they have ended once there is
                one process a service and nothing changes.
        """
        until = time.monotonic() + PATIENCE
        before = self.held()
        if warm is not None:
            while before.exceeds(warm) and time.monotonic() < until:
                _pause(0.5)
                before = self.held()
            return before
        while time.monotonic() < until:
            _pause(0.5)
            now = self.held()
            still = now.descriptors == before.descriptors and now.processes == before.processes
            if still and now.processes <= len(self.children):
                return now
            before = now
        return before

    def stop(self) -> None:
        """End them and their children."""
        for each in self.children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(each.pid, 15)
        for each in self.children:
            try:
                each.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(each.pid, 9)
                each.wait()


def talk(services: Services, kind: str, ending: str, payload: bytes) -> bool | str | None:
    """Play one client to its ending.

    Returns:
        True when the bytes came back equal, else what came instead; ``None`` if this ending does
        not wait for them.
    """
    began = time.monotonic()
    try:
        with services.connect(kind) as plain:
            if kind == "udp":
                return _packet(plain, ending, payload)
            if kind == "tls":
                with _context().wrap_socket(plain, server_hostname=TLS_NAME) as secure:
                    return _stream(secure, "reset" if ending == "half" else ending, payload)
            return _stream(plain, ending, payload)
    except OSError as error:
        return None if ending == "reset" else f"{error!r} after {time.monotonic() - began:.1f} s"


def _packet(sock: socket.socket, ending: str, payload: bytes) -> bool | str | None:
    sock.settimeout(1.0)
    for _ in range(int(PATIENCE)):
        sock.send(payload[:1200])
        if ending != "order":
            return None
        with contextlib.suppress(TimeoutError):
            # A pipe keeps no boundaries: what was sent twice may come back as one.
            return sock.recv(65536).startswith(payload[:1200]) or "other bytes"
    return f"nothing in {PATIENCE:g} seconds"


def _stream(sock: socket.socket, ending: str, payload: bytes) -> bool | str | None:
    if ending == "mute":
        return None
    sock.sendall(payload)
    if ending == "reset":
        if sock.family == socket.AF_INET:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return None
    if ending == "half":
        sock.shutdown(socket.SHUT_WR)
    back = bytearray()
    while len(back) < len(payload):
        piece = sock.recv(65536)
        if not piece:
            break
        back += piece
    return bytes(back) == payload or f"{len(back)} of {len(payload)} bytes"


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the load, not the trust, is what is tried here
    return context


def _free() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _pause(seconds: float) -> None:
    select.select([], [], [], seconds)


def _memory(process: int) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def _members(leaders: set[int]) -> int:
    count = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        # A child of EXEC may lead a group of its own: then its parent tells whose it is.
        count += int(fields[2]) in leaders or int(fields[1]) in leaders
    return count


def soak(
    folder: Path,
    certificate: Path,
    connections: int,
    seed: int = 1,
    port: Callable[[], int] = _free,
) -> Outcome:
    """Run the services under the load.

    Args:
        folder: an empty directory.
        certificate: PEM file with key, for the TLS service.
        connections: in all, a fifth of them before the first count.
        seed: of the order of kinds and endings.
        port: returns a port that is free for TCP and UDP, each time another.
    """
    choice = random.Random(seed)
    kinds = ("tcp", "unix", "udp", "tls")
    plans = [
        (choice.choice(kinds), choice.choice(ENDINGS), choice.randrange(1, 40_000))
        for _ in range(connections)
    ]
    pattern = bytes(range(256)) * 160
    services = Services(folder, certificate, port)
    started = time.monotonic()

    def play(plan: tuple[str, str, int]) -> bool | str | None:
        kind, ending, size = plan
        return talk(services, kind, ending, pattern[:size])

    try:
        first = max(1, int(connections * WARM_UP))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            results = list(pool.map(play, plans[:first]))
            warm = services.settled()
            results += pool.map(play, plans[first:])
        end = services.settled(warm)
    finally:
        services.stop()
    seconds = round(time.monotonic() - started, 1)
    failed = tuple(
        f"{kind} {ending} {size}: {result}"
        for (kind, ending, size), result in zip(plans, results, strict=True)
        if isinstance(result, str)
    )
    return Outcome(connections, results.count(True), failed, seconds, warm, end)


def _certificate(folder: Path) -> Path:
    path = folder / "both.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    words += ["-nodes", "-days", "2", "-subj", f"/CN={TLS_NAME}"]
    words += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(words, check=True, capture_output=True, timeout=30)
    path.write_bytes((folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes())
    path.chmod(0o600)
    return path


def main() -> int:
    """Print the outcome as one line of JSON; the status is 1 if anything was left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        certificate = _certificate(Path(name))
        folder = Path(name) / "run"
        folder.mkdir()
        outcome = soak(folder, certificate, given.connections, given.seed)
        log = (folder / "log").read_text(errors="replace")[-2000:]
    faults = outcome.faults()
    sys.stdout.write(json.dumps({**asdict(outcome), "faults": faults}) + "\n")
    if faults and log:
        sys.stderr.write(log)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
