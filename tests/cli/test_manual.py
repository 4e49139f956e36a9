"""The man pages: fresh, and what man can show."""

from __future__ import annotations

import subprocess
from pathlib import Path

import click
import pytest

from catflap.cli.commands import cli
from catflap.cli.manual import main, manuals, stale_manuals

_FOLDER = Path(__file__).resolve().parents[2] / "docs" / "man"


def test_pages_are_fresh() -> None:
    """What is committed is what the tables say."""
    assert stale_manuals(_FOLDER) == [], "run tools/generate"


def test_check_tells_a_stale_page(tmp_path, capsys) -> None:
    """Written pages are fresh; one that somebody edited is named."""
    assert main(["--folder", str(tmp_path)]) == 0
    assert main(["--check", "--folder", str(tmp_path)]) == 0
    (tmp_path / "catflap.1").write_text("other")
    assert main(["--check", "--folder", str(tmp_path)]) == 1
    assert "catflap.1 is stale" in capsys.readouterr().out


def test_every_command_and_flag_is_told() -> None:
    """Names that people look for."""
    pages = manuals()
    for name in ("catflap run", "catflap audit", "catflap fds", "half\\-close\\-timeout"):
        assert name in pages["catflap.1"]
    for name in (r"\-lf FILE", r"\-\-statistics", "TCP\\-LISTEN", "CATFLAP_GATE"):
        assert name in pages["catflap-socat.1"]


def test_every_flag_of_every_command_is_explained() -> None:
    """A flag without a line of help would be a riddle on every screen."""
    group = click.Context(cli, info_name="catflap")
    silent = [
        f"{name} {parameter.opts[0]}"
        for name in cli.list_commands(group)
        if (command := cli.get_command(group, name)) is not None
        for parameter in command.get_params(click.Context(command))
        if isinstance(parameter, click.Option) and not (parameter.help or "").strip()
    ]
    assert silent == []


def test_examples_are_in_the_page() -> None:
    """They stand as they are typed, one a line."""
    page = manuals()["catflap.1"]
    assert "catflap init \\-\\-yes \\-o \\-             ask nothing, print it\n" in page
    assert page.count("Examples:") >= 10


@pytest.mark.needs("groff")
@pytest.mark.parametrize("name", sorted(manuals()))
def test_troff_takes_it(name: str) -> None:
    """No warning, and the words are there."""
    words = ["groff", "-man", "-Tascii", "-P-cbou", "-ww", str(_FOLDER / name)]
    run = subprocess.run(words, capture_output=True, timeout=60, check=False)
    assert run.stderr == b""
    assert b"SYNOPSIS" in run.stdout
