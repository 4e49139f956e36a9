"""``catflap audit`` as a user runs it: what it prints, writes, and ends with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CATFLAP = str(Path(sys.executable).with_name("catflap"))
BAD = "socat TCP-LISTEN:2375,fork UNIX-CONNECT:/var/run/docker.sock\n"
FINE = "socat UNIX-LISTEN:/run/a.sock,mode=600,fork UNIX-CONNECT:/run/b.sock\n"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Return an empty directory that the commands are run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def audit(*words, stdin=""):
    return subprocess.run(
        [CATFLAP, "audit", *words],
        input=stdin, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def rules(*words, stdin=""):
    document = json.loads(audit("--format", "json", *words, stdin=stdin).stdout)
    return [each["rule"] for each in document["findings"]]


def test_a_tree_with_a_hole(tree):
    (tree / "run.sh").write_text(BAD)
    ended = audit()
    assert ended.returncode == 15
    assert "docker-socket-exposed" in ended.stdout
    assert "run.sh:1:" in ended.stdout
    assert "1 command in 1 of 1 file" in ended.stdout
    assert ended.stderr == ""


def test_nothing_found_is_told_and_ends_with_0(tree):
    (tree / "run.sh").write_text(FINE)
    (tree / "notes.md").write_text("socat is a program\n")
    ended = audit(".")
    assert ended.returncode == 0, ended.stdout
    (tree / "run.sh").unlink()
    assert (audit(".").returncode, "no command in 1 file" in audit(".").stdout) == (0, True)


@pytest.mark.parametrize(
    ("command", "level", "status"),
    [
        (BAD, "critical", 15),
        ("socat TCP-LISTEN:80,fork TCP:127.0.0.1:8080\n", "critical", 0),
        ("socat TCP-LISTEN:8080,fork TCP:127.0.0.1:80\n", "high", 14),
        (FINE, "info", None),
    ],
)
def test_the_status_is_that_of_the_worst(tree, command, level, status):
    (tree / "run.sh").write_text(command)
    ended = audit("--fail-on", level)
    if status is None:
        assert ended.returncode in {0, 11, 12}
    else:
        assert ended.returncode == status, ended.stdout


def test_nothing_to_look_at_ends_with_3(tree):
    assert audit("missing.sh").returncode == 3
    (tree / "empty").mkdir()
    ended = audit("empty")
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "no file in empty" in ended.stderr


def test_a_named_file_that_cannot_be_read_ends_with_1(tree):
    (tree / "run.sh").write_text(FINE)
    ended = audit("run.sh", "missing.sh", "--fail-on", "critical")
    assert ended.returncode == 1
    assert "missing.sh: cannot be read: No such file or directory" in ended.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--"], "no command stands after --"),
        (["a", "--", "socat"], "exclude each other"),
        (["--processes", "a"], "exclude each other"),
        (["-", "a"], "stands alone"),
        (["--kind", "shel"], "shel"),
        (["--isolated", "--config", "x"], "exclude each other"),
        (["--fail-on", "worst"], "worst"),
    ],
)
def test_wrong_words_end_with_2(tree, words, says):
    ended = audit(*words)
    assert ended.returncode == 2
    assert says in ended.stderr


def test_words_after_dashes_are_a_command(tree):
    ended = audit(
        "--", "sudo", "socat", "TCP-LISTEN:2375,fork", "UNIX-CONNECT:/var/run/docker.sock"
    )
    assert ended.returncode == 15
    lines = ended.stdout.splitlines()
    place = next(line for line in lines if "--> command line:1:" in line)
    column = int(place.rpartition(":")[2])
    source = next(line for line in lines if "sudo socat TCP-LISTEN" in line)
    carets = lines[lines.index(source) + 1]
    assert source[carets.index("^") :].startswith(source[source.index("sudo") + column - 1 :][:8])


def test_a_word_with_blanks_is_shown_in_quotes(tree):
    ended = audit("--", "socat", "TCP-LISTEN:1234,fork", 'SYSTEM:read a; sh -c "$a"')
    assert "'SYSTEM:read a; sh -c \"$a\"'" in ended.stdout


def test_a_command_that_is_quoted_as_a_whole_is_read_by_a_shell(tree):
    assert "remote-shell" in rules("--", "cd /tmp && sudo socat TCP-LISTEN:1234,fork EXEC:sh")


def test_the_standard_input(tree):
    assert "docker-socket-exposed" in rules("-", "--kind", "shell", stdin=BAD)
    assert "docker-socket-exposed" in rules("-", stdin=f"#!/bin/sh\n{BAD}")
    unit = f"[Service]\nExecStart={BAD}"
    assert "docker-socket-exposed" in rules("-", "--kind", "systemd", stdin=unit)


def test_what_runs_now(tree):
    # Popen returns when the program has been executed, so its words are there.
    words = ["socat", "UNIX-LISTEN:s.sock,mode=666,fork", "EXEC:/bin/sh"]
    running = subprocess.Popen(words)
    try:
        ended = audit("--processes", "--format", "json")
        findings = json.loads(ended.stdout)["findings"]
        ours = {each["rule"] for each in findings if each["path"] == f"process {running.pid}"}
        assert "remote-shell" in ours
        assert ended.returncode >= 14
    finally:
        running.terminate()
        running.wait(60)


def test_a_report_in_a_file_is_whole(tree):
    (tree / "run.sh").write_text(BAD)
    ended = audit("--format", "sarif", "-o", "out.sarif", "run.sh")
    assert (ended.returncode, ended.stdout) == (15, "")
    assert json.loads((tree / "out.sarif").read_text())["version"] == "2.1.0"
    assert "1 command" in ended.stderr
    assert sorted(os.listdir(tree)) == ["out.sarif", "run.sh"]
    assert (tree / "out.sarif").stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask():
    old = os.umask(0)
    os.umask(old)
    return old


@pytest.mark.parametrize(
    ("form", "name"), [("sarif", "catflap.sarif"), ("sarif", "a.sarif.json"), ("junit", "r.xml")]
)
def test_the_report_of_one_audit_is_no_finding_of_the_next(tree, form, name):
    """It quotes commands, of the rules' examples too; fix leaves it as it is."""
    (tree / "run.sh").write_text(BAD)
    before = rules()
    assert audit("--format", form, "-o", name).returncode == 15
    assert rules() == before
    written = (tree / name).read_bytes()
    subprocess.run([CATFLAP, "fix", "--write", "--unsafe-fixes"], capture_output=True, check=False)
    assert (tree / name).read_bytes() == written
    # Who names it wants it read.
    assert len(rules(name)) >= 1


def test_what_runs_is_read_whatever_it_begins_with(tree):
    """The words of a report in a script hide nothing."""
    (tree / "run.sh").write_text('{ "runs": [\n' + BAD)
    (tree / "run").write_text('#!/bin/sh\n# <testsuites name="catflap audit"\n' + BAD)
    assert rules().count("docker-socket-exposed") == 2


def test_a_report_that_cannot_be_written_leaves_what_was_there(tree):
    (tree / "run.sh").write_text(BAD)
    ended = audit("-o", "missing/out.txt", "run.sh")
    assert ended.returncode == 1
    assert "missing/out.txt cannot be written" in ended.stderr


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "gitlab", "junit", "markdown"])
def test_every_format_is_written(tree, form):
    (tree / "run.sh").write_bytes(b"# \xff\n" + BAD.encode())
    ended = audit("--format", form)
    assert ended.returncode == 15, ended.stderr
    assert "docker-socket-exposed" in ended.stdout or form == "github"


def test_a_comment_suppresses_and_can_be_overruled(tree):
    (tree / "run.sh").write_text(f"# catflap: ignore[docker-socket-exposed] a lab\n{BAD}")
    ended = audit()
    assert ended.returncode < 15
    assert "1 suppressed" in ended.stdout
    assert audit("--no-ignores").returncode == 15


def test_a_baseline_lets_only_new_findings_count(tree):
    (tree / "run.sh").write_text(BAD)
    assert audit("--write-baseline", "known.json").returncode == 0
    assert audit("--baseline", "known.json").returncode == 0
    (tree / "run.sh").write_text(f"set -e\n{BAD}socat TCP-LISTEN:99,fork EXEC:/bin/sh\n")
    ended = audit("--baseline", "known.json")
    assert ended.returncode == 15
    assert "remote-shell" in ended.stdout
    assert "docker-socket-exposed" not in ended.stdout


def test_settings_of_the_project(tree):
    (tree / "run.sh").write_text(BAD)
    (tree / "vendor").mkdir()
    (tree / "vendor/run.sh").write_text(BAD)
    (tree / "catflap.toml").write_text(
        '[audit]\nexclude = ["vendor/"]\nfail-on = "critical"\n[audit.severity]\ndocker-socket-exposed = "low"\n'
    )
    ended = audit()
    assert ended.returncode == 0
    assert "vendor" not in ended.stdout
    assert audit("--isolated").returncode == 15
    (tree / "catflap.toml").write_text("[audit]\nexclud = []\n")
    ended = audit()
    assert ended.returncode == 2
    assert "catflap.toml:2:1: there is no setting exclud; did you mean exclude?" in ended.stderr


def test_filters_change_what_is_shown_and_not_the_status(tree):
    (tree / "run.sh").write_text(
        BAD + "socat TCP-LISTEN:8080,bind=127.0.0.1,fork TCP:127.0.0.1:80\n"
    )
    shown = audit("--min-severity", "critical")
    assert shown.returncode == 15
    assert "not shown" in shown.stdout
    low = audit("--min-severity", "critical", "--format", "json")
    assert {each["severity"] for each in json.loads(low.stdout)["findings"]} == {"critical"}


def test_quiet_is_findings_alone(tree):
    (tree / "run.sh").write_text(FINE)
    ended = audit("-q", "--min-severity", "critical")
    assert (ended.stdout, ended.stderr) == ("", "")


def test_colour_only_when_asked_for_or_on_a_terminal(tree):
    (tree / "run.sh").write_text(BAD)
    assert "\x1b[" not in audit().stdout
    assert "\x1b[" in audit("--color", "always").stdout
