"""The action for GitHub and the hook for pre-commit: what they name is there, and they work."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from catflap.cli.commands import cli

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "tools" / "audit-action"
EXPOSED = "socat TCP-LISTEN:2375,fork UNIX-CONNECT:/var/run/docker.sock\n"
SUPPRESSED = (
    "# catflap: ignore[plaintext-to-remote] a lab without network\nsocat STDIO TCP:lab.example:80\n"
)


def _action() -> dict[str, Any]:
    made = yaml.safe_load((ROOT / "action.yml").read_text())
    assert isinstance(made, dict)
    return made


def _command(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None, name
    return found


def _audit_options() -> set[str]:
    return {name for each in _command("audit").params for name in each.opts}


def test_inputs_never_become_code() -> None:
    """Nothing is pasted into a script: every input arrives as a variable."""
    action = _action()
    steps = action["runs"]["steps"]
    assert all("${{" not in step.get("run", "") for step in steps)
    said = {
        name
        for step in steps
        for text in (
            *step.get("env", {}).values(),
            *step.get("with", {}).values(),
            step.get("if", ""),
        )
        for name in re.findall(r"inputs\.([\w-]+)", str(text))
    }
    assert said == set(action["inputs"])


def test_other_actions_are_pinned() -> None:
    """An action of somebody else is named by the hash of a commit."""
    used = [step["uses"] for step in _action()["runs"]["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", each) for each in used)


def test_inputs_reach_the_script() -> None:
    """The script reads every variable that the action hands it, and no other; its flags exist."""
    (step,) = (step for step in _action()["runs"]["steps"] if step.get("id") == "audit")
    script = SCRIPT.read_text()
    assert SCRIPT.name in step["run"]
    assert os.access(SCRIPT, os.X_OK)
    assert set(step["env"]) == set(re.findall(r"INPUT_[A-Z_]+", script)) - {"INPUT_"}
    audit = [line for line in script.splitlines() if "options" in line or " audit " in line]
    assert set(re.findall(r"(?<!\S|-)--[a-z-]+", " ".join(audit))) <= _audit_options()


def test_the_hook_is_a_command() -> None:
    """The entry of each hook is a command of ours, and its files come as paths."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in hooks] == ["catflap-audit"]
    for hook in hooks:
        program, command, *rest = hook["entry"].split()
        assert (program, rest) == ("catflap", [])
        assert _command(command).name == "audit"
        assert hook["language"] == "python"


def _run(folder: Path, **said: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    results = folder.parent / "results"
    environment = {
        "PATH": os.environ["PATH"],
        "RUNNER_TEMP": str(folder.parent),
        "GITHUB_OUTPUT": str(results),
        "GITHUB_STEP_SUMMARY": str(folder.parent / "summary.md"),
        "GITHUB_ACTION_REPOSITORY": "someone/catflap",
        "CATFLAP": str(Path(sys.executable).with_name("catflap")),
    }
    done = subprocess.run(
        [SCRIPT],
        cwd=folder,
        env=environment | said,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    lines = results.read_text().splitlines() if results.exists() else []
    return done, dict(line.split("=", 1) for line in lines)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a directory with a finding and a suppressed one."""
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "run.sh").write_text(EXPOSED)
    (folder / "lab.sh").write_text(SUPPRESSED)
    return folder


def test_action_annotates(tree: Path) -> None:
    """Without upload: annotations, a summary, the whole file, and the status for the last step."""
    done, results = _run(tree, INPUT_PATHS="run.sh\nlab.sh\n")
    assert done.returncode == 0, done.stderr
    assert results == {"sarif": "catflap.sarif", "upload": "", "status": "15"}
    assert done.stdout.startswith("::error file=run.sh,line=1,")
    assert "| critical |" in (tree.parent / "summary.md").read_text()
    assert "someone/catflap/blob/main/docs/reference" in (tree / "catflap.sarif").read_text()


def test_action_uploads_what_is_open(tree: Path) -> None:
    """Code scanning gets no suppressed result, for it would open an alert for it."""
    done, results = _run(tree, INPUT_UPLOAD="true", INPUT_SARIF="all.sarif")
    assert done.returncode == 0, done.stderr
    assert "::error" not in done.stdout
    everything = json.loads((tree / "all.sarif").read_text())["runs"][0]["results"]
    uploaded = json.loads(Path(results["upload"]).read_text())["runs"][0]["results"]
    suppressed = [each for each in everything if "suppressions" in each]
    assert suppressed
    assert uploaded == [each for each in everything if each not in suppressed]


@pytest.mark.parametrize(
    ("said", "status"), [({"INPUT_PATHS": "-r/../nowhere"}, 3), ({"INPUT_FAIL_ON": "dire"}, 2)]
)
def test_action_fails_when_it_cannot_look(tree: Path, said: dict[str, str], status: int) -> None:
    """Nothing to look at, or a wrong word, fails at once; a path is never taken for an option."""
    done, results = _run(tree, **said)
    assert done.returncode == status, done.stderr
    assert results == {}
