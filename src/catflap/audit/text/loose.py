"""Commands in a text of which nothing else is known: lines, strings, and lists of strings."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from catflap.audit import argv
from catflap.audit.code.examined import tests_from
from catflap.audit.code.judgement import (
    holds_expected,
    is_program,
    only_says,
    plausible,
    runs,
    says_field,
)
from catflap.audit.command import Argument
from catflap.audit.images import is_relay_image, version_of_image
from catflap.audit.sources import shell
from catflap.audit.text import powershell
from catflap.audit.text.bridges import begins_command, bridges, capped
from catflap.audit.text.expressions import Quoted, strings_of, values_from
from catflap.audit.text.hcl import lists_beside
from catflap.audit.text.lines import LONGEST, between, glue
from catflap.audit.text.property_list import strings_around
from catflap.audit.text.templates import jinja, placeholders
from catflap.audit.text.windows import without_directories
from catflap.audit.unwrap.special import starts_another
from catflap.bridge.invocation import SOCAT_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catflap.audit.command import Command
    from catflap.audit.passage import Passage
    from catflap.core.surroundings import Surroundings

__all__ = ("lines_of_commands", "loose_commands")

_RELAY = re.compile(rf"(?i)(?<![\w.])(?:{SOCAT_NAME}|catflap(?:\.exe)?)(?=[\"'`\s:@<])")
_BRACES = frozenset(
    (  # noqa: SIM905 -- a table of words, not a page of quotes
        "c h cc cpp cxx hpp hh m mm java kt kts scala groovy gradle swift rs cs dart php d zig v "
        "qml vala jenkinsfile proto thrift css"
    ).split()
)
_SUMS = frozenset(["c", "h", "cc", "cpp", "cxx", "hpp", "hh", "m", "mm", "d"])
_MARKED = {"xml": ("<!--", "-->"), "html": ("<!--", "-->"), "htm": ("<!--", "-->")}
_COMMENT = re.compile(
    r"[ \t]*(?:#(?!!)|;|--(?= )|%|dnl\b|(?i:rem)\b|\.\\\"|'\\\"|!|\"(?= )|::)",
)
_BRACE_COMMENT = re.compile(r"[ \t]*(?://|\*(?!\*)|/\*)")
_TRAILING = re.compile(r"(?:^|[\s;])(?:#|//)\s")
# What may stand on a line before a command: a prompt, a bullet, a setting, a diff's mark.
_FRONT = re.compile(
    r"\+?[ \t>|]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?"
    r"(?:[\w.~@:/-]{0,60}[$#%>][ \t]+|(?:PS[ \t]+)?[A-Za-z]:\\[^\n>]{0,80}>[ \t]*"
    r"|[A-Za-z_][\w.-]{0,60}[ \t]*[:?+]?=[ \t]*"
    r"|[A-Za-z_][\w.-]{0,40}:[ \t]+|(?i:(?:proxy|local|remote)command)[ \t]+"
    # An installer's answers, of Debian.
    r"|d-i[ \t]+\S{1,60}[ \t]+string[ \t]+"
    # ifupdown's and those of window managers.
    r"|(?:(?:pre-|post-)?(?:up|down)|exec_always|command)[ \t]+(?:--[\w-]{1,30}[ \t]+)?"
    r"|(?:<[a-z][^<>\n]{0,80}>[ \t]*){1,4})?"
)
# What somebody kept of what a program printed.
_KEPT = frozenset({"txt", "text", "log", "out", "lst", "ps"})
# A process as ps and pgrep -a list it: its number, and with ps the time that it used.
_PROCESS = re.compile(
    r"[ \t]*(?:[\w.@+$-]{1,32}[ \t]+)?\d{1,7}[ \t]+"
    r"(?:[^\n]{0,120}[ \t](?:\d{1,3}-)?\d{1,3}:\d\d(?::\d\d|\.\d\d)?[ \t]+)?"
    r"(?:[|\\_ ]*\\_ )?"
)
_ROOT_PROMPT = re.compile(r"[ \t]{0,8}#[ \t]")
_USER_PROMPT = re.compile(r"(?m)^[ \t]{0,8}[\w@:~.-]{0,40}\$[ \t][./a-z]")
_FEW = 2
"""So many prompts of users make a session of a text: one may be anything."""
_CALLED = re.compile(r"([\w.$>:-]{1,80})!?[ \t]*\Z")
_NAMED = re.compile(r"[\"']?([\w.-]{1,60})[\"']?[ \t]*(?:=>|:|=)[ \t]*[\[({]{0,2}[ \t]*\Z")
_WITH = re.compile(r"\.\s{0,80}with_?[Cc](?:om)?m(?:an)?d\w{0,12}\s?\(\s?")
_WRAPS = re.compile(r"(?:docker|podman|nerdctl|kubectl|ssh|nsenter|sudo|ip netns|nohup|wsl|adb)\b")
_FIRST = re.compile(r"(?:[\w.@-]*/)*([a-z][\w.-]{1,30})[ \t]+\S")
# Wrappers whose names are words of the language as well.
_ALSO_WORDS = frozenset(
    (  # noqa: SIM905 -- a table of words, not a page of quotes
        "at batch builtin command daemon do else env exec find if perf script then time timeout "
        "until watch while screen nice ip"
    ).split()
)
_DIRECTORY = re.compile(r"[^\s;&|(`=]*/\Z")
_BEFORE = (
    "|",
    "&",
    ";",
    "(",
    "`",
    "=",
    "{",
    " do",
    " then",
    " else",
    " --",
    "exec",
    "sudo",
    "nohup",
    "setsid",
)
# ``alpine/socat``, ``my-socat:1.8``; not ``/usr/bin/socat``, ``./socat``, ``bin/socat``.
_IMAGE = re.compile(r"(?!(?:\S*/)?s?bin/)[^/.~{$][^/\s]*[/:]")
_SHELL = re.compile(r"(?:\S*/)?(?:ba|da|a)?sh")
_BLANK = re.compile(r"\S\s+\S")
_SAYS = re.compile(r"(?:^|[;&|({][ \t]*)(?:sudo[ \t]+)?(?:echo|printf)[ \t]")
_GOES_ON = re.compile(
    r"(?<![&\d>])>>?[ \t]*[/~$\w]|\|[ \t]*(?:sudo[ \t]+)?(?:crontab|tee|sh|bash|at)\b"
)
# ``Command::new("pkill").args(["-f", "socat ..."])``: the program's other strings come after it.
_LOOKS_FOR = re.compile(r"[\"'`/](?:pkill|pgrep|[ef]?grep|killall)[\"'`][^;\n]{0,120}\Z")
_IS_NAME = re.compile(
    r"(?:^|[\s{,(])[\"']?(?:name|id|label|family|alias|title)[\"']?[ \t]*[=:][ \t]*\Z"
)
_LABEL = re.compile(r"[^\n`|:]{1,60}:[ \t]+")
# OpenWrt's configuration, which has the words of the command and not its program.
_SETTING = re.compile(r"(?m)^[ \t]*option[ \t]+SocatOptions[ \t]+\S[^\n]*")
_MOST = 1000
_PROGRAM_AND_LINE = 2
_BEFORE_STRING = 200
# Letters before a quote that say how the string is written: ``r"..."``.
_PREFIXES = frozenset({"r", "b", "f", "u", "rb", "br", "l", "n", "q", "$", "@"})


def loose_commands(passage: Passage, surroundings: Surroundings, path: str) -> Iterator[Command]:
    """Give the commands of a text; what can be one without doubt, and nothing of what is said.

    Args:
        passage: the text.
        surroundings: where it stands.
        path: the file's; its suffix tells how comments are written.
    """
    suffix = _suffix(path)
    if suffix in powershell.SUFFIXES:
        passage = powershell.plain(passage)
    passage = without_directories(passage)
    text, done, line = passage.text, 0, (0, 0)
    tests: tuple[int | None] | None = None
    strings: list[Quoted] = []
    for number, found in enumerate(_RELAY.finditer(text)):
        if number >= _MOST:
            return
        at = found.start()
        if at < done or (_in_comment(text, at, suffix) and not _after_prompt(text, at, path)):
            continue
        if at >= line[1]:
            line = _line(text, at)
            strings = list(strings_of(text, *line))
        string = next((each for each in strings if each.start <= at < each.end), None)
        commands: Iterable[Command] = _started(passage, at, surroundings)
        listed, end = strings_around(passage, at)
        if commands:
            done = line[1]
        elif listed:
            commands, done = _vector(listed, surroundings), end
        elif string is None:
            commands = _bare(passage.part(*line), at - line[0], surroundings, path)
            done = line[1]
        else:
            tests = tests or (tests_from(path, text),)
            in_test = tests[0] is not None and at >= tests[0]
            commands, done = _in_string(passage, string, surroundings, path, in_test=in_test)
        yield from capped(commands)
    for found in _SETTING.finditer(text):
        yield from capped(shell.read(passage.part(*found.span()), surroundings, path).commands)


def lines_of_commands(passage: Passage, surroundings: Surroundings, path: str) -> Iterator[Command]:
    """Give the commands that are whole lines of running text: nothing before, nothing after."""
    text, done = passage.text, 0
    for found in _RELAY.finditer(text):
        if found.start() < done:
            continue
        start, done = _line(text, found.start())
        front = _FRONT.match(text, start, done)
        begin = front.end() if front is not None else start
        if begins_command(text[begin:done]) or _wraps(text, begin, done):
            line = passage.part(start, done)
            yield from capped(_bare(line, found.start() - start, surroundings, path))
        elif (label := _LABEL.match(text, start, done)) is not None:
            # ``On the server: socat A B`` and no more; a sentence that goes on tells of a command.
            command = passage.part(label.end(), done)
            if begins_command(command.text):
                yield from capped(_whole(placeholders(command), surroundings, path))


def _writes(text: str) -> bool:
    """Whether a line says a command and hands on what it says: ``(echo ...) | crontab -``."""
    return _SAYS.search(text) is not None and _GOES_ON.search(text) is not None


def _wraps(text: str, start: int, end: int) -> bool:
    """Whether a line begins with a program that starts the command among its words."""
    if _WRAPS.match(text, start, end) is not None:
        return True
    first = _FIRST.match(text, start, end)
    return first is not None and first[1] not in _ALSO_WORDS and starts_another(first[1])


def _line(text: str, at: int) -> tuple[int, int]:
    """Return the line around a place, with those that a backslash joins to it."""
    start = text.rfind("\n", 0, at) + 1
    for _ in range(40):
        if not text.endswith(("\\\n", "\\\r\n"), 0, start):
            break
        start = text.rfind("\n", 0, start - 1) + 1
    end = at
    for _ in range(40):
        end = text.find("\n", end)
        if end < 0:
            return start, min(len(text), start + LONGEST)
        if not text.endswith("\\", start, end):
            break
        end += 1
    return start, min(end, start + LONGEST)


def _suffix(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[2].lower()


def _in_comment(text: str, at: int, suffix: str) -> bool:
    start = text.rfind("\n", 0, at) + 1
    pair = _MARKED.get(suffix, ("/*", "*/") if suffix in _BRACES else None)
    window = max(0, at - LONGEST)
    if pair is not None and text.rfind(pair[0], window, at) > text.rfind(pair[1], window, at):
        return True
    front = _BRACE_COMMENT if suffix in _BRACES else _COMMENT
    if front.match(text, start, at) is not None:
        return True
    return _TRAILING.search(text, start, at) is not None


def _after_prompt(text: str, at: int, path: str) -> bool:
    """Whether a line stands after root's prompt, as other lines of the text after a user's."""
    if _suffix(path) not in _KEPT and "." in path.rpartition("/")[2]:
        return False
    start = text.rfind("\n", 0, at) + 1
    prompt = _ROOT_PROMPT.match(text, start, at + 1)
    if prompt is None or not begins_command(text[prompt.end() : at + 100]):
        return False
    return len(list(islice(_USER_PROMPT.finditer(text), _FEW))) == _FEW


def _bare(line: Passage, at: int, surroundings: Surroundings, path: str) -> Iterable[Command]:
    """Return the commands of a line with a relay at ``at``, if it is made of commands."""
    patterns = (_PROCESS, _FRONT) if _suffix(path) in _KEPT else (_FRONT,)
    fronts = (pattern.match(line.text, 0, at + 1) for pattern in patterns)
    begin = max((front.end() for front in fronts if front and front.end() <= at), default=0)
    return _whole(placeholders(jinja(line.part(begin, len(line)))), surroundings, path)


def _started(passage: Passage, at: int, surroundings: Surroundings) -> list[Command]:
    words = powershell.started(passage, at)
    if len(words) == _PROGRAM_AND_LINE:
        return bridges(_as_line(words[0], words[1], surroundings))
    return _vector(words, surroundings) if words else []


def _whole(line: Passage, surroundings: Surroundings, path: str) -> list[Command]:
    """Return the commands of a line if nothing but commands stands before the first relay."""
    if line.text.startswith("!"):
        # A cell of a notebook hands the line to a shell.
        line = line.part(1, len(line))
    found = _RELAY.search(line.text)
    if found is None:
        return []
    if not (begins_command(line.text) or _wraps(line.text, 0, len(line))):
        before = _DIRECTORY.sub("", line.text[: found.start()]).rstrip()
        if before and not before.endswith(_BEFORE) and not _writes(line.text):
            return []
    commands = shell.read(line, surroundings, path).commands
    return bridges(each for each in commands if plausible(each))


def _in_string(
    passage: Passage, string: Quoted, surroundings: Surroundings, path: str, *, in_test: bool
) -> tuple[Iterable[Command], int]:
    """Return the commands of the expression that a string begins, and where that ends."""
    text = passage.text
    image = _IMAGE.match(text, string.start) is not None
    before = text[max(0, string.start - _BEFORE_STRING) : string.start - 1]
    if not image and _is_said(before, in_test=in_test):
        return (), string.end
    values = values_from(passage, string, sums=_suffix(path) in _SUMS)
    words, end = values.words, values.end
    first = words[0].text.strip()
    if is_relay_image(first) and _IMAGE.match(first):
        return _contained(passage, string, words, surroundings), end
    if is_program(first) and _IS_NAME.search(before):
        # ``name = "socat"`` of a container, whose image and words are read on their own.
        return (), string.end
    if is_program(first):
        rest = words[1:]
        if rest and is_program(rest[0].text):
            rest = rest[1:]
        if len(rest) == 1 and _BLANK.search(rest[0].text):
            # ``Process.Start("socat", "A B")``: all arguments are one string.
            return bridges(_as_line(words[0], rest[0], surroundings)), end
        return _vector([words[0], *rest], surroundings), end
    return _whole(words[0], surroundings, path), values.first_end


def _vector(words: list[Passage], surroundings: Surroundings) -> list[Command]:
    arguments = [Argument(word.pieces(), word.span(0, len(word))) for word in words]
    span = arguments[0].span.cover(arguments[-1].span)
    found = argv.commands_in(arguments, span, surroundings)
    return bridges(each for each in found if plausible(each))


def _contained(
    passage: Passage, string: Quoted, words: list[Passage], surroundings: Surroundings
) -> list[Command]:
    """Return what a container of an image is given, as words or by ``withCommand``."""
    rest = words[1:]
    given = _WITH.search(passage.text, string.after, string.after + 1500)
    if given is not None:
        first = next(strings_of(passage.text, given.end(), given.end() + 500), None)
        if first is None or first.start != given.end() + 1:
            return []
        rest = values_from(passage, first).words
    elif beside := lists_beside(passage.text, string.start):
        return _in_lists(passage, words[0], beside, surroundings)
    if not rest:
        return []
    image = words[0]
    version = surroundings.version or version_of_image(image.text)
    around = replace(surroundings, container=True, version=version)
    if len(rest) == 1:
        return bridges(_as_line(image, rest[0], around))
    at = image.text.lower().rfind("socat")
    return _vector([image.part(at, at + 5), *rest], around)


def _in_lists(
    passage: Passage, image: Passage, places: list[int], surroundings: Surroundings
) -> list[Command]:
    """Return what a block of HCL gives a container, as lists beside its image."""
    words: list[Passage] = []
    for at in places:
        first = next(strings_of(passage.text, at, at + 500), None)
        # Fields that stand after the list are no words of it.
        last = passage.start(max(passage.text.find("]", at), at))
        found = values_from(passage, first).words if first is not None else []
        words.extend(word for word in found if len(word) and word.start(0) < last)
    version = surroundings.version or version_of_image(image.text)
    around = replace(surroundings, container=True, version=version)
    if not words or is_program(words[0].text) or _SHELL.fullmatch(words[0].text):
        # Where they name a relay themselves, they are read on their own.
        return []
    at = image.text.lower().rfind("socat")
    return _vector([image.part(at, at + 5), *words], around)


def _as_line(image: Passage, words: Passage, around: Surroundings) -> Iterable[Command]:
    at = image.text.lower().rfind("socat")
    blank = image.part(at, at + 5)
    line = glue([blank, between(image, " ", at, at + 5), words])
    return shell.read(line, around, "").commands


def _is_said(before: str, *, in_test: bool) -> bool:
    """Whether what stands before a string shows it to people, or names what is looked at.

    Args:
        before: the text before its quote.
        in_test: whether it stands in a test, where a string is a case unless it is run.
    """
    around = list(_around(before))
    calls = [called for called, _ in around]
    directly = _CALLED.search(before)
    if directly is not None and directly[1].lower() not in _PREFIXES:
        calls.insert(0, directly[1])
    names = [re.split(r"[.:>]", each)[-1] for each in calls if each]
    if calls and calls[0] and (only_says(names[0]) or "regex" in calls[0].lower()):
        return True
    if _LOOKS_FOR.search(before) is not None:
        return True
    held = [before.rstrip(), *(rest for _, rest in around[:1])]
    for named in filter(None, map(_NAMED.search, held)):
        if says_field(named[1]) or holds_expected(named[1]):
            return True
    return in_test and not any(map(runs, calls))


def _around(before: str) -> Iterator[tuple[str, str]]:
    """Give the brackets that are open at the end of a text, the innermost first.

    Yields:
        the name before the bracket, or nothing, and all that stands before both.
    """
    depth = 0
    for at in range(len(before) - 1, -1, -1):
        if before[at] in ")]}":
            depth += 1
        elif before[at] in "([{" and depth:
            depth -= 1
        elif before[at] in "([{":
            called = _CALLED.search(before, 0, at)
            name = called[1] if called is not None else ""
            yield name, before[: called.start() if called is not None else at].rstrip()
