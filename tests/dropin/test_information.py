"""What the program says about itself: -V, -h, -hh, -hhh."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from catflap.relay.families import FAMILIES


def test_version_is_the_languages_and_says_whose_it_is(ours) -> None:
    text = ours("-V").out.decode()
    assert re.search(r"^socat version 1\.8\.1\.3 ", text, re.MULTILINE)
    assert "catflap" in text


def test_features_are_claimed_only_when_they_work(ours) -> None:
    text = ours("-V").out.decode()
    claimed = set(re.findall(r"#define WITH_(\w+) ", text))
    assert {"TCP", "UNIX", "EXEC", "OPENSSL", "HELP"} <= claimed
    assert "FIPS" not in claimed
    for feature, kind in (("PTY", "PTY"), ("TUN", "TUN"), ("READLINE", "READLINE")):
        assert (feature in claimed) == (kind in FAMILIES)


@pytest.mark.parametrize("level", ["-h", "-hh", "-hhh", "-?"])
def test_heads_are_sorted_as_programs_expect(ours, level) -> None:
    run = ours(level)
    assert run.status == 0
    _, _, after = run.out.decode().partition("address-head:\n")
    heads = [
        re.split(r"[:\[\s]", line.strip())[0]
        for line in after.split("   opts:")[0].splitlines()[:-2]
    ]
    assert heads == sorted(heads)
    assert "TCP-LISTEN" in heads


def test_options_are_sorted_and_name_group_phase_and_type(ours) -> None:
    _, _, after = ours("-hhh").out.decode().partition("   opt:\n")
    lines = after.splitlines()
    names = [line.split()[0] for line in lines]
    assert names == sorted(names)
    assert re.search(r"^ +backlog\tgroups=LISTEN\t+phase=LISTEN\t+type=INT$", after, re.MULTILINE)
    assert re.search(r"^ +reuseaddr\t+is an alias for so-reuseaddr$", after, re.MULTILINE)


@pytest.mark.needs("socat")
def test_all_heads_of_debians_program_are_there(ours, theirs) -> None:
    def heads(text: str) -> set[str]:
        after = text.partition("address-head:\n")[2]
        return {re.split(r"[:\[\s]", line.strip())[0].upper() for line in after.splitlines()}

    missing = heads(theirs("-h").out.decode()) - heads(ours("-h").out.decode())
    assert not {name for name in missing if name and not name.startswith("<")}


@pytest.mark.parametrize("flag", ["-V", "-h"])
@pytest.mark.parametrize(("where", "why"), [(">/dev/full", "No space left"), (">&-", "Bad file")])
def test_an_output_that_takes_nothing_is_an_error_of_the_log(flag, where, why) -> None:
    """One line as of every other failed call, and never a traceback."""
    words = f"exec {sys.executable} -m catflap.dropin.main {flag} {where}"
    done = subprocess.run(["/bin/sh", "-c", words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert re.search(rf" E write\(1, \.\.\.\): {why}", line)
