"""The same bytes arrive, both ways at once, whatever lies between (64 MiB; 1 GiB in full)."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.traffic import BULK, PipeEnd, digest_of, read_all, stream, swap, write_all
from tests.support.traffic_servers import Taker
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(600)

_CHILD = """
import os, signal, sys, threading
from tests.support.traffic import PipeEnd, read_all, write_all
signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it comes two seconds after the session
end = PipeEnd(sys.stdout.buffer, sys.stdin.buffer)
writer = threading.Thread(target=write_all, args=(end, int(sys.argv[1]), 2))
writer.start()
found = read_all(end)
writer.join()
open(sys.argv[2] + ".new", "w").write(found)
os.rename(sys.argv[2] + ".new", sys.argv[2])
"""


def test_tcp_to_tcp(catflap, connect, taker):
    """Both ways at once through a plain TCP relay, by way of splice."""
    service = catflap("TCP-LISTEN:0", f"TCP:127.0.0.1:{taker.port}")
    swap(connect(service.port), taker.take())
    closed = service.wait_for("closed")
    assert (closed["sent"], closed["received"]) == (BULK, BULK)


def test_tcp_to_tls(pair, connect, taker):
    """Both ways at once through a client relay, mutual TLS, and a server relay."""
    client, server = pair("TCP-LISTEN:0", f"TCP:127.0.0.1:{taker.port}")
    swap(connect(client.port), taker.take())
    for service in (client, server):
        closed = service.wait_for("closed")
        assert (closed["sent"], closed["received"]) == (BULK, BULK)


def test_unix_to_tls(pair, connect, tmp_path):
    """Both ways at once from a UNIX socket over TLS to another UNIX socket."""
    with Taker(tmp_path / "far") as taker:
        pair(f"UNIX-LISTEN:{tmp_path}/near", f"UNIX:{tmp_path}/far")
        swap(connect(tmp_path / "near"), taker.take())


def test_stdio_to_tls(pair, taker):
    """Both ways at once from the standard streams of a process over TLS."""
    client, _ = pair(
        "STDIO",
        f"TCP:127.0.0.1:{taker.port}",
        until="",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    swap(PipeEnd(client.process.stdin, client.process.stdout), taker.take())
    assert client.wait() == 0


@pytest.mark.parametrize("options", ["", ",pipes"])
def test_exec_to_tcp(catflap, connect, tmp_path, options):
    """Both ways at once between a TCP client and a program, by socket pair and by pipes."""
    (tmp_path / "child.py").write_text(_CHILD)
    service = catflap(
        "TCP-LISTEN:0",
        f"EXEC:{sys.executable} {tmp_path}/child.py {BULK} {tmp_path}/digest,"
        f"env=PYTHONPATH{options}",
        environment={"PYTHONPATH": "."},
    )
    client = connect(service.port)
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write_all, client, BULK, 1)
        assert read_all(client) == digest_of(BULK, 2)
        writing.result(60)
    service.wait_for("closed")
    # The program writes it after its last word, by which the session may end.
    eventually((tmp_path / "digest").exists, what="the program's own end")
    assert (tmp_path / "digest").read_text() == digest_of(BULK, 1)


def test_file_to_tcp(catflap, taker, tmp_path):
    """A file arrives whole at a TCP server, and the relay then ends by itself."""
    path = tmp_path / "source"
    with path.open("wb") as file:
        file.writelines(stream(BULK, 1))
    service = catflap(f"OPEN:{path},rdonly", f"TCP:127.0.0.1:{taker.port}", "-u", until="")
    assert read_all(taker.take()) == digest_of(BULK, 1)
    assert service.wait() == 0


def test_tcp_to_file(catflap, taker, tmp_path):
    """What a TCP server says arrives whole in a new file (-U: from the second to the first)."""
    path = tmp_path / "sink"
    service = catflap(f"CREATE:{path}", f"TCP:127.0.0.1:{taker.port}", "-U", until="")
    write_all(taker.take(), BULK, 2)
    assert service.wait() == 0
    with path.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == digest_of(BULK, 2)
