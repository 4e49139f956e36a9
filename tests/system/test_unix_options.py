"""Options of a UNIX listener's file: mode, owner, umask, and what is removed when."""

import os
import pwd
import socket
import stat

import pytest

from catflap.address.syntax import parse
from catflap.bridge.effective import Dialect
from catflap.bridge.side import Side
from catflap.core.errors import OperationError
from catflap.relay.named import adjust_entry
from tests.support.waiting import PATIENCE


def _mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def listen(catflap, echo, tmp_path):
    """Return what starts a listener with options; it returns the path and the service."""

    def start(options: str, *flags: str):
        path = tmp_path / "near"
        return path, catflap(f"UNIX-LISTEN:{path},{options}", f"TCP:127.0.0.1:{echo.port}", *flags)

    return start


@pytest.mark.parametrize(
    ("options", "mode"),
    [("mode=0600", 0o600), ("mode=0660", 0o660), ("perm=0640", 0o640), ("umask=0077", 0o700)],
)
def test_mode(listen, options, mode):
    """mode= and umask= decide who may connect; the umask of the process does not leak in."""
    path, service = listen(options)
    assert _mode(path) == mode, service.story()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_owner(listen, connect):
    """user= and group= give the socket away, by name or by number."""
    nobody = pwd.getpwuid(65534)
    path, _ = listen(f"user={nobody.pw_name},group={nobody.pw_gid},mode=0600")
    assert (path.stat().st_uid, path.stat().st_gid) == (nobody.pw_uid, nobody.pw_gid)
    assert _mode(path) == 0o600
    assert connect(path).ask(b"x") == b"x"


def test_unlink_early_takes_a_stale_socket(listen, connect, tmp_path):
    """unlink-early removes what a crash left behind."""
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(tmp_path / "near"))
    path, _ = listen("unlink-early")
    assert connect(path).ask(b"x") == b"x"


def test_a_stale_socket_is_told_though_others_choose_odd_names(catflap, echo, tmp_path):
    """Who may be listening is read from a list of names that anybody can add to, line ends too."""
    near = tmp_path / "near"
    with socket.socket(socket.AF_UNIX) as stale, socket.socket(socket.AF_UNIX) as odd:
        stale.bind(str(near))
        odd.bind(b"\0\xff\n " + os.fsencode(near))
        service = catflap(f"UNIX-LISTEN:{near}", f"TCP:127.0.0.1:{echo.port}", until="")
        assert service.wait() == 1
    assert "unlink-early removes a socket that is left over" in service.story()


def test_unlink_close_off(listen):
    """unlink-close=0 leaves the socket file behind."""
    path, service = listen("unlink-close=0")
    assert service.stop() == 0
    assert path.is_socket()


def test_killed_relay_leaves_its_file(listen):
    """After SIGKILL the file is still there: that is what unlink-early is for."""
    path, service = listen("mode=0600")
    assert service.stop(9) == -9
    assert path.is_socket()


def test_client_binds_a_name(catflap, connect, tmp_path):
    """bind= on a client gives it a name, which is removed with its session."""
    own = tmp_path / "own"
    with socket.socket(socket.AF_UNIX) as far:
        far.bind(str(tmp_path / "far"))
        far.listen()
        far.settimeout(PATIENCE)
        service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"UNIX-CONNECT:{tmp_path}/far,bind={own}")
        near = connect(service.port)
        sock, address = far.accept()
        with sock:
            assert address == str(own)
        near.close()
        service.wait_for("closed")
    assert not own.exists()


def test_a_link_in_the_place_of_the_socket_is_not_followed(tmp_path):
    """The owner of a directory may exchange our socket before its mode is set."""
    target = tmp_path / "shadow"
    target.touch(mode=0o600)
    (tmp_path / "near").symlink_to(target)
    text = f"UNIX-LISTEN:{tmp_path}/near,mode=0666"
    with pytest.raises(OperationError, match="cannot be set"):
        adjust_entry(Side(parse(text).endpoint, Dialect.CATFLAP, text), str(tmp_path / "near"))
    assert _mode(target) == 0o600
