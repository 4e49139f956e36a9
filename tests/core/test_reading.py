"""Reading of files that are none, or have no end."""

import os
import threading

import pytest

from catflap.core.reading import read_bounded


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
    reads_first = threading.Event()

    def write():
        reads_first.wait(10)
        os.write(holder, b"x" * 1000)
        os.close(holder)

    writer = threading.Thread(target=write)
    writer.start()
    reads_first.set()
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
