"""Privileges: dropped by a real root, for every thread, and refused where they cannot hold."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from catflap.bridge.commandline import bridge_from_words
from catflap.bridge.effective import Dialect
from catflap.core.errors import OperationError, UsageError
from catflap.sandbox.privileges import check_privileges, drop_privileges
from catflap.survey.accounts import credentials_of, find_account, find_group
from tests.support.waiting import PATIENCE

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to have something to drop")


def ask(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as peer:
        peer.shutdown(socket.SHUT_WR)
        peer.settimeout(PATIENCE)
        return b"".join(iter(lambda: peer.recv(65536), b""))


def threads_of(pid: int) -> list[dict[str, str]]:
    """Return the status of each thread of a process."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/status"):
        lines = path.read_text().splitlines()
        found.append({name: value.strip() for name, _, value in (x.partition(":") for x in lines)})
    return found


@needs_root
@pytest.mark.parametrize("option", ["su=nobody", "su-d=nobody", "su-e=nobody", "setuid=nobody"])
def test_the_whole_process_becomes_another(catflap, option):
    """User, group and supplementary groups, in every thread, and in the children too."""
    account = find_account("nobody")
    service = catflap(f"TCP-LISTEN:0,{option}", "EXEC:cat /proc/self/status")
    lines = ask(service.port).decode().splitlines()
    child = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    threads = threads_of(service.pid)
    assert len(threads) > 1
    groups = {str(gid) for gid in account.groups} if option.startswith("su") else set()
    for status in (*threads, child):
        assert set(status["Uid"].split()) == {str(account.uid)}
        assert set(status["Gid"].split()) == {str(account.gid)}
        assert set(status["Groups"].split()) == groups
        assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
    assert child["NoNewPrivs"] == "1"


@needs_root
def test_children_know_who_they_are(catflap):
    """su sets USER, LOGNAME, HOME and SHELL; the port below 1024 was opened before."""
    account = find_account("nobody")
    service = catflap("TCP-LISTEN:0,su=nobody", "EXEC:env")
    found = dict(line.split("=", 1) for line in ask(service.port).decode().splitlines())
    assert found["USER"] == found["LOGNAME"] == "nobody"
    assert (found["HOME"], found["SHELL"]) == (account.home, account.shell)


@needs_root
def test_another_root(catflap, tmp_path):
    """chroot holds for the process, and its directory lies inside."""
    service = catflap(f"TCP-LISTEN:0,chroot={tmp_path},su=nobody", "PIPE")
    assert os.readlink(f"/proc/{service.pid}/root") == str(tmp_path)
    assert os.readlink(f"/proc/{service.pid}/cwd") == str(tmp_path)
    with socket.create_connection(("127.0.0.1", service.port), PATIENCE) as peer:
        peer.sendall(b"x")
        assert peer.recv(1) == b"x"


@needs_root
def test_drop_in_keeps_what_the_c_program_keeps():
    """There setuid changes the user alone, and nothing else is forbidden."""
    program = """
import os, json
from catflap.bridge.commandline import bridge_from_words
from catflap.bridge.effective import Dialect
from catflap.sandbox.privileges import drop_privileges
os.setgroups([0, 4, 24])
drop_privileges(bridge_from_words("TCP-L:0,setuid=nobody", "PIPE", dialect=Dialect.SOCAT))
print(json.dumps([os.getresuid(), os.getresgid(), sorted(os.getgroups())]))
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    nobody = find_account("nobody").uid
    assert json.loads(run.stdout) == [[nobody] * 3, [0] * 3, [0, 4, 24]]


@needs_root
@pytest.mark.parametrize("option", ["su=root", "setuid=daemon", "setgid=daemon", "chroot=/tmp"])
def test_without_root_there_is_one_clear_line(option):
    """An ordinary user may not, and is told which option asks for it."""
    program = f"""
import ctypes, os  # ctypes while its files can be read: Python may lie in root's home
from catflap.bridge.commandline import bridge_from_words
from catflap.core.errors import OperationError
from catflap.sandbox.privileges import drop_privileges
bridge = bridge_from_words("TCP-L:0,{option}", "PIPE")
os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
try:
    drop_privileges(bridge)
except OperationError as error:
    print(error.message)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert f"{option} needs root, and this process has the uid 65534" in run.stdout


@needs_root
def test_what_does_not_hold_is_found_out():
    """A process that keeps CAP_SETUID could become root again: that is refused."""
    program = """
import os, ctypes
from catflap.bridge.commandline import bridge_from_words
from catflap.core.errors import OperationError
from catflap.sandbox.privileges import drop_privileges
# SECBIT_NO_SETUID_FIXUP (capabilities(7)): leaving uid 0 takes no capability away.
assert ctypes.CDLL(None).prctl(28, 4, 0, 0, 0) == 0
try:
    drop_privileges(bridge_from_words("TCP-L:0,su=nobody", "PIPE"))
except OperationError as error:
    print(error.message)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "root can be regained" in run.stdout


def words(first: str, second: str, **settings):
    return bridge_from_words(first, second, **settings)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("TCP-L:0", "TCP:h:1,su=root", "su on TCP-CONNECT would change the whole process"),
        ("TCP-L:0", "UNIX:/x,chroot=/", "chroot on UNIX-CLIENT would change"),
        ("TCP:h:1,setuid=root", "PIPE", "setuid on TCP-CONNECT is not built yet"),
        ("TCP-L:0,su=root", "TCP-L:0,su=daemon", "su disagrees with su of TCP-LISTEN"),
        ("TCP-L:0,chroot=/", "TCP-L:0,chroot=/tmp", "chroot disagrees with chroot"),
        ("TCP-L:0,su=root,su-d=daemon", "PIPE", "su-d contradicts su"),
        ("TCP-L:0,su=root,setgid=0", "PIPE", "su says it all; setgid contradicts"),
        ("TCP-L:0,su=root", "EXEC:id,su=daemon", "su cannot be done after su of TCP-LISTEN"),
        ("TCP-L:0,chroot=/", "EXEC:id,cd=/tmp", "cd cannot be done after chroot"),
        ("TCP-L:0,setuid=54321", "PIPE", "no account that would tell its group"),
    ],
)
def test_contradictions_are_found_before_anything_is_opened(first, second, said):
    """Each with a caret under the option."""
    with pytest.raises(UsageError, match=said) as raised:
        check_privileges(words(first, second))
    assert "^" in raised.value.render()


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("su=no-such", "there is no user no-such"),
        ("setuid=no-such,setgid=0", "there is no user no-such"),
        ("setgid=no-such", "there is no group no-such"),
        ("chroot=/no/such", "there is no such directory"),
        ("su=99999999999999999999", "there is no user"),
    ],
)
def test_what_is_not_there(option, said):
    """Nobody to become, nowhere to go: status 1."""
    with pytest.raises(OperationError, match=said):
        check_privileges(words(f"TCP-L:0,{option}", "PIPE"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("TCP-L:0,su=root", "PIPE"),
        ("TCP-L:0,su=root", "TCP-L:0,su-d=0"),
        ("TCP-L:0", "EXEC:id,su=daemon,chroot=/"),
        ("EXEC:id,su=daemon", "TCP:h:1"),
        ("TCP-L:0", "PIPE"),
    ],
)
def test_what_is_right(first, second):
    """One user for the process; a program's options are its own."""
    check_privileges(words(first, second))


def test_nothing_asked_is_nothing_done():
    """No option, no change: this very process may call it."""
    before = os.getresuid(), os.getresgid(), os.getgroups()
    drop_privileges(words("TCP-L:0", "EXEC:id,su=root"))
    assert (os.getresuid(), os.getresgid(), os.getgroups()) == before


def test_numbers_and_names():
    """Users and groups are found by either."""
    root = find_account("root")
    assert find_account("0") == root
    assert (root.uid, root.gid) == (0, 0)
    assert find_group("0") == find_group("root") == 0
    first = words("TCP-L:0,setgid=0", "PIPE").first
    assert credentials_of(first).groups == ()
    socat = words("TCP-L:0,setgid=0", "PIPE", dialect=Dialect.SOCAT).first
    assert credentials_of(socat).groups is None
