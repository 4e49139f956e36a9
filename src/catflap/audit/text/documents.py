"""Code within documents: a block by its language, a command within a sentence."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit.code.judgement import plausible
from catflap.audit.command import Reading
from catflap.audit.sources import shell
from catflap.audit.sources.registry import SOURCES, Source, find_source
from catflap.audit.text import powershell
from catflap.audit.text.bridges import begins_command, bridges, capped
from catflap.audit.text.console import transcript
from catflap.audit.text.lines import between, mentions
from catflap.audit.text.loose import loose_commands
from catflap.audit.text.templates import placeholders, rewrite
from catflap.audit.text.windows import without_directories
from catflap.audit.unwrap.special import starts_another

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catflap.audit.command import Command
    from catflap.audit.passage import Passage
    from catflap.core.spans import Problem
    from catflap.core.surroundings import Surroundings

__all__ = ("gathered", "guessed", "read_block", "read_inline", "spoken")

_SHELL = frozenset(
    [
        "sh",
        "bash",
        "shell",
        "zsh",
        "ksh",
        "dash",
        "ash",
        "fish",
        "posix",
        "bash-script",
        "shellscript",
        "shell-script",
        "envrc",
        "terminal-script",
        "command",
        "commands",
        "cmd",
    ]
)
_CONSOLE = frozenset(
    [
        "console",
        "terminal",
        "session",
        "shell-session",
        "sh-session",
        "bash-session",
        "shellsession",
        "shell-console",
        "consolesession",
        "term",
        "tty",
    ]
)
_PLAIN = frozenset(
    [
        "text",
        "txt",
        "plaintext",
        "plain",
        "none",
        "code",
        "example",
        "output",
        "raw",
        "conf",
        "config",
        "cfg",
    ]
)
# What nobody runs.
_NO_CODE = frozenset(
    (  # noqa: SIM905 -- a table of words, not a page of quotes
        "mermaid plantuml dot graphviz log diff http csv svg latex tex bibtex abnf ebnf"
    ).split()
)
_SOURCE_NAMES = {
    "docker": "dockerfile",
    "dockerfile": "dockerfile",
    "containerfile": "dockerfile",
    "compose": "compose",
    "docker-compose": "compose",
    "ini": "ini",
    "desktop": "ini",
    "supervisor": "ini",
    "procfile": "ini",
    "systemd": "systemd",
    "service": "systemd",
    "unit": "systemd",
    "makefile": "makefile",
    "make": "makefile",
    "just": "justfile",
    "justfile": "justfile",
    "cron": "crontab",
    "crontab": "crontab",
    "json": "json",
    "jsonc": "json",
    "json5": "json",
    "js": "javascript",
    "jsx": "javascript",
    "javascript": "javascript",
    "mjs": "javascript",
    "node": "javascript",
    "ts": "javascript",
    "tsx": "javascript",
    "typescript": "javascript",
    "go": "go",
    "golang": "go",
    "python": "python",
    "python3": "python",
    "py": "python",
    "rb": "ruby",
    "ruby": "ruby",
    "nix": "nix",
    "toml": "toml",
}
_NAMES = {"ini": "block.ini", "systemd": "block.service", "makefile": "Makefile"}
_UNIT = re.compile(r"(?m)^[ \t]*\[(?:Service|Unit|Container)\][ \t]*\r?$")
_SECTION = re.compile(r"(?m)^[ \t]*\[(?:program:|eventlistener:|watcher:|Desktop Entry)")
_FROM = re.compile(
    r"\A\s*(?:#.*\n\s*)*(?:FROM[ \t]+\S+"
    # A part of a Dockerfile: what comes first in it is written as nothing else is.
    r"|(?:EXPOSE[ \t]+[\d$]|WORKDIR[ \t]+[/$]|(?:CMD|ENTRYPOINT)[ \t]*\[|COPY[ \t]+\S+[ \t]+\S"
    r"|RUN[ \t]+(?:apt|apk|dnf|yum|pip|set|--mount|useradd|adduser|mkdir|chmod|echo|printf)\b))"
)
_YAML = re.compile(
    r"(?m)^(?:services|apiVersion|jobs|on|version|- hosts|- name)[ \t]*:[ \t]*\S*"
    r"|^spec:[ \t]*\r?\n[ \t]+(?:template|containers):"
)
_CRON = re.compile(r"(?m)^[ \t]*(?:@reboot|[\d*][\d*/,-]*(?:[ \t]+[\d*][\d*/,-]*){4})[ \t]+\S")
_WORKFLOW = re.compile(r"(?m)^[ \t]*(?:runs-on|uses)[ \t]*:|^jobs[ \t]*:")
_PIPELINE = re.compile(r"(?m)^[ \t]+(?:before_|after_)?script[ \t]*:")
_AFTER_DASHES = re.compile(r"\A[\w./-]+[ \t].{0,300}?[ \t]--[ \t]+(?:\S*/)?(?:socat|catflap)[ \t]")
_LINE_END = re.compile(r"[ \t]*\\?\n[ \t]*")
_LANGUAGE = re.compile(
    r"(?:\{(?:code-block|code-cell|sourcecode|code)\})?[{.\s]*([A-Za-z0-9_+#-]+)"
)


def spoken(info: str) -> str:
    """Return the language that an info string names, in lower case: ``{.bash}`` is bash.

    So is MyST's ``{code-block} bash``.
    """
    found = _LANGUAGE.match(info)
    return found[1].lower() if found else ""


def read_block(passage: Passage, info: str, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands of a block of code.

    Args:
        passage: the block without its fences.
        info: what the document says it is; nothing when it does not.
        surroundings: those of the document.
        path: the document's.
    """
    language = spoken(info)
    if language in _NO_CODE or not mentions(passage.text):
        return Reading(())
    around = replace(surroundings, document=True)
    passage = without_directories(passage)
    if language in _SHELL or language in _CONSOLE:
        return _shell(passage, language in _CONSOLE, around, path)
    mistaken = language not in powershell.SUFFIXES and _is_command_after_all(passage.text)
    source = _source(language, passage.text)
    if source is not None:
        reading = source.read(passage, around, _NAMES.get(source.name, path))
        if reading.commands or not mistaken:
            return Reading(tuple(capped(reading.commands)), reading.problems)
    elif language and language not in _PLAIN and not mistaken:
        return Reading(tuple(loose_commands(passage, around, f"block.{language}")))
    # Nobody said that this is code: what cannot be read is no news.
    return Reading(_shell(passage, None, around, path).commands)


def _is_command_after_all(text: str) -> bool:
    """Whether a block begins with a relay's command, whatever language its fence names."""
    lines = (line for line in text.splitlines() if line.strip() and line.lstrip()[:1] != "#")
    return any(begins_command(line) for line in itertools.islice(lines, 3))


def read_inline(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the command that a stretch of code within a sentence is, if it is a whole one."""
    passage = without_directories(rewrite(passage, _LINE_END, _as_blank))
    begins = begins_command(passage.text)
    first = passage.text.split(maxsplit=1)[:1]
    wraps = mentions(passage.text) and (
        starts_another(first[0]) or _AFTER_DASHES.search(passage.text) is not None
    )
    if not begins and not wraps:
        return Reading(())
    around = replace(surroundings, document=True)
    reading = shell.read(placeholders(passage), around, path)
    found = bridges(reading.commands)
    return Reading(tuple(capped(each for each in found if begins or plausible(each))))


def _as_blank(passage: Passage, found: re.Match[str]) -> Passage:
    """Return the blank that a line's end within a sentence is (CommonMark, section 6.1)."""
    return between(passage, " ", found.start(), found.end())


def gathered(readings: Iterable[Reading]) -> Reading:
    """Return several readings as one, in the order of the file."""
    commands: list[Command] = []
    problems: list[Problem] = []
    for reading in readings:
        commands.extend(reading.commands)
        problems.extend(reading.problems)
    commands.sort(key=lambda command: command.span)
    return Reading(tuple(commands), tuple(problems))


def _shell(
    passage: Passage, is_console: bool | None, surroundings: Surroundings, path: str
) -> Reading:
    parts = transcript(placeholders(passage), is_console)
    readings = []
    for part, is_root in parts:
        around = replace(surroundings, user="root") if is_root else surroundings
        readings.append(shell.read(part, around, path))
    reading = gathered(readings)
    found = bridges(reading.commands)
    if not found:
        # ``lua os.execute("socat ...")``, ``RELAY=socat A B``: in a shell's block, and no shell.
        found = list(loose_commands(passage, surroundings, path))
    return Reading(tuple(capped(found)), reading.problems)


def _source(language: str, text: str) -> Source | None:
    """Return the source for a language, or for what a text without one shows itself to be."""
    if language in {"yaml", "yml"}:
        return _yaml(text)
    if _UNIT.search(text) and language in {"", "ini", "toml", *_PLAIN}:
        return find_source("systemd")
    if language in _SOURCE_NAMES:
        return find_source(_SOURCE_NAMES[language])
    return None if language and language not in _PLAIN else guessed(text)


def guessed(text: str) -> Source | None:
    """Return the source that a text without a name shows itself to be for."""
    name = ""
    if _UNIT.search(text):
        name = "systemd"
    elif _SECTION.search(text):
        name = "ini"
    elif _FROM.match(text):
        name = "dockerfile"
    elif _YAML.search(text):
        return _yaml(text)
    elif text.lstrip()[:1] in {"{", "["} and text.rstrip()[-1:] in {"}", "]"} and '"' in text:
        name = "json"
    elif _CRON.search(text):
        name = "crontab"
    return find_source(name)


def _yaml(text: str) -> Source | None:
    """Return the source for a piece of YAML, which has no file name that tells."""
    if _WORKFLOW.search(text):
        return find_source("github-actions")
    if re.search(r"(?m)^\s*services\s*:", text):
        return find_source("compose")
    if _PIPELINE.search(text):
        return find_source("gitlab-ci")
    for source in SOURCES:
        if "*.yml" in source.names and source.content and re.search(source.content, text):
            return source
    return find_source("yaml")
