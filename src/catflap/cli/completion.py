"""``catflap completion``: the script that completes commands, flags and names in a shell."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class

__all__ = ("complete_address", "complete_name", "completion")

_VARIABLE = "_CATFLAP_COMPLETE"
_EPILOG = """\b
Put it where your shell looks:
  bash: catflap completion bash > ~/.local/share/bash-completion/completions/catflap
  zsh:  catflap completion zsh > "${fpath[1]}/_catflap"
  fish: catflap completion fish > ~/.config/fish/completions/catflap.fish
"""


@click.command(epilog=_EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a SHELL."""
    found = get_completion_class(shell)
    if found is None:  # cannot happen: the choices are those that click brings
        raise click.UsageError(f"no completion for {shell}")
    script = found(click.get_current_context().find_root().command, {}, "catflap", _VARIABLE)
    click.echo(script.source_template % script.source_vars())


def complete_address(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the kinds that begin so; after a comma, the options that the kind takes."""
    del context, parameter
    from catflap.address.catalogue import find_kind, kinds, option_rows

    before, comma, word = incomplete.rpartition(",")
    if not comma:
        start = incomplete.upper()
        names = [(name, kind) for kind in kinds() for name in (kind.name, *kind.aliases)]
        return [
            CompletionItem(name + ":" * bool(kind.parameters), help=kind.help)
            for name, kind in names
            if name.startswith(start)
        ]
    kind = find_kind(before.partition(",")[0].partition(":")[0])
    if kind is None or "=" in word:
        return []
    options = [(name, row) for row in option_rows() for name in (row.name, *row.aliases)]
    return [
        CompletionItem(f"{before},{name}", help=row.help)
        for name, row in options
        if name.startswith(word.lower()) and row.fits(kind) and row.applies is not None
    ]


def complete_name(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the kinds, options and rules that begin so."""
    del context, parameter
    from catflap.address.catalogue import kinds, option_rows
    from catflap.cli.rules import RULES
    from catflap.guard.decisions import DECISIONS

    known = [(kind.name, kind.help) for kind in kinds()]
    known += [(row.name, row.help) for row in option_rows()]
    known += [(rule.slug, rule.title) for rule in RULES]
    known += [(meaning.slug, meaning.title) for meaning in DECISIONS]
    start = incomplete.lower()
    return [
        CompletionItem(name, help=text) for name, text in known if name.lower().startswith(start)
    ]
