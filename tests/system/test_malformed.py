"""Wrong words and a machine that says no: one clear line each, its place, its status.

Wrong words end with status 2, the source and carets under the very place. What the machine refuses
ends with status 1, and nothing is left behind.
"""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.support.auditing import watched
from tests.support.invoking import invoke_here
from tests.support.peers import needs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.certificates import Certificates
    from tests.support.service import Service

LISTEN = "TCP-LISTEN:8080,"
TLS = "TLS-LISTEN:8443,"
LONG = "/" + "x" * 120


@dataclass(frozen=True, slots=True)
class Bad:
    """A malformed address: where its carets are, and what its line says.

    Args:
        text: the address.
        marked: what stands above the carets; nothing is a single caret at ``at``.
        phrase: what the line says.
        at: the column, from 0, where the text does not tell it: the last ``marked`` is meant.
    """

    text: str
    marked: str
    phrase: str
    at: int = -1

    @property
    def start(self) -> int:
        """The first column of the carets within the text."""
        return self.at if self.at >= 0 else self.text.rindex(self.marked)


BAD = (
    # The number of parameters
    Bad("TCP", "", "TCP lacks its host and port; expected TCP:<host>:<port>", 3),
    Bad("TCP:host", "", "TCP lacks its port; expected TCP:<host>:<port>", 8),
    Bad("TCP:host,nodelay", ",", "TCP lacks its port", 8),
    Bad("TCP:host:80:90", "90", "TCP-CONNECT has one parameter too many"),
    Bad("TCP:::1:80", "1:80", "expected IPv6 in brackets: TCP:[::1]:80"),
    Bad("TCP-LISTEN", "", "TCP-LISTEN lacks its port", 10),
    Bad("TCP-LISTEN:8080:1", "1", "one parameter too many; expected TCP-LISTEN:<port>"),
    Bad("TCP-LISTEN:127.0.0.1:8080", "8080", "expected TCP-LISTEN:8080,bind=127.0.0.1"),
    Bad("STDIO:1", "1", "STDIO has one parameter too many; expected STDIO"),
    Bad("SOCKS5:proxy:host", "", "SOCKS5 lacks its target-port", 17),
    Bad("/tmp/a:b", "b", "GOPEN has one parameter too many"),
    # Hosts and ports
    Bad("TCP:host:99999", "99999", "port 99999 is out of range; expected a port from 1 to 65535"),
    Bad("TCP:host:0", "0", "port 0 is out of range; expected a port from 1"),
    Bad("TCP:host:-1", "-1", "port -1 is out of range"),
    Bad("TCP:host:", "", "the port is empty", 9),
    Bad("TCP:host:8o8o!", "8o8o!", "8o8o! is not a port"),
    Bad("TCP:host:080", "080", "080 is not a port"),
    Bad("TCP::80", ":", "the host is empty", 4),
    Bad("TCP: host:80", " ", "a host does not hold a blank"),
    Bad("TCP://host:80", "/", "a host does not hold /", 4),
    Bad("TCP:127.1:80", "127.1", "127.1 is not an address; expected four numbers"),
    Bad("TCP:300.0.0.1:80", "300.0.0.1", "300.0.0.1 is not an address"),
    Bad("TCP:[::g]:80", "[::g]", "[::g] is not an address; expected IPv6 in brackets"),
    Bad("TCP-LISTEN:70000", "70000", "port 70000 is out of range; expected a port from 0"),
    Bad(LISTEN + "bind=127.0.0.1:99999", "99999", "port 99999 is out of range"),
    Bad(LISTEN + "bind=", "bind=", "the local address is empty; expected HOST, HOST:PORT or :PORT"),
    Bad(LISTEN + "bind=[::1]x", "[::1]x", "expected IPv6 in brackets"),
    Bad(LISTEN + "bind=1.2.3", "1.2.3", "1.2.3 is not an address"),
    # Kinds
    Bad("TCP-LISTN:8080", "TCP-LISTN", "TCP-LISTN is not an address kind; did you mean TCP-LISTEN?"),
    Bad("nonsense:1", "nonsense", "nonsense is not an address kind; expected a kind such as TCP"),
    Bad("10", "10", "10 is not an address kind; expected one digit for a descriptor, or FD:10"),
    Bad("reuseaddr", "reuseaddr", "reuseaddr is an option, not an address"),
    Bad("", "", "an address is empty", 0),
    Bad("FD:x", "x", "x is not a descriptor; expected a number such as 3"),
    Bad("FD:\N{SUPERSCRIPT TWO}", "\N{SUPERSCRIPT TWO}", "is not a descriptor"),
    # Paths and commands
    Bad("UNIX-LISTEN:", "", "the path is empty", 12),
    Bad("UNIX-CONNECT:" + LONG, LONG, "the socket's path has 121 bytes; expected at most 107"),
    Bad("EXEC:", "", "the command is empty; expected a program and its arguments", 5),
    Bad("EXEC:  ", "  ", "the command is empty"),
    Bad("EXEC:\\'\\'", "\\'\\'", "the command names no program"),
    Bad('EXEC:"cat \'x"', "'", "this ' is never closed"),
    # Options by name
    Bad(LISTEN + "keepalve", "keepalve", "keepalve is not an option; did you mean keepalive?"),
    Bad(LISTEN + "zzzzqq", "zzzzqq", "expected an option of TCP-LISTEN (catflap explain TCP-LISTEN)"),
    Bad(LISTEN + "fork, nodelay", " nodelay", "a blank stands beside an option's name; expected nodelay"),
    Bad(LISTEN + "TCP", "TCP", "TCP is an address, not an option", len(LISTEN)),
    Bad(LISTEN + "=1", "=1", "an option's name is missing before ="),
    Bad("TCP:h:1,cert=x", "cert", "TCP-CONNECT does not take the option cert; expected an address that does, such as TLS"),
    Bad(LISTEN + "verify=0", "verify", "expected an address that does, such as TLS-LISTEN"),
    Bad(LISTEN + "range=::1,range=::2", "range=::2", "range is given twice; expected one list"),
    Bad(TLS + "cert=a,certificate=b", "certificate=b", "certificate is given twice"),
    # Values of options
    Bad("TCP:h:1,retry=x", "x", "retry cannot be x; expected a whole number"),
    Bad("TCP:h:1,connect-timeout=abc", "abc", "connect-timeout cannot be abc; expected seconds"),
    Bad("TCP:h:1,connect-timeout", "connect-timeout", "connect-timeout needs a value"),
    Bad("TCP:h:1,interval=-1", "-1", "interval cannot be -1; expected seconds"),
    Bad("TCP:h:1,linger=x", "x", "linger cannot be x; expected seconds as a whole number"),
    Bad("TCP:h:1,keepidle=0", "0", "keepidle cannot be 0; expected seconds as a whole number from 1"),
    Bad(LISTEN + "backlog=-1", "-1", "backlog cannot be -1; expected a whole number from 0"),
    Bad(LISTEN + "max-children=0", "0", "max-children cannot be 0; expected a whole number from 1"),
    Bad(LISTEN + "umask=999", "999", "umask cannot be 999; expected an octal mode"),
    Bad(LISTEN + "sourceport=70000", "70000", "expected a whole number from 0 to 65535"),
    Bad(LISTEN + "pf=ip5", "ip5", "pf cannot be ip5; expected ip4 or ip6"),
    Bad(LISTEN + "su=", "su=", "the value of su is empty; expected a name or a number"),
    Bad(LISTEN + "su", "su", "su needs a value; expected su=VALUE"),
    Bad(LISTEN + "fork=maybe", "maybe", "fork cannot be maybe; expected 0 or 1"),
    Bad("UNIX-LISTEN:/tmp/x,mode=9", "9", "mode cannot be 9; expected an octal mode from 0 to 7777"),
    Bad("EXEC:cat,env=1BAD", "1BAD", "1BAD is not a variable's name"),
    Bad("EXEC:cat,env=[A,1BAD]", "1BAD", "1BAD is not a variable's name"),
    Bad("OPEN:/tmp/x,append=2", "2", "append cannot be 2; expected 0 or 1"),
    Bad(TLS + "cert=", "cert=", "the value of cert is empty; expected a value after ="),
    Bad(TLS + "verify=maybe", "maybe", "verify cannot be maybe; expected 0 or 1"),
    Bad(TLS + "min-proto-version=TLS9", "TLS9", "expected a version such as TLS1.2 or TLS1.3; did you mean"),
    # Networks
    Bad(LISTEN + "range", "range", "range needs a value"),
    Bad(LISTEN + "range=", "range=", "range: an entry is empty"),
    Bad(LISTEN + "range=300.0.0.0/8", "300.0.0.0/8", "range: 300.0.0.0 is not a numeric address"),
    Bad(LISTEN + "range=10.0.0.0/33", "10.0.0.0/33", "range: /33 is not a prefix length of 0 to 32"),
    Bad(LISTEN + "range=[::1,10.1.2/16,::2]", "10.1.2/16", "range: 10.1.2 is not a numeric address"),
    Bad(LISTEN + "range=[10.0.0.0/8,]", "]", "range: an entry is empty"),
    # The form
    Bad(LISTEN + "range=[10.0.0.0/8", "[", "this [ is never closed by ]"),
    Bad("'TCP:h:1", "'", "this ' is never closed"),
    Bad('TCP:h:"1', '"', 'this " is never closed'),
    Bad("TCP:h:1\\", "\\", "this \\ stands at the end and escapes nothing"),
    Bad("TCP:a\\0b:80", "\\0", "this is a NUL character, which no address can hold"),
    # Directions
    Bad("STDIN", "STDIN", "STDIN can only be read; expected an address for both ways, -u or -U"),
    Bad("STDOUT", "STDOUT", "STDOUT can only be written"),
    Bad("STDOUT!!STDIN", "STDOUT!!STDIN", "the wrong way round; expected the one to read first"),
    Bad("STDOUT!!TCP:h:1", "STDOUT", "STDOUT cannot be read"),
    Bad("STDIN!!STDOUT!!STDOUT", "!!STDOUT", "a dual address has two sides; expected READ!!WRITE"),
    Bad("STDIN!!", "", "an address is empty", 7),
)  # fmt: skip


def assert_one_problem(errors: str, bad: Bad) -> None:
    """Check the line, the source below it, and the carets below that."""
    lines = errors.splitlines()
    assert len(lines) == 3, errors
    assert lines[0].startswith("catflap: ")
    assert bad.phrase in lines[0]
    assert lines[1] == f"  {bad.text}"
    column = len("  ") + bad.start
    assert lines[2] == " " * column + "^" * max(1, len(bad.marked))


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.text[:40] or "empty")
def test_a_malformed_address_is_told_at_its_place(bad: Bad) -> None:
    """One line says what is wrong, carets show where, nothing is opened, the status is 2."""
    with watched() as acts:
        outcome = invoke_here("run", bad.text, "TCP:127.0.0.1:9")
    assert outcome.status == 2
    assert not outcome.output
    assert_one_problem(outcome.errors, bad)
    assert not acts


def test_the_table_is_long_enough() -> None:
    """Sixty malformed addresses and values, each another."""
    assert len({bad.text for bad in BAD}) == len(BAD) >= 60


@pytest.mark.parametrize("bad", BAD[::12], ids=lambda bad: bad.text[:40] or "empty")
def test_the_same_as_a_second_address(bad: Bad) -> None:
    """The place is within the address that is wrong, whichever it is."""
    outcome = invoke_here("run", "TCP-LISTEN:8080", bad.text)
    assert outcome.status == 2
    assert_one_problem(outcome.errors, bad)


def test_every_problem_is_told_at_once() -> None:
    """Two wrong addresses with three mistakes are three problems, in the order of writing."""
    outcome = invoke_here("run", LISTEN + "backlog=x,keepalve", "TCP:host:99999")
    lines = outcome.errors.splitlines()
    assert len(lines) == 9
    assert "backlog" in lines[0]
    assert "keepalve" in lines[3]
    assert "99999" in lines[6]


def test_control_characters_are_shown_escaped() -> None:
    """Neither the line nor the source lets an address move the terminal's cursor."""
    outcome = invoke_here("run", "TCP:h:1,bind=\x1b]0;x\x07\n,\u202e", "TCP:127.0.0.1:9")
    assert outcome.status == 2
    assert all(line.isprintable() for line in outcome.errors.splitlines())


def run(*words: str, prefix: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        [*prefix, sys.executable, "-m", "catflap", "run", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("bad", BAD[1::30], ids=lambda bad: bad.text)
def test_the_program_itself_says_the_same(bad: Bad) -> None:
    """From the command line the status is 2, and nothing goes to the standard output."""
    done = run(bad.text, "TCP:127.0.0.1:9")
    assert (done.returncode, done.stdout) == (2, "")
    assert_one_problem(done.stderr, bad)


def fails(*words: str) -> str:
    """Run what the machine refuses; return the one message, with its place and hint if any."""
    done = run(*words)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    message, *rest = [line for line in done.stderr.splitlines() if not line.startswith("  hint: ")]
    # Either nothing more, or the address that names the file, cut when it is long, and carets.
    if rest:
        source, carets = (line.strip() for line in rest)
        assert any(source.strip(".") in word for word in words), done.stderr
        assert set(carets) == {"^"}, done.stderr
    assert len(rest) in {0, 2}, message
    return done.stderr


def test_a_port_in_use() -> None:
    """Somebody else's port is one line that names it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = fails("--log-level", "error", f"TCP4-LISTEN:{port}", "TCP:127.0.0.1:9")
    assert f"127.0.0.1:{port}" in message
    assert "in use" in message


def test_a_socket_file_is_not_left_behind(tmp_path: Path, certificates: Certificates) -> None:
    """When the far side cannot be prepared, no socket file appears."""
    path = tmp_path / "socket"
    missing = tmp_path / "missing.pem"
    far = f"TLS:127.0.0.1:9,cafile={certificates.ca},cert={missing}"
    assert str(missing) in fails("--log-level", "error", f"UNIX-LISTEN:{path}", far)
    assert not path.exists()


def test_a_unix_path_whose_folder_is_missing(tmp_path: Path) -> None:
    """A listener in a folder that is not there is one line that names the path."""
    path = tmp_path / "missing" / "socket"
    assert str(path) in fails("--log-level", "error", f"UNIX-LISTEN:{path}", "TCP:127.0.0.1:9")


def test_a_unix_path_in_use(tmp_path: Path) -> None:
    """A socket file that is already there stays as it was."""
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as taken:
        taken.bind(str(path))
        assert str(path) in fails("--log-level", "error", f"UNIX-LISTEN:{path}", "TCP:127.0.0.1:9")
    assert stat.S_ISSOCK(path.stat().st_mode)


def test_a_unix_path_that_nobody_made(tmp_path: Path) -> None:
    """A client of a missing socket file fails with one line that names it."""
    path = tmp_path / "socket"
    assert str(path) in fails("-u", "/dev/null", f"UNIX-CONNECT:{path}")


def test_an_unknown_host() -> None:
    """A name that no server knows (RFC 6761) is one line that names it."""
    assert "no-such-host.invalid" in fails(
        "--log-level", "error", "STDIO", "TCP:no-such-host.invalid:80"
    )


@dataclass(frozen=True, slots=True)
class BadFile:
    """A file that a TLS listener cannot use, and what the line says besides its name."""

    options: str
    phrase: str


BAD_FILES = {
    "missing": BadFile("cert={folder}/nothing.pem", "nothing.pem"),
    "a directory": BadFile("cert={folder}", "{folder}"),
    "no PEM": BadFile("cert={garbage}", "holds no certificate"),
    "broken PEM": BadFile("cert={broken}", "broken.pem"),
    "no key": BadFile("cert={server_certificate}", "key"),
    "key missing": BadFile("cert={server_certificate},key={folder}/no.key", "no.key"),
    "key encrypted": BadFile("cert={server_certificate},key={key_encrypted}", "encrypted"),
    "key of another": BadFile("cert={server_certificate},key={client_key}", "does not belong"),
    "key of another in one file": BadFile("cert={server_mismatch}", "does not belong"),
    "expired": BadFile("cert={server_expired}", "expired"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_used(name: str, certificates: Certificates) -> None:
    """A certificate or key that will not do is one line that names file and reason."""
    paths = {field: getattr(certificates, field) for field in certificates.__dataclass_fields__}
    case = BAD_FILES[name]
    options = case.options.format_map(paths)
    address = f"TLS-LISTEN:0,cafile={certificates.ca},{options}"
    message = fails("--log-level", "error", address, "TCP:127.0.0.1:9")
    assert case.phrase.format_map(paths) in message


def test_an_unreadable_key(certificates: Certificates, tmp_path: Path) -> None:
    """A key that permissions keep away is one line that names it, for root without its powers."""
    key = tmp_path / "server.key"
    key.write_bytes(certificates.server_key.read_bytes())
    key.chmod(0)
    powerless = ("--bounding-set=-all", "--inh-caps=-all")
    prefix = (needs("setpriv"), *powerless) if os.geteuid() == 0 else ()
    address = (
        f"TLS-LISTEN:0,cafile={certificates.ca},cert={certificates.server_certificate},key={key}"
    )
    done = run("--log-level", "error", address, "TCP:127.0.0.1:9", prefix=prefix)
    assert done.returncode == 1
    assert str(key) in done.stderr
    assert "ermission denied" in done.stderr


def test_a_failed_start_frees_its_port(
    catflap: Callable[..., Service], free_port: Callable[[], int], certificates: Certificates
) -> None:
    """After a start that failed, the port is there for the next one at once."""
    port = free_port()
    fails(
        "--log-level", "error", f"TCP-LISTEN:{port}",
        f"TLS:127.0.0.1:9,cafile={certificates.folder}/nothing.pem",
    )  # fmt: skip
    assert catflap(f"TCP-LISTEN:{port}", "TCP:127.0.0.1:9").port == port
