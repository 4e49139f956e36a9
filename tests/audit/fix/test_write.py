"""A file is replaced whole or not at all, and stays what it was besides."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from catflap.audit.fix.write import replace_file
from catflap.core.errors import OperationError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "run.sh"
    path.write_bytes(b"old")
    path.chmod(0o750)
    return path


def test_mode_and_owner_stay(script: Path) -> None:
    before = script.stat()
    replace_file(str(script), b"old", b"new")
    after = script.stat()
    assert script.read_bytes() == b"new"
    assert after.st_mode == before.st_mode
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert os.listdir(script.parent) == ["run.sh"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_stays_when_root_writes(script: Path) -> None:
    os.chown(script, 65534, 65534)
    replace_file(str(script), b"old", b"new")
    assert (script.stat().st_uid, script.stat().st_gid) == (65534, 65534)
    assert script.stat().st_mode & 0o7777 == 0o750


def test_a_symbolic_link_stays_one(script: Path) -> None:
    link = script.parent / "link"
    link.symlink_to(script)
    replace_file(str(link), b"old", b"new")
    assert link.is_symlink()
    assert script.read_bytes() == b"new"


def test_hard_links_are_not_parted(script: Path) -> None:
    os.link(script, script.parent / "other")
    with pytest.raises(OperationError, match="2 hard links"):
        replace_file(str(script), b"old", b"new")
    assert script.read_bytes() == b"old"


def test_what_somebody_else_wrote_meanwhile_is_not_lost(script: Path) -> None:
    with pytest.raises(OperationError, match="changed meanwhile"):
        replace_file(str(script), b"what was read", b"new")
    assert script.read_bytes() == b"old"
    assert os.listdir(script.parent) == ["run.sh"]


def test_a_full_disk_loses_nothing(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OperationError, match="No space left on device"):
        replace_file(str(script), b"old", b"new")
    assert script.read_bytes() == b"old"
    assert os.listdir(script.parent) == ["run.sh"]


def test_a_file_that_is_gone_or_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match="No such file"):
        replace_file(str(tmp_path / "gone"), b"", b"new")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OperationError, match="no file"):
        replace_file(str(tmp_path / "pipe"), b"", b"new")
