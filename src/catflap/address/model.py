"""The tree of a parsed address; every node knows its place in the source.

Two trees are equal when they mean the same: places do not count.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.address.rows import Kind, OptionRow, Parameter
    from catflap.core.spans import Span

__all__ = (
    "Address",
    "Dual",
    "Endpoint",
    "Literal",
    "Option",
    "Unknown",
    "Word",
    "arguments",
    "options_named",
    "written_parameters",
)

_DIGITS = frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that is known."""

    text: str
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Text that something else will fill in: a shell variable, a template."""

    text: str
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Word:
    """A parameter, option name or value: literal and unknown parts in their order."""

    parts: tuple[Literal | Unknown, ...]
    span: Span = field(compare=False)

    @property
    def text(self) -> str:
        """The text, unknown parts as they are written in the source."""
        return "".join(part.text for part in self.parts)

    @property
    def literal(self) -> str | None:
        """The text when all of it is known, else ``None``."""
        return self.text if self.known else None

    @property
    def known(self) -> bool:
        """Whether no part is unknown."""
        return not any(isinstance(part, Unknown) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its name as written, its value if it has one, and its row if it is known."""

    name: Word
    value: Word | None
    row: OptionRow | None
    span: Span = field(compare=False)

    @property
    def canonical(self) -> str:
        """The row's name, or the written one in lower case."""
        return self.row.name if self.row is not None else self.name.text.lower()


@dataclass(frozen=True, slots=True)
class Address:
    """One endpoint: kind, parameters, options.

    Args:
        keyword: as written; for a short form (``3``, ``./file``) the descriptor or the path.
        kind: its row, or ``None`` when the keyword is unknown.
        parameters: in their order; that of a short form is the keyword itself.
        options: in the order they were written.
    """

    keyword: Word
    kind: Kind | None
    parameters: tuple[Word, ...]
    options: tuple[Option, ...]
    span: Span = field(compare=False)

    @property
    def name(self) -> str:
        """The canonical name of the kind, or the keyword in upper case."""
        return self.kind.name if self.kind is not None else self.keyword.text.upper()


@dataclass(frozen=True, slots=True)
class Dual:
    """Two addresses joined by ``!!``: the first is read from, the second written to."""

    read: Address
    write: Address
    span: Span = field(compare=False)


Endpoint = Address | Dual


def arguments(address: Address) -> dict[str, tuple[Parameter, Word]]:
    """Return the parameters that an address gives, by their names, in their order.

    Optional ones are matched by count: ``SOCKS5:server:host:port`` gives no port of the server,
    ``SOCKS5:server:1080:host:port`` does. With too few words the first required ones are given;
    what is too much has no name.
    """
    if address.kind is None:
        return {}
    known = address.kind.parameters
    spare = len(address.parameters) - sum(not parameter.optional for parameter in known)
    matched: list[Parameter] = []
    for parameter in known:
        if parameter.optional:
            if spare <= 0:
                continue
            spare -= 1
        matched.append(parameter)
    pairs = zip(matched, address.parameters, strict=False)
    return {parameter.name: (parameter, word) for parameter, word in pairs}


def written_parameters(address: Address) -> tuple[Word, ...]:
    """Return the parameters after the keyword: without that which a short form implies."""
    keyword = address.keyword.text
    is_short = address.kind is not None and (keyword in _DIGITS or "/" in keyword)
    return address.parameters[1:] if is_short else address.parameters


def options_named(address: Address, name: str) -> Iterator[Option]:
    """Yield the options of ``address`` whose canonical name is ``name``."""
    for option in address.options:
        if option.row is not None and option.row.name == name:
            yield option
