"""Users and groups of UNIX peers, by name and by number."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.system.test_up import bridge, to

if TYPE_CHECKING:
    from pathlib import Path

_NOBODY = 65534
_CLIENT = (
    "import socket, sys\n"
    "end = socket.socket(socket.AF_UNIX)\n"
    "end.settimeout(45)\n"
    "end.connect(sys.argv[1])\n"
    "try:\n"
    "    end.send(b'x')\n"
    "    print(end.recv(1) == b'x')\n"
    "except OSError:\n"
    "    print(False)\n"
)


def _is_let_in(path: str, user: int, group: int, further: tuple[int, ...] = ()) -> bool:
    """Whether a process of this user and these groups gets an answer."""
    done = subprocess.run(
        ["/usr/bin/python3", "-c", _CLIENT, path],
        user=user,
        group=group,
        extra_groups=further,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip() == "True"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
@pytest.mark.parametrize(
    ("entry", "user", "group", "allowed"),
    [
        ("uid:0", 0, 0, True),
        ("uid:0", _NOBODY, _NOBODY, False),
        ("gid:65534", _NOBODY, _NOBODY, True),
        ("gid:100", _NOBODY, 100, True),
        ("gid:1", _NOBODY, 100, False),
        ("user:root", 0, 0, True),
    ],
)
def test_who_is_let_in(
    up: Any, echo: Any, open_folder: Path, entry: str, user: int, group: int, allowed: bool
) -> None:
    """The kernel says who is there; the denial gives the entry that would let them in."""
    listen = f"UNIX-LISTEN:{open_folder}/front.sock,mode=666"
    service = up(bridge("local", listen, to(echo), f"identities = ['{entry}']"))
    assert _is_let_in(f"{open_folder}/front.sock", user, group) is allowed
    if not allowed:
        denied = service.wait_for("denied", rule="identities")
        assert denied["mend"] == f"add 'user:{user}' to identities"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_groups_that_only_the_kernel_knows(up: Any, echo: Any, open_folder: Path) -> None:
    """A process may be in a group that its account is not in: it is kept out by it, or let in."""
    listen = f"UNIX-LISTEN:{open_folder}/front.sock,mode=666"
    entries = "identities = ['!gid:4242', 'gid:4243', 'user:root']"
    service = up(bridge("local", listen, to(echo), entries))
    path = f"{open_folder}/front.sock"
    assert _is_let_in(path, 0, 0)
    assert not _is_let_in(path, 0, 0, (4242,))
    assert service.wait_for("denied", rule="identities")["entry"] == "!gid:4242"
    assert _is_let_in(path, _NOBODY, _NOBODY, (5, 4243))
    assert not _is_let_in(path, _NOBODY, _NOBODY, (5,))
