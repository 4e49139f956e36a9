"""netns=: addresses opened in another network namespace, which only root can enter."""

import contextlib
import ctypes
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.waiting import eventually

pytestmark = pytest.mark.skipif(
    os.getuid() != 0 or shutil.which("ip") is None, reason="needs root and ip(8)"
)


def own_namespace(pid="self"):
    """Return which network a process is in."""
    return os.readlink(f"/proc/{pid}/ns/net")


def listens_at_home(pid):
    """Whether one of a process's sockets is among those that listen in our own network."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    here = {f"socket:[{row[9]}]" for row in rows if row[3] == "0A"}
    held = Path(f"/proc/{pid}/fd").iterdir()
    return any(os.readlink(each) in here for each in held if each.is_symlink())


def ip(*words):
    """Run ip(8)."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def network():
    """Return the name of a network of its own, with loopback up."""
    name = f"catflap-test-{os.getpid()}"
    try:
        ip("netns", "add", name)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network namespace can be made here: {error.stderr}")
    ip("-n", name, "link", "set", "lo", "up")
    yield name
    ip("netns", "del", name)


@contextlib.contextmanager
def within(name):
    """Be in a network for a moment."""
    library = ctypes.CDLL(None)
    with open("/proc/thread-self/ns/net") as home, open(f"/run/netns/{name}") as target:
        assert library.setns(target.fileno(), 0x40000000) == 0
        try:
            yield
        finally:
            assert library.setns(home.fileno(), 0x40000000) == 0


def test_a_listener_is_there_and_nowhere_else(catflap, echo, connect, network):
    """Who is in the network reaches it; at home the port is free. The far side is at home."""
    service = catflap(
        f"TCP4-LISTEN:0,bind=127.0.0.1,netns={network}", f"TCP4:127.0.0.1:{echo.port}"
    )
    with within(network):
        client = connect(service.port)
    assert client.ask(b"ping") == b"ping"
    assert not listens_at_home(service.pid)
    assert own_namespace(service.pid) == own_namespace()


def test_a_bridge_into_a_network(catflap, connect, network):
    """A listener at home whose far side is in the network; each connection is made there."""
    inner = catflap(f"TCP4-LISTEN:0,bind=127.0.0.1,netns={network}", "PIPE")
    outer = catflap("TCP4-LISTEN:0,bind=127.0.0.1", f"TCP4:127.0.0.1:{inner.port},netns={network}")
    for _ in range(2):
        assert connect(outer.port).ask(b"ping") == b"ping"
    assert own_namespace(outer.pid) == own_namespace()


def test_a_far_side_at_home_is_not_reached_from_the_network(catflap, connect, echo, network):
    """The same port at home does not answer for one in the network: it fails closed."""
    outer = catflap("TCP4-LISTEN:0,bind=127.0.0.1", f"TCP4:127.0.0.1:{echo.port},netns={network}")
    connect(outer.port)
    assert "cannot be reached" in outer.wait_for("connect-failed")["reason"]


def test_names_are_looked_up_and_raced_inside(catflap, connect, network):
    """Several addresses are tried by tasks of their own, which stay in the network too."""
    inner = catflap(f"TCP4-LISTEN:0,bind=127.0.0.1,netns={network}", "PIPE")
    outer = catflap("TCP4-LISTEN:0,bind=127.0.0.1", f"TCP:localhost:{inner.port},netns={network}")
    assert connect(outer.port).ask(b"ping") == b"ping"


def test_a_program_runs_in_the_network(catflap, connect, network):
    """The child of EXEC sees that network, and we do not."""
    service = catflap(
        "TCP4-LISTEN:0,bind=127.0.0.1", f"EXEC:readlink /proc/self/ns/net,netns={network}"
    )
    there = os.stat(f"/run/netns/{network}").st_ino
    assert connect(service.port).receive() == b"net:[%d]\n" % there
    assert own_namespace(service.pid) == own_namespace()


@pytest.mark.parametrize("kinds", [("UDP4-RECVFROM", "UDP4"), ("UDP4-LISTEN", "UDP4-SENDTO")])
def test_packets(catflap, connect, network, kinds):
    """Sockets for packets are there too."""
    near, far = kinds
    port = free_port()
    catflap(f"{near}:{port},bind=127.0.0.1,netns={network}", "PIPE")
    outer = catflap("TCP4-LISTEN:0,bind=127.0.0.1", f"{far}:127.0.0.1:{port},netns={network}")
    assert connect(outer.port).ask(b"ping") == b"ping"


def test_names_without_files_are_of_their_network(catflap, connect, network):
    """An abstract name in the network is not the same name at home."""
    name = f"catflap-{os.getpid()}"
    catflap(
        f"ABSTRACT-LISTEN:{name},netns={network}",
        "PIPE",
        "--unsafe",
        "abstract-socket-no-permissions=test",
    )
    outer = catflap("TCP4-LISTEN:0,bind=127.0.0.1", f"ABSTRACT-CONNECT:{name},netns={network}")
    assert connect(outer.port).ask(b"ping") == b"ping"


def test_what_is_gone_through_enters_too(catflap, connect):
    """netns within via= is for the inner address, and is not passed over."""
    outer = catflap(
        "TCP4-LISTEN:0,bind=127.0.0.1", "TCP:127.0.0.1:1,via=[SOCKS5:127.0.0.1,netns=no-such]"
    )
    connect(outer.port)
    assert "no-such" in outer.wait_for("connect-failed")["reason"]


@pytest.mark.parametrize("arguments", [(), ("--workers", "2")])
def test_a_reload_moves_a_listener(up, connect, echo, network, arguments):
    """The same port in another network is another socket, and not carried over from home."""
    text = "[bridge.one]\nlisten = 'TCP4-LISTEN:{}{}'\nconnect = 'TCP4:127.0.0.1:{}'\n"
    port = free_port()
    service = up(text.format(port, "", echo.port), *arguments)
    assert connect(port).ask(b"home") == b"home"
    service.change(text.format(port, f",netns={network}", echo.port))
    service.wait_for("reloaded")

    def is_free_at_home():
        try:
            connect(port).close()
        except ConnectionRefusedError:
            return True
        return False

    eventually(is_free_at_home)
    with within(network):
        client = connect(port)
    assert client.ask(b"away") == b"away"


@pytest.mark.parametrize(
    ("name", "words"),
    [("no-such-network", "no-such-network"), ("../../etc", "no name"), ("", "netns is empty")],
)
def test_a_network_that_is_none_is_told(catflap, name, words):
    """A wrong name ends the start with a line that says so, and nothing is opened at home."""
    service = catflap(f"TCP4-LISTEN:0,bind=127.0.0.1,netns={name}", "PIPE", until="")
    assert service.wait() in {1, 2}
    assert words in service.story()


def test_a_descriptor_of_another_network_is_refused(catflap, network):
    """FD cannot be moved: a socket made elsewhere stays there, and that is said."""
    left, right = socket.socketpair()
    with left, right:
        service = catflap(
            f"FD:{left.fileno()},netns={network}", "STALL", until="", descriptors=[left.fileno()]
        )
        assert service.wait() == 1
    assert "not in the network namespace" in service.story()


def test_rights_are_needed(catflap, network):
    """Without CAP_SYS_ADMIN nothing is opened, and the line says what is missing."""
    service = catflap(
        f"TCP4-LISTEN:0,bind=127.0.0.1,netns={network}",
        "PIPE",
        until="",
        prefix=["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"],
    )
    assert service.wait() == 1
    assert "CAP_SYS_ADMIN" in service.story()
