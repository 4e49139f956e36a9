"""What the auditor sees in a Nix expression."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.support.readings import mutated, read_as, seconds_for, words_of

_PROGRAM = """
{ pkgs, ... }: let port = 80; in {
  systemd.services.x.serviceConfig = { ExecStart = "${pkgs.socat}/bin/socat - TCP:a:${toString port}"; User = "u"; };
  systemd.services.y.script = \'\'
    exec ${pkgs.socat}/bin/socat - TCP:\'\'${H}:1
  \'\';
}
"""


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ('{ shellHook = "socat - TCP:a:1"; }', ["socat", "-", "TCP:a:1"]),
        ("pkgs.writeShellScriptBin \"x\" ''\n  socat - TCP:a:1\n''", ["socat", "-", "TCP:a:1"]),
        (
            '{ systemd.services.x.serviceConfig.ExecStart = "${lib.getExe pkgs.socat} - TCP:a:1"; }',
            ["socat", "-", "TCP:a:1"],
        ),
        (
            '{ a.ProgramArguments = [ "${pkgs.socat}/bin/socat" "-" "TCP:a:1" ]; }',
            ["${pkgs.socat}/bin/socat", "-", "TCP:a:1"],
        ),
        (
            "{ testScript = ''\n  machine.succeed(\"socat - TCP:a:1\")\n''; }",
            ["socat", "-", "TCP:a:1"],
        ),
        ('let p = 1; in { script = "socat - TCP:a:${toString p}"; }', ["socat", "-", "TCP:a:1"]),
        (
            '{ c.x = { image = "alpine/socat"; cmd = [ "-" "TCP:a:1" ]; }; }',
            ["socat", "-", "TCP:a:1"],
        ),
    ],
)
def test_what_starts_a_relay_is_read(code: str, words: list[str]) -> None:
    assert words_of(read_as("nix", code)) == [words]


@pytest.mark.parametrize(
    "code",
    [
        "# socat - TCP:a:1\n{ }",
        '{ description = "socat - TCP:a:1"; }',
        "{ environment.systemPackages = [ pkgs.socat ]; }",
        "{ script = ''\n  # socat - TCP:a:1\n''; }",
    ],
)
def test_what_is_only_said_is_no_command(code: str) -> None:
    assert words_of(read_as("nix", code)) == []


@pytest.mark.parametrize(
    ("setting", "user"), [("", "root"), ('User = "u";', "u"), ("DynamicUser = true;", "dynamic")]
)
def test_a_service_runs_as_whom_its_settings_name(setting: str, user: str) -> None:
    code = f'{{ systemd.services.x.serviceConfig = {{ ExecStart = "socat - PTY"; {setting} }}; }}'
    assert read_as("nix", code).commands[0].surroundings.user == user


@pytest.mark.parametrize("text", ['f("socat",' * 2000, "socat." * 1500, "{socat='';" * 2000])
def test_no_text_takes_long(text: str) -> None:
    assert seconds_for("nix", text, "x") < 3


@settings(max_examples=40, deadline=None)
@given(mutated(_PROGRAM))
def test_whatever_the_text_nothing_is_raised_and_places_are_true(text: str) -> None:
    read_as("nix", text)


def test_a_path_of_thousands_of_names_takes_no_time():
    text = "{ x = a" + ".a" * 20_000 + '; y = "socat - PTY"; }'
    assert seconds_for("nix", text, "a.nix") < 1
