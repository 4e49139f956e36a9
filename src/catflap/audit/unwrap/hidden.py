"""Programs that add words of their own to a command: ``xargs``, ``parallel``, ``find``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.unwrap.layers import unwrap
from catflap.audit.unwrap.options import options

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.audit.command import Argument, Command
    from catflap.audit.context import Context
    from catflap.core.spans import Span

__all__ = ("find", "parallel", "xargs")

_XARGS = (
    "-a --arg-file -d --delimiter -E -I -J -L --max-lines -n --max-args -P --max-procs -R -S"
    " -s --max-chars --process-slot-var"
)
_PARALLEL = (
    "-j --jobs -P -N -n --max-args -I -a --arg-file --colsep -C --delay --timeout --retries"
    " --joblog -S --sshlogin --workdir --wd --tagstring --results -L --halt"
)


def xargs(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Take off ``xargs``: more words come from its standard input."""
    given = options(words, _XARGS.split())
    yield from unwrap(words[given.rest :], span, context.inside(hidden_input=True))


def parallel(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Take off GNU parallel: a command before ``:::``, as words or as one text."""
    from catflap.audit.unwrap.texts import shell_text

    given = options(words, _PARALLEL.split())
    rest = list(words[given.rest :])
    for position, word in enumerate(rest):
        if word.text.startswith(":::"):
            texts = [] if position else rest[1:]
            del rest[position:]
            break
    else:
        texts = []
    # ``parallel ::: "socat A B" "sleep 1"``: each is a command.
    for text in texts:
        yield from shell_text((text,), context)
    inner = context.inside(hidden_input=True)
    if len(rest) == 1:
        yield from shell_text(rest, inner)
    else:
        yield from unwrap(rest, span, inner)


def find(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Take off ``find ... -exec COMMAND ;``."""
    for position, word in enumerate(words):
        if word.text in {"-exec", "-execdir", "-ok", "-okdir"}:
            rest = list(words[position + 1 :])
            for end, later in enumerate(rest):
                if later.text in {";", "+"}:
                    del rest[end:]
                    break
            yield from unwrap(rest, span, context.inside(hidden_input=True))
