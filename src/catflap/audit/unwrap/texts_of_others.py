"""Programs that hand a command to another machine, or several commands to shells of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.unwrap.layers import unwrap
from catflap.audit.unwrap.options import options, tail
from catflap.audit.unwrap.texts import shell_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.audit.command import Argument, Command
    from catflap.audit.context import Context
    from catflap.core.spans import Span

__all__ = ("adb", "aws", "concurrently", "gcloud", "nix", "nix_shell")

_ADB = ("-s", "-t", "-H", "-P", "-L")
_CONCURRENTLY = (
    "-n --names -c --prefix-colors -p --prefix -l --prefix-length -s --success -m --max-processes"
    " --restart-tries --restart-after --kill-signal --default-input-target --hide -P --timings"
)


def gcloud(words: Sequence[Argument], _span: Span, context: Context) -> Iterator[Command]:
    """Take off ``gcloud compute ssh HOST --command TEXT``."""
    for position, word in enumerate(words):
        if word.text == "--command" and position + 1 < len(words):
            yield from shell_text((words[position + 1],), context.inside(elsewhere=True, user=""))
        elif word.text.startswith("--command="):
            text = tail(word, len("--command="))
            yield from shell_text((text,), context.inside(elsewhere=True, user=""))


def aws(words: Sequence[Argument], _span: Span, context: Context) -> Iterator[Command]:
    """Take off ``aws ssm send-command --parameters 'commands=["socat A B"]'``."""
    from catflap.audit.shell.foreign import read_kind
    from catflap.audit.shell.words import as_passage

    inner = context.inside(elsewhere=True, user="root")
    for word in words:
        _, named, commands = word.text.partition("commands")
        if not named:
            continue
        given = tail(word, len(word.text) - len(commands.lstrip('"=: ')))
        if given.text.startswith("["):
            # Quoted strings, as JSON and the tool's shorthand have them.
            yield from read_kind("text", as_passage(given.pieces), inner)
        else:
            yield from shell_text((given,), inner)


def adb(words: Sequence[Argument], _span: Span, context: Context) -> Iterator[Command]:
    """Take off ``adb -s SERIAL shell WORDS``: the device's shell reads them joined."""
    at = options(words, _ADB).rest
    if at < len(words) and words[at].text in {"shell", "exec-out"}:
        rest = options(words, ("-e",), at + 1).rest
        yield from shell_text(words[rest:], context.inside(elsewhere=True, user=""))


def concurrently(words: Sequence[Argument], _span: Span, context: Context) -> Iterator[Command]:
    """Take off ``concurrently TEXT TEXT``: a shell for each."""
    for word in words[options(words, _CONCURRENTLY.split()).rest :]:
        if not word.text.startswith("-"):
            yield from shell_text((word,), context)


def nix_shell(words: Sequence[Argument], _span: Span, context: Context) -> Iterator[Command]:
    """Take off ``nix-shell -p socat --run TEXT``."""
    for position, word in enumerate(words[:-1]):
        if word.text in {"--run", "--command"}:
            yield from shell_text((words[position + 1],), context)


def nix(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Take off ``nix run nixpkgs#socat -- WORDS`` and ``nix shell nixpkgs#socat -c COMMAND``."""
    for position, word in enumerate(words):
        rest = words[position + 1 :]
        if word.text in {"-c", "--command"}:
            yield from unwrap(rest, span, context.inside())
            return
        package = word.text.rpartition("#")
        if package[1] and package[2] in {"socat", "catflap"} and words[1].text == "run":
            after = rest[1:] if rest and rest[0].text == "--" else rest
            program = tail(word, len(word.text) - len(package[2]))
            yield from unwrap((program, *after), span, context.inside())
            return
