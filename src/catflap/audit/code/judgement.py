"""Tells what is run from what is only said: messages, help, lists of packages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.address.model import Unknown
from catflap.audit.code.examined import is_examined, judges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catflap.audit.command import Argument, Command

__all__ = (
    "holds_expected",
    "is_program",
    "only_says",
    "plausible",
    "runs",
    "runs_field",
    "says_field",
)

_SAYS = re.compile(
    r"""(?ix)
    (?: .*_)? (?: print(?:f|ln|_\w+)? | e?println | log(?:f|ln|ger|_\w+)? | debug[fs]?\w? | info\w?
        | warn\w{0,2} | warning[fs]? | error[fs]? | exception | critical\w? | fatal(?:f|ln)? | help
        | usage | message | msg | fprint\w* | notice | trace\w? )
    | echo | puts | describe | context | it | test | expect\w* | assert\w* | should\w* | skip\w*
    | exit | bail | anyhow | with_?context | includes? | indexof | replace(?:all)?
    | show\w*(?:message|error|warning|notification)\w* | set_?(?:status|text|title|message|label)
    | secho | code | markdown | caption | success | toast | alert | label | tooltip | heading
    | (?:sub)?header | banner
    | style | panic\w* | fail\w* | raise | throw | add_argument | argumentparser
    | add_parser | add_option | option | input | prompt | confirm | equals?
    | (?:deep|strict|deepstrict)equal | to(?:be|equal|contain|strictequal|match\w*)
    | tohavebeencalled\w* | contains | startswith | endswith | hasprefix | hassuffix | include\?
    | match | search | compile | fullmatch | findall | notify | getlogger | which | lookpath
    | find_executable | mkdoc | mkoption | mkenableoption | literalexpression | literalmd | mdoc
    | write-(?:host|output|verbose|warning|error|information|debug|log)
    | pgrep | pkill | killall | setdescription | \w*error | \w*exception | \w*warning
    """
)
_CASES = frozenset({"t.Run", "tt.Run", "b.Run", "f.Run", "s.Run", "suite.Run"})
"""What Go calls a case of a test by: its first argument is a name."""

_RUNS = re.compile(
    r"(?i)(run|exec|spawn|system|popen|cmd|command|shell|subprocess|process|bkg|bash|sudo|launch"
    r"|ssh|daemon|^start|^sh$|check_call|check_output|getoutput|succeed|background)"
)
_FIELDS = frozenset(
    {
        "help",
        "description",
        "epilog",
        "usage",
        "message",
        "msg",
        "doc",
        "docs",
        "reason",
        "title",
        "comment",
        "label",
        "summary",
        "notes",
        "error",
        "hint",
        "example",
        "examples",
        "documentation",
        "explanation",
        "longdescription",
        "expected",
        "want",
        "body",
        "short",
        "long",
        "synopsis",
        "detail",
        "details",
        "match",
    }
)
_EXPECTED = re.compile(
    r"(?i)^(want|wants|expected?|exp|help\w*|usage\w*|\w*_help|description"
    r"|\w*_usage|__doc__|\w*_(msg|message|error)|err\w*|msg|message|expected\w*"
    r"|readme|banner|intro|\w*(?:messages|hints?|tips?|instructions?|suggestions?|recommendations?|remediations?|results?"
    r"|outputs?|reports?))$"
)
"""Names of what a test compares with and of what is only shown to people."""

_COMMAND_FIELDS = frozenset({"command", "cmd", "code", "shell", "script", "exec", "payload"})
_PROGRAM = re.compile(
    r"(?:\S*/)?(?:[\w.-]+-)?(?:socat(?:[0-9.-]\S*|x(?:64|86)\S*)?|catflap)(?:\.exe)?"
)
_ADDRESS = re.compile(
    r"(?:-|[A-Za-z][A-Za-z0-9_-]*:.*|(?i:exec|system|shell)=.*|/\S+|\./\S+|[0-9]+|(?i:stdio|stdin|stdout|stderr|pty|pipe)"
    r"(?:,.*)?|.*!!.*)",
    re.DOTALL,
)
_OPTION = re.compile(r"[a-z][a-z0-9-]*(?:=[^\s:]+)?(?:,[a-z][^\s:]*)*")
_TAKES_VALUE = frozenset({"-lf", "-b", "-t", "-T", "-L", "-W", "-r", "-R", "-lp"})


def only_says(callee: str) -> bool:
    """Whether a function of this name shows its arguments or compares with them."""
    if callee.endswith(("stderr.write", "stdout.write")) or callee in _CASES:
        return True
    return judges(callee) or _SAYS.fullmatch(callee.rpartition(".")[2]) is not None


def runs(callee: str) -> bool:
    """Whether a function of this name most likely runs what it is given."""
    name = callee.rpartition(".")[2]
    if name.endswith(")"):
        # ``it.each(TABLE)(...)``: what a call gives has no name.
        return False
    return not judges(name) and _RUNS.search(name) is not None


def says_field(name: str) -> bool:
    """Whether a field or keyword argument of this name is for people, or for a detector."""
    last = name.rpartition(".")[2]
    return last.lower().replace("_", "") in _FIELDS or is_examined(last)


def holds_expected(name: str) -> bool:
    """Whether a variable of this name holds what is compared, looked for, or shown."""
    return _EXPECTED.match(name) is not None or is_examined(name)


def runs_field(name: str) -> bool:
    """Whether a field of this name holds a command."""
    return name.lower() in _COMMAND_FIELDS


def is_program(text: str) -> bool:
    """Whether a word names socat, with or without its directory."""
    return _PROGRAM.fullmatch(text) is not None


def plausible(command: Command) -> bool:
    """Whether the words after the program can be two addresses: prose rarely is."""
    return _addresses(command.words[1:]) >= 2


def _addresses(words: Sequence[Argument]) -> int:
    count = 0
    skips = goes_on = False
    for word in words:
        text = word.text
        # ``TCP-LISTEN:80, fork``: a slip that is often made.
        before, goes_on = goes_on, text.endswith(",") and ":" in text
        if skips:
            skips = False
        elif before and _OPTION.fullmatch(text):
            continue
        elif text in _TAKES_VALUE:
            skips = True
        elif text.startswith("-") and text != "-" and "," not in text:
            continue
        elif any(isinstance(piece, Unknown) for piece in word.pieces) or _ADDRESS.fullmatch(text):
            count += 1
        else:
            return 0
    return count
