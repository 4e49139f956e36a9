"""Giving up privileges at addresses that are no listeners, as the C program does."""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has something to give up")


@pytest.mark.parametrize("option", ["su=nobody", "su-d=nobody", "setuid=65534", "su-e=nobody"])
def test_second_address_has_the_rights_that_the_first_left(ours, theirs, option) -> None:
    words = ["-u", f"STDIN,{option}", "SYSTEM:id -u"]
    mine = ours(*words)
    assert (mine.out, mine.status) == (b"65534\n", 0), mine.log
    if option != "su-e=nobody":
        # The C program gives a program that only reads a second, however slow the machine is.
        assert theirs(*words, until=b"\n").out == mine.out


def test_file_is_opened_before_or_after(ours, tmp_path) -> None:
    secret = tmp_path / "f"
    secret.write_text("secret\n")
    secret.chmod(0o600)
    assert ours("-u", f"OPEN:{secret},su=nobody", "-").out == b"secret\n"
    run = ours("-u", f"OPEN:{secret},su-e=nobody", "-")
    assert run.status == 1
    assert "Permission denied" in run.log


def test_another_root_before_the_file_is_opened(ours, tmp_path) -> None:
    (tmp_path / "f").write_text("inside\n")
    assert ours("-u", f"OPEN:/f,chroot-early={tmp_path}", "-").out == b"inside\n"


def test_mistakes_are_told_before_anything_is_opened(ours, tmp_path) -> None:
    run = ours("-u", "STDIN", f"CREATE:{tmp_path}/f,su=no-such-user")
    assert run.status == 1
    assert 'getpwnam("no-such-user"): no such user' in run.log
    assert not (tmp_path / "f").exists()


def test_sessions_side_by_side_keep_their_rights(ours, free_port) -> None:
    """One process cannot be somebody else for one of them."""
    run = ours(f"TCP4-LISTEN:{free_port()},fork", "OPEN:/dev/null,su=nobody")
    assert run.status == 1
    assert "su on OPEN would change the whole process" in run.log
