"""Programs as the other end, with real ones, and the C program beside us where both can do it."""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.conversing import converse
from tests.support.waiting import PATIENCE, eventually

_TELL = f"""#!{sys.executable}
import json, os, stat, sys, termios
def kind(number):
    mode = os.fstat(number).st_mode
    return "socket" if stat.S_ISSOCK(mode) else "fifo" if stat.S_ISFIFO(mode) else "other"
out = int(os.environ.get("TELL_ON", "1"))
mask = os.umask(0)
facts = {{
    "argv": sys.argv[1:],
    "argv0": open("/proc/self/cmdline", "rb").read().split(b"\\0")[0].decode(),
    "fds": {{n: os.readlink(f"/proc/self/fd/{{n}}").split(":")[0].rstrip("0123456789")
            for n in map(int, os.listdir("/proc/self/fd")) if os.path.exists(f"/proc/self/fd/{{n}}")}},
    "kind": kind(out),
    "tty": os.isatty(out),
    "blocking": [os.get_blocking(0), os.get_blocking(out)],
    "leads_session": os.getsid(0) == os.getpid(),
    "leads_group": os.getpgrp() == os.getpid(),
    "umask": mask,
    "cwd": os.getcwd(),
    "ids": [os.getuid(), os.geteuid(), os.getgid(), sorted(os.getgroups())],
    "path": os.environ.get("PATH"),
    "user": [os.environ.get(n) for n in ("USER", "LOGNAME", "HOME", "SHELL")],
    "env": sorted(os.environ),
    "facts": {{k: v for k, v in os.environ.items() if k.startswith(("SOCAT_", "CATFLAP_"))}},
    "limit": __import__("resource").getrlimit(__import__("resource").RLIMIT_NOFILE)[0],
}}
if facts["tty"]:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR)); facts["controls"] = True
    except OSError:
        facts["controls"] = False
    modes = termios.tcgetattr(out)
    facts["modes"] = [hex(word) for word in modes[:4]]
print("said on the error output", file=sys.stderr, flush=True)
os.write(out, json.dumps(facts).encode() + b"\\n")
"""


@pytest.fixture
def tell(tmp_path: Path) -> Path:
    """Return a program that tells all about itself in one line of JSON."""
    return script(tmp_path / "tell", _TELL)


def script(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def run_here(address: str, given: bytes = b"", *, until=b"", program=(), environment=None) -> bytes:
    """Return what a program answers to us on standard input and output.

    Our end comes at once, and the answer has time; or once ``until`` was answered, where a program
    cannot tell its own end, or the C program does not hear it (``pipes``).
    """
    command = program or (sys.executable, "-m", "catflap", "run", "--log", "none")
    variables = {**os.environ, **(environment or {})}
    if until:
        return converse([*command, "STDIO", address], given, until, variables).out
    patience = (f"-t{PATIENCE:g}",) if program else ()
    found = subprocess.run(
        [*command, *patience, "STDIO", address],
        input=given,
        capture_output=True,
        timeout=60,
        check=False,
        env=variables,
    )
    return found.stdout


def told(address: str, **settings) -> dict:
    line = run_here(address, until=re.compile(rb"}\r?\n"), **settings).replace(b"\r", b"")
    return json.loads(next(each for each in line.splitlines() if each.startswith(b"{")))


def ask(port: int, question: bytes = b"", host: str = "127.0.0.1") -> bytes:
    """Send a question, end it, and return the whole answer."""
    with socket.create_connection((host, port), PATIENCE) as peer:
        peer.sendall(question)
        with suppress(OSError):  # it may be gone by now: then reading says how
            peer.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: peer.recv(65536), b""))


def test_echo_by_cat(catflap):
    """What goes in comes out, and the end of one way is the end of the other."""
    service = catflap("TCP-LISTEN:0", "EXEC:cat")
    assert ask(service.port, b"hello") == b"hello"
    assert service.wait_for("closed")["sent"] == 5


def test_answer_after_the_end_of_the_question(catflap, tmp_path):
    """A program that answers two seconds after the end of its input is heard whole."""
    late = script(tmp_path / "late", "#!/bin/sh\ncat >/dev/null\nsleep 2\nseq 1 20000\n")
    expected = "".join(f"{n}\n" for n in range(1, 20001)).encode()
    for options in ("", ",pipes"):
        service = catflap("TCP-LISTEN:0", f"EXEC:{late}{options}")
        assert ask(service.port, b"question") == expected, options


def test_program_that_reads_nothing_is_heard_and_ends_the_session(catflap, tmp_path):
    """It exits with input unread; what it said arrives, and an idle client is not kept waiting."""
    brief = script(tmp_path / "brief", "#!/bin/sh\nread line\necho got $line\n")
    for options in ("", ",pipes", ",pty,raw,echo=0"):
        service = catflap("TCP-LISTEN:0", f"EXEC:{brief}{options}")
        with socket.create_connection(("127.0.0.1", service.port), PATIENCE) as peer:
            peer.sendall(b"one\nmore\n")
            assert peer.recv(100) == b"got one\n", options
            assert peer.recv(100) == b"", options
            service.wait_for("closed")


@pytest.mark.needs("socat")
@pytest.mark.parametrize(
    "options",
    [
        "", ",pipes", ",pty", ",pty,raw,echo=0", ",pty,rawer", ",pty,sane,echo=0", ",setsid",
        ",pty,setsid,ctty", ",pty,icanon=0,min=1,intr=1,onlcr=0", ",stderr", ",setsid,pipes",
        ",fdout=4", ",pty,fdout=5,stderr", ",path=/usr/bin:/bin:/nix", ",login",
    ],
)  # fmt: skip
def test_as_the_c_program_does_it(tell, options):
    """Arguments, descriptors, terminal, session, users: the same child as socat's."""
    tell_on = {"TELL_ON": re.search(r"fdout=(\d)", options)[1]} if "fdout" in options else {}
    address = f"EXEC:{tell} one 'two  three' four\\\\ five{options},"
    ours = told(address + ("env=TELL_ON" if tell_on else ""), environment=tell_on)
    theirs = told(address, program=("socat",), environment=tell_on)
    for facts in (ours, theirs):
        del facts["env"], facts["facts"]
        # The C program lets further descriptors of its own through.
        wanted = {"0", "1", "2", tell_on.get("TELL_ON")}
        facts["fds"] = {n: what for n, what in facts["fds"].items() if n in wanted}
        if "ctty" in options or "rawer" in options:
            facts.pop("modes", None)
    assert ours == theirs


@pytest.mark.needs("socat")
@pytest.mark.parametrize(
    "command",
    [
        "a b", "a  b   c", "'a b' c", '"a b" c', r"a\ b", r"\"a b\" c", r"\"a \'b\' c\"", "[a b] c",
        "{a b}", "(a b) c", r"a\\\\b", r"a\:b", r"a\,b", r"'\'a b\''", "a=b", r"\n", "é",
    ],
)  # fmt: skip
def test_quoting_as_the_c_program_does_it(tell, command):
    """Words of EXEC are split twice, by the address and by the command line."""
    assert (
        told(f"EXEC:{tell} {command}")["argv"]
        == told(f"EXEC:{tell} {command}", program=("socat",))["argv"]
    )


@pytest.mark.needs("socat")
@pytest.mark.parametrize(
    "address",
    [
        'SYSTEM:echo $0 a  b; echo "x  y" >&2; cat',
        "SYSTEM:'echo \"x  y\"',stderr",
        "SYSTEM:cat\\; echo late",
        "SYSTEM:exit 3",
        "EXEC:cat,pty,raw,echo=0",
        "EXEC:'tr a-z A-Z'",
    ],
)  # fmt: skip
def test_shells_as_the_c_program_does_it(address):
    """The same text, the same output."""
    # The C program loses the answer of a program that exits while it still writes to it.
    given = b"hello\n" if "cat" in address or "tr " in address else b""
    until = given if "pty" in address else b""
    ours, theirs = (
        run_here(address, given, until=until, program=program) for program in ((), ("socat",))
    )
    assert ours == theirs


def test_end_of_pipes_is_heard_both_ways():
    """Our end is told, and what is said after it comes; the C program waits for no end of pipes."""
    assert run_here("SYSTEM:cat\\; echo late,pipes", b"hello\n") == b"hello\nlate\n"


def test_shell_takes_the_users_shell(tmp_path):
    """SHELL runs $SHELL, or what shell= names, with -c or as it is."""
    mine = script(tmp_path / "mine", '#!/bin/sh\necho "mine $#: $@"\n')
    by_user = run_here("SHELL:echo  x", environment={"SHELL": str(mine)})
    assert by_user == b"mine 2: -c echo  x\n"
    assert run_here(f"SHELL:echo,shell={mine}") == b"mine 2: -c echo\n"
    assert run_here(f"SHELL,shell={mine}") == b"mine 0: \n"


def test_child_gets_no_stray_descriptor_and_the_limit_of_its_user(catflap, tell):
    """Neither our own descriptors nor those that we inherited; and the soft limit from before."""
    read, write = os.pipe()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    service = catflap(
        "TCP-LISTEN:0",
        f"EXEC:{tell}",
        prefix=("prlimit", f"--nofile=200:{hard}"),
        descriptors=(read, write),
    )
    facts = json.loads(ask(service.port))
    os.close(read)
    os.close(write)
    others = {n: what for n, what in facts["fds"].items() if what != "/proc/"}
    assert sorted(others) == ["0", "1", "2"]
    assert facts["blocking"] == [True, True]
    assert facts["limit"] == 200


@pytest.mark.parametrize("options", ["", ",cd=/"])
def test_signals_are_as_a_program_expects_them(options):
    """Python ignores SIGPIPE (bit 12) and SIGXFSZ (bit 24); its children must not."""
    lines = run_here(f"EXEC:cat /proc/self/status{options}").decode().splitlines()
    status = dict(line.split(":", 1) for line in lines if ":" in line)
    assert int(status["SigIgn"], 16) & 0x1001000 == 0
    assert int(status["SigBlk"], 16) == 0


@pytest.mark.needs("socat")
@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
@pytest.mark.parametrize(
    "options", ["su=nobody", "su-d=daemon", "setgid=daemon,setuid=nobody", "setgid=daemon"]
)
@pytest.mark.parametrize("way", ["", ",pty,ctty,setsid,echo=0", ",pipes"])
def test_users_as_the_c_program_does_it(options, way):
    """The child becomes who it should; where setuid keeps root's groups in socat, ours drops them."""
    address = f"EXEC:id{way},{options}"
    ours, theirs = (run_here(address, until=b"\n", program=program) for program in ((), ("socat",)))
    pattern = rb"uid=\d+\S* gid=\d+\S*" + (rb".*" if "su" in options[:2] else b"")
    assert re.search(pattern, ours)[0] == re.search(pattern, theirs)[0]
    groups = re.search(rb"groups=(\S*)", ours)
    assert b"(root)" not in (groups[1] if groups else b"")


def test_environment_is_what_a_program_needs(catflap, tell):
    """Secrets of the service stay with it; what is asked for by name goes on."""
    environment = {"SECRET": "s", "ASKED": "a", "LC_TIME": "C", "TZ": "UTC", "SOCAT_PEERADDR": "x"}
    service = catflap("TCP-LISTEN:0", f"EXEC:{tell},env=[ASKED,MISSING]", environment=environment)
    with socket.create_connection(("::1", service.port), PATIENCE) as peer:
        own = peer.getsockname()[1]
        facts = json.loads(peer.makefile().readline())
    names = [name for name in facts["env"] if not name.startswith(("SOCAT_", "CATFLAP_"))]
    allowed = "PATH HOME USER LOGNAME SHELL LANG TZ TERM TMPDIR ASKED"
    assert set(names) <= {*allowed.split(), "LC_TIME", "LC_ALL", "LC_CTYPE"}
    assert {"ASKED", "TZ", "LC_TIME", "PATH"} <= set(names)
    loopback = "[0000:0000:0000:0000:0000:0000:0000:0001]"
    told_facts = facts["facts"]
    for prefix in ("SOCAT_", "CATFLAP_"):
        assert told_facts[prefix + "PEERADDR"] == told_facts[prefix + "SOCKADDR"] == loopback
        assert told_facts[prefix + "PEERPORT"] == str(own)
        assert told_facts[prefix + "SOCKPORT"] == str(service.port)
        assert told_facts[prefix + "PID"] == str(service.pid)
    assert told_facts["SOCAT_VERSION"].startswith("1.8.")


def test_launched_child_has_the_same_environment(tell):
    """The launcher in between, which is Python, leaves no trace in it."""
    plain = told(f"EXEC:{tell}", environment={"LC_ALL": "", "LANG": "C"})
    moved = told(f"EXEC:{tell},chdir=/usr", environment={"LC_ALL": "", "LANG": "C"})
    assert moved["cwd"] == "/usr"
    for facts in (plain, moved):
        facts.pop("cwd")
        facts["facts"].clear()
        facts["env"] = [name for name in facts["env"] if name != "PWD"]
    assert plain == moved


def test_umask_group_and_directory(tell):
    """What posix_spawn does and what the launcher does for it."""
    facts = told(f"EXEC:{tell},umask=027,setpgid=0,cd=/")
    assert (facts["umask"], facts["leads_group"], facts["cwd"]) == (0o27, True, "/")


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("EXEC:no-such-program", 1, "no directory of PATH"),
        ("EXEC:/no/such", 1, "there is no /no/such"),
        ("EXEC:/etc/passwd", 1, "is not executable"),
        ("EXEC:/etc", 1, "is no file"),
        ("EXEC:true,chdir=/no/such", 1, "is no directory"),
        ("EXEC:true,su=no-such-user", 1, "there is no user no-such-user"),
        ("EXEC:true,path=/no/such", 1, "no directory of PATH"),
        ("SHELL:x,shell=/no/such", 1, "there is no /no/such"),
        ("EXEC:''", 2, "the command is empty"),
        (r"EXEC:\'\'", 2, "names no program"),
        ("EXEC:true,raw", 2, "without a terminal"),
        ("EXEC:true,ctty", 2, "without a terminal"),
        ("EXEC:true,pty,pipes", 2, "exclude each other"),
        ("EXEC:true,pipes,sndbuf=1000", 2, "without a socket pair"),
        ("EXEC:true,f-setpipe-sz=4096", 2, "without pipes"),
        ("EXEC:true,su=nobody,setuid=1", 2, "su says it all"),
        ("EXEC:true,nofork,pty", 2, "no effect where nofork"),
    ],
)
def test_wrong_from_the_start(address, status, said):
    """One clear line before anything is opened, not one a session."""
    found = subprocess.run(
        [sys.executable, "-m", "catflap", "run", "TCP-LISTEN:0", address],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert found.returncode == status
    lines = [line for line in found.stderr.splitlines() if line.startswith("catflap: ")]
    assert len(lines) == 1
    assert said in lines[0]
    assert "listening" not in found.stderr


def test_program_that_cannot_be_executed_after_all(catflap, tmp_path):
    """A script without a first line is told for its session, and the service goes on."""
    odd = script(tmp_path / "odd", "")
    odd.write_bytes(b"\x00\x01\x02")
    service = catflap("TCP-LISTEN:0", f"EXEC:{odd}")
    with pytest.raises(ConnectionResetError):
        ask(service.port)
    assert "Exec format error" in service.wait_for("connect-failed")["reason"]


def test_exit_status_is_told(catflap, tmp_path):
    """A program that fails is a notice with its status or signal; a success is none."""
    fails = script(tmp_path / "fails", "#!/bin/sh\nread how\n$how\n")
    service = catflap("TCP-LISTEN:0", f"EXEC:{fails}")
    ask(service.port, b"true\n")
    ask(service.port, b"exit 7\n")
    assert "ended with status 7" in service.wait_for("notice")["message"]
    script(fails, "#!/bin/sh\nkill -KILL $$\n")
    ask(service.port)
    assert "was ended by SIGKILL" in service.wait_for("notice", count=2)["message"]
    assert len(service.find("notice")) == 2


def test_a_hundred_sessions_leave_nothing(catflap, tmp_path):
    """No zombie, no descriptor, whichever way they are connected."""
    fails = script(tmp_path / "fails", "#!/bin/sh\ncat\nexit 1\n")
    for address in ("EXEC:cat", "EXEC:cat,pipes", f"EXEC:{fails},pty,raw,echo=0", "EXEC:cat,cd=/"):
        service = catflap("TCP-LISTEN:0", address)
        ask(service.port, b"x")
        eventually(lambda: not children_of(service.pid), what="the first child ends")  # noqa: B023
        before = descriptors_of(service.pid)
        try:
            with ThreadPoolExecutor(20) as pool:
                answers = list(pool.map(lambda n: ask(service.port, b"%d" % n), range(100)))  # noqa: B023
        except OSError as error:
            raise AssertionError(f"{address}: {error}\n{service.story()}") from error
        if "pty" not in address:
            assert answers == [b"%d" % n for n in range(100)], address
        eventually(lambda: not children_of(service.pid), what=f"{address}: children end")  # noqa: B023
        eventually(lambda: descriptors_of(service.pid) <= before, what=f"{address}: closed")  # noqa: B023


def children_of(pid: int) -> str:
    """Return the children of a process, zombies included."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text()


def descriptors_of(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def test_program_that_will_not_end_is_ended(catflap, tmp_path):
    """After its session it may go on for two seconds, then it gets SIGTERM, and that is told."""
    lingers = script(tmp_path / "lingers", "#!/bin/sh\nexec sleep 100 <&- >&-\n")
    service = catflap("TCP-LISTEN:0", f"EXEC:{lingers}")
    ask(service.port)
    message = service.wait_for("notice")["message"]
    assert "ran on after its session and was ended by SIGTERM" in message
    assert not children_of(service.pid)


def test_service_ends_its_children(catflap, tmp_path):
    """A child that ignores SIGTERM dies with the service, and the whole group if it leads one."""
    stubborn = script(
        tmp_path / "stubborn", "#!/bin/sh\ntrap '' TERM\necho $$\nwhile :; do sleep 1; done\n"
    )
    service = catflap("TCP-LISTEN:0", f"EXEC:{stubborn},setsid", "--drain-timeout", "0.2")
    with socket.create_connection(("127.0.0.1", service.port), PATIENCE) as peer:
        pid = int(peer.makefile().readline())
        assert service.stop() == 128 + signal.SIGTERM
    eventually(lambda: not Path(f"/proc/{pid}").exists())


def test_one_direction_leaves_the_other_as_we_have_it(tmp_path):
    """With -u a program that is written to keeps our standard output, as socat has it."""
    command = [sys.executable, "-m", "catflap", "run", "--log", "none", "-u", "STDIO", "EXEC:cat"]
    found = converse(command, b"through", b"through")
    assert (found.out, found.status) == (b"through", 0)


def test_dual_address_of_two_programs():
    """One program is read, another written."""
    assert run_here("EXEC:echo from!!EXEC:cat >/dev/null", b"to") == b"from\n"


def test_program_that_has_the_connection_itself(catflap, tmp_path):
    """With nofork the session lasts as long as the program, counts as one, and leaves nothing."""
    greets = script(tmp_path / "greets", "#!/bin/sh\necho in\nexec cat\n")
    service = catflap("TCP-LISTEN:0,max-children=1", f"EXEC:{greets},nofork")
    before = descriptors_of(service.pid)
    with socket.create_connection(("127.0.0.1", service.port), PATIENCE) as peer:
        assert peer.recv(100) == b"in\n"
        with pytest.raises(ConnectionError):
            ask(service.port)
        peer.sendall(b"hello")
        peer.shutdown(socket.SHUT_WR)
        assert peer.recv(100) == b"hello"
        assert peer.recv(100) == b""
    assert service.wait_for("closed")["closed_by"] == "far"
    eventually(lambda: descriptors_of(service.pid) == before)
    assert not children_of(service.pid)
    assert ask(service.port, b"again") == b"in\nagain"


def test_lifetime_ends_a_program_that_has_the_connection_itself(catflap):
    """The peer reads the end though the program is still there to hold the socket."""
    service = catflap("TCP-LISTEN:0", "EXEC:sleep 600,nofork", "--limit", "lifetime=0.3")
    assert ask(service.port) == b""
    assert service.wait_for("closed")["limit"] == "lifetime=0.3"
