"""What the auditor sees in a JavaScript or TypeScript program."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.support.readings import mutated, read_as, seconds_for, words_of

_PROGRAM = """
const { spawn, exec } = require('child_process');
const args = ['-d', `TCP-LISTEN:${port},fork`];
args.push("EXEC:'/bin/sh'");
spawn('socat', args, { shell: false });
exec(`socat TCP-LISTEN:${x} \\u0053TDIO`);
"""


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("spawn('socat', ['-', 'TCP:a:1'])", ["socat", "-", "TCP:a:1"]),
        ("execFileSync('socat', ['-', `TCP:a:${p}`])", ["socat", "-", "TCP:a:${p}"]),
        ("exec('socat - TCP:a:1', (e) => {})", ["socat", "-", "TCP:a:1"]),
        ("const p = 1;\nexec(`socat - TCP:a:${p}`)", ["socat", "-", "TCP:a:1"]),
        ("const a = ['-'];\na.push('TCP:a:1');\nspawn('socat', a)", ["socat", "-", "TCP:a:1"]),
        ("spawn('socat', [...['-'], 'TCP:a:1'])", ["socat", "-", "TCP:a:1"]),
        ("Bun.spawn(['socat', '-', 'TCP:a:1'])", ["socat", "-", "TCP:a:1"]),
        ("new Deno.Command('socat', { args: ['-', 'TCP:a:1'] })", ["socat", "-", "TCP:a:1"]),
        ("await $`socat - TCP:a:${p}`", ["socat", "-", "TCP:a:${p}"]),
        ("execa('socat', ['-', 'TCP:a:1'])", ["socat", "-", "TCP:a:1"]),
        (
            "class A { bin = 'socat'; f() { spawn(this.bin, ['-', 'TCP:a:1']); } }",
            ["socat", "-", "TCP:a:1"],
        ),
        (
            "class A { #bin = process.env.S ?? 'socat'; f() { spawn(this.#bin, ['-', 'TCP:a:1']); } }",
            ["socat", "-", "TCP:a:1"],
        ),
        (
            "export class A { static BIN = 'socat'; f() { spawn(A.BIN, ['-', 'TCP:a:1']); } }",
            ["socat", "-", "TCP:a:1"],
        ),
        (
            (
                "new GenericContainer('alpine/socat:1.8.0.3').withExposedPorts(1)\n"
                "  .withCommand(['tcp-listen:1', 'TCP:a:1']).start()"
            ),
            ["socat", "tcp-listen:1", "TCP:a:1"],
        ),
        ("shell.exec('socat ' + '- TCP:a:1')", ["socat", "-", "TCP:a:1"]),
        ("const c = { command: 'socat', args: ['-', 'TCP:a:1'] }", ["socat", "-", "TCP:a:1"]),
        ("spawn('socat - TCP:a:1', { shell: true })", ["socat", "-", "TCP:a:1"]),
    ],
)
def test_what_starts_a_relay_is_read(code: str, words: list[str]) -> None:
    assert words_of(read_as("javascript", code)) == [words]


@pytest.mark.parametrize(
    "code",
    [
        "// socat - TCP:a:1",
        "console.log('socat - TCP:a:1')",
        "throw new Error('socat - TCP:a:1')",
        "expect(c).toEqual(['socat', '-', 'TCP:a:1'])",
        "const deps = ['socat', 'curl']",
    ],
)
def test_what_is_only_said_is_no_command(code: str) -> None:
    assert words_of(read_as("javascript", code)) == []


def test_types_do_not_stand_in_the_way() -> None:
    code = "const a: string[] = ['-', 'PTY'];\nspawn('socat', a as string[]);"
    assert words_of(read_as("javascript", code, "x.ts")) == [["socat", "-", "PTY"]]


@pytest.mark.parametrize("text", ['f("socat",' * 2000, "socat." * 5000, "{socat='';" * 2000])
def test_no_text_takes_long(text: str) -> None:
    assert seconds_for("javascript", text, "x") < 3


@settings(max_examples=40, deadline=None)
@given(mutated(_PROGRAM))
def test_whatever_the_text_nothing_is_raised_and_places_are_true(text: str) -> None:
    read_as("javascript", text)


@pytest.mark.parametrize(
    "code",
    [
        'run("docker", ["run", "alpine", "sh", "-c", `apk add socat && exec socat TCP-LISTEN:1 -`]);',
        'start("sh", ["-c", "socat TCP-LISTEN:1 -"]);',
        "const shells = [['socat', 'socat TCP-LISTEN:1 -'], ['nc', 'nc -l 1']];",
        "module.exports = {apps: [{script: 'socat', args: 'TCP-LISTEN:1 -'}]};",
        "const shells = {socat: {run: 'socat TCP-LISTEN:1 -'}};",
    ],
)
def test_a_command_beside_its_program_or_its_name_is_found(code):
    assert words_of(read_as("javascript", code)) == [["socat", "TCP-LISTEN:1", "-"]]
