"""Completion: what the program offers, and that each shell puts it into the line."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from catflap.cli.completion import complete_address, complete_limit, complete_name, complete_rule
from tests.support.invoking import invoke_here

_PROGRAMS = Path(sys.executable).parent
_OFFERS = [
    ("catflap ex", "explain"),
    ("catflap run TLS-L", "TLS-LISTEN:"),
    ("catflap run tcp-listen:80,ran", "tcp-listen:80,range"),
    ("catflap run STDIO UNIX-C", "UNIX-CLIENT:"),
    ("catflap run TLS:host:80,cert=some-f", "TLS:host:80,cert=some-file.pem"),
    ("catflap run STDIO UNIX:some-d", "UNIX:some-directory/"),
    ("catflap run --limit per-s", "per-source="),
    ("catflap run --unsafe plaintext-e", "plaintext-exposed"),
    ("catflap explain plaintext-e", "plaintext-exposed"),
    ("catflap explain openssl-ver", "openssl-verify"),
    ("catflap explain not-af", "not-after"),
    ("catflap list r", "rules"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory with a file and a directory to be found."""
    (tmp_path / "some-file.pem").touch()
    (tmp_path / "some-directory").mkdir()
    (tmp_path / ".some-hidden").touch()
    return tmp_path


def shell(words: list[str], folder: Path, **variables: str) -> str:
    """Run a command in the folder, with the program in PATH; return what it printed."""
    path = f"{_PROGRAMS}:{os.environ['PATH']}"
    done = subprocess.run(
        words,
        env={**os.environ, "PATH": path, **variables},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_completion_scripts(name: str) -> None:
    """Each shell gets a script that asks the program."""
    outcome = invoke_here("completion", name)
    assert outcome.status == 0
    assert f"_CATFLAP_COMPLETE={name}_complete" in outcome.output


@pytest.mark.parametrize(("line", "expected"), _OFFERS)
def test_the_program_offers(line: str, expected: str, folder: Path) -> None:
    """Commands, addresses, their options, files and names."""
    told = shell(
        [sys.executable, "-m", "catflap"],
        folder,
        _CATFLAP_COMPLETE="bash_complete",
        COMP_WORDS=line,
        COMP_CWORD=str(len(line.split()) - 1),
    )
    assert f"plain,{expected}" in told.splitlines()


@pytest.mark.parametrize(("line", "expected"), _OFFERS)
def test_bash_puts_it_into_the_line(line: str, expected: str, folder: Path) -> None:
    """Bash splits words at ``:`` and ``=``; what it is given takes the place of the last piece."""
    last = line.rsplit(" ", maxsplit=1)[-1]
    kept = last[: max(last.rfind(":"), last.rfind("=")) + 1]
    script = (
        'compopt() { :; }; eval "$(catflap completion bash)"; '
        f"COMP_LINE={shlex.quote(line)}; COMP_POINT=${{#COMP_LINE}}; COMP_WORDBREAKS=' :='; "
        "_catflap_completion catflap; printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    told = shell(["bash", "--norc", "-c", script], folder).splitlines()
    assert expected.removeprefix(kept) in told


@pytest.mark.needs("fish")
@pytest.mark.parametrize(("line", "expected"), _OFFERS)
def test_fish_puts_it_into_the_line(line: str, expected: str, folder: Path) -> None:
    """Fish gets the whole word, commas and all, and the help behind a tab."""
    script = f"catflap completion fish | source; complete -C {shlex.quote(line)}"
    told = shell(["fish", "--no-config", "-c", script], folder, HOME=str(folder))
    assert expected in [each.partition("\t")[0] for each in told.splitlines()]


@pytest.mark.needs("zsh")
def test_zsh_reads_the_script(folder: Path) -> None:
    """It has no error of syntax; what it does needs a terminal."""
    (folder / "_catflap").write_text(invoke_here("completion", "zsh").output)
    assert shell(["zsh", "-f", "-c", "zsh -n _catflap && echo fine"], folder) == "fine\n"


@pytest.mark.parametrize("word", ["nonsense:1,x", "TCP:a:1,bind=x", "TCP:a", "OPEN:/nowhere/x"])
def test_nothing_is_guessed(word: str) -> None:
    """An unknown kind has no options, a value that is no file is not guessed, nor a host."""
    assert complete_address(None, None, word) == []  # type: ignore[arg-type]


def test_what_is_refused_is_not_offered() -> None:
    """Options that nobody can use are no help at the prompt."""
    found = complete_address(None, None, "TLS:a:1,openssl-e")  # type: ignore[arg-type]
    assert "TLS:a:1,openssl-egd" not in [each.value for each in found]


def test_names_are_offered_once() -> None:
    """A name that is a key, an option and a denial stands there with one meaning each."""
    nothing = None, None, ""
    for complete in (complete_name, complete_rule, complete_limit):
        offered = [(each.value, each.help) for each in complete(*nothing)]  # type: ignore[arg-type]
        assert len(offered) == len(set(offered))
