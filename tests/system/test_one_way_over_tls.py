"""One way only over TLS: nothing is lost at the end though the other way is never read."""

import hashlib

import pytest

from tests.support.traffic import digest_of, read_all, stream, write_all
from tests.support.waiting import eventually

_SIZE = 16 * 1024**2 + 7


@pytest.mark.parametrize("turn", range(3))
def test_file_to_slow_server(pair, taker, tmp_path, turn):
    """-u from a file: the last bytes and close_notify arrive, though tickets were never read."""
    path = tmp_path / "source"
    with path.open("wb") as file:
        file.writelines(stream(_SIZE, turn))
    client, server = pair(f"OPEN:{path},rdonly", f"TCP:127.0.0.1:{taker.port}", "-u", until="")
    far = taker.take()
    assert read_all(far) == digest_of(_SIZE, turn)
    far.end()
    assert client.wait() == 0, client.story()
    assert "reason" not in server.wait_for("closed")


def test_server_to_file(pair, taker, tmp_path):
    """-U into a file: all that the server says arrives."""
    path = tmp_path / "sink"
    client, _ = pair(f"CREATE:{path}", f"TCP:127.0.0.1:{taker.port}", "-U", until="")
    write_all(taker.take(), _SIZE, 4)
    assert client.wait() == 0, client.story()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest_of(_SIZE, 4)


def test_one_way_listener(pair, connect, taker):
    """A listening client relay with -u, whose near side ends: all arrives."""
    client, _ = pair("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{taker.port}", "-u")
    near = connect(client.port)
    write_all(near, 300_000, 5)
    far = taker.take()
    client.wait_for("closed")
    assert read_all(far) == digest_of(300_000, 5)
    eventually(taker.is_quiet)
