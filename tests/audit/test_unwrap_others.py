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
