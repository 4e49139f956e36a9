"""All address kinds and options, and how to find one by name.

Parser, help, documentation, completion, openers and rules read the same rows.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from catflap.address.kinds import TABLES as KIND_TABLES
from catflap.address.options import TABLES as OPTION_TABLES

if TYPE_CHECKING:
    from catflap.address.rows import Kind, OptionRow

__all__ = ("find_kind", "find_option", "kinds", "option_rows")


@cache
def kinds() -> tuple[Kind, ...]:
    """Return every kind, sorted by name."""
    return tuple(
        sorted((kind for table in KIND_TABLES for kind in table), key=lambda kind: kind.name)
    )


@cache
def option_rows() -> tuple[OptionRow, ...]:
    """Return every option, sorted by name."""
    return tuple(
        sorted((row for table in OPTION_TABLES for row in table), key=lambda row: row.name)
    )


@cache
def _kind_index() -> dict[str, Kind]:
    return {name: kind for kind in kinds() for name in (kind.name, *kind.aliases)}


@cache
def _option_index() -> dict[str, OptionRow]:
    return {name: row for row in option_rows() for name in (row.name, *row.aliases)}


def find_kind(name: str) -> Kind | None:
    """Return the kind with this name or alias, in any case.

    Only ASCII has cases here: PIPE with a dotless i would otherwise be PIPE.
    """
    return _kind_index().get(name.upper()) if name.isascii() else None


def find_option(name: str) -> OptionRow | None:
    """Return the option with this name or alias, in any case of ASCII."""
    return _option_index().get(name.lower()) if name.isascii() else None
