"""Commands that programs look at and do not run: cases of tests, tables of what is forbidden."""

from __future__ import annotations

import pytest

from tests.support.readings import read_as, words_of

_BAD = "socat TCP-LISTEN:4444,fork EXEC:/bin/sh"
_WORDS = [_BAD.split()]


@pytest.mark.parametrize(
    ("module", "text", "path"),
    [
        ("python", f'import pytest\n\nCASES = [("{_BAD}", True)]\n', "a.py"),
        ("python", f'def commands():\n    return ["{_BAD}"]\n', "tests/test_policy.py"),
        ("python", f'def commands():\n    return ["{_BAD}"]\n', "conftest.py"),
        (
            "python",
            f'import pytest\n\ndef test_a(p):\n    p.decision({{"command": "{_BAD}"}})\n',
            "a.py",
        ),
        ("go", f"package a\n\nvar cases = []string{{`{_BAD}`}}\n", "a_test.go"),
        (
            "go",
            f'package a\n\nfunc TestA(t *testing.T) {{\n\tx := []row{{{{"socat", `{_BAD}`}}}}\n}}\n',
            "a_test.go",
        ),
        ("javascript", f'describe("guard", () => {{\n  const all = ["{_BAD}"];\n}});\n', "a.ts"),
        ("javascript", f'it.each([["{_BAD}", "bind shell"]])("no %s", f);\n', "a.test.ts"),
        (
            "text",
            f'fn real() {{}}\n#[cfg(test)]\nmod tests {{\n  const A: &[&str] = &["{_BAD}"];\n}}\n',
            "a.rs",
        ),
        (
            "text",
            f'class T {{\n  @Test\n  void t() {{ var x = List.of("{_BAD}"); }}\n}}\n',
            "T.java",
        ),
    ],
)
def test_a_case_of_a_test_is_no_command(module, text, path):
    assert not read_as(module, text, path).commands


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("python", f'BLOCKED_COMMANDS = ["rm -rf /", "{_BAD}"]\n'),
        ("python", f'MALICIOUS = {{"socat_shell": "{_BAD}"}}\n'),
        ("python", f'ok = policy.evaluate("{_BAD}")\n'),
        ("python", f'if is_reverse_shell("{_BAD}"):\n    pass\n'),
        ("python", f'results.append("{_BAD}")\n'),
        ("python", f'ui.line("Started {_BAD}")\n'),
        ("go", f'package a\n\nvar a = IsShell("{_BAD}")\n'),
        ("javascript", f'const dangerousCommands = ["{_BAD}"];\n'),
        ("javascript", f'export const rule = {{ pattern: "{_BAD}" }};\n'),
        ("text", f'static final Set<String> FORBIDDEN = Set.of("{_BAD}");\n'),
        ("python", f'sys.exit("{_BAD}")\n'),
        ("python", f'text = log.replace("{_BAD}", "x")\n'),
        ("python", f'README = "{_BAD}"\n'),
        ("javascript", f'vscode.window.showInformationMessage("{_BAD}");\n'),
        ("javascript", f'if (line.includes("{_BAD}")) stop();\n'),
        ("go", f'package a\n\nvar c = &cobra.Command{{Use: "a", Long: "{_BAD}"}}\n'),
        ("text", f'bail!("{_BAD}");\n'),
        ("text", f'let re = Regex::new(r"{_BAD}");\n'),
        ("text", f'Command::new("pkill").args(["-f", "{_BAD}"]);\n'),
        ("ansible", f'- lineinfile: {{path: /etc/rc.local, line: "{_BAD}", state: absent}}\n'),
        ("ansible", f'- cron: {{name: a, job: "{_BAD}", state: absent}}\n'),
        ("yaml", f"rules:\n- id: shells\n  pattern: {_BAD}\n"),
        ("nix", f'{{ mk }}: mk {{ meta.description = "{_BAD}"; }}\n'),
    ],
)
def test_what_a_detector_looks_for_is_no_command(module, text):
    assert not read_as(module, text).commands


@pytest.mark.parametrize(
    ("module", "text", "path"),
    [
        (
            "python",
            f'import pytest, subprocess\n\nsubprocess.Popen("{_BAD}", shell=True)\n',
            "a.py",
        ),
        ("python", f'import pytest\n\nRELAY = "{_BAD}"\nhost.run(RELAY)\n', "test_a.py"),
        ("python", f'import pytest\n\ndef test_a(host):\n    host.ssh("{_BAD}")\n', "test_a.py"),
        ("python", f'def test_a(node):\n    start_background("{_BAD}")\n', "test_a.py"),
        ("python", f'PAYLOAD = "{_BAD}"\n', "a.py"),
        (
            "go",
            f"package a\n\nfunc TestA(t *testing.T) {{\n\trunShell(`{_BAD}`)\n}}\n",
            "a_test.go",
        ),
        ("javascript", f'describe("x", () => {{ execSync("{_BAD}"); }});\n', "a.ts"),
        ("text", f'fn real() {{ sh("{_BAD}"); }}\n#[cfg(test)]\nmod tests {{}}\n', "a.rs"),
    ],
)
def test_what_a_test_or_a_program_runs_is_a_command_still(module, text, path):
    assert words_of(read_as(module, text, path)) == _WORDS


def test_a_test_may_start_containers_of_a_relay():
    text = """import pytest
POD = {"image": "alpine/socat", "args": ["tcp-listen:1,fork", "tcp:a:2"]}
"""
    assert [words[1:] for words in words_of(read_as("python", text, "test_a.py"))] == [
        ["tcp-listen:1,fork", "tcp:a:2"]
    ]


@pytest.mark.parametrize(
    "line",
    [
        f'notify-send "{_BAD}"',
        f'whiptail --msgbox "{_BAD}" 8 60',
        f'step "{_BAD}"',
        f'run_test "{_BAD} is refused" ./case',
        f"assert_blocked '{_BAD}'",
        f": {_BAD}",
        f"true {_BAD}",
    ],
)
def test_programs_that_show_a_command_do_not_run_it(line):
    assert not read_as("shell", f"{line}\n").commands
