"""Whether a program address is a shell or an interpreter that takes commands from its peer."""

from __future__ import annotations

import itertools
import re
import shlex
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from catflap.address.rows import ParameterType
from catflap.address.syntax import split_command
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.address.model import Word
    from catflap.bridge.side import Side

__all__ = ("Shell", "programs_of", "shell_of")

_SHELLS = frozenset(
    {
        "sh", "bash", "dash", "zsh", "ksh", "mksh", "pdksh", "fish", "ash", "csh", "tcsh",
        "rbash", "pwsh", "powershell", "cmd", "script",
    }
)  # fmt: skip
_INTERPRETERS = frozenset(
    {
        "perl", "ruby", "node", "nodejs", "lua", "php", "irb", "tclsh", "gdb", "ghci",
        "sqlite3", "psql",
    }
)  # fmt: skip
_PYTHON = re.compile(r"(python|pypy|ipython)[0-9.]*")
_WRAPPERS = frozenset(
    {
        "env", "setsid", "nohup", "nice", "ionice", "timeout", "stdbuf", "unbuffer",
        "sudo", "doas", "exec", "busybox", "rlwrap", "command", "time", "chroot",
        "nsenter", "unshare",
    }
)  # fmt: skip
_CONTAINER_TOOLS = frozenset(["docker", "podman", "kubectl", "nerdctl", "crictl", "lxc", "oc"])
_MOST_WORDS = 64
_SPAWNS = re.compile(r"pty\.spawn|/bin/(ba|da|z|k)?sh\b|\b(os|subprocess)\.(system|popen|call)\b")
_READS_COMMANDS = re.compile(r"-[a-zA-Z]*|--?(login|interactive|norc|noprofile|posix|pty)|-")
_GIVES_LINE = re.compile(r"-[a-zA-Z]*c")
_GIVES_PROGRAM = re.compile(r"-[a-zA-Z]*[cmeEr].*")
_REDIRECTION = re.compile(r"[0-9]*[<>].*")
_VARIABLE = re.compile(r"\$(?!\{?SOCAT_)[\w({@*]|`")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*")
_SHELL_VARIABLE = re.compile(r"\$\{?SHELL\}?(:-[^}]*\})?")
_NOISE = frozenset(["{", "}", "(", ")", "do", "then", "else", "while", "until", "if", "!"])


@dataclass(frozen=True, slots=True)
class Shell:
    """What was found: the program's name, and how sure it is that it obeys its peer."""

    name: str
    confidence: Confidence = Confidence.HIGH


def shell_of(side: Side) -> Shell | None:
    """Return the shell that a side starts, or ``None``; a named program is not one."""
    kind = side.address.kind
    if kind is None or kind.name not in {"EXEC", "SYSTEM", "SHELL"}:
        return None
    word = side.word(ParameterType.COMMAND)
    if word is None or not word.text.strip():
        return Shell(side.text("shell").value or "$SHELL") if kind.name == "SHELL" else None
    return _of_words(word) if kind.name == "EXEC" else _of_line(word.text)


def programs_of(side: Side) -> list[list[str]]:
    """Return the words of each program that a side starts, wrappers taken off."""
    kind = side.address.kind
    word = side.word(ParameterType.COMMAND)
    if kind is None or word is None or kind.name not in {"EXEC", "SYSTEM", "SHELL"}:
        return []
    return [list(words) for words in _programs(word, by_shell=kind.name != "EXEC")]


@lru_cache(maxsize=64)  # many rules ask the same
def _programs(word: Word, *, by_shell: bool) -> tuple[tuple[str, ...], ...]:
    if by_shell:
        found = list(_commands(word.text))
    else:
        found = [[each.text for each in split_command(word, _MOST_WORDS)]]
    return tuple(tuple(_without_wrappers(words)) for words in found)


def _without_wrappers(words: list[str]) -> list[str]:
    """Drop ``sudo``, ``exec``, ``timeout 60`` before a program that is no shell."""
    at = 0
    while at < len(words) - 1 and (
        _program(words[at]) in _WRAPPERS or _ASSIGNMENT.fullmatch(words[at])
    ):
        at += 1
        while at < len(words) - 1 and re.fullmatch(r"-.*|\d+[smhd]?", words[at]):
            at += 1
    return words[at:]


@lru_cache(maxsize=64)  # many rules ask the same
def _of_words(word: Word) -> Shell | None:
    return _obeyed([each.text for each in split_command(word, _MOST_WORDS)])


@lru_cache(maxsize=64)
def _of_line(line: str) -> Shell | None:
    """Judge a shell line by its simple commands; what comes after the first is less sure."""
    heard: set[str] = set()
    for position, words in enumerate(_commands(line)):
        if words[0] == "eval" and _VARIABLE.search(" ".join(words)):
            return Shell("eval", Confidence.MEDIUM)
        heard.update(words[1:] if words[0] == "read" else ())
        if _runs_what_it_heard(words, heard) or _reads_as_script(words):
            return Shell("what it reads", Confidence.MEDIUM)
        found = _obeyed(words)
        if found is not None:
            return Shell(found.name, Confidence.MEDIUM) if position else found
    return None


def _runs_what_it_heard(words: Sequence[str], heard: set[str]) -> bool:
    """Whether ``read line; $line`` or ``sh -c "$(cat)"`` runs what a peer sent."""
    runs_text = _is_shell(words[0]) or _is_interpreter(_program(words[0]))
    is_line = runs_text and any(_GIVES_PROGRAM.fullmatch(word) for word in words[1:-1])
    program = words[-1] if is_line else words[0]
    name = program.strip("${}\"'")
    return program.startswith("$") and (name in heard or program in {"$(cat)", "$(</dev/stdin)"})


def _reads_as_script(words: Sequence[str]) -> bool:
    """Whether ``. /dev/stdin`` runs what a peer sends, or ``xargs sh -c`` words of it."""
    if words[0] in {".", "source"}:
        return len(words) > 1 and words[1] in {"/dev/stdin", "/proc/self/fd/0", "/dev/fd/0"}
    if words[0] == "xargs":
        return any(_is_shell(word) for word in words[1:]) and any(
            _GIVES_LINE.fullmatch(word) for word in words[1:]
        )
    return False


def _commands(line: str) -> Iterator[list[str]]:
    """Yield the words of each simple command of a shell line, redirections left out."""
    lexer = shlex.shlex(line.replace("\n", ";"), posix=True, punctuation_chars=";|&")
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        for token in lexer:
            if set(token) <= set(";|&"):
                if words:
                    yield words
                words = []
            elif not _REDIRECTION.fullmatch(token) and (words or token not in _NOISE):
                words.append(token)
    except ValueError:  # an open quote: what came before it still counts
        pass
    if words:
        yield words


def _obeyed(words: Sequence[str]) -> Shell | None:
    rest = _unwrapped(list(words[:_MOST_WORDS]))
    if _becomes_shell(words):
        return Shell(_program(words[0]))
    if not rest:
        return None
    name = _program(rest[0])
    if _is_shell(name):
        return _shell(name, rest)
    if name in {"su", "login"}:
        return _login(name, rest)
    if _is_interpreter(name):
        return _interpreter(name, rest)
    return _elsewhere(name, rest)


def _elsewhere(name: str, rest: Sequence[str]) -> Shell | None:
    """Judge a shell that a variable names, or that a tool starts in a container."""
    if _SHELL_VARIABLE.fullmatch(rest[0]):
        return Shell("$SHELL", Confidence.MEDIUM)
    inside = name in _CONTAINER_TOOLS and len(rest) > 2 and _is_shell(rest[-1])
    return Shell(f"{name} {rest[-1]}") if inside else None


def _login(name: str, rest: Sequence[str]) -> Shell | None:
    """Judge who asks for a password: ``login`` does unless told not to, ``su`` not as root."""
    if name == "su":
        return None if {"-c", "--command"} & set(rest) else Shell("su", Confidence.MEDIUM)
    return Shell("login -f") if any(word.startswith("-f") for word in rest[1:]) else None


def _interpreter(name: str, rest: Sequence[str]) -> Shell | None:
    """Judge an interpreter: without a script it takes commands, and a script may start a shell."""
    if any(map(_SPAWNS.search, rest[1:])):
        return Shell(name, Confidence.MEDIUM)
    scripted = any(_GIVES_PROGRAM.fullmatch(word) for word in rest[1:])
    return None if scripted or not _is_bare(rest) else Shell(name)


def _is_interpreter(name: str) -> bool:
    return name in _INTERPRETERS or _PYTHON.fullmatch(name) is not None


def _becomes_shell(words: Sequence[str]) -> bool:
    """Whether ``sudo -i``, ``sudo -s`` or ``doas -s`` starts a shell of its own."""
    if not words or _program(words[0]) not in {"sudo", "doas"}:
        return False
    return len(words) > 1 and words[-1] in {"-i", "-s", "--login", "--shell"}


def _is_bare(rest: Sequence[str]) -> bool:
    """Whether nothing but flags follows the program, so that it reads commands."""
    return all(_READS_COMMANDS.fullmatch(word) for word in rest[1:])


def _shell(name: str, rest: Sequence[str]) -> Shell | None:
    if any(_GIVES_LINE.fullmatch(word) for word in rest[1:]):
        return _inner(name, rest)
    return Shell(name) if _is_bare(rest) else None


def _inner(name: str, rest: Sequence[str]) -> Shell | None:
    """Judge the line that ``sh -c LINE`` runs."""
    for flag, line in itertools.pairwise(rest):
        if _GIVES_LINE.fullmatch(flag):
            found = next(filter(None, map(_obeyed, _commands(line))), None)
            return Shell(f"{name} -c {found.name}", found.confidence) if found else None
    return None


def _is_shell(word: str) -> bool:
    return _program(word) in _SHELLS


def _program(word: str) -> str:
    """Return a program's name without folders, in lower case."""
    return re.split(r"[/\\]", word)[-1].lower().removesuffix(".exe")


def _unwrapped(words: list[str]) -> list[str]:
    """Drop ``env A=1``, ``timeout 60``, ``sudo -u x`` and the like from the front."""
    wrapped = False
    while words:
        name = _program(words[0])
        if name in _WRAPPERS:
            wrapped = True
        elif _ASSIGNMENT.fullmatch(words[0]):
            pass
        elif wrapped and not _starts_program(words[0]) and any(map(_starts_program, words[1:])):
            pass  # a wrapper's flag or its value, with a shell still to come
        else:
            return words
        words = words[1:]
    return words


def _starts_program(word: str) -> bool:
    name = _program(word)
    return name in _SHELLS or _is_interpreter(name)
