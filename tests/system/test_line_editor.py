"""READLINE: a person types lines at a terminal, and the far side answers."""

import os
import select
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.terminals import at_terminal
from tests.support.traffic import read_exactly
from tests.support.waiting import eventually

CATFLAP = (sys.executable, "-m", "catflap", "run", "--log=none", "--drain-timeout=0.1")
SOCAT = (sys.executable, "-c", "import sys; from catflap.dropin.main import main; sys.exit(main())")

terminal = pytest.fixture(at_terminal)


@pytest.fixture
def far(taker):
    """Return who is asked: a TCP service that the test plays."""
    return taker


def to(far):
    """Return the address of the far side."""
    return f"TCP:127.0.0.1:{far.port}"


def children(pid):
    """Return the processes that one started."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def program_of(screen):
    """Return the process id of the program itself, behind setsid(1)."""
    return eventually(lambda: children(screen.process.pid) or [screen.process.pid])[0]


@pytest.mark.parametrize("program", [CATFLAP, SOCAT])
def test_a_line_is_edited_and_sent_whole(terminal, far, program):
    """Nothing goes before the return key, and what goes is the line as edited."""
    screen = terminal(*program, "READLINE", to(far))
    peer = far.take()
    peer.send(b"hello\nname: ")
    screen.see(b"name: ")
    screen.type(b"bub\x7f\x7fob\x01B\x04")
    screen.see(b"\rname: bub")
    screen.type(b"\n")
    assert read_exactly(peer, 4) == b"Bob\n"


def test_nothing_is_sent_before_the_line_is_done(terminal, far):
    """The far side gets no single keys."""
    screen = terminal(*CATFLAP, "READLINE", to(far))
    peer = far.take()
    eventually(screen.gives_single_keys)
    screen.type(b"abc")
    screen.see(b"abc")
    assert not select.select([peer.socket], [], [], 0)[0]


def test_lines_typed_before_come_back(terminal, far):
    """The up key brings the last line."""
    screen = terminal(*CATFLAP, "READLINE", to(far))
    peer = far.take()
    eventually(screen.gives_single_keys)
    screen.type(b"one\n")
    assert read_exactly(peer, 4) == b"one\n"
    screen.type(b"\x1b[A!\n")
    assert read_exactly(peer, 5) == b"one!\n"


def test_ctrl_d_ends_the_session(terminal, far):
    """On an empty line it is the end of file; the answer still comes."""
    screen = terminal(*CATFLAP, "READLINE", to(far))
    peer = far.take()
    eventually(screen.gives_single_keys)
    screen.type(b"\x04")
    assert peer.receive() == b""
    peer.send(b"bye\n")
    screen.see(b"bye")
    peer.close()
    assert screen.wait() == 0
    assert screen.is_as_before()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
@pytest.mark.parametrize("program", [CATFLAP, SOCAT])
def test_a_signal_leaves_the_terminal_as_it_was(terminal, far, program, number):
    """However it ends, the shell finds its terminal as before."""
    screen = terminal(*program, "READLINE", to(far))
    far.take()
    eventually(screen.gives_single_keys)
    screen.type(b"half a line")
    screen.see(b"half a line")
    os.kill(program_of(screen), number)
    screen.wait()
    assert screen.is_as_before()


@pytest.mark.parametrize("program", [CATFLAP, SOCAT])
def test_ctrl_c_leaves_the_terminal_as_it_was(terminal, far, program):
    """The key that interrupts still does."""
    screen = terminal(*program, "READLINE", to(far))
    far.take()
    eventually(screen.gives_single_keys)
    screen.type(b"half\x03")
    screen.wait()
    assert screen.is_as_before()


def test_a_far_side_that_goes_leaves_the_terminal_as_it_was(terminal, far):
    """The far side ends in the middle of a line."""
    screen = terminal(*CATFLAP, "READLINE", to(far))
    peer = far.take()
    eventually(screen.gives_single_keys)
    screen.type(b"half")
    screen.see(b"half")
    peer.close()
    os.kill(program_of(screen), signal.SIGTERM)
    screen.wait()
    assert screen.is_as_before()


def test_a_stopped_program_leaves_the_terminal_to_others(terminal, far):
    """SIGTSTP: the shell gets its terminal back, and the line is there again afterwards."""
    screen = terminal(*CATFLAP, "READLINE", to(far))
    peer = far.take()
    peer.send(b"> ")
    screen.see(b"> ")
    screen.type(b"abc")
    screen.see(b"> abc")
    pid = program_of(screen)
    os.kill(pid, signal.SIGTSTP)
    eventually(screen.is_as_before)
    eventually(lambda: "T (stopped)" in Path(f"/proc/{pid}/status").read_text())
    os.kill(pid, signal.SIGCONT)
    screen.see(b"\r> abc")
    eventually(screen.gives_single_keys)
    screen.type(b"d\n")
    assert read_exactly(peer, 5) == b"abcd\n"


def test_what_the_far_side_says_meanwhile_is_shown_above(terminal, far):
    """Output in the middle of typing: the line is taken away and drawn again below it."""
    screen = terminal(*CATFLAP, "READLINE", to(far))
    peer = far.take()
    peer.send(b"> ")
    screen.see(b"> ")
    screen.type(b"abc")
    screen.see(b"> abc")
    peer.send(b"news\n> ")
    screen.see(b"\b\b\b   \b\b\bnews\r\n> abc")
    screen.type(b"\n")
    assert read_exactly(peer, 4) == b"abc\n"


def test_a_password_is_neither_shown_nor_kept(terminal, far, tmp_path):
    """noecho: what answers such a prompt is not echoed and does not enter the history."""
    path = tmp_path / "history"
    screen = terminal(*CATFLAP, f"READLINE,history={path},noecho=[Pp]assword:", to(far))
    peer = far.take()
    peer.send(b"user: ")
    screen.see(b"user: ")
    screen.type(b"bob\n")
    assert read_exactly(peer, 4) == b"bob\n"
    peer.send(b"Password: ")
    screen.see(b"Password: ")
    screen.type(b"secrex\x7ft\n")
    assert read_exactly(peer, 7) == b"secret\n"
    peer.send(b"welcome\n")
    assert b"sec" not in screen.see(b"welcome")
    screen.type(b"\x04")
    peer.close()
    screen.wait()
    assert path.read_text() == "bob\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_password_asked_for_in_the_middle_of_a_line(terminal, far):
    """What was typed so far is taken from the screen, and the rest never gets there."""
    screen = terminal(*CATFLAP, "READLINE,noecho=[Pp]assword:", to(far))
    peer = far.take()
    eventually(screen.gives_single_keys)
    screen.type(b"se")
    screen.see(b"se")
    peer.send(b"\nPassword: ")
    screen.see(b"Password: ")
    screen.type(b"cret\n")
    assert read_exactly(peer, 7) == b"secret\n"
    peer.send(b"welcome\n")
    assert b"cret" not in screen.see(b"welcome")


def test_a_password_is_hidden_with_a_prompt_of_ones_own_too(terminal, far):
    """noecho looks at what the far side asks, whatever prompt= says."""
    screen = terminal(*CATFLAP, "READLINE,prompt=me> ,noecho=[Pp]assword:", to(far))
    peer = far.take()
    screen.see(b"me> ")
    peer.send(b"Password: ")
    screen.see(b"Password: ")
    screen.type(b"secret\n")
    assert read_exactly(peer, 7) == b"secret\n"
    assert b"secret" not in screen.see(b"me> ")


def test_a_history_is_used_again(terminal, far, tmp_path):
    """history=FILE: lines of the last time come back with the up key."""
    path = tmp_path / "history"
    path.write_text("older\n")
    path.chmod(0o600)
    screen = terminal(*CATFLAP, f"READLINE,history-file={path}", to(far))
    peer = far.take()
    eventually(screen.gives_single_keys)
    screen.type(b"\x1b[A\n")
    assert read_exactly(peer, 6) == b"older\n"


def test_a_prompt_that_was_said_is_there_at_once(terminal, far):
    """prompt=TEXT stands before each line, and again below what the far side says."""
    screen = terminal(*CATFLAP, "READLINE,prompt=me> ", to(far))
    peer = far.take()
    screen.see(b"\rme> ")
    peer.send(b"news")
    screen.see(b"\r    \rnews\r\nme> ")
    screen.type(b"abc\n")
    assert read_exactly(peer, 4) == b"abc\n"
    screen.see(b"abc\r\n\rme> ")


@pytest.mark.parametrize(
    ("program", "shown"), [(CATFLAP, b"^[]0;evil^G"), (SOCAT, b"\x1b]0;evil\x07")]
)
def test_commands_to_the_terminal(terminal, far, program, shown):
    """catflap shows what would be obeyed; the drop-in writes it, as the C program does."""
    screen = terminal(*program, "READLINE", to(far))
    peer = far.take()
    peer.send(b"\x1b]0;evil\x07\n")
    screen.see(shown)


def test_much_text_to_a_slow_terminal_arrives_whole(terminal, far):
    """A terminal that is not read holds the far side back, and nothing is lost."""
    screen = terminal(*SOCAT, "READLINE", to(far))
    peer = far.take()
    text = b"".join(b"line %d\n" % number for number in range(20_000))
    peer.send(text)
    peer.close()
    found = screen.see(b"line 19999\r\n")
    assert found.replace(b"\r\n", b"\n").endswith(text)


def test_a_pipe_is_no_terminal():
    """Without a terminal there is nothing to edit: it is refused with a better word."""
    done = subprocess.run(
        [*CATFLAP[:4], "READLINE", "STALL"], input="", capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "STDIO" in done.stderr
