"""What the auditor sees in a Ruby program or a Vagrantfile."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.support.readings import mutated, read_as, seconds_for, words_of, written_in

_PROGRAM = """
PORT = 80
x = `socat TCP-LISTEN:#{PORT} STDIO`
system("socat", *%w[- TCP:a:1])
Vagrant.configure("2") do |config|
  config.vm.provision "shell", inline: <<~SHELL
    nohup socat TCP-LISTEN:7#{x} STDIO &
  SHELL
end
"""


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("`socat - TCP:a:1`", ["socat", "-", "TCP:a:1"]),
        ("%x(socat - TCP:a:1)", ["socat", "-", "TCP:a:1"]),
        ("system 'socat', '-', 'TCP:a:1'", ["socat", "-", "TCP:a:1"]),
        ('P = 1\nsystem("socat - TCP:a:#{P}")', ["socat", "-", "TCP:a:1"]),
        ("IO.popen(['socat', '-', 'TCP:a:1'])", ["socat", "-", "TCP:a:1"]),
        ("Open3.capture2('socat - TCP:a:1')", ["socat", "-", "TCP:a:1"]),
        ("X = %w[socat - TCP:a:1]\nspawn(*X)", ["socat", "-", "TCP:a:1"]),
    ],
)
def test_what_starts_a_relay_is_read(code: str, words: list[str]) -> None:
    assert words_of(read_as("ruby", code)) == [words]


@pytest.mark.parametrize(
    "code",
    [
        "# socat - TCP:a:1",
        "puts 'socat - TCP:a:1'",
        "raise 'socat - TCP:a:1'",
        "package 'socat'",
    ],
)
def test_what_is_only_said_is_no_command(code: str) -> None:
    assert words_of(read_as("ruby", code)) == []


@pytest.mark.parametrize(("option", "user"), [("", "root"), (", privileged: false", "vagrant")])
def test_a_provisioner_runs_its_script_as_root_unless_told(option: str, user: str) -> None:
    code = f'c.vm.provision "shell", inline: <<-SH{option}\n  socat - TCP:a:1\nSH\n'
    reading = read_as("ruby", code, "Vagrantfile")
    assert written_in(code, reading) == [["socat", "-", "TCP:a:1"]]
    assert reading.commands[0].surroundings.user == user


def test_what_a_command_prints_is_not_the_command() -> None:
    reading = read_as("ruby", 'x = `socat -V`\nsystem("socat - TCP:a:#{x}")')
    assert [word.literal for word in reading.commands[-1].words] == ["socat", "-", None]


@pytest.mark.parametrize("text", ['f("socat",' * 2000, "socat." * 5000, "{socat='';" * 2000])
def test_no_text_takes_long(text: str) -> None:
    assert seconds_for("ruby", text, "x") < 3


@settings(max_examples=40, deadline=None)
@given(mutated(_PROGRAM))
def test_whatever_the_text_nothing_is_raised_and_places_are_true(text: str) -> None:
    read_as("ruby", text)
