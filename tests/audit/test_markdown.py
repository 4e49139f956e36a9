"""Code in Markdown: what a reader would run."""

from __future__ import annotations

import pytest
from hypothesis import given

from catflap.address.model import Unknown
from catflap.findings.finding import Confidence
from tests.support.readings import mutated, read_as, seconds_for, words_of, written_in

DOCUMENT = """\
# Relays with `socat`

Run `socat TCP-LISTEN:1,fork TCP:b:2`, or ``sudo socat - TCP:b:3``. socat TCP-LISTEN:9 TCP:a:9 is prose.

1. In a list

   ```bash
   # socat TCP-LISTEN:9 TCP:a:9
   socat OPENSSL:<host>:443,verify=0 \\
     STDIO
   ```

> ```console
> $ socat TCP-LISTEN:4 TCP:b:5
> socat TCP-LISTEN:9 this is what it prints TCP:a:9
> # socat TCP-LISTEN:5 TCP:b:6
> ```

    socat TCP-LISTEN:6 \u00fc TCP:b:7
    socat is a program

| what | how |
|------|-----|
| a | `socat TCP-LISTEN:7 TCP:b:8` |

<!-- `socat TCP-LISTEN:9 TCP:a:9` -->
"""


def test_commands_of_a_document():
    reading = read_as("markdown", DOCUMENT, "README.md")

    assert words_of(reading) == [
        ["socat", "TCP-LISTEN:1,fork", "TCP:b:2"],
        ["socat", "-", "TCP:b:3"],
        ["socat", "OPENSSL:<host>:443,verify=0", "STDIO"],
        ["socat", "TCP-LISTEN:4", "TCP:b:5"],
        ["socat", "TCP-LISTEN:5", "TCP:b:6"],
        ["socat", "TCP-LISTEN:6", "\u00fc", "TCP:b:7"],
        ["socat", "TCP-LISTEN:7", "TCP:b:8"],
    ]
    assert written_in(DOCUMENT, reading) == words_of(reading)
    for command in reading.commands:
        assert command.surroundings.document
        assert command.confidence is Confidence.MEDIUM


def test_only_what_a_prompt_precedes_is_roots():
    users = [c.surroundings.user for c in read_as("markdown", DOCUMENT, "README.md").commands]

    assert users[3:5] == ["", "root"]


def block(language: str, code: str) -> str:
    return f"```{language}\n{code}\n```\n"


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("sh", "$ socat TCP-LISTEN:1 TCP:b:2\nsocat TCP-LISTEN:9 TCP:a:9"),
        ("{.bash .numberLines}", "socat TCP-LISTEN:1 TCP:b:2"),
        ("", "user@host:~$ socat TCP-LISTEN:1 TCP:b:2"),
        ("", "[root@host ~]# socat TCP-LISTEN:1 TCP:b:2"),
        ("", "# socat TCP-LISTEN:1 TCP:b:2"),
        ("console", "$ socat TCP-LISTEN:1 \\\n> TCP:b:2\nsocat TCP-LISTEN:9 TCP:a:9"),
        ("text", "socat TCP-LISTEN:1 TCP:b:2"),
        ("ini", "[Service]\nExecStart=socat TCP-LISTEN:1 TCP:b:2"),
        ("", "[program:x]\ncommand=socat TCP-LISTEN:1 TCP:b:2"),
        ("makefile", "run:\n\tsocat TCP-LISTEN:1 TCP:b:2"),
        ("json", '{"scripts": {"x": "socat TCP-LISTEN:1 TCP:b:2"}}'),
        ("python", 'import os\nos.system("socat TCP-LISTEN:1 TCP:b:2")'),
        ("crontab", "@reboot socat TCP-LISTEN:1 TCP:b:2"),
        ("toml", '[tasks]\nx = "socat TCP-LISTEN:1 TCP:b:2"'),
    ],
)
def test_a_block_is_read_by_its_language(language, code):
    reading = read_as("markdown", block(language, code), "docs/a.md")

    assert words_of(reading) == [["socat", "TCP-LISTEN:1", "TCP:b:2"]]
    assert reading.commands[0].surroundings.document


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("", "socat is a relay for sockets"),
        ("", "socat [options] <address> <address>"),
        ("sh", "# socat TCP-LISTEN:1 TCP:b:2"),
        ("console", "$ ps\n  12 socat TCP-LISTEN:1 TCP:b:2"),
        ("mermaid", "socat TCP-LISTEN:1 TCP:b:2"),
        ("sh", "apt install socat tcpdump"),
    ],
)
def test_what_nobody_would_run_is_no_command(language, code):
    found = words_of(read_as("markdown", block(language, code), "docs/a.md"))

    assert found in ([], [["socat", "[options]", "<address>", "<address>"]])


@given(mutated(DOCUMENT))
def test_whatever_the_document_it_is_read(text):
    read_as("markdown", text, "README.md")


def test_a_large_document_is_read_at_once():
    assert seconds_for("markdown", DOCUMENT * 60, "README.md") < 1.5
    assert seconds_for("markdown", "socat `" + "` `` ```" * 5000, "README.md") < 1


@pytest.mark.parametrize(
    "text",
    [
        "<pre>\nsocat TCP-LISTEN:1 &quot;TCP:b:2&quot;\n</pre>\n",
        "Run <code>socat TCP-LISTEN:1 TCP:b:2</code> there.\n",
        "{% highlight bash %}\nsocat TCP-LISTEN:1 TCP:b:2\n{% endhighlight %}\n",
        "```{code-block} bash\nsocat TCP-LISTEN:1 TCP:b:2\n```\n",
        "```bash\nattacker> socat TCP-LISTEN:1 TCP:b:2\nlistening\n```\n",
        "```\n/ # socat TCP-LISTEN:1 TCP:b:2\n```\n",
        "```\n\N{HEAVY ROUND-TIPPED RIGHTWARDS ARROW}  ~ socat TCP-LISTEN:1 TCP:b:2\n```\n",
        "```\nC:\\tools> socat TCP-LISTEN:1 TCP:b:2\n```\n",
    ],
)
def test_tags_and_unusual_prompts_mark_commands_too(text):
    reading = read_as("markdown", text)
    assert words_of(reading) == [["socat", "TCP-LISTEN:1", "TCP:b:2"]]
    span = reading.commands[0].span
    assert text[span.start : span.end].startswith("socat TCP-LISTEN:1")


@pytest.mark.parametrize(
    ("word", "unknown"),
    [
        ("TCP:HOST:PORT", ["HOST", "PORT"]),
        ("TCP:...", ["..."]),
        ("TCP:<host>:80", ["<host>"]),
        ("TCP:your-server:80", ["your-server"]),
        ("TCP:192.168.1.x:80", ["192.168.1.x"]),
        ("TCP:example:80", ["example"]),
        ("TCP:example.com:80", []),
        ("TCP:web1:80", []),
        ("OPEN:../a", []),
    ],
)
def test_what_the_reader_has_to_fill_in_is_unknown(word, unknown):
    (command,) = read_as("markdown", f"```sh\nsocat TCP-LISTEN:1 {word}\n```\n").commands
    holes = [piece.text for piece in command.words[2].pieces if isinstance(piece, Unknown)]
    assert holes == unknown


def test_localhost_is_nothing_to_fill_in():
    text = "```\nsocat TCP-LISTEN:1,bind=localhost TCP:localhost:2\n```\n"
    (command,) = read_as("markdown", text).commands
    assert [word.literal for word in command.words[1:]] == [
        "TCP-LISTEN:1,bind=localhost",
        "TCP:localhost:2",
    ]


def test_an_ellipsis_makes_a_form_of_a_command_and_nothing_is_sure_about_it():
    (command,) = read_as("markdown", "Use `socat TCP-LISTEN:... TCP:...` for it.\n").commands
    assert command.confidence is Confidence.LOW


def test_code_between_hugo_s_tags_is_code():
    text = "{{< highlight bash >}}\nsocat - TCP:a:1\n{{< /highlight >}}\n"
    assert words_of(read_as("markdown", text)) == [["socat", "-", "TCP:a:1"]]


_SOCAT = "socat TCP-LISTEN:1,fork TCP:b:2"


@pytest.mark.parametrize(
    "text",
    [
        f"First:\n{_SOCAT}\nand so on.\n",
        f"$ {_SOCAT}\n",
        f"1. {_SOCAT}\n2. done\n",
        f"victim> {_SOCAT}\n",
        f"- Start it:\n  {_SOCAT}\n",
        f"```python\n{_SOCAT}\n```\n",
        f"```ps\n# start it\n{_SOCAT}\n```\n",
        f"Try ```screen -dmS relay {_SOCAT}``` there.\n",
        f"Try `sudo systemd-run {_SOCAT}` there.\n",
        "Try `socat TCP-LISTEN:1,fork\nTCP:b:2` there.\n",
        "> Try `socat TCP-LISTEN:1,fork \\\n> TCP:b:2` there.\n",
        f'```java\nnew ProcessBuilder("socat", "{_SOCAT.split()[1]}", "TCP:b:2").start();\n```\n',
    ],
)
def test_a_command_counts_where_its_fence_is_missing_or_names_another_language(text):
    assert words_of(read_as("markdown", text)) == [_SOCAT.split()]


@pytest.mark.parametrize(
    "text",
    [
        f"You can use {_SOCAT} for that.\n",
        "socat can listen and forward.\n",
        "socat - the relay\n",
        "socat TCP-LISTEN and TCP are both known.\n",
        "Install:\nsocat, curl and openssl\n",
    ],
)
def test_a_sentence_is_no_command(text):
    assert not read_as("markdown", text).commands


def test_an_image_is_run_from_running_text():
    text = "Then:\n\n$ docker run -d \\\n  -p 1:1 \\\n  alpine/socat tcp-listen:1 tcp:b:2\n"
    (command,) = read_as("markdown", text).commands
    assert command.surroundings.container
