"""Programs that keep a command going on a terminal or as a daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catflap.address.model import Literal
from catflap.audit.unwrap.layers import unwrap
from catflap.audit.unwrap.options import options

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.audit.command import Argument, Command
    from catflap.audit.context import Context
    from catflap.core.spans import Span

__all__ = ("screen", "start_stop_daemon", "tmux")

_SCREEN = "-c -e -h -p -S -s -t -T -Logfile"
_TMUX = "-L -S -f -c"
_NEW = "-c -e -F -n -s -t -x -y -l -b -T"
_STARTS = (
    "new-session",
    "new",
    "new-window",
    "neww",
    "split-window",
    "splitw",
    "respawn-pane",
    "respawnp",
    "run-shell",
    "run",
    "send-keys",
    "send",
)
_START_STOP = (
    "-p --pidfile -x --exec -n --name -u --user -s --signal -a --startas -g --group -r --chroot"
    " -d --chdir -c --chuid -P --procsched -I --iosched -k --umask -R --retry -N --nicelevel"
    " --pid --ppid -O --output -1 --stdout -2 --stderr -e --env -w --wait --notify-timeout"
)


def screen(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Take off ``screen -dmS NAME COMMAND`` and ``screen -X stuff TEXT``."""
    from catflap.audit.unwrap.texts import shell_text

    given = options(words, _SCREEN.split())
    rest = words[given.rest :]
    if rest and rest[0].text == "stuff":
        yield from shell_text(rest[1:], context)
        return
    yield from unwrap(rest, span, context.inside())


def tmux(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Take off ``tmux new-session -d COMMAND``: one word is a text for a shell.

    A semicolon that the shell leaves alone parts tmux's own commands (tmux(1), "PARSING SYNTAX").
    """
    end = next((at for at, word in enumerate(words) if word.literal == ";"), None)
    yield from _one(words[:end], span, context)
    if end is not None:
        yield from tmux((words[0], *words[end + 1 :]), span, context.inside())


def _one(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Yield what one command of tmux starts."""
    from catflap.audit.unwrap.texts import shell_text

    at = options(words, _TMUX.split()).rest
    if at >= len(words) or words[at].text not in _STARTS:
        return
    typed = words[at].text.startswith("send")
    valued = "-t -N" if typed else _NEW
    rest = list(words[options(words, valued.split(), at + 1).rest :])
    while typed and rest and rest[-1].text in {"C-m", "Enter", "KPEnter"}:
        rest.pop()
    if len(rest) == 1 or typed:
        yield from shell_text(rest, context)
    else:
        yield from unwrap(rest, span, context.inside())


def start_stop_daemon(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Take off ``start-stop-daemon --start --exec PROGRAM -- ARGUMENTS``."""
    given = options(words, _START_STOP.split())
    if given.has("-K", "--stop", "-T", "--status"):
        return
    program = given.value("-a", "--startas") or given.value("-x", "--exec")
    user = given.value("-c", "--chuid") or given.value("-u", "--user")
    facts: dict[str, Any] = {} if user is None else {"user": user.text.partition(":")[0]}
    inner = context.inside(**facts)
    rest = words[given.rest :]
    if program is not None:
        yield from unwrap((program, *rest), span, inner)
    elif rest and all(isinstance(piece, Literal) for piece in rest[0].pieces):
        yield from unwrap(rest, span, inner)
