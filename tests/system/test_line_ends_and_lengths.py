"""Options that change or cut what flows: cr, crnl, readbytes, ignoreeof, shut-none."""

import pytest

from tests.support.traffic import read_exactly
from tests.support.waiting import PATIENCE, eventually


@pytest.mark.parametrize(
    ("option", "there", "back"),
    [("cr", b"one\rtwo\r", b"three\nfour\n"), ("crnl", b"one\r\ntwo\r\n", b"three\nfour\n")],
)
def test_line_ends(catflap, connect, taker, option, there, back):
    """On the far side lines end as its option says; here they end with a line feed."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{taker.port},{option}")
    near = connect(service.port)
    near.send(b"one\ntwo\n")
    far = taker.take()
    assert read_exactly(far, len(there)) == there
    far.send(back.replace(b"\n", b"\r" if option == "cr" else b"\r\n"))
    assert read_exactly(near, len(back)) == back
    near.end()
    assert far.receive() == b""


@pytest.mark.parametrize("side", ["near", "far"])
def test_readbytes(catflap, connect, taker, side):
    """readbytes=5 takes five bytes of that side and then its end; the other way goes on."""
    near_option = ",readbytes=5" if side == "near" else ""
    far_option = ",readbytes=5" if side == "far" else ""
    service = catflap(
        f"TCP-LISTEN:0,bind=127.0.0.1{near_option}", f"TCP:127.0.0.1:{taker.port}{far_option}"
    )
    near = connect(service.port)
    near.send(b"x")
    far = taker.take()
    assert far.receive() == b"x"
    limited, other = (near, far) if side == "near" else (far, near)
    limited.send(b"123456789")
    left = b"1234" if side == "near" else b"12345"
    assert read_exactly(other, 100) == left
    other.send(b"still open")
    assert read_exactly(limited, 10) == b"still open"


def test_ignoreeof(catflap, taker, tmp_path):
    """Ignoreeof on a file follows it as it grows."""
    path = tmp_path / "log"
    path.write_bytes(b"first")
    service = catflap(
        f"OPEN:{path},rdonly,ignoreeof", f"TCP:127.0.0.1:{taker.port}", "-u", until=""
    )
    far = taker.take()
    assert far.receive() == b"first"
    with path.open("ab") as file:
        file.write(b"second")
    assert far.receive() == b"second"
    assert service.process.poll() is None


def test_shut_none(catflap, connect, taker):
    """shut-none keeps the end of file from the far side, which may go on to talk."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{taker.port},shut-none")
    near = connect(service.port)
    near.send(b"question")
    near.end()
    far = taker.take()
    assert far.receive() == b"question"
    far.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        far.receive()
    far.send(b"answer")
    far.end()
    near.socket.settimeout(PATIENCE)
    assert read_exactly(near, 100) == b"answer"


def test_shut_close(catflap, connect, taker):
    """shut-close ends both ways of the far side at once."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{taker.port},shut-close")
    near = connect(service.port)
    near.send(b"question")
    near.end()
    far = taker.take()
    assert read_exactly(far, 100) == b"question"
    service.wait_for("closed")
    assert near.receive() == b""


def test_one_way_only(catflap, connect, taker):
    """-u passes bytes from the first address to the second and none back."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{taker.port}", "-u")
    near = connect(service.port)
    far = taker.take()
    far.send(b"nobody hears this")
    near.send(b"this arrives")
    assert read_exactly(far, 12) == b"this arrives"
    near.end()
    closed = service.wait_for("closed")
    assert (closed["sent"], closed["received"]) == (12, 0)
    eventually(lambda: near.receive() == b"")
