"""Reading of files that are none, or have no end."""

import fcntl
import os
import termios
import threading
from array import array

import pytest

from catflap.core.reading import read_bounded
from tests.support.waiting import eventually


def test_a_file_whole_or_one_byte_too_much(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(3_000_000))
    assert len(read_bounded(path, 4_000_000)) == 3_000_000
    assert len(read_bounded(path, 2_000_000)) == 2_000_001


def test_a_pipe_that_nobody_writes_into_is_empty(tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    assert read_bounded(path, 100) == b""


def test_a_pipe_whose_writer_takes_its_time(tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    holder = os.open(path, os.O_RDWR)

    def write():
        os.write(holder, b"x" * 1000)
        # What nobody has read is thrown away with the last descriptor (fifo(7)).
        eventually(lambda: not array("i", fcntl.ioctl(holder, termios.FIONREAD, bytes(4)))[0])
        os.close(holder)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert read_bounded(path, 10_000) == b"x" * 1000
    finally:
        writer.join()


def test_a_pipe_whose_writer_says_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("catflap.core.reading._WRITER_SECONDS", 0.01)
    path = tmp_path / "fifo"
    os.mkfifo(path)
    holder = os.open(path, os.O_RDWR)
    try:
        with pytest.raises(OSError, match="says nothing"):
            read_bounded(path, 100)
    finally:
        os.close(holder)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/"])
def test_what_is_no_file(path):
    with pytest.raises(OSError, match=r"directory|neither a file nor a pipe"):
        read_bounded(path, 100)
