"""What any kind of address can be asked, as a user meets it: real commands, real files."""

import os
import subprocess
import sys

import pytest

from catflap.address.dalan import DalanError, read_dalan
from catflap.address.syntax import parse
from catflap.bridge.effective import Dialect
from catflap.bridge.side import Side
from catflap.core.errors import OperationError
from catflap.core.nouns import Peer
from catflap.relay.wrapping import HostsAccess


def relay(*words: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run one bridge to its end."""
    argv = [sys.executable, "-m", "catflap", "run", *words]
    return subprocess.run(argv, input=data, capture_output=True, timeout=60, check=False)


def test_the_escape_character_ends_the_input():
    """What stands before it goes through, the rest does not."""
    done = relay("-u", "STDIN,escape=0x1d", "STDOUT", data=b"before\x1dafter")
    assert (done.returncode, done.stdout) == (0, b"before")


def test_a_lock_file_keeps_others_away_and_goes_with_us(tmp_path):
    """While it is there nobody else comes in; ours is removed in the end, another's stays."""
    lock = tmp_path / "lock"
    assert relay("-u", f"STDIN,lockfile={lock}", "STDOUT", data=b"x").stdout == b"x"
    assert not lock.exists()
    lock.write_text("1\n")
    done = relay("-u", f"STDIN,lockfile={lock}", "STDOUT", data=b"x")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"somebody else is at work" in done.stderr
    assert lock.read_text() == "1\n"


def test_paths_are_below_the_directory_of_chdir(tmp_path):
    """The file, and the lock file, are found there."""
    (tmp_path / "file").write_bytes(b"found")
    done = relay("-u", f"OPEN:file,rdonly,chdir={tmp_path}", "STDOUT")
    assert done.stdout == b"found"


def test_a_reader_that_leaves_is_no_failure_with_cool_write(tmp_path):
    """``cool-write`` turns a broken pipe from an error into the end."""
    source = tmp_path / "source"
    source.write_bytes(bytes(1 << 20))
    for option, status in (("", 1), (",cool-write", 0)):
        read, write = os.pipe()
        os.close(read)
        argv = [sys.executable, "-m", "catflap", "run", "-u"]
        argv += [f"OPEN:{source},rdonly", f"STDOUT{option}"]
        with open(write, "wb") as gone:
            done = subprocess.run(
                argv, stdout=gone, stderr=subprocess.PIPE, timeout=60, check=False
            )
        assert done.returncode == status, done.stderr


def test_tables_of_hosts_are_read_anew_when_they_change(tmp_path):
    """A line that is added holds for the next peer; one that cannot be followed lets nobody in."""
    allow, deny = tmp_path / "hosts.allow", tmp_path / "hosts.deny"
    allow.write_text("web: 192.0.2.1\n")
    deny.write_text("ALL: ALL\n")
    text = f"TCP-LISTEN:80,tcpwrap=web,tcpwrap-etc={tmp_path}"
    access = HostsAccess.of(Side(parse(text).endpoint, Dialect.CATFLAP, text))
    assert access is not None
    assert access(Peer("192.0.2.1", 5)).allowed
    assert access(Peer("::ffff:192.0.2.1", 5)).allowed
    assert not access(Peer("192.0.2.2", 5)).allowed
    # The same address, mapped, as a PROXY header of a proxy for both versions brings it.
    assert access(Peer("::ffff:c000:201", 5)).allowed
    allow.write_text("web: 192.0.2.1\nweb: 192.0.2.2\n")
    assert access(Peer("192.0.2.2", 5)).allowed
    allow.write_text("web: ALL: spawn /bin/true\n")
    decision = access(Peer("192.0.2.1", 5))
    assert not decision.allowed
    assert "line 1" in decision.reason


def test_a_mapped_address_does_not_hide_from_a_denial(tmp_path):
    """A PROXY header may write IPv4 within IPv6 in either way, and hosts.deny means the peer."""
    (tmp_path / "hosts.deny").write_text("web: 192.0.2.1\n")
    text = f"TCP-LISTEN:80,tcpwrap=web,tcpwrap-etc={tmp_path}"
    access = HostsAccess.of(Side(parse(text).endpoint, Dialect.CATFLAP, text))
    assert access is not None
    for host in ("192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201"):
        assert not access(Peer(host, 5)).allowed
    assert access(Peer("::ffff:c000:202", 5)).allowed


def test_a_table_that_cannot_be_followed_stops_the_start(tmp_path):
    """The message has the file and the line."""
    (tmp_path / "hosts.deny").write_text("\nweb ALL\n")
    text = f"TCP-LISTEN:80,tcpwrap=web,tcpwrap-etc={tmp_path}"
    with pytest.raises(OperationError, match=r"hosts\.deny, line 2"):
        HostsAccess.of(Side(parse(text).endpoint, Dialect.CATFLAP, text))


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("1", b"\x01\0\0\0"),
        ("i-1", b"\xff\xff\xff\xff"),
        ("x7f000001", b"\x7f\0\0\x01"),
        ("x0102 0304", b"\x01\x02\x03\x04"),
        ("s1S2l3", b"\x01\0\x02\0\x03" + bytes(7)),
        ("x01 i2", b"\x01\x02\0\0\0"),
        ("b-1B255", b"\xff\xff"),
        ('"a\\n"', b"a\n"),
        ("'a'", b"a"),
        ("", b""),
    ],
)
def test_data_in_socats_notation(text, data):
    """As socat 1.8.1.3 hands it to setsockopt(2), seen with strace."""
    assert read_dalan(text) == data


@pytest.mark.parametrize("text", ["x123", "0x1", "zz", "i", "B256", '"open', "'ab'", '"\\'])
def test_what_is_no_data_is_refused(text):
    """An odd digit, an unknown letter, a number that does not fit, an open string."""
    with pytest.raises(DalanError):
        read_dalan(text)
