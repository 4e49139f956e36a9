"""Commands that are handed to other machines and to runners of scripts."""

from __future__ import annotations

import pytest

from tests.support.readings import read_as, words_of


@pytest.mark.parametrize(
    ("text", "elsewhere"),
    [
        ('gcloud compute ssh bastion --zone z --command "socat a b"', True),
        ('gcloud compute ssh bastion --command="sudo socat a b"', True),
        ('adb -s emulator-5554 shell "socat a b"', True),
        ("adb shell socat a b", True),
        ('concurrently "vite" "socat a b"', False),
        ('npx concurrently -k -n web,relay "vite" "socat a b"', False),
    ],
)
def test_a_text_handed_on_is_read(text, elsewhere):
    reading = read_as("shell", text)
    assert words_of(reading) == [["socat", "a", "b"]]
    assert reading.commands[0].surroundings.elsewhere is elsewhere


def test_other_options_are_no_texts():
    assert not read_as("shell", "gcloud compute ssh h --zone socat; adb push socat /data").commands


@pytest.mark.parametrize(
    "line",
    [
        "python3 -c \"import os; os.system('socat {0} {1}')\"",
        "ruby -e 'system \"socat {0} {1}\"'",
        'perl -e \'exec "socat", "{0}", "{1}"\'',
        "php -r 'shell_exec(\"socat {0} {1}\");'",
        "nix-shell -p socat --run 'socat {0} {1}'",
        "nix run nixpkgs#socat -- {0} {1}",
        "nix shell nixpkgs#socat -c socat {0} {1}",
        "docker service create --publish 80:80 alpine/socat {0} {1}",
        "./socatx64.bin {0} {1} &",
        "/tmp/socat-x86_64 {0} {1}",
        "socat-1.7.3.2 {0} {1}",
        "parallel ::: 'socat {0} {1}' 'sleep 1'",
        "aws ssm send-command --parameters 'commands=[\"socat {0} {1}\"]'",
        "aws ssm send-command --parameters 'commands=socat {0} {1}'",
    ],
)
def test_programs_within_words_and_builds_of_others(line):
    words = ["TCP-LISTEN:7001,fork", "TCP:backend:7002"]
    (found,) = words_of(read_as("shell", line.format(*words) + "\n"))
    assert found[-2:] == words


@pytest.mark.parametrize(
    "program", ["socat-proxy", "socat.sh", "socat.service", "mysocat", "socat3"]
)
def test_programs_that_only_sound_alike(program):
    line = f"{program} TCP-LISTEN:7001 TCP:backend:7002\n"
    assert not read_as("shell", line).commands


def test_a_workload_that_kubectl_creates():
    words = ["TCP-LISTEN:7001,fork", "TCP:backend:7002"]
    text = "kubectl create deployment u --image=alpine/socat --port=7001 -- socat {} {}\n"
    reading = read_as("shell", text.format(*words))
    assert words_of(reading) == [["socat", *words]]
    assert reading.commands[0].surroundings.container
    assert not read_as("shell", "kubectl create secret generic socat TCP:a:1 TCP:b:2\n").commands


def test_a_command_that_takes_the_place_of_a_relays_entry_point():
    text = (
        'package a\n\nvar c = Config{\n\tImage: "alpine/socat",\n\tEntrypoint: []string{},\n'
        '\tCmd: []string{"timeout", "60", "socat", "TCP-LISTEN:7001,fork", "TCP:backend:7002"},\n}\n'
    )
    (found,) = words_of(read_as("go", text))
    assert found == ["socat", "TCP-LISTEN:7001,fork", "TCP:backend:7002"]


@pytest.mark.parametrize(
    "given",
    [
        "patch deployment web -p '%s'",
        "patch deployment web --patch='%s'",
        "run web --image=alpine/socat --overrides '%s'",
    ],
)
def test_a_manifest_among_the_words_of_kubectl(given):
    manifest = (
        '{"spec":{"containers":[{"image":"alpine/socat","args":["TCP-LISTEN:1","TCP:a:2"]}]}}'
    )
    (command,) = read_as("shell", f"kubectl {given % manifest}\n").commands
    assert [word.text for word in command.words] == ["socat", "TCP-LISTEN:1", "TCP:a:2"]
    assert command.surroundings.container
