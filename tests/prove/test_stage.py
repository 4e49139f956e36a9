"""What the demo sets up is private, quiet, and gone in the end."""

from __future__ import annotations

import asyncio
import stat
import tempfile
from typing import TYPE_CHECKING

from catflap.prove.stage import set_up

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_files_are_private_and_bridges_have_nothing_to_warn_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    async def story() -> None:
        async with set_up() as stage:
            (folder,) = tmp_path.iterdir()
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            for name in ("ca.pem", "server.pem", "client.pem"):
                assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
            assert b"PRIVATE KEY" not in (folder / "ca.pem").read_bytes()
            for bridge in (stage.server, stage.client, stage.mistaken):
                assert bridge.feed.warnings == []
                assert bridge.feed.complaint == ""

    asyncio.run(story())
    assert list(tmp_path.iterdir()) == []
