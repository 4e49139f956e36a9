"""Options of terminals and files by their rows: applied, and read back."""

import asyncio
import fcntl
import os
import socket
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from catflap.address.catalogue import option_rows
from catflap.address.rows import (
    Control,
    Flag,
    InodeFlag,
    Lock,
    OpenFlag,
    OptionRow,
    TermiosAction,
    ValueType,
)
from catflap.address.syntax import parse
from catflap.bridge.effective import Dialect
from catflap.bridge.side import Side
from catflap.core.errors import OperationError
from catflap.relay.descriptor_options import DescriptorOptions
from catflap.relay.openers.files import FileOpener
from catflap.relay.opening import Opening
from catflap.relay.terminal import apply
from tests.support.waiting import PATIENCE

UDP = (socket.AF_INET, socket.SOCK_DGRAM)
ROWS = option_rows()


def rows_of(action: type) -> list[OptionRow]:
    return [row for row in ROWS if isinstance(row.applies, action)]


def side_of(text: str) -> Side:
    return Side(parse(text).endpoint, Dialect.CATFLAP, text)


# Terminals.


@pytest.fixture
def slave() -> Iterator[int]:
    """Return the slave of a new terminal, whose settings are no option's."""
    master, slave = os.openpty()
    yield slave
    os.close(slave)
    os.close(master)


@pytest.mark.parametrize("row", rows_of(TermiosAction), ids=lambda row: row.name)
def test_a_terminal_option_is_set(slave, row):
    """Tcgetattr(3) shows the bit, choice, character or speed, and then its absence."""
    action = row.applies
    value = {ValueType.CONST: "", ValueType.BYTE: "=7"}.get(row.type, "=1")
    if row.name in REFUSED_BY_PTY:
        with pytest.raises(OperationError, match="refuses the settings"):
            apply(side_of(f"FD:0,{row.name}{REFUSED_BY_PTY[row.name]}"), slave)
        return
    assert apply(side_of(f"FD:0,{row.name}{value}"), slave) is not None
    seen = termios.tcgetattr(slave)
    if action.word is Flag.CHARACTER:
        found = seen[6][action.value]
        assert (found if isinstance(found, int) else found[0]) == 7
    elif action.word is Flag.SPEED:
        assert seen[5] == action.value
    elif row.name != "cs5":
        word = seen[action.word.value]
        assert word & (action.mask or action.value) == action.value
        if not action.mask and row.type is ValueType.BOOL:
            apply(side_of(f"FD:0,{row.name}=0"), slave)
            assert not termios.tcgetattr(slave)[action.word.value] & action.value


REFUSED_BY_PTY = {"cs6": "", "cs7": "", "parenb": "", "cread": "=0"}
"""A pseudo-terminal always has 8 bits, no parity, and receives; cs5 it takes and forgets."""


# Files: flags of open(2), flags of fcntl(2), attributes, locks, ioctls.


@pytest.mark.parametrize("row", rows_of(OpenFlag), ids=lambda row: row.name)
def test_a_flag_of_open_is_given(tmp_path, monkeypatch, row):
    """It is among the flags that open(2) gets."""
    given = []
    real = os.open

    def spy(path, flags, *rest, **more):
        given.append(flags)
        return real(path, flags, *rest, **more)

    path = tmp_path / "file"
    if row.name != "o-excl":
        path.write_bytes(b"x")
    target = tmp_path if row.name == "o-directory" else path
    monkeypatch.setattr("catflap.relay.openers.files.os.open", spy)
    extra = ",creat" if row.name == "o-excl" else ""
    reads = row.name in {"o-rdonly", "o-directory"}
    opener = FileOpener(side_of(f"OPEN:{target},{row.name}{extra}"))
    opening = Opening(loop=None, reads=reads, writes=not reads)
    try:
        channel = asyncio.run(opener.open(opening))
    except OperationError as error:
        if row.name in {"o-direct", "o-noatime"}:
            pytest.skip(f"this file system refuses it: {error}")
        raise
    channel.close()
    flag = row.applies.flag
    if row.name in {"o-rdonly", "o-wronly", "o-rdwr"}:
        assert given[0] & os.O_ACCMODE == flag
    else:
        assert given[0] & flag == flag


def test_readiness_is_signalled():
    """``async`` sets O_ASYNC, which regular files do not know."""
    with socket.socket(*UDP) as sock:
        DescriptorOptions(side_of("FD:0,async")).apply_now(sock.fileno())
        assert fdinfo_flags(sock.fileno()) & os.O_ASYNC


@pytest.mark.parametrize("name", ["append", "o-noatime"])
def test_a_flag_of_an_open_file_is_set_and_cleared(tmp_path, name):
    """/proc/self/fdinfo shows it on a descriptor that we did not open."""
    with open(tmp_path / "file", "wb") as file:
        flag = next(row.applies.flag for row in ROWS if row.name == name)
        DescriptorOptions(side_of(f"FD:0,{name}")).apply_now(file.fileno())
        assert fdinfo_flags(file.fileno()) & flag == flag
        DescriptorOptions(side_of(f"FD:0,{name}=0")).apply_now(file.fileno())
        assert fdinfo_flags(file.fileno()) & flag == 0


def fdinfo_flags(descriptor: int) -> int:
    with open(f"/proc/self/fdinfo/{descriptor}") as file:
        return int(next(line for line in file if line.startswith("flags:")).split()[1], 8)


@pytest.mark.parametrize("row", rows_of(InodeFlag), ids=lambda row: row.name)
def test_an_attribute_of_a_file_is_set(tmp_path, row):
    """FS_IOC_GETFLAGS shows it, or the file system says that it does not know it."""
    path = tmp_path / "file"
    path.write_bytes(b"x")
    with open(path, "rb") as file:
        try:
            DescriptorOptions(side_of(f"FD:0,{row.name}")).apply_now(file.fileno())
        except OperationError as error:
            pytest.skip(f"not here: {error}")
        try:
            assert attributes(file.fileno()) & row.applies.flag
        finally:
            DescriptorOptions(side_of(f"FD:0,{row.name}=0")).apply_now(file.fileno())
        assert not attributes(file.fileno()) & row.applies.flag


def attributes(descriptor: int) -> int:
    return struct.unpack("l", fcntl.ioctl(descriptor, 0x80086601, bytes(8)))[0]


LOCKER = """
import fcntl, sys
file = open(sys.argv[1], "r+b")
how = fcntl.LOCK_NB | (fcntl.LOCK_EX if sys.argv[3] == "ex" else fcntl.LOCK_SH)
try:
    (fcntl.flock if sys.argv[2] == "flock" else fcntl.lockf)(file, how)
except BlockingIOError:
    print("busy")
else:
    print("free")
"""


@pytest.mark.parametrize("row", rows_of(Lock), ids=lambda row: row.name)
def test_a_lock_keeps_another_process_away(tmp_path, row):
    """Another process gets a shared lock beside a shared one, and no other."""
    path = tmp_path / "file"
    path.write_bytes(b"x")
    call = "flock" if row.applies.whole_file else "fcntl"

    def tries(how: str) -> str:
        argv = [sys.executable, "-IS", "-c", LOCKER, str(path), call, how]
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()

    with open(path, "r+b") as file:
        options = DescriptorOptions(side_of(f"FD:0,{row.name}"))
        asyncio.run(options.apply(file.fileno()))
        assert tries("ex") == "busy"
        assert tries("sh") == ("busy" if row.applies.exclusive else "free")
        # Another open file of this process is a stranger too.
        stranger = DescriptorOptions(side_of(f"FD:0,{EXCLUSIVE[row.applies.whole_file]}"))
        with open(path, "r+b") as other, pytest.raises(OperationError, match="locked by somebody"):
            asyncio.run(stranger.apply(other.fileno()))


EXCLUSIVE = {True: "flock-ex-nb", False: "f-setlk-wr"}


def test_waiting_for_a_lock_has_an_end(tmp_path):
    """The waiting forms wait for no longer than a connection may take."""
    path = tmp_path / "file"
    path.write_bytes(b"x")
    options = DescriptorOptions(side_of("FD:0,flock-ex"))
    with open(path, "r+b") as holder, open(path, "r+b") as other:
        options.apply_now(holder.fileno())
        with pytest.raises(OperationError, match=r"more than 0\.05 s"):
            asyncio.run(options.apply(other.fileno(), 0.05))
        fcntl.flock(holder, fcntl.LOCK_UN)
        asyncio.run(options.apply(other.fileno(), PATIENCE))


@pytest.mark.parametrize("row", rows_of(Control), ids=lambda row: row.name)
def test_an_ioctl_is_called(row):
    """What the call changed is seen by the matching question."""
    with ExitStack() as stack:
        if row.applies.request:
            sock = stack.enter_context(socket.socket(*UDP))
            DescriptorOptions(side_of(f"FD:0,{row.name}={os.getpid()}")).apply_now(sock.fileno())
            assert fcntl.fcntl(sock.fileno(), fcntl.F_GETOWN) == os.getpid()
            return
        master, slave = os.openpty()
        stack.callback(os.close, master)
        stack.callback(os.close, slave)
        size = struct.pack("HHHH", 12, 34, 0, 0)
        texts = {
            "ioctl-void": f"{termios.TIOCEXCL:#x}",
            "ioctl-int": f"{termios.TCFLSH:#x}:{termios.TCIOFLUSH}",
            "ioctl-intp": f"{0x5421:#x}:1",
            "ioctl-bin": f"{termios.TIOCSWINSZ:#x}:x{size.hex()}",
            "ioctl-string": f"{termios.TIOCSWINSZ:#x}:ABCDEFG",
        }
        DescriptorOptions(side_of(f"FD:0,{row.name}={texts[row.name]}")).apply_now(slave)
        if row.name == "ioctl-intp":
            assert not os.get_blocking(slave)
        if row.name == "ioctl-bin":
            assert os.get_terminal_size(slave) == (34, 12)
        if row.name == "ioctl-string":
            assert fcntl.ioctl(slave, termios.TIOCGWINSZ, bytes(8)) == b"ABCDEFG\0"
        if row.name == "ioctl-void":
            assert struct.unpack("i", fcntl.ioctl(slave, 0x80045440, bytes(4)))[0] == 1


@pytest.mark.parametrize(
    ("options", "question", "answer"),
    [
        ("lseek64-set=3", lambda fd: os.lseek(fd, 0, os.SEEK_CUR), 3),
        ("lseek64-set=3,lseek64-cur=2", lambda fd: os.lseek(fd, 0, os.SEEK_CUR), 5),
        ("lseek64-end=-1", lambda fd: os.lseek(fd, 0, os.SEEK_CUR), 9),
        ("lseek32-set=3", lambda fd: os.lseek(fd, 0, os.SEEK_CUR), 3),
        ("lseek32-cur=4", lambda fd: os.lseek(fd, 0, os.SEEK_CUR), 4),
        ("lseek32-end=0", lambda fd: os.lseek(fd, 0, os.SEEK_CUR), 10),
        ("ftruncate32=4", lambda fd: os.fstat(fd).st_size, 4),
        ("ftruncate64=40", lambda fd: os.fstat(fd).st_size, 40),
        ("perm=0640", lambda fd: os.fstat(fd).st_mode & 0o777, 0o640),
        ("perm-late=0600", lambda fd: os.fstat(fd).st_mode & 0o777, 0o600),
        (f"user={os.getuid()}", lambda fd: os.fstat(fd).st_uid, os.getuid()),
        (f"user-late={os.getuid()}", lambda fd: os.fstat(fd).st_uid, os.getuid()),
        (f"group={os.getgid()}", lambda fd: os.fstat(fd).st_gid, os.getgid()),
        (f"group-late={os.getgid()}", lambda fd: os.fstat(fd).st_gid, os.getgid()),
        ("cloexec=0", os.get_inheritable, True),
        ("cloexec", os.get_inheritable, False),
    ],
)
def test_a_file_that_is_open_is_changed(tmp_path, options, question, answer):
    """Position, length, owner and mode of a descriptor, whoever opened it."""
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    with open(path, "r+b", buffering=0) as file:
        DescriptorOptions(side_of(f"FD:0,{options}")).apply_now(file.fileno())
        assert question(file.fileno()) == answer


def test_a_pipe_is_given_its_size():
    """F_GETPIPE_SZ gives what ``f-setpipe-sz`` asked for, rounded up to a page."""
    read, write = os.pipe()
    with closing(os.fdopen(read)), closing(os.fdopen(write)):
        DescriptorOptions(side_of("FD:0,f-setpipe-sz=8192")).apply_now(write)
        assert fcntl.fcntl(write, fcntl.F_GETPIPE_SZ) == 8192
