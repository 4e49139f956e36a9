"""Texts of the kinds that a repository holds, of a given size, with a command or without."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

__all__ = ("KINDS", "text_of")

_WORDS = (
    "server",
    "client",
    "request",
    "response",
    "handler",
    "config",
    "value",
    "index",
    "error",
    "result",
    "buffer",
    "timeout",
    "worker",
    "queue",
    "session",
    "token",
    "user",
    "group",
    "path",
    "name",
    "type",
    "count",
    "size",
    "limit",
    "cache",
    "store",
    "reader",
    "writer",
)
_COMMANDS = (
    "socat TCP-LISTEN:8080,fork,reuseaddr TCP:10.0.0.5:80",
    "socat OPENSSL-LISTEN:8443,cert=server.pem,verify=0,fork UNIX-CONNECT:/run/app.sock",
    "socat -d -d TCP-LISTEN:2375,bind=127.0.0.1,fork UNIX-CONNECT:/var/run/docker.sock",
    "socat UNIX-LISTEN:/tmp/s.sock,mode=777 EXEC:/usr/bin/handler,pty",
)


def _word(random: Random) -> str:
    return random.choice(_WORDS)


def _shell(random: Random) -> str:
    a, b, c = (_word(random) for _ in range(3))
    return random.choice(
        [
            f'{a}_{b}="${{1:-{c}}}"\n',
            f'if [ -z "${a}" ]; then\n  echo "no {b}: {c}" >&2\n  exit 1\nfi\n',
            f'for {a} in $(ls "${b}"); do\n  grep -q {c} "${a}" && echo "${{{a}%.*}}"\ndone\n',
            f"# the {a} of the {b} is the {c}\n",
            (
                f'{a}() {{\n  local {b}="$1"\n'
                f'  curl -fsS "https://example.org/{c}/${b}" | jq -r .{c}\n}}\n'
            ),
        ]
    )


def _python(random: Random) -> str:
    a, b, c = (_word(random) for _ in range(3))
    return (
        f"def {a}_{b}({c}: str, limit: int = {random.randrange(99)}) -> list[str]:\n"
        f'    """Return the {a} of a {b}."""\n'
        f"    found = [each.{a} for each in self.{b}({c}) if each.{c} != '{a}']\n"
        f"    return sorted(found)[:limit]\n\n\n"
    )


def _javascript(random: Random) -> str:
    a, b, c = (_word(random) for _ in range(3))
    return (
        f"export async function {a}{b.title()}({c}, options = {{}}) {{\n"
        f"  const {a} = await fetch(`/{b}/${{{c}}}`, options);\n"
        f"  if (!{a}.ok) {{\n    throw new Error('{b} failed');\n  }}\n  return {a}.json();\n}}\n\n"
    )


def _go(random: Random) -> str:
    a, b, c = (_word(random).title() for _ in range(3))
    return (
        f"// {a}{b} returns the {c}.\nfunc {a}{b}(name string, limit int) ([]string, error) {{\n"
        f"\tfound, err := open{c}(name)\n\tif err != nil {{\n"
        f'\t\treturn nil, fmt.Errorf("{b}: %w", err)\n'
        f"\t}}\n\treturn found[:limit], nil\n}}\n\n"
    )


def _yaml(random: Random) -> str:
    a, b, c = (_word(random) for _ in range(3))
    return (
        f"  - name: {a}-{b}\n    {c}: {random.randrange(9999)}\n    labels:\n"
        f'      app: "{a}"\n      tier: {b}\n    values: [{a}, {b}, {c}]\n'
    )


def _markdown(random: Random) -> str:
    a, b, c = (_word(random) for _ in range(3))
    return (
        f"## The {a} of a {b}\n\nEvery {a} has a {b}, and a `{c}` besides. See [{a}]({b}.md) for\n"
        f"what the {c} of a {b} does when the {a} is gone.\n\n```sh\n{a} --{b} {c}\n```\n\n"
    )


def _json(random: Random) -> str:
    a, b, c = (_word(random) for _ in range(3))
    return f'    {{"{a}": "{b}", "{c}": {random.randrange(9999)}, "tags": ["{a}", "{b}"]}},\n'


def _prose(random: Random) -> str:
    return " ".join(_word(random) for _ in range(12)) + ".\n"


_PARTS: dict[str, Callable[[Random], str]] = {
    "shell": _shell, "python": _python, "javascript": _javascript, "go": _go, "yaml": _yaml,
    "markdown": _markdown, "json": _json, "text": _prose, "c": _javascript,
}  # fmt: skip
_FRAMES = {
    "shell": ("#!/bin/sh\nset -eu\n", ""),
    "go": ('package main\n\nimport (\n\t"fmt"\n\t"os/exec"\n)\n\n', ""),
    "yaml": ("apiVersion: v1\nkind: List\nitems:\n", ""),
    "python": ("import subprocess\n\n\n", ""),
    "json": ('{"items": [\n', '    {"end": true}\n]}\n'),
}
_WRITTEN = {
    "shell": "{0} &\n",
    "python": 'subprocess.Popen("{0}", shell=True)\n\n\n',
    "javascript": 'execSync("{0}");\n\n',
    "go": 'func relay() error {{\n\treturn exec.Command("sh", "-c", "{0}").Run()\n}}\n\n',
    "yaml": '  - name: relay\n    command: ["sh", "-c", "{0}"]\n',
    "markdown": "```sh\n{0}\n```\n\n",
    "json": '    {{"postStartCommand": "{0}"}},\n',
    "text": "{0}\n",
    "c": "  /* see {0} */\n",
}

KINDS = (
    ("run{number}.sh", "shell"),
    ("module{number}.py", "python"),
    ("view{number}.js", "javascript"),
    ("part{number}.go", "go"),
    ("values{number}.yaml", "yaml"),
    ("page{number}.md", "markdown"),
    ("data{number}.json", "json"),
    ("notes{number}.txt", "text"),
    ("source{number}.c", "c"),
    ("index{number}.ts", "javascript"),
    ("deploy{number}.yml", "yaml"),
)
"""Names of files, each with its kind; eleven, so that no kind goes with the word alone."""


def text_of(kind: str, size: int, random: Random, *, with_word: bool) -> str:
    """Return a text of about so many characters."""
    begin, end = _FRAMES.get(kind, ("", ""))
    # Parts are drawn once and repeated: making a hundred megabytes must not take minutes.
    block = "".join(_PARTS[kind](random) for _ in range(40))
    body = block * (size // len(block)) + block[: max(size % len(block), 200)]
    body = body[: body.rfind("\n") + 1]
    if with_word:
        body = _WRITTEN[kind].format(random.choice(_COMMANDS)) + body
    return begin + body + end
