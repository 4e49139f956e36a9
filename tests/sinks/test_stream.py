"""A log file that somebody renames, removes or cannot be made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from catflap.events.model import Notice, stamp
from catflap.sinks import stream
from catflap.sinks.stream import LogFile, StreamSink

if TYPE_CHECKING:
    from pathlib import Path

    from catflap.events.model import Event


@pytest.fixture
def sink(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StreamSink:
    """Return a sink of the file ``log`` that looks at it each time."""
    monkeypatch.setattr(stream, "_LOOKS_EVERY_SECONDS", 0.0)
    file = LogFile(str(tmp_path / "log"))

    def message(event: Event) -> bytes:
        return f"{event.message}\n".encode() if isinstance(event, Notice) else b""

    return StreamSink(file.descriptor, message, closes=True, file=file)


def _say(sink: StreamSink, message: str) -> None:
    sink.write([Notice(time=stamp(), message=message)])


def test_renamed(sink: StreamSink, tmp_path: Path) -> None:
    _say(sink, "one")
    (tmp_path / "log").rename(tmp_path / "log.1")
    _say(sink, "two")
    assert (tmp_path / "log.1").read_text() == "one\n"
    assert (tmp_path / "log").read_text() == "two\n"
    assert (tmp_path / "log").stat().st_mode & 0o777 <= 0o640


def test_removed(sink: StreamSink, tmp_path: Path) -> None:
    (tmp_path / "log").unlink()
    _say(sink, "one")
    assert (tmp_path / "log").read_text() == "one\n"


def test_another_folder_in_its_place(sink: StreamSink, tmp_path: Path) -> None:
    """As behind chroot=: what is there is none of ours, and the old file is written on."""
    folder = tmp_path.rename(tmp_path.with_name("moved"))
    tmp_path.mkdir()
    _say(sink, "one")
    assert not list(tmp_path.iterdir())
    assert (folder / "log").read_text() == "one\n"


def test_a_link_is_not_followed(sink: StreamSink, tmp_path: Path) -> None:
    (tmp_path / "log").rename(tmp_path / "log.1")
    (tmp_path / "log").symlink_to("elsewhere")
    _say(sink, "one")
    assert (tmp_path / "log.1").read_text() == "one\n"
    assert not (tmp_path / "elsewhere").exists()
