"""``catflap fix``: a diff, or the files written, and what is left to do."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

import pytest

from catflap.cli.commands import invoke

if TYPE_CHECKING:
    from pathlib import Path

OPEN = "socat TCP-LISTEN:8080,fork TCP:127.0.0.1:9\n"
HOME = "#!/bin/sh\nsocat TCP-LISTEN:8080,bind=127.0.0.1,fork TCP:127.0.0.1:9  # why\n"
MENDED = HOME.replace("fork", "fork,max-children=100")


def fix(*words: object) -> tuple[int, str, str]:
    """Run ``catflap fix``; return its status, output and errors."""
    output, errors = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline=""), io.StringIO()
    with redirect_stdout(output), redirect_stderr(errors):
        status = invoke(["fix", *map(str, words)])
    output.flush()
    return int(status), output.buffer.getvalue().decode(), errors.getvalue()  # type: ignore[attr-defined]


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_diff_is_printed_that_patch_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path, "run.sh", HOME)
    status, output, errors = fix("run.sh")
    assert status == 10
    assert path.read_text() == HOME
    assert "run.sh:2: unlimited-fork: max-children=100 limits the processes\n" in errors
    assert "no-timeout: --unsafe-fixes: -T 3600" in errors
    subprocess.run(["patch", "-p1"], input=output, text=True, check=True, capture_output=True)
    assert path.read_text() == MENDED


def test_write_writes_and_a_second_run_has_nothing_to_do(tmp_path: Path) -> None:
    path = write(tmp_path, "run.sh", HOME)
    assert fix("--write", path)[0] == 0
    assert path.read_text() == MENDED
    status, output, errors = fix("--write", tmp_path)
    assert (status, output) == (0, "")
    assert "0 fixes in 0 files; 1 more with --unsafe-fixes" in errors


def test_placeholders_are_told_and_need_a_hand(tmp_path: Path) -> None:
    text = "socat OPENSSL-LISTEN:8443,cert=s.pem,fork TCP:127.0.0.1:9\n"
    path = write(tmp_path, "run.sh", text)
    status, _, errors = fix("--write", "--unsafe-fixes", "--rule", "tls-no-ca", path)
    assert status == 10
    assert "cafile=CHANGE-ME-CLIENT-CA.pem" in path.read_text()
    assert "CHANGE-ME-CLIENT-CA.pem: the file with the CA" in errors
    assert "1 placeholder to fill in" in errors


def test_what_a_comment_suppresses_is_left_alone(tmp_path: Path) -> None:
    comment = "# catflap: ignore[unlimited-fork] five clients, known by name\n"
    path = write(tmp_path, "run.sh", comment + HOME)
    assert fix("--write", path)[0] == 0
    assert path.read_text() == comment + HOME
    assert fix("--write", "--no-ignores", path)[0] == 0
    assert "max-children" in path.read_text()


def test_a_rule_that_the_settings_turn_off_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, "catflap.toml", '[audit.severity]\nunlimited-fork = "off"\n')
    path = write(tmp_path, "run.sh", HOME)
    assert fix("--write", path)[0] == 0
    assert path.read_text() == HOME
    assert fix("--write", "--isolated", path)[0] == 0
    assert path.read_text() == MENDED


def test_bytes_that_are_no_text_stay(tmp_path: Path) -> None:
    path = tmp_path / "run.sh"
    path.write_bytes(b"\xef\xbb\xbf# \xff\r\n" + HOME.replace("\n", "\r\n").encode())
    assert fix("--write", path)[0] == 0
    assert path.read_bytes() == b"\xef\xbb\xbf# \xff\r\n" + MENDED.replace("\n", "\r\n").encode()


def test_to_catflap_rewrites_the_command(tmp_path: Path) -> None:
    path = write(tmp_path, "run.sh", HOME)
    assert fix("--write", "--to", "catflap", path)[0] == 0
    assert path.read_text() == HOME.replace("socat", "catflap run")


def test_the_standard_input_is_a_filter() -> None:
    command = [sys.executable, "-m", "catflap", "fix", "--kind", "shell", "-"]
    done = subprocess.run(command, input=HOME.encode(), capture_output=True, timeout=60, check=True)
    assert done.stdout.decode() == MENDED


def test_colours_only_where_they_are_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, "run.sh", HOME + "# \x1b[2J\n")
    assert "\x1b[32m+" in fix("--color", "always", path)[1]
    assert "\x1b[2J" not in fix("--color", "always", path)[1], "a file moves no cursor"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--rule", "unlimited-forks"], 2, "did you mean unlimited-fork?"),
        (["--rule", "remote-shell"], 2, "has no fix: what the shell was for"),
        (["--to", "catflap", "--rule", "tls-no-ca"], 2, "--rule does not go with it"),
        (["--write", "-"], 2, "cannot be written"),
        (["-", "x"], 2, "stands alone"),
        (["/nowhere/at/all"], 3, "there is no /nowhere/at/all"),
    ],
)
def test_wrong_words_are_told(words: list[str], status: int, said: str) -> None:
    outcome = fix(*words)
    assert outcome[0] == status
    assert said in outcome[2]


def test_a_file_that_cannot_be_written_stays_and_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, "run.sh", HOME)
    (tmp_path / "other.sh").hardlink_to(path)
    status, _, errors = fix("--write", path)
    assert status == 1
    assert "2 hard links" in errors
    assert path.read_text() == HOME
