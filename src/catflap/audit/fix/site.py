"""The place of a finding, and the edits that can be made there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.address.model import Literal
from catflap.audit.fix.proposal import Change, NotFixableError
from catflap.rules.telling import head

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.address.model import Option, Unknown, Word
    from catflap.audit.command import Command
    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side
    from catflap.core.spans import Span
    from catflap.findings.finding import Finding

__all__ = ("Site",)


@dataclass(frozen=True, slots=True)
class Site:
    """A finding with everything a fix looks at.

    Args:
        text: the whole file.
        command: as it was read.
        bridge: what it would build.
        finding: what is to be mended.
        written: its place as the rule told it.
        attempt: 0 for the most natural place of an insertion, 1 for the next one, and so on: an
            edit is tried before it is offered, and another form may work where the first does not.
    """

    text: str
    command: Command
    bridge: Bridge
    finding: Finding
    written: Span
    attempt: int = 0

    @property
    def side(self) -> Side:
        """The address that the finding is about.

        Raises:
            NotFixableError: its place belongs to none.
        """
        for side in self.bridge.sides:
            address = side.address
            places = [head(side), address.keyword.span, address.span]
            places += [option.span for option in address.options]
            if self.written in places:
                return side
        raise NotFixableError("its place belongs to no address")

    def add_option(self, side: Side, text: str) -> Change:
        """Return the edit that gives an address one more option, ``name=value``.

        Raises:
            NotFixableError: there is no place for it that is known.
        """
        places = self._ends(side)
        if self.attempt >= len(places):
            raise NotFixableError("the end of the address is not written here")
        return Change(places[self.attempt], places[self.attempt], f",{text}")

    def _ends(self, side: Side) -> list[int]:
        """Return where an option can come: behind known text first, then behind unknown.

        At the end is where people write it. Where that part of the address serves others too, right
        behind the port or path is the place that is most surely this address's own.
        """
        address = side.address
        ends = [option.span.end for option in reversed(address.options)]
        ends.insert(1, head(side).end)
        known = [end for end in ends if self._literal_before(end)]
        return [*known, *(end for end in ends if end not in known)]

    def _literal_before(self, offset: int) -> bool:
        return any(
            isinstance(piece, Literal) and piece.span.start < offset <= piece.span.end
            for piece in self._pieces()
        )

    def _pieces(self) -> Iterator[Literal | Unknown]:
        return (piece for word in self.command.words for piece in word.pieces)

    def replace(self, span: Span, text: str) -> Change:
        """Return the edit that writes other text in the place of known text.

        Raises:
            NotFixableError: it is not written in one piece, or not letter for letter.
        """
        for piece in self._pieces():
            place = piece.span
            inside = place.start <= span.start and span.end <= place.end
            if (
                isinstance(piece, Literal)
                and inside
                and self.text[place.start : place.end] == (piece.text)
            ):
                return Change(span.start, span.end, text)
        raise NotFixableError("it is put together from several places, or escaped")

    def replace_word(self, word: Word, text: str) -> Change:
        """Return the edit that writes a known name, parameter or value anew.

        Raises:
            NotFixableError: a part of it is unknown, or it is not written in one piece.
        """
        if not word.known:
            raise NotFixableError("a variable or template holds it")
        return self.replace(word.span, text)

    def remove_option(self, option: Option) -> Change:
        """Return the edit that takes an option and the comma before it away.

        Raises:
            NotFixableError: it is not written in one piece behind a comma.
        """
        if not option.name.known or (option.value is not None and not option.value.known):
            raise NotFixableError("a variable or template holds a part of the option")
        change = self.replace(option.span, "")
        if change.start == 0 or self.text[change.start - 1] != ",":
            raise NotFixableError("no comma stands right before the option")
        return Change(change.start - 1, change.end, "")

    def set_option(self, side: Side, names: tuple[str, ...], text: str) -> Change:
        """Return the edit that gives the last option of these names another value, or adds it.

        Args:
            side: the address.
            names: canonical names; the first of them that is given counts.
            text: the option as it is added, ``name=value``.

        Raises:
            NotFixableError: it is given, but not as known text.
        """
        for name in names:
            option = side.last(name)
            if option is None:
                continue
            if option.value is None:
                raise NotFixableError("the option has no value")
            return self.replace_word(option.value, text.partition("=")[2])
        return self.add_option(side, text)
