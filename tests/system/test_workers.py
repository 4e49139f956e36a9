"""Several processes serve the same bridges: one dies and nobody in the queue is lost."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from tests.support.configured import Configured
from tests.support.revocation import exchange_file
from tests.support.waiting import PATIENCE, eventually
from tests.system.test_metrics import scrape
from tests.system.test_up import bridge, came_to, change, speaks, to

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.traffic import SocketEnd
    from tests.support.traffic_servers import EchoServer

    Up = Callable[..., Configured]
    Connect = Callable[..., SocketEnd]


def pids(service: Configured) -> list[int]:
    """Return the processes of the workers, in the order of their numbers."""
    return [worker["pid"] for worker in service.ask_json("status")["workers"]]


def owner(service: Configured) -> dict[str, int]:
    """Return which process has which session."""
    return {each["id"]: each["pid"] for each in service.ask_json("sessions")["sessions"]}


def test_both_serve_and_drain(up: Up, connect: Connect, echo: EchoServer) -> None:
    service = up(
        bridge("one", "TCP-LISTEN:0", to(echo)) + bridge("two", "UNIX-LISTEN:two.sock", to(echo)),
        "--workers",
        "2",
    )
    workers = pids(service)
    assert len(set(workers) - {service.pid}) == 2
    ends = [connect(service.port_of("one")) for _ in range(20)]
    ends.append(connect(service.folder / "two.sock"))
    assert all(speaks(end) for end in ends)
    owners = owner(service)
    assert len(owners) == 21
    assert set(owners.values()) <= set(workers)
    status = service.ask_json("status")
    assert [each["sessions"] for each in status["bridges"]] == [20, 1]
    name = next(iter(owners))
    assert service.ask("end", name).returncode == 0
    assert service.wait_for("closed", session=name)["closed_by"] == "operator"
    service.process.send_signal(signal.SIGTERM)
    assert service.wait_for("draining")["sessions"] == 20
    for end in ends:
        end.close()
    assert service.wait() == 0
    assert service.wait_for("stopped")["served"] == 21
    assert not (service.folder / "two.sock").exists()
    for pid in workers:
        assert not os.path.exists(f"/proc/{pid}")


def test_second_signal_ends_all_at_once(up: Up, connect: Connect, echo: EchoServer) -> None:
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)), "--workers", "2")
    end = connect(service.port_of("one"))
    assert speaks(end)
    # As a terminal does it: the whole group hears it, and only the parent minds.
    os.killpg(service.pid, signal.SIGINT)
    service.wait_for("draining")
    assert speaks(end)
    os.killpg(service.pid, signal.SIGINT)
    assert service.wait() == 130


def test_killed_under_load(up: Up, connect: Connect, echo: EchoServer) -> None:
    service = up(
        bridge("one", "TCP-LISTEN:0,bind=127.0.0.1", to(echo)),
        "--workers",
        "2",
        "--metrics",
        "127.0.0.1:0",
    )
    port = service.port_of("one")
    lasting = [connect(port) for _ in range(8)]
    assert all(speaks(end) for end in lasting)
    service.wait_for("opened", count=8)
    refused: list[str] = []
    served = [0]
    stop = threading.Event()

    def load() -> None:
        """Connect again and again; only a connection that was let in may be cut off."""
        while not stop.is_set():
            try:
                sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
            except ConnectionResetError:
                continue  # it was let in, and cut off before connect(2) returned
            except OSError as error:
                refused.append(repr(error))
                continue
            with sock:
                try:
                    sock.sendall(b"x" * 100)
                    if len(sock.recv(100)) == 100:
                        served[0] += 1
                except OSError:
                    continue

    threads = [threading.Thread(target=load, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    eventually(lambda: served[0] > 100, what="a hundred served")
    victim = pids(service)[0]
    os.kill(victim, signal.SIGKILL)
    ended = service.wait_for("worker-ended")
    assert (ended["pid"], ended["reason"]) == (victim, "SIGKILL")
    service.wait_for("worker-started", count=3)
    before = served[0]
    eventually(lambda: served[0] > before + 100, what="another hundred served")
    stop.set()
    for thread in threads:
        thread.join(90)
    assert not refused
    # Whoever was with the other worker notices nothing.
    alive = [end for end in lasting if _lives(end)]
    eventually(lambda: service.ask_json("sessions")["total"] == len(alive))
    # What a worker counts it hands in a moment later.
    eventually(lambda: scrape(service).get("catflap_sessions") == len(alive), what="the gauge")
    page = scrape(service)
    assert page.get("catflap_worker_restarts_total") == 1
    assert page.get("catflap_workers") == 2
    assert page.get("catflap_sessions_opened_total") >= served[0] + 8
    assert len(set(pids(service))) == 2
    assert victim not in pids(service)


def _lives(end: SocketEnd) -> bool:
    try:
        return speaks(end, b"still")
    except OSError:
        return False


def test_queue_outlives_every_worker(up: Up, connect: Connect, echo: EchoServer) -> None:
    service = up(bridge("one", "TCP-LISTEN:0,bind=127.0.0.1", to(echo)), "--workers", "2")
    port = service.port_of("one")
    workers = pids(service)
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    # Nobody accepts: these wait in the queue of the kernel.
    waiting = [connect(port) for _ in range(10)]
    for end in waiting:
        end.send(b"hello")
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    for end in waiting:
        heard = b""
        while len(heard) < 5:
            piece = end.receive()
            assert piece
            heard += piece
        assert heard == b"hello"


def test_limit_holds_for_all_together(up: Up, connect: Connect, echo: EchoServer) -> None:
    service = up(
        bridge("one", "TCP-LISTEN:0,bind=127.0.0.1", to(echo), "limits = { sessions = 10 }"),
        "--workers",
        "2",
    )
    ends = [
        socket.create_connection(("127.0.0.1", service.port_of("one")), PATIENCE) for _ in range(40)
    ]
    good = 0
    for end in ends:
        try:
            end.sendall(b"x")
            good += end.recv(1) == b"x"
        except OSError:
            continue
    assert good == 10
    # The places of a worker that dies are free again.
    victim = next(iter(owner(service).values()))
    had = [each for each in owner(service).values() if each == victim]
    os.kill(victim, signal.SIGKILL)
    service.wait_for("worker-started", count=3)
    more = [connect(service.port_of("one")) for _ in had]
    assert all(speaks(end) for end in more)
    for end in ends:
        end.close()


def test_reload_in_all_processes(
    up: Up, connect: Connect, echo: EchoServer, free_port: Callable[[], int]
) -> None:
    port = free_port()
    text = bridge("stays", f"TCP-LISTEN:{port},bind=127.0.0.1", to(echo))
    service = up(text + bridge("goes", "TCP-LISTEN:0", to(echo)), "--workers", "2")
    live = connect(port)
    assert speaks(live)
    event = change(
        service,
        bridge("stays", f"TCP-LISTEN:{port},bind=127.0.0.1", to(echo), "limits = {idle = '9m'}")
        + bridge("new", "TCP-LISTEN:0", to(echo))
        + bridge("file", "UNIX-LISTEN:new.sock", to(echo)),
        bridge=None,
    )
    assert came_to("added new, file; removed goes; replaced stays")(event["reason"])
    assert len(service.find("reloaded")) <= 2
    assert speaks(live)
    ends = [connect(service.port_of("new")) for _ in range(20)]
    ends += [connect(service.folder / "new.sock") for _ in range(4)]
    assert all(speaks(end) for end in ends)
    with pytest.raises(ConnectionRefusedError):
        connect(service.port_of("goes"))
    # Whoever is born now lives by the new file.
    for pid in pids(service):
        os.kill(pid, signal.SIGKILL)
    service.wait_for("worker-started", count=4)
    more = [connect(service.port_of(name)) for name in ("stays", "new") for _ in range(4)]
    assert all(speaks(end) for end in more)
    moved = free_port()
    change(
        service,
        bridge("stays", f"TCP-LISTEN:{moved},bind=127.0.0.1", to(echo)),
        bridge=None,
        reason=came_to("removed new, file; replaced stays"),
    )
    assert all(speaks(connect(moved)) for _ in range(8))
    with pytest.raises(ConnectionRefusedError):
        connect(port)


def test_broken_file_changes_no_process(up: Up, connect: Connect, echo: EchoServer) -> None:
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)), "--workers", "2")
    change(service, "[bridge.one\n", event="reload-failed")
    taken = bridge("one", "TCP-LISTEN:0", to(echo)) + bridge(
        "bad", f"TCP-LISTEN:{echo.port},bind=127.0.0.1", to(echo)
    )
    change(service, taken, event="reload-failed", count=2)
    assert len(service.find("reload-failed")) == 2
    ends = [connect(service.port_of("one")) for _ in range(8)]
    assert all(speaks(end) for end in ends)


def test_no_line_of_the_log_is_torn(
    up: Up, connect: Connect, echo: EchoServer, tmp_path: Path
) -> None:
    log = tmp_path / "log.json"
    service = Configured(
        tmp_path,
        bridge("one", "TCP-LISTEN:0,bind=127.0.0.1", to(echo)),
        "--workers",
        "3",
        "--log-file",
        str(log),
    )
    try:
        eventually(lambda: log.exists() and b'"listening"' in log.read_bytes())
        told = [json.loads(line) for line in log.read_text().splitlines()]
        (on,) = (each["on"] for each in told if each["event"] == "listening")
        port = int(on[0].rpartition(":")[2])

        def load() -> None:
            for _ in range(100):
                with socket.create_connection(("127.0.0.1", port), PATIENCE) as sock:
                    sock.sendall(b"x")
                    sock.recv(1)

        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert service.stop() == 0
        events = [json.loads(line) for line in log.read_bytes().splitlines()]
        assert len([each for each in events if each["event"] == "opened"]) == 400
        assert len([each for each in events if each["event"] == "closed"]) == 400
        assert len({each["session"] for each in events if "session" in each}) == 400
    finally:
        service.close()


def test_certificates_are_renewed_in_all(up: Up, echo: EchoServer, certificates, tmp_path) -> None:
    from tests.support.traffic_tls import TlsClient

    server = tmp_path / "srv.pem"
    server.write_bytes(certificates.server.read_bytes())
    listen = f"TLS-LISTEN:0,bind=127.0.0.1,cert={server},cafile={certificates.ca}"
    service = up(bridge("one", listen, to(echo)), "--workers", "2")
    port = service.port_of("one")
    leaf = certificates.authority.issue("localhost", ("localhost", "127.0.0.1"))
    exchange_file(server, leaf.pem, leaf.key_pem)
    service.wait_for("reloaded", bridge="one")

    def presented() -> str:
        with TlsClient(port, certificates.client) as client:
            assert speaks(client)
            found = client.connection.get_peer_certificate(as_cryptography=True)
            assert found is not None
            return hashlib.sha256(found.tbs_certificate_bytes).hexdigest()

    wanted = hashlib.sha256(leaf.certificate.tbs_certificate_bytes).hexdigest()
    eventually(lambda: all(presented() == wanted for _ in range(8)))
    # One that is born later has it too.
    for pid in pids(service):
        os.kill(pid, signal.SIGKILL)
    service.wait_for("worker-started", count=4)
    assert presented() == wanted
    # What cannot be used is told once, not by each process.
    exchange_file(server, b"no certificate")
    service.wait_for("reload-failed", bridge="one")
    assert presented() == wanted
    assert len(service.find("reload-failed")) == 1


def test_parent_that_is_gone_leaves_nobody_behind(
    up: Up, connect: Connect, echo: EchoServer
) -> None:
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)), "--workers", "2")
    workers = pids(service)
    os.kill(service.pid, signal.SIGKILL)
    for pid in workers:
        eventually(lambda pid=pid: not _alive(pid))
    with pytest.raises(ConnectionRefusedError):
        connect(service.port_of("one"))


def _alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("connect_to", "told"),
    [("UDP-LISTEN:0", "serves one session"), ("STDIO", "serves one session")],
)
def test_one_session_is_not_for_several_processes(
    tmp_path: Path, connect_to: str, told: str
) -> None:
    service = Configured(tmp_path, bridge("one", "TCP-LISTEN:0", connect_to), "--workers", "2")
    try:
        assert service.wait() == 2
        assert told in "\n".join(service.messages)
    finally:
        service.close()


def test_reload_while_workers_die(up: Up, connect: Connect, echo: EchoServer) -> None:
    """Both die just as the file changes: who takes their place lives by the new one."""
    service = up(bridge("one", "TCP-LISTEN:0,bind=127.0.0.1", to(echo)), "--workers", "2")
    service.wait_for("worker-started", count=2)
    for turn in range(1, 5):
        allow = "127.0.0.0/8" if turn % 2 == 0 else "10.0.0.0/8"
        for pid in pids(service):
            os.kill(pid, signal.SIGKILL)
        text = bridge("one", "TCP-LISTEN:0,bind=127.0.0.1", to(echo), f"allow = ['{allow}']")
        change(service, text, reason=came_to("replaced one"), count=turn)
        service.wait_for("worker-started", count=2 + 2 * turn)
        for _ in range(8):
            try:
                served = speaks(connect(service.port_of("one")))
            except ConnectionError:
                served = False
            assert served is (turn % 2 == 0)
    assert not service.find("reload-failed")
