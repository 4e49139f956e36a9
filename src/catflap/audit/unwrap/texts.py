"""Programs that take a command as a text for a shell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.address.model import Literal
from catflap.audit.unwrap.layers import base_name, unwrap
from catflap.audit.unwrap.options import options, tail
from catflap.audit.unwrap.rows import WRAPPERS
from catflap.core.spans import Span
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.address.model import Unknown
    from catflap.audit.command import Argument, Command
    from catflap.audit.context import Context

__all__ = (
    "alias",
    "command",
    "env",
    "evaluate",
    "flock",
    "from_stdin",
    "joined",
    "script",
    "shell",
    "shell_text",
    "su",
    "trap",
    "watch",
)

_SU = "-c --command -g --group -G --supp-group -s --shell -u --user -w --whitelist-environment -T"
_FLOCK = "-w --wait --timeout -E --conflict-exit-code -c --command"
_SCRIPT = "-c --command -I --log-in -O --log-out -B --log-io -E --echo -m -o -T --log-timing"
_SHELL = "-o +o -O +O --rcfile --init-file -C"


def joined(words: Sequence[Argument]) -> tuple[Argument, ...]:
    """Return the words as one, blanks between, as programs do that hand them to a shell."""
    from catflap.audit.command import Argument

    pieces: list[Literal | Unknown] = []
    for position, word in enumerate(words):
        if position:
            # A blank that stands nowhere by itself: its place is the gap between the words.
            before = words[position - 1].span.end
            after = max(before, word.span.start)
            pieces.append(Literal(" ", Span(before, after)))
        pieces.extend(word.pieces)
    if not words:
        return ()
    return (
        Argument(
            tuple(pieces), Span(words[0].span.start, max(words[-1].span.end, words[0].span.start))
        ),
    )


def shell_text(
    words: Sequence[Argument], context: Context, positional: Sequence[Argument] | None = None
) -> Iterator[Command]:
    """Yield the commands of words that are joined and read by a shell."""
    from catflap.audit.shell.script import read_inner

    for word in joined(words):
        yield from read_inner(word.pieces, context, positional, span=word.span)


def from_stdin(context: Context) -> Iterator[Command]:
    """Yield the commands that a shell reads from its standard input."""
    from catflap.audit.shell.script import read_inner

    if context.stdin is not None:
        yield from read_inner(context.stdin, replace(context, stdin=None))


def shell(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Take off ``sh -c TEXT NAME ARGUMENTS``, or read what the shell gets on its input."""
    from catflap.audit.shell.script import read_inner

    given = options(words, _SHELL.split())
    if given.has("-c") and given.rest < len(words):
        text, positional = words[given.rest], words[given.rest + 1 :]
        yield from shell_text((text,), context, positional)
    elif context.stdin is not None and (given.has("-s") or given.rest >= len(words)):
        stdin, inner = context.stdin, replace(context, stdin=None)
        positional = (words[0], *words[given.rest :])
        yield from read_inner(stdin, inner, positional)
    elif not given.has("-c") and given.rest < len(words):
        # ``bash script.sh socat ...``: the script is another file.
        from catflap.audit.unwrap.unfamiliar import unfamiliar

        yield from unfamiliar(words[given.rest :], span, context)


def su(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Take off ``su - USER -c TEXT`` and ``runuser -u USER -- COMMAND``."""
    given = options(words, _SU.split())
    at = given.rest
    account = given.value("-u", "--user")
    if account is not None:
        yield from unwrap(words[at:], span, context.inside(user=account.text))
        return
    if at < len(words) and words[at].text == "-":
        at += 1
    user = "root"
    if at < len(words):
        user = words[at].text
        at += 1
    # GNU getopt lets options follow the operands.
    rest = options(words, _SU.split(), at)
    inner = context.inside(user=user)
    text = given.value("-c", "--command") or rest.value("-c", "--command")
    if text is not None:
        yield from shell_text((text,), inner)
    else:
        yield from from_stdin(inner)


def evaluate(words: Sequence[Argument], _span: Span, context: Context) -> Iterator[Command]:
    """Take off ``eval``: this very shell reads its words again."""
    from catflap.audit.shell.script import read_inner

    at = 2 if len(words) > 1 and words[1].text == "--" else 1
    for word in joined(words[at:]):
        yield from read_inner(word.pieces, context, same_shell=True, span=word.span)


def trap(words: Sequence[Argument], _span: Span, context: Context) -> Iterator[Command]:
    """Take off ``trap TEXT SIGNALS``."""
    from catflap.audit.shell.script import read_inner

    at = 2 if len(words) > 1 and words[1].text == "--" else 1
    if len(words) > at + 1:
        word = words[at]
        yield from read_inner(word.pieces, context, same_shell=True, span=word.span)


def alias(words: Sequence[Argument], _span: Span, context: Context) -> Iterator[Command]:
    """Take off ``alias NAME=TEXT``: run when somebody types the name."""
    for word in words[1:]:
        name, equals, _ = word.text.partition("=")
        if equals:
            text = tail(word, len(name) + 1)
            yield from shell_text((text,), context.at_most(Confidence.MEDIUM))


def command(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Take off ``command``; with ``-v`` it only looks the program up."""
    given = options(words, ())
    if not given.has("-v", "-V"):
        yield from unwrap(words[given.rest :], span, context.inside())


def env(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Take off ``env`` and its assignments; ``-S`` takes a text, split at blanks."""
    given = options(words, (*WRAPPERS["env"].valued.split(), "-S", "--split-string"))
    text = given.value("-S", "--split-string")
    if text is not None:
        yield from shell_text((text, *words[given.rest :]), context)
        return
    at = given.rest
    while at < len(words) and ("=" in words[at].text or words[at].text in {"-", "--"}):
        at += 1
    yield from unwrap(words[at:], span, context.inside())


def watch(words: Sequence[Argument], _span: Span, context: Context) -> Iterator[Command]:
    """Take off ``watch``, which joins its words for a shell."""
    given = options(words, ("-n", "--interval", "-q", "--equexit", "-s"))
    yield from shell_text(words[given.rest :], context)


def flock(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Take off ``flock FILE COMMAND`` and ``flock FILE -c TEXT``."""
    given = options(words, _FLOCK.split())
    rest = options(words, _FLOCK.split(), given.rest + 1)
    for text in (given.value("-c", "--command"), rest.value("-c", "--command")):
        if text is not None:
            yield from shell_text((text,), context)
    yield from unwrap(words[rest.rest :], span, context.inside())


def script(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Take off ``script -c TEXT FILE`` (Linux) and ``script FILE COMMAND`` (BSD)."""
    given = options(words, _SCRIPT.split())
    rest = options(words, _SCRIPT.split(), given.rest + 1)
    for text in (given.value("-c", "--command"), rest.value("-c", "--command")):
        if text is not None:
            yield from shell_text((text,), context)
            return
    if given.rest < len(words) and base_name(words[given.rest]):
        yield from unwrap(words[rest.rest :], span, context.inside())
