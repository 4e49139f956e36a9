"""``-h``, ``-hh``, ``-hhh``: flags, address kinds and options, from the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.catalogue import kinds, option_rows
from catflap.bridge.flags import FlagValue
from catflap.bridge.socat_flags import SOCAT_FLAGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.address.rows import Kind, OptionRow
    from catflap.bridge.flags import FlagRow

__all__ = ("help_text",)

_TAB = 8
_HEAD = "      "
_GROUPS_AT = 48
_OURS = "catflap"
_STDIO = "-"


def help_text(level: int) -> str:
    """Return what is printed.

    Args:
        level: 1 flags and kinds; 2 also aliases and options; 3 also the aliases of options.
    """
    lines = ["catflap in the place of socat", "Usage:", "socat [options] <bi-address> <bi-address>"]
    lines.append("   options:")
    lines += [_flag(row) for row in SOCAT_FLAGS]
    lines += [
        "   bi-address:",
        "      <single-address>",
        "      <single-address>!!<single-address>",
        "   single-address:",
        "      <address-head>[,<opts>]",
        "   address-head:",
    ]
    lines += _kinds(aliases=level > 1)
    lines += [
        "         <num> is a short form for fd:<num>",
        "         <filename> is a short form for gopen:<filename>",
    ]
    if level > 1:
        lines += ["   opts:", "      <opt>{,<opts>}:", "   opt:"]
        lines += _options(aliases=level > 2)
    return "\n".join(lines) + "\n"


def _flag(row: FlagRow) -> str:
    value = row.placeholder or ("" if row.value is FlagValue.NONE else row.value.name)
    shown = row.name
    if row.value.required:
        shown += f" <{value.lower()}>"
    elif row.value is not FlagValue.NONE:
        shown += f"[{value.lower()}]"
    return f"      {shown:<17}{row.help}"


def _kinds(*, aliases: bool) -> list[str]:
    found: dict[str, str] = {}
    for kind in kinds():
        if kind.since != _OURS:
            found[kind.name] = _kind(kind)
            if aliases:
                found.update(
                    {name: _tabbed(f"{_HEAD}{name}", _GROUPS_AT) + _alias(kind.name)
                     for name in kind.aliases}
                )  # fmt: skip
    if aliases:
        found.setdefault(_STDIO, _tabbed(f"{_HEAD}{_STDIO}", _GROUPS_AT) + _alias("STDIO"))
    return [found[name] for name in sorted(found)]


def _alias(name: str) -> str:
    return f"is an alias name for {name}"


def _kind(kind: Kind) -> str:
    groups = ",".join(group.value for group in kind.groups)
    return _tabbed(f"{_HEAD}{kind.name}{kind.syntax}", _GROUPS_AT) + f"groups={groups}"


def _options(*, aliases: bool) -> list[str]:
    found: dict[str, str] = {}
    for row in option_rows():
        if row.since != _OURS:
            found[row.name] = "".join(_option(row))
            if aliases:
                for name in row.aliases:
                    found[name] = _tabbed(f"{_HEAD}{name}", 24) + f"is an alias for {row.name}"
    return [found[name] for name in sorted(found)]


def _option(row: OptionRow) -> Iterator[str]:
    yield _tabbed(f"{_HEAD}{row.name}", 16, least="\t")
    yield _tabbed("groups=" + ",".join(group.value for group in row.groups), 24, least="\t")
    yield _tabbed(f"phase={row.phase.name}", 16, least="\t")
    yield f"type={row.type.value}"


def _tabbed(text: str, column: int, *, least: str = "\t") -> str:
    """Return the text with tabs up to a column, and at least one."""
    missing = column - len(text)
    return text + ("\t" * -(-missing // _TAB) if missing > 0 else least)
