"""What is told of files that are out of reach when a service begins to look after them."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from catflap.relay import renewing as module
from catflap.relay.renewing import Renewing
from catflap.tls.files import signature_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("dropped", [False, True], ids=["as before", "privileges dropped"])
def test_a_file_that_is_gone_when_the_service_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dropped: bool
) -> None:
    """Behind chroot= or su= it takes a restart; else it was exchanged just now, and is looked for."""
    path = str(tmp_path / "server.pem")
    (tmp_path / "server.pem").write_text("a certificate")
    material = SimpleNamespace(seen={path: signature_of(path)})
    notices: list[str] = []
    later: list[Any] = []
    bridging = SimpleNamespace(
        trusts=[SimpleNamespace(paths=[path], material=material)],
        notice_of_files=notices.append,
        loop=SimpleNamespace(call_later=lambda *words: later.append(words)),
    )
    renewing = Renewing(bridging)  # type: ignore[arg-type]
    os.unlink(path)
    if dropped:
        monkeypatch.setattr(module.os, "geteuid", lambda: os.getuid() + 1)
    renewing.start()
    assert len(later) == 1
    assert [note.endswith("takes a restart") for note in notices] == [True] * dropped
