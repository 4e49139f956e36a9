"""What the auditor sees in a Go program."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.support.readings import mutated, read_as, seconds_for, words_of

_PROGRAM = """
package a
const P = 80
func f(port int) {
	args := []string{"-d", fmt.Sprintf("TCP-LISTEN:%d,fork", P)}
	args = append(args, `EXEC:sh`)
	exec.Command("socat", args...)
	exec.Command("sh", "-c", "socat - "+addr)
}
"""


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            'package a\nfunc f() { exec.Command("socat", "-", "TCP:a:1") }',
            ["socat", "-", "TCP:a:1"],
        ),
        (
            'package a\nfunc f() { exec.CommandContext(ctx, "socat", "-", "TCP:a:"+p) }',
            ["socat", "-", "TCP:a:p"],
        ),
        (
            'package a\nconst P = 1\nfunc f() { exec.Command("socat", "-", fmt.Sprintf("TCP:a:%d", P)) }',
            ["socat", "-", "TCP:a:1"],
        ),
        (
            'package a\nfunc f() { exec.Command("sh", "-c", `socat - TCP:a:1`) }',
            ["socat", "-", "TCP:a:1"],
        ),
        (
            'package a\nfunc f() {\n a := []string{"-"}\n a = append(a, "TCP:a:1")\n exec.Command("socat", a...)\n}',
            ["socat", "-", "TCP:a:1"],
        ),
        (
            'package a\nfunc f() {\n a := []string{"socat", "-", "TCP:a:1"}\n exec.Command(a[0], a[1:]...)\n}',
            ["socat", "-", "TCP:a:1"],
        ),
        (
            'package a\nfunc f() {\n b := filepath.Join(d, "bin", "socat")\n exec.Command(b, "-", "TCP:a:1")\n}',
            ["d/bin/socat", "-", "TCP:a:1"],
        ),
        (
            'package a\nvar c = &exec.Cmd{Path: "/bin/socat", Args: []string{"socat", "-", "TCP:a:1"}}',
            ["/bin/socat", "-", "TCP:a:1"],
        ),
        (
            'package a\nvar c = v1.Container{Command: []string{"socat"}, Args: []string{"-", "TCP:a:1"}}',
            ["socat", "-", "TCP:a:1"],
        ),
        (
            'package a\nvar c = v1.Container{Image: "alpine/socat", Args: []string{"-", "TCP:a:1"}}',
            ["socat", "-", "TCP:a:1"],
        ),
    ],
)
def test_what_starts_a_relay_is_read(code: str, words: list[str]) -> None:
    assert words_of(read_as("go", code)) == [words]


@pytest.mark.parametrize(
    "code",
    [
        "package a\n// socat - TCP:a:1",
        'package a\nfunc f() { log.Printf("socat - TCP:a:1") }',
        'package a\nfunc f() { fmt.Errorf("socat - TCP:a:1") }',
        'package a\nfunc f() { want := []string{"socat", "-", "TCP:a:1"} }',
        'package a\nfunc f() { exec.LookPath("socat") }',
        'package a\nfunc f() { t.Run("socat - TCP:a:1", func(t *testing.T) {}) }',
    ],
)
def test_what_is_only_said_is_no_command(code: str) -> None:
    assert words_of(read_as("go", code)) == []


def test_a_list_that_is_added_to_is_one_command() -> None:
    code = (
        'package a\nfunc f() {\n a := []string{"exec", c, "socat"}\n'
        ' a = append(a, "-", "TCP:a:1")\n exec.Command("docker", a...)\n}'
    )
    assert words_of(read_as("go", code)) == [["socat", "-", "TCP:a:1"]]


@pytest.mark.parametrize("text", ['f("socat",' * 2000, "socat." * 5000, "{socat='';" * 2000])
def test_no_text_takes_long(text: str) -> None:
    assert seconds_for("go", text, "x") < 3


@settings(max_examples=40, deadline=None)
@given(mutated(_PROGRAM))
def test_whatever_the_text_nothing_is_raised_and_places_are_true(text: str) -> None:
    read_as("go", text)
