"""What a reader of scripts finds, and what it leaves alone."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catflap.address.model import Literal, Unknown
from catflap.audit.judge import judge
from catflap.audit.passage import Passage
from catflap.audit.sources.shell import read
from catflap.core.surroundings import Surroundings
from catflap.findings.finding import Confidence


def commands(text: str):
    return read(Passage(text), Surroundings(), "run.sh").commands


def lines(text: str) -> list[str]:
    return [" ".join(word.text for word in command.words) for command in commands(text)]


@pytest.mark.parametrize(
    "text",
    [
        "# socat TCP-LISTEN:80 EXEC:sh",
        'echo "run socat TCP-LISTEN:80 EXEC:sh"',
        "printf '%s\\n' 'socat TCP-LISTEN:80 EXEC:sh' >&2",
        "cat <<EOF\nusage: socat TCP-LISTEN:80 EXEC:sh\nEOF",
        "command -v socat",
        "which socat || apt-get install -y socat",
        "pkill socat; killall -q socat",
        "[ -x /usr/bin/socat ] || exit 1",
        "if ! type socat >/dev/null; then exit 1; fi",
        'LOG=/var/log/socat.log; echo x >> "$LOG"',
        "cp socat /usr/local/bin/socat",
    ],
)
def test_what_only_names_the_program_is_no_command(text: str) -> None:
    assert lines(text) == []


def test_a_command_knows_its_place_with_its_wrappers() -> None:
    text = "x=1\nsudo -u bob timeout 5 socat a b # why\n"
    (command,) = commands(text)
    assert text[command.span.start : command.span.end] == "sudo -u bob timeout 5 socat a b"
    assert command.surroundings.user == "bob"
    assert command.surroundings.bounded


def test_a_followed_piece_keeps_the_place_of_the_assignment() -> None:
    text = 'ADDR=TCP-LISTEN:80\nsocat "$ADDR,fork" -'
    (command,) = commands(text)
    followed, rest = command.words[1].pieces
    assert (followed.text, followed.span.start) == ("TCP-LISTEN:80", 5)
    assert text[rest.span.start : rest.span.end] == ",fork"


def test_what_is_not_known_is_named_as_written() -> None:
    (command,) = commands("for p in 1 2; do socat TCP-L:$p,${OPTS} EXEC:$(pick); done")
    pieces = [piece for word in command.words for piece in word.pieces]
    unknown = [piece.text for piece in pieces if isinstance(piece, Unknown)]
    assert unknown == ["$p", "${OPTS}", "$(pick)"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("P=${P:-80}; socat $P x", "80"),
        ("if a; then P=1; else P=1; fi; socat $P x", "1"),
        ("if a; then P=1; socat $P x; else P=2; fi", "1"),
        ("read P; socat $P x", "$P"),
        ("f() { local P=9; }; P=1; socat $P x", "1"),
        ("f() { socat $1 x; }; f 1; f 1", "1"),
        ("f() { socat ${1:-7} x; }; f", "7"),
        ("f() { socat $P x; }; P=1; f", "1"),
        ("case $a in x) P=1; socat $P x;; y) P=2;; esac", "1"),
        ("socat $1 x", "$1"),
        ("P=$(hostname); socat $P x", "$(hostname)"),
    ],
)
def test_only_the_one_value_that_can_reach_is_taken(text: str, word: str) -> None:
    assert commands(text)[0].words[1].text == word


def test_a_command_that_is_put_together_keeps_what_is_sure() -> None:
    text = 'C="socat -d"; [ "$V" ] && C="$C -v"; C="$C TCP-L:1 EXEC:sh"; $C'
    words = commands(text)[0].words
    assert [word.text for word in words][:2] == ["socat", "-d"]
    assert [word.text for word in words][-2:] == ["TCP-L:1", "EXEC:sh"]


def test_a_service_manager_of_old_names_program_and_options_apart() -> None:
    text = (
        "DAEMON=/usr/bin/socat\nOPTS='TCP-LISTEN:80 EXEC:sh'\n"
        'start-stop-daemon --start -c nobody --exec "$DAEMON" -- $OPTS\n'
    )
    assert lines(text) == ["/usr/bin/socat TCP-LISTEN:80 EXEC:sh"]
    assert commands(text)[0].surroundings.user == "nobody"


def test_a_function_that_runs_its_words_runs_a_relay() -> None:
    assert lines('run() { log "$@"; "$@"; }\nrun socat TCP-L:1 EXEC:sh') == [
        "socat TCP-L:1 EXEC:sh"
    ]
    assert lines('run() { eval "$1"; }\nrun "socat TCP-L:1 EXEC:sh"') == ["socat TCP-L:1 EXEC:sh"]


def test_a_program_that_nobody_knows_lowers_the_confidence() -> None:
    (command,) = commands("acme-run --tag x socat TCP-LISTEN:80 EXEC:sh")
    assert command.confidence is Confidence.MEDIUM


def test_a_script_over_ssh_runs_elsewhere() -> None:
    for text in (
        "ssh root@h 'socat a b'",
        "ssh root@h <<E\nsocat a b\nE",
        "ssh root@h sh -s <<E\nsocat a b\nE",
    ):
        (command,) = commands(text)
        assert command.surroundings.elsewhere
        assert command.surroundings.user == "root"


def test_a_file_that_is_written_is_read_as_what_it_becomes() -> None:
    text = "cat > /opt/run.sh <<'EOF'\nsocat TCP-L:1 EXEC:sh\nEOF\n"
    (command,) = commands(text)
    assert command.confidence is Confidence.MEDIUM
    assert text[command.span.start : command.span.end] == "socat TCP-L:1 EXEC:sh"
    assert lines("sudo tee /opt/a.sh >/dev/null <<E\nsocat a b\nE") == ["socat a b"]
    assert lines("echo 'socat a b' >> /etc/rc.local") == ["socat a b"]


def test_a_script_that_ends_unless_root_runs_as_root() -> None:
    text = 'if [ "$(id -u)" -ne 0 ]; then\n  echo no >&2\n  exit 1\nfi\nsocat a b\n'
    assert commands(text)[0].surroundings.user == "root"


def test_a_broken_script_is_read_as_far_as_it_goes() -> None:
    reading = read(Passage("if then ((; fi\nsocat a b\n"), Surroundings(), "run.sh")
    assert [" ".join(w.text for w in c.words) for c in reading.commands] == ["socat a b"]
    assert [problem.message for problem in reading.problems] != []


def test_windows_line_ends_are_line_ends() -> None:
    assert lines("socat a \\\r\n  b\r\nsocat c d\r\n") == ["socat a b", "socat c d"]


@pytest.mark.parametrize(
    "text",
    [
        "$(socat " * 4000,
        "(socat " * 4000,
        "`socat " * 4000,
        "if socat; then " * 3000,
        "cat > a.sh <<A\nsocat a b\n" * 2000,
        "".join(f"A{i}=$A{i - 1} socat\n" for i in range(1, 3000)),
        "A=socat\n" * 2000 + "$A x y\n" * 2000,
        "sh -c 'socat " * 4000,
        "socat " + "${a:-" * 5000,
    ],
)
def test_a_hostile_script_does_not_hold_the_auditor_up(text: str) -> None:
    start = time.process_time()
    read(Passage(text), Surroundings(), "run.sh")
    assert time.process_time() - start < 3


_SHELL = st.lists(
    st.sampled_from(
        [
            "socat",
            "'",
            '"',
            "`",
            "$(",
            ")",
            "{",
            "}",
            "${A",
            "<<E\n",
            "\nE\n",
            "\\",
            "\n",
            ";",
            " \\",
            " ",
            "&",
            " sh -c ",
            " eval ",
            "$@",
            "${A[@]}",
            "A=(",
            "é",
            "😀",
            "\r\n",
            "A=",
            "$1",
            "f() {",
            "if ",
            "then ",
            "fi",
            "case x in ",
            "esac",
            "\x00",
            "#",
            "((",
            "[[",
            "<(",
            "$'",
            "\x0c",
            "\r",
            " > x.service",
            " sh",
            " TCP-L:80",
            " docker run -p 1:1 alpine/socat ",
            " xargs ",
            "sudo ",
            "su - x -c ",
            "echo ",
            "cat ",
            "tee a.sh ",
            "ssh h ",
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(_SHELL)
def test_whatever_the_text_places_are_exact(text: str) -> None:
    for command in read(Passage(text), Surroundings(), "run.sh").commands:
        assert 0 <= command.span.start < command.span.end <= len(text)
        for word in command.words:
            assert 0 <= word.span.start <= word.span.end <= len(text)
            for piece in word.pieces:
                place = text[piece.span.start : piece.span.end]
                if isinstance(piece, Literal) and len(piece.text) == len(place):
                    assert piece.text == place


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # Put together with more, and handed to a function that another file defines.
        (
            'if [ "$R" ]; then\n  t="socat -u TCP-LISTEN:$P stdio"\nfi\nt="$dec | $t"\nstage a "x $t"',
            ["socat -u TCP-LISTEN:$P stdio"],
        ),
        ("export RELAY='socat TCP-LISTEN:80 EXEC:sh'", ["socat TCP-LISTEN:80 EXEC:sh"]),
        ('start_daemon web "socat TCP-LISTEN:80 EXEC:sh"', ["socat TCP-LISTEN:80 EXEC:sh"]),
        ('stage web "pv | socat - TCP:far:80; wait"', ["socat - TCP:far:80"]),
    ],
)
def test_a_whole_command_that_is_handed_on_most_likely_runs(text: str, found: list[str]) -> None:
    assert lines(text) == found
    assert {command.confidence for command in commands(text)} == {Confidence.LOW}


@pytest.mark.parametrize(
    "text",
    [
        'USAGE="socat TCP-LISTEN:80 EXEC:sh"; show "$USAGE"',
        'log_info "socat TCP-LISTEN:80 EXEC:sh"',
        'print_hint "socat TCP-LISTEN:80 EXEC:sh"',
        'unused="socat TCP-LISTEN:80 EXEC:sh"',
        'add_service "socat listens here and forwards there"',
    ],
)
def test_what_is_shown_or_never_used_is_no_command(text: str) -> None:
    assert lines(text) == []


def test_a_command_that_runs_is_not_told_a_second_time_for_the_variable_that_holds_it() -> None:
    assert lines('r="socat TCP-LISTEN:80 EXEC:sh"\n$r &') == ["socat TCP-LISTEN:80 EXEC:sh"]


def _steps(count: int, first: str, last: str) -> str:
    """Return a script of functions that each look at a variable which the others set."""
    functions = [
        f'step{n}() {{\n  if [ "$mode" = {n} ]; then cmd="$cmd,opt{n}"; fi\n  run{n} "$cmd" "$1"\n}}\n'
        for n in range(count)
    ]
    calls = [f'step{n} "$cmd"\n' for n in range(count)]
    return f"cmd={first}\n" + "".join(functions) + "".join(calls) + last


def test_where_variables_lead_too_far_what_stands_there_in_so_many_words_is_read() -> None:
    text = _steps(20, "'socat -u'", 'socat "$cmd" STDOUT\nsocat TCP-LISTEN:80 EXEC:sh\n')
    assert lines(text)[-1] == "socat TCP-LISTEN:80 EXEC:sh"


def test_a_finding_points_at_the_address_though_its_port_is_set_elsewhere(tmp_path) -> None:
    script = tmp_path / "run.sh"
    text = 'PORT=$(choose)\nRELAY="socat TCP-LISTEN:$PORT,fork TCP:far:80"\neval "$RELAY"\n'
    script.write_text(text)
    run = subprocess.run(
        [sys.executable, "-m", "catflap", "audit", "--format", "json", str(script)],
        capture_output=True,
        check=False,
    )
    (exposed,) = [
        each for each in json.loads(run.stdout)["findings"] if each["rule"] == "plaintext-exposed"
    ]
    assert text[exposed["place"]["start"] : exposed["place"]["end"]].startswith("TCP-LISTEN:")
    assert exposed["place"]["line"] == 2


def test_a_finding_stands_at_the_address_it_is_about_though_values_stand_between():
    text = "relay() {\n  port=$1\n  host=$2\n  socat TCP-LISTEN:$port,fork TCP:$host:22\n}\n"
    found = {each.finding.rule: each.finding.span for each in judge(commands(text), text)}
    place = found["plaintext-exposed"]
    assert text[place.start : place.end] == "TCP-LISTEN:$port,fork"


@pytest.mark.parametrize(
    "text",
    [
        "$TRACE $SOCAT $opts TCP4-LISTEN:$PORT,fork PIPE &",
        'CMD="$TRACE $SOCAT $opts TCP4-LISTEN:$PORT,fork PIPE"\neval "$CMD" &',
        'CMD="$TRACE $SOCAT $opts TCP4-LISTEN:$PORT,fork PIPE"\n$CMD &',
        "run $SUDO ${SOCAT} $opts TCP4-LISTEN:$PORT,fork PIPE",
        'run "$SUDO $SOCAT $opts TCP4-LISTEN:$PORT,fork PIPE"',
        'ssh host "${SUDO:-} socat $opts TCP4-LISTEN:$PORT,fork PIPE"',
    ],
)
def test_a_variable_that_may_be_empty_stands_before_the_program(text: str) -> None:
    """Scripts that trace, or that need sudo in some places only."""
    assert [line.split(" ", 1)[1] for line in lines(text)] == ["$opts TCP4-LISTEN:$PORT,fork PIPE"]


@pytest.mark.parametrize(
    "text",
    [
        'log "$TRACE $SOCAT $opts TCP4-LISTEN:$PORT,fork PIPE"',
        'echo "$SOCAT TCP4-LISTEN:$PORT,fork PIPE"',
        "find_program $SOCAT $PATH ok",
        '[ -x "$SOCAT" ] && run "$SOCAT" -V',
    ],
)
def test_a_variable_of_that_name_alone_is_no_command(text: str) -> None:
    """It is told, looked for, or asked for its version."""
    assert lines(text) == []
