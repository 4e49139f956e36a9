"""Under a service manager: sockets that it opened, and what it is told."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.configured import Configured
from tests.support.revocation import exchange_file
from tests.support.waiting import PATIENCE, eventually
from tests.system.test_up import bridge, speaks, to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.traffic import SocketEnd
    from tests.support.traffic_servers import EchoServer

    Connect = Callable[..., SocketEnd]


# As systemd starts a service: the sockets are 3 and up, and LISTEN_PID is the process itself.
STARTER = """
import os, sys
given = [int(each) for each in sys.argv[1].split(",")]
names, words = sys.argv[2], sys.argv[3:]
for number, descriptor in enumerate(sorted(given)):
    os.dup2(descriptor, 3 + number)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(given)), LISTEN_FDNAMES=names)
os.execv(words[0], words)
"""


class Manager:
    """What systemd is to a service: a socket to hear it, and sockets to hand in."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "notify"
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(str(self.path))
        self.sock.settimeout(PATIENCE)
        self.given: list[socket.socket] = []
        self.heard: list[str] = []

    def hand_in(self, sock: socket.socket) -> socket.socket:
        """Keep a listening socket for the service."""
        sock.listen()
        self.given.append(sock)
        return sock

    def prefix(self, names: str) -> dict[str, Any]:
        """Return the settings that start a service as systemd does."""
        numbers = [sock.fileno() for sock in self.given]
        words = [sys.executable, "-c", STARTER, ",".join(map(str, numbers)), names]
        return {"prefix": words, "descriptors": numbers, "environment": self.environment()}

    def environment(self, **further: str) -> dict[str, str]:
        """Return what the service is told."""
        return {"NOTIFY_SOCKET": str(self.path), **further}

    def hear(self, wanted: str) -> str:
        """Return the next message that begins so."""
        while True:
            message = self.sock.recv(65536).decode()
            self.heard.append(message)
            if message.startswith(wanted):
                return message

    def close(self) -> None:
        """Close everything."""
        for sock in (self.sock, *self.given):
            sock.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    """Return a service manager."""
    found = Manager(tmp_path)
    yield found
    found.close()


def test_ready_reloading_stopping(manager: Manager, up: Any, echo: EchoServer) -> None:
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)), environment=manager.environment())
    assert manager.hear("READY=1")
    assert manager.hear("STATUS=") == "STATUS=serving: 1 bridge, 0 sessions"
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    service.process.send_signal(signal.SIGHUP)
    told = dict(line.split("=") for line in manager.hear("RELOADING=1").splitlines())
    assert before <= int(told["MONOTONIC_USEC"]) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    manager.hear("READY=1")
    service.process.send_signal(signal.SIGTERM)
    manager.hear("STOPPING=1")
    assert service.wait() == 0


def test_ready_comes_when_everything_listens(
    manager: Manager, catflap: Any, connect: Connect, echo: EchoServer, free_port: Any
) -> None:
    port = free_port()
    catflap(f"TCP-LISTEN:{port}", to(echo), environment=manager.environment(), until="")
    manager.hear("READY=1")
    assert speaks(connect(port))


def test_watchdog_is_fed(manager: Manager, up: Any, echo: EchoServer) -> None:
    environment = manager.environment(WATCHDOG_USEC="1000000")
    up(bridge("one", "TCP-LISTEN:0", to(echo)), environment=environment)
    manager.hear("WATCHDOG=1")
    gaps = []
    for _ in range(5):
        before = time.monotonic()
        manager.hear("WATCHDOG=1")
        gaps.append(time.monotonic() - before)
    # Twice as often as was asked; a machine that stood still delays some of them.
    assert median(gaps) < 1


def test_another_process_s_watchdog_is_left_alone(
    manager: Manager, up: Any, echo: EchoServer
) -> None:
    environment = manager.environment(WATCHDOG_USEC="100000", WATCHDOG_PID="1")
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)), environment=environment)
    manager.hear("STATUS=")
    service.stop()
    manager.hear("STATUS=draining")
    assert "WATCHDOG=1" not in manager.heard


def test_children_do_not_speak_in_our_name(manager: Manager, up: Any, connect: Connect) -> None:
    service = up(
        bridge("one", "TCP-LISTEN:0", "EXEC:env"),
        environment=manager.environment(LISTEN_PID="1", LISTEN_FDS="1"),
    )
    end = connect(service.port_of("one"))
    said = b""
    while piece := end.receive():
        said += piece
    assert b"NOTIFY_SOCKET" not in said
    assert b"LISTEN_FDS" not in said


def test_sockets_that_were_handed_in(
    manager: Manager, up: Any, connect: Connect, echo: EchoServer, tmp_path: Path
) -> None:
    tcp = manager.hand_in(socket.create_server(("127.0.0.1", 0)))
    path = tmp_path / "unix.sock"
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(str(path))
    manager.hand_in(unix)
    port = tcp.getsockname()[1]
    # Somebody is in the queue before the service is there.
    early = connect(port)
    service = up(
        bridge("tcp", f"TCP-LISTEN:{port},bind=127.0.0.1", to(echo))
        + bridge("unix", f"UNIX-LISTEN:{path}", to(echo)),
        **manager.prefix("web:local"),
    )
    assert "handed in" in service.find("listening", bridge="tcp")[0]["note"]
    assert speaks(early)
    assert speaks(connect(path))
    early.close()
    for session in service.ask_json("sessions")["sessions"]:
        service.ask("end", session["id"])
    # Bridges may be taken away and come back: the socket stays the manager's.
    text = service.file.read_text()
    exchange_file(service.file, bridge("unix", f"UNIX-LISTEN:{path}", to(echo)).encode())
    assert service.ask("reload").returncode == 0
    assert [each["name"] for each in service.ask_json("status")["bridges"]] == ["unix"]
    exchange_file(service.file, text.encode())
    assert service.ask("reload").returncode == 0
    assert [each["name"] for each in service.ask_json("status")["bridges"]] == ["tcp", "unix"]
    last = connect(port)
    assert speaks(last)
    last.close()
    assert service.stop() in {0, 143}
    assert path.exists()


def test_socket_that_nobody_serves_refuses_to_start(
    manager: Manager, tmp_path: Path, echo: EchoServer
) -> None:
    manager.hand_in(socket.create_server(("127.0.0.1", 0)))
    service = Configured(
        tmp_path, bridge("one", "TCP-LISTEN:0", to(echo)), **manager.prefix("forgotten")
    )
    try:
        assert service.wait() == 1
        said = "\n".join(service.messages)
        assert "nothing here listens on what the service manager handed in: forgotten" in said
    finally:
        service.close()


def test_socket_that_takes_more_than_was_judged(
    manager: Manager, tmp_path: Path, certificates: Any
) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6")
    sock = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    port = manager.hand_in(sock).getsockname()[1]
    listen = f"TLS-LISTEN:{port},bind=[::],cert={certificates.server},cafile={certificates.ca}"
    text = bridge(
        "one", listen, "TCP:127.0.0.1:9", "unsafe = [{rule = 'no-allowlist', reason = 'x'}]"
    )
    service = Configured(tmp_path, text, **manager.prefix("wide"))
    try:
        assert service.wait() == 1
        assert "takes IPv4 too" in "\n".join(service.messages)
    finally:
        service.close()


def test_run_takes_them_too(
    manager: Manager, catflap: Any, connect: Connect, echo: EchoServer
) -> None:
    sock = manager.hand_in(socket.create_server(("127.0.0.1", 0)))
    port = sock.getsockname()[1]
    service = catflap(f"TCP-LISTEN:{port},bind=127.0.0.1", to(echo), **manager.prefix("web"))
    assert speaks(connect(port))
    os.kill(service.pid, signal.SIGTERM)
    eventually(lambda: service.find("draining"))
