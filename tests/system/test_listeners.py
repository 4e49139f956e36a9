"""Where it listens: loopback unless told otherwise, UNIX sockets for their owner alone."""

import os
import socket
import stat

import pytest

from tests.support.invoking import invoke_here
from tests.support.waiting import PATIENCE


def _listening(pid) -> set[str]:
    """Return the local addresses of a process's listening TCP sockets, from /proc."""
    inodes = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        target = os.readlink(f"/proc/{pid}/fd/{name}")
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = set()
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        with open(f"/proc/{pid}/net/{table}", encoding="ascii") as lines:
            for line in list(lines)[1:]:
                fields = line.split()
                if fields[3] == "0A" and fields[9] in inodes:
                    packed = bytes.fromhex(fields[1].partition(":")[0])
                    words = [packed[at : at + 4][::-1] for at in range(0, len(packed), 4)]
                    found.add(socket.inet_ntop(family, b"".join(words)))
    return found


def test_loopback_only_by_default(catflap, connect, echo):
    """Without bind= it listens on 127.0.0.1 and ::1, one port, nothing else."""
    service = catflap("TCP-LISTEN:0", f"TCP:127.0.0.1:{echo.port}")
    assert _listening(service.pid) == {"127.0.0.1", "::1"}
    assert len(set(service.ports)) == 1
    assert connect(service.port, host="127.0.0.1").ask(b"four") == b"four"
    assert connect(service.port, host="::1").ask(b"six") == b"six"


@pytest.mark.parametrize(
    ("kind", "expected"), [("TCP4-LISTEN", {"127.0.0.1"}), ("TCP6-LISTEN", {"::1"})]
)
def test_one_version_by_kind(catflap, echo, kind, expected):
    """TCP4-LISTEN and TCP6-LISTEN keep to their own loopback address."""
    service = catflap(f"{kind}:0", f"TCP:127.0.0.1:{echo.port}")
    assert _listening(service.pid) == expected


def test_bind_names_one_address(catflap, connect, echo):
    """bind= listens there and nowhere else, and the event says so."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.9", f"TCP:127.0.0.1:{echo.port}")
    assert _listening(service.pid) == {"127.0.0.9"}
    assert service.on[0].startswith("127.0.0.9:")
    with pytest.raises(ConnectionRefusedError):
        connect(service.port, host="127.0.0.8")


def test_unix_listener_is_for_its_owner(catflap, connect, echo, tmp_path):
    """A UNIX listener has mode 0600 from its birth and is gone after the end."""
    path = tmp_path / "near"
    service = catflap(f"UNIX-LISTEN:{path}", f"TCP:127.0.0.1:{echo.port}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    end = connect(path)
    assert end.ask(b"hello") == b"hello"
    assert service.wait_for("opened")["uid"] == os.getuid()
    end.close()
    service.stop()
    assert not path.exists()


def test_unix_listener_leaves_a_stranger_alone(catflap, echo, tmp_path):
    """What took the place of its socket in the meantime is not removed at the end."""
    path = tmp_path / "near"
    service = catflap(f"UNIX-LISTEN:{path}", f"TCP:127.0.0.1:{echo.port}")
    path.unlink()
    path.write_text("somebody else's")
    service.stop()
    assert path.read_text() == "somebody else's"


def test_unix_path_taken(catflap, connect, echo, tmp_path):
    """A path that is taken is an error in one line; unlink-early takes a stale one."""
    path = tmp_path / "near"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    found = invoke_here("run", f"UNIX-LISTEN:{path}", f"TCP:127.0.0.1:{echo.port}")
    assert found.status == 1
    assert "unlink-early" in found.errors
    assert path.exists()
    catflap(f"UNIX-LISTEN:{path},unlink-early", f"TCP:127.0.0.1:{echo.port}")
    assert connect(path).ask(b"hello") == b"hello"


def test_port_in_use(catflap, echo, free_port):
    """A port that is taken is one line and exit 1, and the other address is free again."""
    port = free_port()
    with socket.socket(socket.AF_INET6) as six:
        six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        six.bind(("::1", port))
        six.listen()
        service = catflap(f"TCP-LISTEN:{port}", f"TCP:127.0.0.1:{echo.port}", until="")
        assert service.wait() == 1
        said = [line for line in service.messages if line]
        assert any(f"[::1]:{port}" in line for line in said), service.story()
        assert not any("Traceback" in line for line in said), service.story()
    with socket.socket() as four:
        four.bind(("127.0.0.1", port))


def test_abstract_listener(catflap, echo):
    """An abstract socket works, and leaves no file."""
    name = f"catflap-test-{os.getpid()}"
    catflap(
        f"ABSTRACT-LISTEN:{name}",
        f"TCP:127.0.0.1:{echo.port}",
        "--unsafe",
        "abstract-socket-no-permissions=test",
    )
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(PATIENCE)
        sock.connect(f"\0{name}")
        sock.sendall(b"hello")
        assert sock.recv(100) == b"hello"
