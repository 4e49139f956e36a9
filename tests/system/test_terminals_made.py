"""PTY: terminals that we make and others open, read back as they see them."""

import os
import select
import stat
import termios

import pytest

from tests.support.traffic import read_exactly
from tests.support.waiting import PATIENCE, eventually


def open_slave(link):
    """Open a terminal by its link, once that is there."""
    eventually(link.is_symlink, what=str(link))
    return os.open(link, os.O_RDWR | os.O_NOCTTY)


def read_some(descriptor, size):
    """Return so many bytes from a terminal."""
    found = b""
    while len(found) < size:
        assert select.select([descriptor], [], [], PATIENCE)[0], found
        found += os.read(descriptor, size - len(found))
    return found


def test_bytes_pass_and_the_user_may_come_back(catflap, taker, tmp_path):
    """A serial line that is no real one: it stays when its user closes it and opens it again."""
    link = tmp_path / "tty"
    service = catflap(f"PTY,link={link},rawer", f"TCP:127.0.0.1:{taker.port}", until="started")
    slave = open_slave(link)
    far = taker.take()
    os.write(slave, bytes(range(256)))
    assert read_exactly(far, 256) == bytes(range(256))
    os.close(slave)
    slave = open_slave(link)
    far.send(b"\x03\x04\r\n")
    assert read_some(slave, 4) == b"\x03\x04\r\n"
    os.close(slave)
    service.stop()
    assert not link.is_symlink()


@pytest.mark.parametrize("option", ["ptmx", "wait-slave"])
def test_the_session_ends_with_its_user(catflap, echo, tmp_path, option):
    """With ptmx or wait-slave, closing the terminal is the end of file."""
    link = tmp_path / "tty"
    service = catflap(
        f"PTY,link={link},rawer,{option}", f"TCP:127.0.0.1:{echo.port}", until="started"
    )
    slave = open_slave(link)
    os.write(slave, b"ping")
    assert read_some(slave, 4) == b"ping"
    os.close(slave)
    assert service.wait() == 0


def test_nothing_is_opened_before_somebody_is_there(catflap, taker, tmp_path):
    """wait-slave: the far side is not connected until the terminal is open."""
    link = tmp_path / "tty"
    catflap(f"PTY,link={link},wait-slave", f"TCP:127.0.0.1:{taker.port}", until="notice")
    assert not select.select([taker.socket], [], [], 0.2)[0]
    slave = open_slave(link)
    taker.take()
    os.close(slave)


def test_absence_is_borne_for_a_time(catflap, echo, tmp_path):
    """sitout-eio: who comes back in time finds the session alive; then it ends."""
    link = tmp_path / "tty"
    service = catflap(
        f"PTY,link={link},rawer,ptmx,sitout-eio=3", f"TCP:127.0.0.1:{echo.port}", until="started"
    )
    for _ in range(2):
        slave = open_slave(link)
        os.write(slave, b"ping")
        assert read_some(slave, 4) == b"ping"
        os.close(slave)
    assert service.wait() == 0


def test_settings_are_what_was_asked_for(catflap, tmp_path):
    """The slave shows the modes, speed and characters (tcgetattr), and its owner and mode."""
    link = tmp_path / "tty"
    catflap(
        f"PTY,link={link},raw,echo=0,b9600,cs7,parenb,vmin=3,vtime=7,perm=0620,user=nobody",
        "STALL",
        until="opened",
    )
    slave = open_slave(link)
    control, local, speed = (termios.tcgetattr(slave)[place] for place in (2, 3, 4))
    characters = termios.tcgetattr(slave)[6]
    found = os.fstat(slave)
    os.close(slave)
    assert not local & (termios.ICANON | termios.ECHO | termios.ISIG)
    assert control & termios.CSIZE in {termios.CS7, termios.CS8}
    assert speed == termios.B9600
    assert (characters[termios.VMIN], characters[termios.VTIME]) == (3, 7)
    assert stat.S_IMODE(found.st_mode) == 0o620
    assert found.st_uid == 65_534


def test_a_file_in_the_way_of_the_link_stays(catflap, tmp_path):
    """The C program removes whatever has the link's name; ours only a link, unless told."""
    link = tmp_path / "tty"
    link.write_text("precious")
    service = catflap(f"PTY,link={link}", "STALL", until="")
    assert service.wait() == 1
    assert "unlink-early" in service.story()
    assert link.read_text() == "precious"
    catflap(f"PTY,link={link},unlink-early", "STALL", until="opened")
    assert link.is_symlink()


def test_a_link_that_is_left_over_is_replaced(catflap, tmp_path):
    """As after a crash."""
    link = tmp_path / "tty"
    link.symlink_to("/dev/pts/gone")
    catflap(f"PTY,link={link}", "STALL", until="opened")
    assert os.path.exists(link)
