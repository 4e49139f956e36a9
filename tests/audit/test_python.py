"""What the auditor sees in a Python program."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from catflap.findings.finding import Confidence
from tests.support.readings import mutated, read_as, seconds_for, words_of, written_in

_PROGRAM = """
import os, subprocess
SOCAT = "/usr/bin/socat"
PORT = 8080

def serve(host, extra):
    cmd = [SOCAT, f"TCP-LISTEN:{PORT},fork"]
    cmd += ["TCP:%s:80" % host]
    subprocess.run(cmd, check=True)
    os.system("sudo socat TCP-LISTEN:{},fork STDIO &".format(PORT))
    subprocess.Popen("socat TCP-LISTEN:81 "
                     r"EXEC:\\bin\\sh", shell=True)
"""


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ('subprocess.run(["socat", "-", "TCP:a:1"])', ["socat", "-", "TCP:a:1"]),
        ('subprocess.Popen(("socat", "-", f"TCP:a:{p}"))', ["socat", "-", "TCP:a:{p}"]),
        ('subprocess.check_call(args=["socat", "-", "PTY"])', ["socat", "-", "PTY"]),
        ('os.system("socat - TCP:a:1")', ["socat", "-", "TCP:a:1"]),
        ('os.execv("/bin/socat", ["x", "-", "TCP:a:1"])', ["/bin/socat", "-", "TCP:a:1"]),
        ('os.execlp("socat", "socat", "-", "PTY")', ["socat", "-", "PTY"]),
        ('os.spawnlp(os.P_WAIT, "socat", "socat", "-", "PTY")', ["socat", "-", "PTY"]),
        ('await asyncio.create_subprocess_exec("socat", "-", x)', ["socat", "-", "x"]),
        ('await asyncio.create_subprocess_shell("socat - PTY")', ["socat", "-", "PTY"]),
        ('pexpect.spawn("socat", ["-", "PTY"])', ["socat", "-", "PTY"]),
        ('a = ["socat", "-", "PTY"]\npexpect.spawn(a[0], a[1:])', ["socat", "-", "PTY"]),
        ('sh.socat("-", "TCP:a:1")', ["socat", "-", "TCP:a:1"]),
        ('subprocess.run(shlex.split("socat - PTY"))', ["socat", "-", "PTY"]),
        ('subprocess.run(" ".join(["socat", "-", "PTY"]), shell=True)', ["socat", "-", "PTY"]),
        ('a = ["-", "PTY"]\nsubprocess.run(["socat"] + a)', ["socat", "-", "PTY"]),
        (
            'a = ["socat"]\na.append("-")\na.extend(["PTY"])\nsubprocess.run(a)',
            ["socat", "-", "PTY"],
        ),
        ('p = os.getenv("P", "80")\nos.system(f"socat - TCP:a:{p}")', ["socat", "-", "TCP:a:80"]),
        ('client.containers.run("alpine/socat", "- TCP:a:1")', ["socat", "-", "TCP:a:1"]),
    ],
)
def test_a_call_that_starts_a_relay_is_read(code: str, words: list[str]) -> None:
    reading = read_as("python", code)
    assert words_of(reading) == [words]
    assert reading.commands[0].confidence is Confidence.HIGH


def test_a_line_among_other_arguments_is_read_less_surely() -> None:
    reading = read_as("python", 'machine.spawn("socat - PTY", "relay.log")')
    assert words_of(reading) == [["socat", "-", "PTY"]]
    assert reading.commands[0].confidence is Confidence.MEDIUM


def test_what_is_not_known_is_a_hole_and_never_guessed() -> None:
    reading = read_as("python", 'run(["socat", f"TCP-LISTEN:{port},fork", *more])')
    command = reading.commands[0]
    assert [word.literal for word in command.words] == ["socat", None, None]
    assert command.surroundings.hidden_input


def test_a_parameter_hides_the_constant_of_the_same_name() -> None:
    reading = read_as("python", 'P = 1\ndef f(P):\n    os.system(f"socat - TCP:a:{P}")\n')
    assert reading.commands[0].words[2].literal is None


def test_both_branches_are_read_when_a_list_grows_differently_in_them() -> None:
    code = (
        'c = ["socat"]\nif x:\n    c += ["TCP-LISTEN:1", "EXEC:sh"]\n'
        'else:\n    c += ["-", "PTY"]\nsubprocess.run(c)\n'
    )
    found = words_of(read_as("python", code))
    assert sorted(found) == [["socat", "-", "PTY"], ["socat", "TCP-LISTEN:1", "EXEC:sh"]]


def test_places_are_exact_where_constants_are_followed() -> None:
    reading = read_as("python", _PROGRAM)
    assert words_of(reading) == [
        ["/usr/bin/socat", "TCP-LISTEN:8080,fork", "TCP:%s:80"],
        ["socat", "TCP-LISTEN:8080,fork", "STDIO"],
        ["socat", "TCP-LISTEN:81", "EXEC:binsh"],
    ]
    assert written_in(_PROGRAM, reading)[:2] == [
        ["SOCAT", 'f"TCP-LISTEN:{PORT},fork"', '"TCP:%s:80" % host'],
        ["socat", "TCP-LISTEN:{},fork", "STDIO"],
    ]
    sudo = reading.commands[1]
    assert sudo.surroundings.user == "root"
    assert _PROGRAM[sudo.span.start : sudo.span.end].startswith("sudo socat")


@pytest.mark.parametrize(
    "code",
    [
        '"""Run socat TCP-LISTEN:1 EXEC:sh by hand."""',
        "# socat TCP-LISTEN:1 EXEC:sh",
        'print("socat TCP-LISTEN:1 EXEC:sh")',
        'log.info("started: %s", "socat TCP-LISTEN:1 EXEC:sh")',
        'parser.add_argument("-x", help="socat TCP-LISTEN:1 EXEC:sh")',
        'raise ValueError("socat TCP-LISTEN:1 EXEC:sh")',
        'ui.label("socat TCP-LISTEN:1 EXEC:sh")',
        'assert cmd == ["socat", "TCP-LISTEN:1", "EXEC:sh"]',
        'with pytest.raises(Exception, match="socat TCP-LISTEN:1 EXEC:sh"):\n    pass\n',
        'require(["socat", "curl", "nc"])',
        'subprocess.run(["apt-get", "install", "socat"])',
        'shutil.which("socat")',
    ],
)
def test_what_is_only_said_is_no_command(code: str) -> None:
    assert words_of(read_as("python", code)) == []


@pytest.mark.parametrize(
    "code",
    [
        'def c():\n    return ["socat", "TCP-LISTEN:1", "EXEC:sh"]\n',
        'x = {"command": "socat", "args": ["TCP-LISTEN:1", "EXEC:sh"]}',
        'f.write("socat TCP-LISTEN:1 EXEC:sh")',
    ],
)
def test_a_command_whose_call_is_not_seen_is_told_with_less_confidence(code: str) -> None:
    reading = read_as("python", code)
    assert words_of(reading) == [["socat", "TCP-LISTEN:1", "EXEC:sh"]]
    assert reading.commands[0].confidence is Confidence.MEDIUM


def test_a_broken_file_is_read_as_far_as_it_goes() -> None:
    reading = read_as("python", 'os.system("socat - PTY")\ndef (:\n  x = [\n')
    assert words_of(reading) == [["socat", "-", "PTY"]]


@pytest.mark.parametrize(
    "text",
    [
        '"socat" + ' * 3000 + '"x"',
        "(" * 10_000 + '"socat"' + ")" * 10_000,
        "socat." * 5000,
        '"""socat' * 2000,
        "".join(f"a{i} = a{i - 1} + a{i - 1}\n" for i in range(1, 200)).replace("a0", '"socat"')
        + "os.system(a199)",
    ],
)
def test_no_text_takes_long(text: str) -> None:
    assert seconds_for("python", text, "x.py") < 3


@settings(max_examples=60, deadline=None)
@given(mutated(_PROGRAM))
def test_whatever_the_text_nothing_is_raised_and_places_are_true(text: str) -> None:
    read_as("python", text)


@pytest.mark.parametrize(
    ("code", "heard"),
    [
        ('class A:\n    P = "socat"\n    def f(self):\n        run([self.P, "-", "PTY"])', ["-"]),
        ('class A:\n    P = "socat"\nrun([A.P, "-", "PTY"])', ["-"]),
        ('run(["socat", "PTY" if c else "TCP:a:1", "-"])', ["PTY", "TCP:a:1"]),
        ('o = "-" if c else "PTY"\nos.system(f"socat {o} TCP:a:1")', ["-", "PTY"]),
        ('c = ["socat"]\nif v:\n    c.append("-v")\nc += ["-", "PTY"]\nrun(c)', ["-v"]),
        (
            'def f():\n    a = ["socat"]\n    a.append("-")\n    a.append("PTY")\n    return a',
            ["-"],
        ),
        ('c = ["socat", "-", "PTY"]\nos.spawnvp(os.P_WAIT, c[0], c)', ["-"]),
    ],
)
def test_what_a_class_a_condition_or_a_function_makes_of_a_command_is_followed(code, heard):
    commands = read_as("python", f"import os\nfrom subprocess import run\n{code}\n").commands
    assert sorted({command.words[1].text for command in commands}) == heard


def test_a_list_that_is_begun_with_a_relay_s_name_and_returned_is_less_sure():
    code = 'def f():\n    a = ["socat"]\n    a.append("-")\n    a.append("PTY")\n    return a\n'
    (command,) = read_as("python", code).commands
    assert command.confidence is Confidence.MEDIUM


def test_a_command_in_a_table_is_followed_from_the_name_it_begins_with():
    code = (
        'B = "socat -d"\nT = {"a": f"{B} TCP-LISTEN:1 TCP:a:1"}\nfor t in T.values():\n    go(t)\n'
    )
    assert words_of(read_as("python", code)) == [["socat", "-d", "TCP-LISTEN:1", "TCP:a:1"]]


def test_a_condition_that_is_not_whole_breaks_nothing():
    assert read_as("python", 'run(["socat", a if b, c else d d, "-", "PTY"])').commands is not None


@pytest.mark.parametrize(
    "text",
    [
        "{MARK}\n[Service]\nExecStart=/usr/bin/socat TCP-LISTEN:1 -\n",
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: alpine/socat\n"  # noqa: ISC004 -- one text
        '    args: ["TCP-LISTEN:1", "-"]\n',
    ],
)
def test_a_string_is_read_as_what_it_looks_like(text):
    reading = read_as("python", f"def f(x):\n    return f'''{text}'''\n")
    assert [command.words[1].text for command in reading.commands] == ["TCP-LISTEN:1"]


def test_a_list_that_many_branches_add_to_is_read_in_time():
    branch = "    if a:\n        args.append('x')\n    else:\n        args += ['socat', '-']\n"
    text = "def f(a):\n    args = ['socat', 'TCP:a:1']\n" + branch * 60 + "    return args\n"
    assert seconds_for("python", text, "a.py") < 1.5
