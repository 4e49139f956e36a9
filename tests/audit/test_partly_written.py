"""Parts of files, broken files and files within files: what is meant is read all the same."""

from __future__ import annotations

import pytest

from catflap.audit.detect import find_kind, holds_word
from catflap.audit.images import takes_addresses
from tests.support.readings import read_as, words_of

_A, _B = "TCP-LISTEN:7001,fork", "TCP:backend:7002"
_RELAY = [["socat", _A, _B]]

_PATCH = f"""\
kubectl patch deployment shop --patch "$(cat <<EOF
spec:
  template:
    spec:
      containers:
      - name: side
        image: alpine/socat
        command: ["socat"]
        args: ["{_A}", "{_B}"]
EOF
)"
"""
_HELD = f"""\
OBJECT=$(cat <<EOF
apiVersion: v1
kind: Pod
spec:
  containers:
  - image: alpine/socat
    args: ["{_A}", "{_B}"]
EOF
)
echo "$OBJECT" | kubectl apply -f -
"""
_APPENDED = f"""\
far() {{ ssh "$HOST" "$line"; }}
line="echo \\"@reboot socat {_A} {_B}\\" >> /etc/cron.d/relay"
far
"""
_WRITTEN = f"""\
#cloud-config
write_files:
- path: /opt/compose.yml
  content: |
    services:
      side:
        image: alpine/socat
        command: {_A} {_B}
- path: /opt/pod.yaml
  content: |
    apiVersion: v1
    kind: Pod
    spec:
      containers:
      - image: alpine/socat
        args: ["{_A}", "{_B}"]
- path: /opt/image/Dockerfile
  content: |
    FROM alpine
    CMD ["socat", "{_A}", "{_B}"]
"""
_LESSON = f"""\
apiVersion: example.org/v1
kind: Lesson
spec:
  manifest: |
    # the side of the story
    apiVersion: v1
    kind: Pod
    spec:
      containers:
      - image: alpine/socat
        args: ["{_A}", "{_B}"]
"""
_MISINDENTED = f"""\
apiVersion: v1
kind: Pod
spec:
containers:
- name: side
    image: alpine/socat
    command: ["socat", "{_A}", "{_B}"]
"""


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        pytest.param("shell", _PATCH, id="a word that a heredoc becomes"),
        pytest.param("shell", _HELD, id="a variable that a heredoc becomes"),
        pytest.param("shell", _APPENDED, id="a line for a table of cron, run elsewhere"),
        pytest.param("kubernetes", _LESSON, id="a manifest in an object of others"),
        pytest.param("kubernetes", _MISINDENTED, id="a manifest that is no YAML"),
        pytest.param("crontab", f"@reboot socat {_A} {_B}\n", id="an account that is a program"),
        pytest.param(
            "kubernetes", f"kind: chain\nsteps:\n- run: socat {_A} {_B}\n", id="another's kind"
        ),
        pytest.param(
            "yaml", f"tool:\n  command: socat\n  args: ['{_A}', '{_B}']\n", id="two entries"
        ),
        pytest.param(
            "yaml", f"tool:\n  command: [sh, -c]\n  args: ['socat {_A} {_B}']\n", id="a shell's"
        ),
        pytest.param(
            "dockerfile", f'FROM a\nCMD ["socat",\n  "{_A}",\n  "{_B}"]\nUSER x\n', id="no escape"
        ),
        pytest.param(
            "nix",
            "{ s.ExecStart = ''\n  /bin/socat \\\n    " + f"{_A} \\\n    {_B}\n''; }}",
            id="a setting of several lines",
        ),
        pytest.param(
            "go",
            'var s = Spec{Command: []string{"sh", "-c"}, Args: []string{"sleep 2 && socat '
            f'{_A} {_B}"}}}}',
            id="what a shell in another field is given",
        ),
        pytest.param(
            "text", f'inline = ["tmux new -d \\"socat {_A} {_B}\\""]\n', id="a wrapper in a string"
        ),
        pytest.param(
            "markdown", f"It runs `tool exec -f <file> -- socat {_A} {_B}`.\n", id="after dashes"
        ),
        pytest.param(
            "markdown", f'```\nEXPOSE 7001\n\nCMD ["socat", "{_A}", "{_B}"]\n```\n', id="a part"
        ),
    ],
)
def test_what_is_meant_is_read(kind: str, text: str) -> None:
    path = "/etc/cron.d/relay" if kind == "crontab" else "x"
    found = [
        [word.rpartition("/")[2] for word in words] for words in words_of(read_as(kind, text, path))
    ]
    assert found == _RELAY


def test_files_that_cloud_init_writes_are_read_by_their_own_kind() -> None:
    source = find_kind("user-data.yaml", _WRITTEN)
    assert source is not None
    assert source.name == "yaml"
    assert words_of(read_as("yaml", _WRITTEN)) == _RELAY * 3


def test_a_placeholder_in_brackets_is_no_list() -> None:
    text = "```yaml\nkind: Pod\nspec:\n  containers:\n  - name: [MY_NAME]-side\n"
    text += (
        "    image: alpine/socat\n" + f'    command: ["socat", "{_A}", "tcp:[DB_HOST]:1"]\n```\n'
    )
    reading = read_as("markdown", text)
    assert words_of(reading) == [["socat", _A, "tcp:[DB_HOST]:1"]]
    assert not reading.problems


def test_a_placeholder_in_a_document_is_no_redirection() -> None:
    text = "```yaml\n  <name>-door:\n    image: alpine/socat\n"
    text += "    command: TCP-LISTEN:<port>,fork TCP:<peer>:80\nnetworks: {}\n```\n"
    assert len(read_as("markdown", text).commands) == 1


@pytest.mark.parametrize(
    ("words", "relay"),
    [
        (["TCP-LISTEN:2375,fork", "UNIX-CONNECT:/var/run/docker.sock"], True),
        (["-d", "-T", "30", "tcp4-l:80", "tcp:b:80"], True),
        (["tcp:a:1", "tcp:b:2"], False),
        (["TCP-LISTEN:80"], False),
        (["TCP-LISTEN:80", "TCP:b:80", "more"], False),
        (["serve", "TCP-LISTEN:80", "TCP:b:80"], False),
    ],
)
def test_an_image_that_takes_addresses_alone_is_a_relay(words: list[str], *, relay: bool) -> None:
    assert takes_addresses(words) is relay


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("compose", "services:\n  a:\n    image: me/door\n    command: {0} {1}\n"),
        (
            "kubernetes",
            "kind: Pod\nspec:\n  containers:\n  - image: me/door\n    args: ['{0}', '{1}']\n",
        ),
        ("yaml", "a:\n  image: me/door\n  command: ['{0}', '{1}']\n"),
        ("shell", "docker run -p 7001:7001 me/door {0} {1}\n"),
        ("shell", "ssh h 'podman run me/door {0} {1}'\n"),
    ],
)
def test_its_command_is_found_though_nothing_names_socat(kind: str, text: str) -> None:
    text = text.format(_A, _B)
    assert holds_word(text.encode())
    assert words_of(read_as(kind, text)) == _RELAY


@pytest.mark.parametrize(
    ("text", "first"),
    [
        # The elements of an array in one word, what IFS says between them.
        (f'a=({_A.replace(",", " ")})\nIFS=,\nsocat "${{a[*]}}" {_B}\n', _A),
        # An array that a condition puts a wrapper before.
        (
            f'a=(socat {_A} {_B})\ncommand -v stdbuf && a=(stdbuf -oL "${{a[@]}}")\n"${{a[@]}}"\n',
            _A,
        ),
    ],
)
def test_arrays_of_a_shell(text: str, first: str) -> None:
    found = words_of(read_as("shell", text))
    assert ["socat", first, _B] in found


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.gd", f'OS.execute("socat", ["tcp-l:%d,fork" % [port], "{_B}"], false)\n'),
        ("a.txt", f"socat TCP-LISTEN:7001, fork {_B}\n"),
    ],
)
def test_other_texts(path: str, text: str) -> None:
    assert len(read_as("text", text, path).commands) == 1


@pytest.mark.parametrize(
    "block",
    [
        f'```sh\nfs_cli lua os.execute("socat {_A} {_B}")\n```\n',
        f"```\nSTATE=up\nRELAY=socat {_A} {_B}\nPID=1\n```\n",
    ],
)
def test_a_shells_block_that_is_no_shell(block: str) -> None:
    assert words_of(read_as("markdown", block)) == _RELAY


def test_an_image_that_a_template_names_takes_addresses_that_it_fills_in() -> None:
    text = "kind: Pod\nspec:\n  containers:\n  - image: '{{ .Values.side.image }}'\n"
    text += '    args: ["tcp-listen:{{ .port }},fork", "tcp-connect:{{ .host }}:{{ .port }}"]\n'
    (command,) = read_as("kubernetes", text).commands
    assert command.words[0].text == "socat"


def test_containers_that_a_chart_keeps_as_text() -> None:
    text = "sidecars: |\n  # beside the app\n  - name: side\n    image: alpine/socat\n"
    text += f'    args: ["{_A}", "{_B}"]\n'
    assert words_of(read_as("yaml", text)) == _RELAY
    script = "run: |\n  - name\n  cat <<E\n  image: x\n  args: y\n  E\n" + f"  socat {_A} {_B}\n"
    assert words_of(read_as("yaml", script)) == _RELAY


def test_processes_that_a_table_names() -> None:
    assert words_of(read_as("toml_file", f'[processes]\nrelay = "socat {_A} {_B}"\n')) == _RELAY
