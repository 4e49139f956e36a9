"""An answer long after the question's end of file arrives whole (2 s; 30 s in full)."""

import subprocess
import sys
import threading
from contextlib import ExitStack

import pytest

from tests.support.traffic import ANSWER_SECONDS, PipeEnd, digest_of, read_all, write_all
from tests.support.traffic_servers import Taker

pytestmark = pytest.mark.timeout(400)

_ANSWER = 1_000_003
_CHILD = """
import sys, threading
sys.path.insert(0, sys.argv[1])
from tests.support.traffic import PipeEnd, write_all
assert sys.stdin.buffer.read() == b"question"
threading.Event().wait(float(sys.argv[2]))
write_all(PipeEnd(sys.stdout.buffer, sys.stdin.buffer), int(sys.argv[3]), 5)
"""


def _answer_late(taker) -> None:
    """Take a connection, hear the question to its end, wait, and answer."""
    end = taker.take(300)  # all the other services start before it is called
    question = b""
    while data := end.receive():
        question += data
    assert question == b"question"
    threading.Event().wait(ANSWER_SECONDS)
    write_all(end, _ANSWER, 5)


@pytest.fixture
def late():
    """Return what starts a server that answers late, on a path or a port."""
    with ExitStack() as stack:

        def start(path="") -> int:
            taker = stack.enter_context(Taker(path))
            threading.Thread(target=_answer_late, args=(taker,), daemon=True).start()
            return taker.port

        yield start


def test_answer_after_end_of_file(catflap, pair, connect, late, tmp_path, request):
    """Over TCP, UNIX, TLS and to programs, all at once: a late answer is complete."""
    (tmp_path / "child.py").write_text(_CHILD)
    program = (
        f"{sys.executable} {tmp_path}/child.py {request.config.rootpath} {ANSWER_SECONDS} {_ANSWER}"
    )
    late(tmp_path / "far")
    catflap(f"UNIX-LISTEN:{tmp_path}/near", f"UNIX:{tmp_path}/far")
    near = {
        "tcp": catflap("TCP-LISTEN:0", f"TCP:127.0.0.1:{late()}").port,
        "unix": tmp_path / "near",
        "tls": pair("TCP-LISTEN:0", f"TCP:127.0.0.1:{late()}")[0].port,
        "exec": catflap("TCP-LISTEN:0", f"EXEC:{program}").port,
        "exec by pipes": catflap("TCP-LISTEN:0", f"EXEC:{program},pipes").port,
        "system": catflap("TCP-LISTEN:0", f"SYSTEM:{program}").port,
    }
    clients = {way: connect(to) for way, to in near.items()}
    for client in clients.values():
        client.socket.settimeout(ANSWER_SECONDS + 60)
        client.send(b"question")
        client.end()
    answers = {way: read_all(client) for way, client in clients.items()}
    assert answers == dict.fromkeys(near, digest_of(_ANSWER, 5))


def test_stdio_waits_for_the_answer(catflap, late):
    """``echo question | catflap run STDIO TCP:…`` prints an answer that comes late."""
    service = catflap(
        "STDIO",
        f"TCP:127.0.0.1:{late()}",
        until="",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    end = PipeEnd(service.process.stdin, service.process.stdout)
    end.send(b"question")
    end.end()
    assert read_all(end) == digest_of(_ANSWER, 5)
    assert service.wait() == 0
