"""A command line becomes a bridge, as far as it is known."""

from __future__ import annotations

import inspect
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.address.model import Literal, Unknown
from catflap.bridge.effective import Dialect
from catflap.bridge.invocation import Invocation, read_invocation
from catflap.bridge.model import DualSide, Flow
from catflap.bridge.run_flags import RUN_FLAGS
from catflap.bridge.side import Side
from catflap.core.spans import Span
from catflap.core.surroundings import Surroundings

_PIECE = re.compile(r"\$\w+|[^$]+")


def words_of(line: str) -> list[list[Literal | Unknown]]:
    """Return the words of a line, split at blanks; ``$NAME`` is unknown."""
    words = []
    for word in re.finditer(r"[^ ]+", line):
        parts: list[Literal | Unknown] = []
        for piece in _PIECE.finditer(word[0]):
            span = Span(word.start() + piece.start(), word.start() + piece.end())
            parts.append((Unknown if piece[0][0] == "$" else Literal)(piece[0], span))
        words.append(parts)
    return words


def read(line: str, surroundings: Surroundings | None = None) -> Invocation | None:
    """Read a line in which ``$NAME`` is unknown."""
    return read_invocation(words_of(line), line, surroundings or Surroundings())


def ends(line: str, surroundings: Surroundings | None = None) -> list[str] | None:
    """Return the kinds of the bridge's addresses, ``?`` for an unknown one, or ``None``."""
    found = read(line, surroundings)
    if found is None or found.bridge is None:
        return None
    return [side.address.kind.name if side.address.kind else "?" for side in found.bridge.sides]


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        ("socat TCP-LISTEN:80,fork TCP:a:1", ["TCP-LISTEN", "TCP-CONNECT"]),
        ("/usr/bin/socat -d -d - UNIX:/x", ["STDIO", "UNIX-CLIENT"]),
        ("socat1 -T60 tcp-l:80 exec:cat", ["TCP-LISTEN", "EXEC"]),
        ("$SOCAT -u A$X B", ["?", "?"]),
        ("$BIN/socat - STDIO", ["STDIO", "STDIO"]),
        ("socat $A $B", ["?", "?"]),
        ("socat $OPTIONS TCP-LISTEN:80 TCP:a:1", ["TCP-LISTEN", "TCP-CONNECT"]),
        ("socat $OPTIONS -d TCP-LISTEN:80 $FAR", ["TCP-LISTEN", "?"]),
        ("socat $OPTIONS $A TCP:a:1", ["?", "TCP-CONNECT"]),
        ("socat TCP-LISTEN:80 TCP:a:1 $MORE", ["TCP-LISTEN", "TCP-CONNECT"]),
        ("socat -T $TIME TCP-LISTEN:80 TCP:a:1", ["TCP-LISTEN", "TCP-CONNECT"]),
        ("socat -$LETTER - TCP:a:1", ["STDIO", "TCP-CONNECT"]),
        ("socat STDIN!!STDOUT TCP:a:1", ["STDIN", "STDOUT", "TCP-CONNECT"]),
        ("catflap run --once TCP-LISTEN:80 - -u", ["TCP-LISTEN", "STDIO"]),
        ("catflap run TCP-LISTEN:80 --idle-timeout 5m TCP:a:1", ["TCP-LISTEN", "TCP-CONNECT"]),
        ("catflap-socat - STDOUT", ["STDIO", "STDOUT"]),
        ("socat", None),
        ("socat -V", None),
        ("socat -h", None),
        ("socat A", None),
        ("socat A B C", None),
        ("socat $EVERYTHING", None),
    ],
)
def test_addresses(line: str, kinds: list[str] | None) -> None:
    """Two addresses are found whatever stands around them; an unknown one stays unknown."""
    assert ends(line) == kinds


@pytest.mark.parametrize(
    "line", ["", "nc -l 80", "catflap explain tls", "catflap", "catflap --version", "$X A B",
             "socat-tools A B", "$SOCAT_DIR/other A B"]
)  # fmt: skip
def test_other_programs(line: str) -> None:
    """What relays nothing is no invocation."""
    assert read(line) is None


def test_dialects() -> None:
    """socat's defaults hold for socat and for our program of that kind."""
    for line, dialect in [
        ("socat - -", Dialect.SOCAT),
        ("catflap-socat - -", Dialect.SOCAT),
        ("catflap run - -", Dialect.CATFLAP),
    ]:
        found = read(line)
        assert found is not None
        assert found.dialect is dialect


@pytest.mark.parametrize(
    ("line", "flow", "idle", "half_close"),
    [
        ("socat - STDIO", Flow.BOTH, None, 0.5),
        ("socat -u -T 60 -t 5 - STDIO", Flow.FORWARD, 60.0, 5.0),
        ("socat -U -T -1 - STDIO", Flow.BACKWARD, 0.0, 0.5),
        ("socat -T $X - STDIO", Flow.BOTH, None, 0.5),
        ("catflap run - STDIO", Flow.BOTH, None, 60.0),
        ("catflap run -U --idle-timeout=2m --half-close-timeout 0 - STDIO", Flow.BACKWARD, 120.0,
         0.0),
    ],
)  # fmt: skip
def test_flow_and_limits(line: str, flow: Flow, idle: float | None, half_close: float) -> None:
    """What the flags say is what the bridge does."""
    found = read(line)
    assert found is not None
    assert found.bridge is not None
    limits = found.bridge.limits
    assert (found.bridge.flow, limits.idle, limits.half_close) == (flow, idle, half_close)


def test_accepted_findings() -> None:
    """``--unsafe`` is read for who judges the command."""
    found = read("catflap run --unsafe plaintext-exposed=lab TCP-LISTEN:80,bind=0.0.0.0 -")
    assert found is not None
    assert found.bridge is not None
    (acceptance,) = found.bridge.accepted
    assert (acceptance.rule, acceptance.reason) == ("plaintext-exposed", "lab")


@pytest.mark.parametrize(
    ("line", "message", "place"),
    [
        ("socat - TCP:a:1,bnid=x", "bnid is not an option", "bnid"),
        ("socat - TCP-LSITEN:80", "TCP-LSITEN is not an address kind", "TCP-LSITEN"),
        ("socat -q - STDIO", "-q is not an option of socat", "-q"),
        ("socat A B C", "exactly two addresses are needed, here are 3", "C"),
        ("catflap run --onec - STDIO", "--onec is not an option of catflap run", "--onec"),
        ("socat -u STDOUT STDIO", "STDOUT cannot be read", "STDOUT"),
    ],
)
def test_problems(line: str, message: str, place: str) -> None:
    """What the program would refuse is told with its place in the source."""
    found = read(line)
    assert found is not None
    assert message in [problem.message for problem in found.problems]
    problem = next(each for each in found.problems if each.message == message)
    assert line[problem.span.start : problem.span.end] == place
    assert problem.source == line


def test_a_count_that_a_variable_decides_is_no_problem() -> None:
    """Nobody knows how many words an unquoted variable is."""
    found = read("socat $ADDRESSES")
    assert found is not None
    assert (found.bridge, found.problems) == (None, ())


def test_words_from_elsewhere() -> None:
    """With xargs the other address is still to come."""
    assert ends("socat TCP-LISTEN:80,fork", Surroundings(hidden_input=True)) == ["TCP-LISTEN", "?"]


def test_surroundings_reach_every_side() -> None:
    """Rules ask a side alone where it runs."""
    place = Surroundings(container=True)
    found = read("socat STDIN!!STDOUT TCP:a:1", place)
    assert found is not None
    assert found.bridge is not None
    assert found.bridge.surroundings is place
    assert all(side.surroundings is place for side in found.bridge.sides)
    assert isinstance(found.bridge.first, DualSide)
    assert isinstance(found.bridge.second, Side)


def test_flags_of_run_are_those_of_the_command() -> None:
    """The table says what the command says."""
    from catflap.cli.run import run

    theirs = {name for each in run.params if each.param_type_name == "option" for name in each.opts}
    ours = {row.name for row in RUN_FLAGS} - {"-h", "--help"}
    assert {name for name in theirs if name.startswith("-")} == ours
    assert inspect.isfunction(run.callback)


@given(
    st.lists(st.text("$ABab-:,!dutTV=/'", max_size=8).filter(lambda text: text), max_size=6),
    st.sampled_from(["socat", "catflap run", "$SOCAT"]),
    st.booleans(),
)
def test_any_command(texts: list[str], program: str, hidden: bool) -> None:
    """It never raises, and every problem lies within the source."""
    line = " ".join([program, *texts])
    found = read(line, Surroundings(hidden_input=hidden))
    assert found is not None
    assert all(problem.span.end <= len(line) for problem in found.problems)


def test_the_files_of_an_address_that_does_not_exist_have_names_all_the_same() -> None:
    found = read("socat TLS-SERVER:443,cert=a.pem - ")
    assert found is not None
    assert found.bridge is not None
    assert found.bridge.sides[0].text("openssl-certificate").value == "a.pem"
