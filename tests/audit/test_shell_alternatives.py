"""Variables that can hold several values: each is looked at, as whoever reviews the script would."""

from __future__ import annotations

import pytest

from catflap.findings.finding import Confidence
from tests.support.readings import read_as


def heard(text: str) -> list[str]:
    return [command.words[1].text for command in read_as("shell", text).commands]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('P=1; [ -n "$X" ] && P=2; socat $P x', ["1", "2"]),
        ("if a; then P=1; else P=2; fi; socat $P x", ["1", "2"]),
        ("P=1; while a; do socat $P x; P=2; done", ["1", "2"]),
        ("P=80; while getopts p: o; do P=$OPTARG; done; socat $P x", ["80", "$OPTARG"]),
        ("C='socat a x'; if y; then C='socat b x'; fi; eval \"$C\"", ["a", "b"]),
        ("if a; then P=1; else P=1; fi; socat $P x", ["1"]),
        ("P=1; P=2; socat $P x", ["2"]),
        ("f() { socat $1 x; }; f 1; f 2", ["1", "2"]),
        ('f() { sudo socat "$@"; }; f 1 x; f 2 y', ["1", "2"]),
        ('f() { socat "$1" "$2" & }; f "1,a" x; f 2 y', ["1,a", "2"]),
    ],
)
def test_each_value_that_can_reach_a_command_is_looked_at(text, words):
    assert heard(text) == words


def test_each_list_of_words_that_branches_put_together_is_looked_at():
    text = (
        "cmd=(socat -T 60)\nif tls; then cmd+=(OPENSSL-LISTEN:1); else cmd+=(TCP-LISTEN:1); fi\n"
        'cmd+=(TCP:a:1)\nexec "${cmd[@]}"\n'
    )
    found = [command.words[3].text for command in read_as("shell", text).commands]
    assert {"OPENSSL-LISTEN:1", "TCP-LISTEN:1"} <= set(found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A=1 B=2\nsocat $A $B", ["1", "2"]),
        ("A=1 B=2\n\n# why\nsocat $A $B", ["1", "2"]),
        ("A=1 B=2\nA=3 socat $A $B", ["1", "2"]),
        ("A=1 B=2\ncat <<E | sh\nsocat $A $B\nE\n", ["1", "2"]),
        ("r() { socat $1 $2; }\nA=1 B=2\nr $A $B", ["1", "2"]),
        ("A='1\n' B=2 socat x y", ["x", "y"]),
        ("A=1 B=2 \\\n  socat x y", ["x", "y"]),
    ],
)
def test_a_line_of_assignments_is_a_command_of_its_own(text, words):
    (command,) = read_as("shell", text).commands
    assert [word.text for word in command.words[1:]] == words


def test_two_variables_are_not_multiplied():
    text = "if a; then P=1; Q=2; else P=3; Q=4; fi; socat $P:$Q x"
    assert heard(text) == ["1:2", "3:4"]


def test_what_depends_on_the_way_through_a_script_is_less_sure():
    reading = read_as("shell", "P=1; if a; then P=2; fi; socat $P x")
    assert {command.confidence for command in reading.commands} == {Confidence.MEDIUM}


def test_many_values_cost_no_more_than_a_few():
    text = "case $x in\n" + "".join(f"{n}) P={n};;\n" for n in range(50)) + "esac\nsocat $P x\n"
    assert len(heard(text)) == 4


def test_each_call_of_a_function_is_looked_at():
    calls = "".join(f"relay TCP-LISTEN:{n},fork TCP:b:{n}\n" for n in range(9))
    assert len(heard('relay() { socat "$1" "$2" & }\n' + calls)) == 9


def test_what_branches_append_is_followed():
    text = 'T=a; if x; then T+=,b; else T="$T,c"; fi; socat "$T" x'
    assert {"a,b", "a,c"} <= set(heard(text))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("$SOCAT TCP-LISTEN:1 TCP:a:1", 1),
        ('sudo "${SOCAT_BIN}" TCP-LISTEN:1 TCP:a:1', 1),
        ("kill $SOCAT_PID; wait $SOCAT_PID", 0),
        ("$SOCAT -V", 0),
        ("$RELAY TCP-LISTEN:1 TCP:a:1", 0),
        ("echo $SOCAT TCP-LISTEN:1 TCP:a:1", 0),
        ("# $SOCAT TCP-LISTEN:1 TCP:a:1", 0),
    ],
)
def test_a_variable_named_after_a_relay_is_one_where_its_words_say_so(text, count):
    assert len(read_as("shell", "# socat\n" + text).commands) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('run_cmd "socat TCP-LISTEN:1 TCP:a:1"', 1),
        ('$SSH "sudo socat TCP-LISTEN:1 TCP:a:1 &"', 1),
        ('ssh_exec $HOST "nohup socat TCP-LISTEN:1 TCP:a:1"', 1),
        ('die "socat TCP-LISTEN:1 TCP:a:1 failed"', 0),
        ('assert_contains "$out" "socat TCP-LISTEN:1 TCP:a:1"', 0),
        ('run_cmd "apt-get install socat"', 0),
    ],
)
def test_a_text_is_run_by_what_says_that_it_runs_texts(text, count):
    assert len(read_as("shell", text).commands) == count
