"""``catflap completion``: the script that completes commands, flags and names in a shell."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from catflap.cli.completion_scripts import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.address.rows import Kind

__all__ = (
    "complete_address",
    "complete_limit",
    "complete_name",
    "complete_rule",
    "complete_session",
    "completion",
)

_EPILOG = """\b
Put it where your shell looks:
  bash: catflap completion bash > ~/.local/share/bash-completion/completions/catflap
  zsh:  catflap completion zsh > "${fpath[1]}/_catflap"
  fish: catflap completion fish > ~/.config/fish/completions/catflap.fish
"""


@click.command(epilog=_EPILOG)
@click.argument("shell", type=click.Choice(list(SCRIPTS)))
def completion(shell: str) -> None:
    """Print the completion script of a SHELL."""
    click.echo(SCRIPTS[shell], nl=False)


def complete_address(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the kinds that begin so; behind one its path, its options, and files they name."""
    del context, parameter
    from catflap.address.catalogue import find_kind

    head, colon, _ = incomplete.partition(":")
    before, comma, word = incomplete.rpartition(",")
    if not colon and not comma:
        return list(_kinds(incomplete.upper()))
    kind = find_kind(before.partition(",")[0].partition(":")[0] if comma else head)
    if kind is None:
        return []
    if comma:
        return list(_options(kind, before, word))
    return list(_parameters(kind, incomplete))


def _kinds(start: str) -> Iterator[CompletionItem]:
    from catflap.address.catalogue import kinds

    for kind in kinds():
        for name in (kind.name, *kind.aliases):
            if name.startswith(start):
                yield CompletionItem(name + ":" * bool(kind.parameters), help=kind.help)


def _parameters(kind: Kind, incomplete: str) -> Iterator[CompletionItem]:
    from catflap.address.rows import ParameterType

    head, _, text = incomplete.partition(":")
    if len(kind.parameters) == 1 and kind.parameters[0].type is ParameterType.PATH:
        yield from _files(f"{head}:", text)


def _options(kind: Kind, before: str, word: str) -> Iterator[CompletionItem]:
    from catflap.address.catalogue import find_option, option_rows
    from catflap.bridge.side import FILE_OPTIONS

    name, equals, value = word.partition("=")
    if equals:
        row = find_option(name)
        if row is not None and row.name in FILE_OPTIONS | {"crl"}:
            yield from _files(f"{before},{name}=", value)
        return
    for row in option_rows():
        if row.fits(kind) and row.applies is not None and not row.refused:
            for each in (row.name, *row.aliases):
                if each.startswith(word.lower()):
                    yield CompletionItem(f"{before},{each}", help=row.help)


def _files(before: str, text: str) -> Iterator[CompletionItem]:
    """Yield what a path may go on with; what cannot be looked into has nothing."""
    folder, start = os.path.split(text)
    try:
        entries = sorted(os.scandir(folder or "."), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        hidden = entry.name.startswith(".") and not start.startswith(".")
        # A comma or a blank within a name would need quotes.
        plain = not set(entry.name) & set(", :\t\n")
        if entry.name.startswith(start) and plain and not hidden:
            slash = "/" if entry.is_dir() else ""
            yield CompletionItem(f"{before}{os.path.join(folder, entry.name)}{slash}")


def complete_name(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the kinds, options, rules, denials and keys of the file that begin so."""
    del context, parameter
    from catflap.address.catalogue import kinds, option_rows
    from catflap.cli.configuration_pages import KEY_NAMES
    from catflap.cli.rules import RULES
    from catflap.guard.decisions import DECISIONS

    known = [(kind.name, kind.help) for kind in kinds()]
    known += [(row.name, row.help) for row in option_rows()]
    known += [(rule.slug, rule.title) for rule in RULES]
    known += [(meaning.slug, meaning.title) for meaning in DECISIONS]
    told = {name for name, _ in known}
    known += [(name, "a key of catflap.toml") for name in KEY_NAMES if name not in told]
    start = incomplete.lower()
    return [
        CompletionItem(name, help=text) for name, text in known if name.lower().startswith(start)
    ]


def complete_rule(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the rules that begin so."""
    del context, parameter
    from catflap.cli.rules import RULES

    return [
        CompletionItem(rule.slug, help=rule.title)
        for rule in RULES
        if rule.slug.startswith(incomplete)
    ]


def complete_limit(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the limits that begin so, each with the sign that its value follows."""
    del context, parameter
    from catflap.bridge.file.shape import LIMITS

    return [
        CompletionItem(f"{key.name}=", help=key.help)
        for key in LIMITS
        if key.name.startswith(incomplete)
    ]


def complete_session(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the live sessions of the service; none when no service answers."""
    del parameter
    from catflap.core.errors import CatflapError
    from catflap.service.client import ask

    try:
        answer = ask(context.params.get("state") or "", "sessions")
    except CatflapError:
        return []
    return [
        CompletionItem(each["id"], help=each["peer"])
        for each in answer["sessions"]
        if each["id"].startswith(incomplete)
    ]
