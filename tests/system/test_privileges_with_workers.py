"""su= and chroot= hold for the parent and for every worker, the later ones too."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.support.traffic_tls import TlsClient
from tests.system.test_up import bridge, to

_NOBODY = "65534"


def _workers(service: Any) -> list[int]:
    """Return the processes of the workers that live."""
    dead = {each["pid"] for each in service.find("worker-ended")}
    return [each["pid"] for each in service.find("worker-started") if each["pid"] not in dead]


def _rights(pid: int) -> dict[str, str]:
    """Return what a process is and may do, by proc(5)."""
    text = Path(f"/proc/{pid}/status").read_text()
    return dict(re.findall(r"^(Uid|Gid|Groups|CapEff|CapPrm):\t(.*?) *$", text, re.MULTILINE))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_whoever_is_born_is_nobody(
    up: Any, certificates: Any, echo: Any, open_folder: Path
) -> None:
    """In its jail, without rights, and still serving: at first, and after a worker has died."""
    listen = (
        f"TLS-LISTEN:0,bind=127.0.0.1,su=nobody,chroot={open_folder}"
        f",cert={certificates.server},cafile={certificates.ca}"
    )
    service = up(bridge("api", listen, to(echo)), "--workers", "2")
    service.wait_for("worker-started", count=2)
    port = service.port_of("api")

    def holds() -> None:
        for pid in (service.pid, *_workers(service)):
            assert os.readlink(f"/proc/{pid}/root") == str(open_folder)
            rights = _rights(pid)
            assert set(rights["Uid"].split()) == set(rights["Gid"].split()) == {_NOBODY}
            assert rights["Groups"] in {"", _NOBODY}
            assert int(rights["CapEff"], 16) == int(rights["CapPrm"], 16) == 0
        for _ in range(6):
            with TlsClient(port, certificates.client) as client:
                assert client.ask(b"hello") == b"hello"

    holds()
    os.kill(_workers(service)[0], signal.SIGKILL)
    service.wait_for("worker-started", count=3)
    holds()
    # The files are out of reach by now; that is told once, and is no failed reload.
    told = service.wait_for("notice", bridge="api")["message"]
    assert str(certificates.server) in told
    assert "a change takes a restart" in told
    assert not service.find("reload-failed")
    assert service.ask("status").returncode == 0
