"""Terminal options on a real pseudo-terminal, with stty as the second opinion."""

import os
import re
import subprocess
import sys
import termios

import pytest

from catflap.address.syntax import parse
from catflap.bridge.effective import Dialect
from catflap.bridge.side import Side
from catflap.core.errors import OperationError
from catflap.relay.terminal import TERMINAL_OPTIONS, apply, terminal_options
from tests.support.waiting import PATIENCE


@pytest.fixture
def slave():
    """Return the slave of a new pseudo-terminal."""
    master, slave = os.openpty()
    yield slave
    os.close(slave)
    os.close(master)


def side_of(options: str) -> Side:
    address = parse(f"STDIO,{options}").endpoint
    return Side(address, Dialect.CATFLAP, f"STDIO,{options}")


def stty(slave: int) -> set[str]:
    """Return the settings as stty prints them."""
    run = subprocess.run(["stty", "-a"], stdin=slave, capture_output=True, text=True, check=True)
    return set(re.split(r"[\s;]+", re.sub(r" = ", "=", run.stdout)))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("raw", "-icrnl -ixon -opost -isig -icanon echo min=1 time=0"),
        ("rawer", "-icrnl -ixon -opost -isig -icanon -echo -iexten 38400"),
        ("cfmakeraw", "-icrnl -ixon -opost -isig -icanon -echo -iexten"),
        ("raw,echo=0", "-icanon -echo"),
        ("echo=0,sane", "echo icanon isig opost onlcr brkint"),
        ("raw,sane", "icanon echo icrnl opost intr=^C"),
        ("echo=0", "-echo icanon isig"),
        ("icrnl=0,inlcr", "-icrnl inlcr"),
        ("b9600", "9600"),
        ("ispeed=19200,ospeed=19200", "19200"),
        ("intr=1,quit=2,eof=5", "intr=^A quit=^B eof=^E"),
        ("icanon=0,min=3,time=7", "min=3 time=7"),
        ("tab3", "tab3"),
        ("xtabs,tab0", "tab0"),
        ("tabdly=3", "tab3"),
        ("crdly=2", "cr2"),
        ("ff1,nl1", "ff1 nl1"),
        ("cstopb,parodd", "cstopb parodd"),
        ("winsz=100:40", "rows columns 40 100"),
        ("setflags=3:0x100", "tostop"),
        ("setflags=1:8", "ocrnl"),
    ],
)
def test_settings_come_and_go(slave, options, expected):
    """Each is there while it is wanted, and the terminal is as before afterwards."""
    before, seen = termios.tcgetattr(slave), stty(slave)
    undo = apply(side_of(options), slave)
    assert undo is not None
    assert set(expected.split()) <= stty(slave)
    undo()
    assert termios.tcgetattr(slave) == before
    assert stty(slave) == seen


def test_nothing_asked_is_nothing_done():
    """A side without terminal options leaves even a closed descriptor alone."""
    assert apply(side_of("ignoreeof"), -1) is None
    assert terminal_options(side_of("ignoreeof,echo=0,raw,shut-none")) != ()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("ispeed=12345", "not a speed"),
        ("setflags=7:1", "no word of"),
    ],
)
def test_values_that_no_terminal_takes(slave, options, said):
    """They are told, and the terminal is as it was."""
    before = termios.tcgetattr(slave)
    with pytest.raises(OperationError, match=said):
        apply(side_of(options), slave)
    assert termios.tcgetattr(slave) == before


def test_no_terminal():
    """A pipe cannot be raw, and that is said."""
    read, write = os.pipe()
    with pytest.raises(OperationError, match="no terminal, so echo"):
        apply(side_of("echo=0"), read)
    os.close(read)
    os.close(write)


def test_undo_of_a_terminal_that_is_gone():
    """Its closing has put nothing back; the descriptor may be another's by now."""
    master, slave = os.openpty()
    undo = apply(side_of("raw"), slave)
    os.close(slave)
    os.close(master)
    assert undo is not None
    undo()


@pytest.mark.needs("socat")
@pytest.mark.parametrize(
    "options",
    ["raw", "sane", "raw,echo=0", "echo=0,icanon=0,min=2", "b9600,cs8", "igncr,onlcr=0", "tab3",
     "isig=0,vintr=7", "brkint,imaxbel,ixany,ixoff", "cstopb,hupcl", "crtscts,clocal"],
)  # fmt: skip
def test_as_the_c_program_sets_them(options):
    """What stty says in a child of ours is what it says in a child of socat's."""
    address = f"EXEC:stty -a,pty,{options}"
    ours, theirs = (
        subprocess.run(
            [*program, "STDIO", address],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        ).stdout.split()
        for program in (
            (
                sys.executable,
                "-m",
                "catflap",
                "run",
                "--log=none",
                f"--half-close-timeout={PATIENCE:g}",
            ),
            ("socat", f"-t{PATIENCE:g}"),
        )
    )
    assert ours == theirs


def test_every_name_is_in_the_catalogue():
    """The exported names are those of rows."""
    assert all(side_of(f"{name}=1").address.options[0].row for name in TERMINAL_OPTIONS)
