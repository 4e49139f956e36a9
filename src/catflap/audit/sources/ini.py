"""INI files: supervisord, circus, uWSGI, desktop entries, tox; Procfiles, inittab, xinetd, inetd.

What splits a value into words differs: supervisord and circus use Python's shlex, others a shell.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit import argv
from catflap.audit.command import Reading
from catflap.audit.sources import shell
from catflap.audit.text.bridges import begins_command, bridges, capped
from catflap.audit.text.ini_lines import Section, read_sections
from catflap.audit.text.lines import LONGEST, between, broken, mentions
from catflap.audit.text.other_tables import read_inetd, read_inittab, read_procfile, read_xinetd
from catflap.audit.text.templates import hole, jinja, rewrite
from catflap.audit.text.words import SHLEX, tokens
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.command import Command
    from catflap.audit.passage import Passage
    from catflap.core.spans import Problem
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)

_SUPERVISED = ("program:", "eventlistener:", "fcgi-program:")
_PERCENT = re.compile(r"%%|%\([^()\n]*\)[sd]?")
_FIELD_CODE = re.compile(r"%%|%[A-Za-z]")
_CIRCUS = re.compile(r"\$\(circus\.[^()]*\)|\(\(circus\.[^()]*\)\)")
_UWSGI_DAEMON = re.compile(r"(?:smart-|legacy-smart-)?attach-daemon2?|exec-\w[\w-]*|hook-\w[\w-]*")
_COMMAND_KEY = re.compile(
    r"(?:.*[_.\- ])?(?:commands?|cmds?|exec(?:start|stop)?|run|script|shell|start|stop|daemon|"
    r"pre|post|up|down|launch(?:er)?|proxycommand|program)(?:[_.\-]?(?:pre|post|line|\d+))?",
    re.IGNORECASE,
)


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands of an INI file or of a table that is near to one."""
    if not mentions(passage.text):
        return Reading(())
    name = path.replace("\\", "/").rpartition("/")[2].lower()
    found: list[Command] = []
    problems: list[Problem] = []
    if name.startswith("procfile"):
        return read_procfile(passage, surroundings, path)
    if name.startswith("inittab"):
        return read_inittab(passage, surroundings, path)
    if name.startswith("inetd"):
        return read_inetd(passage, surroundings)
    if "xinetd" in path or re.match(
        r"(?s).{0,4096}?^\s*service\s+\S+\s*\{", passage.text, re.MULTILINE
    ):
        return read_xinetd(passage, surroundings)
    sections = read_sections(passage)
    everywhere = next((s for s in sections if s.name == "supervisord"), None)
    for section in sections:
        for part in _section(section, everywhere, surroundings, path):
            found.extend(part.commands)
            problems.extend(part.problems)
    return Reading(tuple(found), tuple(problems))


def _section(
    section: Section, everywhere: Section | None, outer: Surroundings, path: str
) -> Iterator[Reading]:
    """Give the commands of each setting of a section."""
    name = section.name.lower()
    for key, value in section.settings:
        if not mentions(value.text):
            continue
        if len(value.text) > LONGEST:
            why = "this value is too long to be a command"
            yield Reading((), (broken(value, 0, 0, why),))
            continue
        if name.startswith(_SUPERVISED) and key == "command":
            around = _supervised(section, everywhere, outer)
            yield Reading(tuple(_argv(rewrite(value, _PERCENT, _meaning), around)))
        elif name.startswith("watcher:") and key in {"cmd", "args"}:
            if key == "cmd":
                yield Reading(tuple(_watcher(section, value, outer)))
        elif name == "desktop entry" or name.startswith("desktop action"):
            if key.lower() == "exec":
                yield Reading(tuple(_argv(rewrite(value, _FIELD_CODE, _meaning), outer)))
        elif _UWSGI_DAEMON.fullmatch(key):
            yield _uwsgi(section, key, value, outer, path)
        else:
            yield _generic(key, value, outer, path)


def _argv(value: Passage, around: Surroundings) -> Iterator[Command]:
    words = [token.argument() for token in tokens(jinja(value), SHLEX)]
    if words:
        yield from argv.commands_in(words, words[0].span.cover(words[-1].span), around)


def _meaning(value: Passage, found: re.Match[str]) -> Passage:
    if found[0] == "%%":
        return between(value, "%", found.start(), found.end())
    return hole(value, found.start(), found.end())


def _supervised(section: Section, everywhere: Section | None, outer: Surroundings) -> Surroundings:
    """Return where a program of supervisord runs."""
    user = section.text("user") or (everywhere.text("user") if everywhere is not None else "")
    merged = section.text("redirect_stderr").lower() in {"true", "1", "yes", "on"}
    log = section.text("stdout_logfile" if merged else "stderr_logfile")
    return replace(
        outer,
        user=outer.user if not user or "%(" in user else user.partition(":")[0],
        supervised_log=log.lower() not in {"none", "/dev/null"},
    )


def _watcher(section: Section, value: Passage, outer: Surroundings) -> Iterator[Command]:
    """Give the command of circus: ``cmd`` and ``args`` are words of one vector."""
    parts = [value, *(args for key, args in section.settings if key == "args")]
    words = [
        token.argument()
        for part in parts
        for token in tokens(rewrite(part, _CIRCUS, _meaning), SHLEX)
    ]
    user = section.text("uid") or outer.user
    if words:
        span = words[0].span
        for word in words[1:]:
            span = span.cover(word.span)
        yield from argv.commands_in(words, span, replace(outer, user=user))


def _uwsgi(section: Section, key: str, value: Passage, outer: Surroundings, path: str) -> Reading:
    """Return a daemon or a hook of uWSGI: a shell runs it."""
    around = replace(outer, user=section.text("uid") or outer.user)
    start = 0
    if "smart" in key:
        # The word before the command is the file that holds the process's number.
        found = re.match(r"\S+\s+", value.text)
        start = found.end() if found else 0
    elif key.startswith("hook-"):
        found = re.match(r"exec:\s*", value.text)
        start = found.end() if found else 0
    return shell.read(value.part(start, len(value.text)), around, path)


def _generic(key: str, value: Passage, outer: Surroundings, path: str) -> Reading:
    """Return the command of a setting that is named like one, or whose value is a bridge."""
    named = _COMMAND_KEY.fullmatch(key) is not None
    if not named and not begins_command(value.text):
        return Reading(())
    reading = shell.read(jinja(rewrite(value, _PERCENT, _meaning)), outer, path)
    if named and begins_command(value.text):
        return reading
    sure = Confidence.HIGH if named else Confidence.MEDIUM
    return Reading(tuple(capped(bridges(reading.commands), sure)), reading.problems)
