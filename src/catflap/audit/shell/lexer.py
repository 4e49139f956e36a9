"""Takes a simple command apart into words, and words into their quoted and unquoted parts.

After the Shell Command Language of POSIX.1-2024, section 2.2 and 2.3, with what bash adds
(``$'...'``, ``&>``, ``<<<``, ``|&``).
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from catflap.audit.shell.escapes import ansi_c
from catflap.audit.shell.nesting import closing

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.audit.context import Budget

__all__ = ("Lexer", "Part", "PartKind", "Redirect", "Simple", "Word")

_PLAIN = re.compile(r"(?:[^ \t\r\n\\'\"$`|&;()<>{]|\r(?!\n))+")
_BLANK = re.compile(r"(?:[ \t]|\\\r?\n)+")
_QUOTED = re.compile(r'[^"\\$`]+')
_HERE = re.compile(r"[^\\$`]+")
_NAME = re.compile(r"[A-Za-z_]\w*|[0-9@*#?$!-]", re.ASCII)
_REDIRECT = re.compile(r"(?:\d+|\{\w+\})?(?:<<<|<<-?|<>|<&|>>|>&|>\||&>>|&>|<(?!\()|>(?!\())")
_SEPARATOR = re.compile(r"\r?\n|;;&|;;|;&|;|&&|&|\|\||\|&|\||\(|\)")
_BRACES = re.compile(r"\{[^\s{}'\"$`\\;|&<>()]*(?:,|\.\.)[^\s{}'\"$`\\;|&<>()]*\}")
_CONTINUATION = re.compile(r"\\\r?\n")

# What a word costs to read, in characters passed over.
_WORD = 40


class PartKind(Enum):
    """What a part of a word is."""

    TEXT = auto()
    """Characters as they stand there."""
    ESCAPE = auto()
    """One or more characters written as something else."""
    PARAMETER = auto()
    """``$name`` or ``${name...}``."""
    OPAQUE = auto()
    """What only running it tells: a substitution, arithmetic, braces, a home directory."""


_OPENED = re.compile(r"`|\$[({]")
_CLOSERS = {
    "`": ("`", PartKind.OPAQUE),
    "$(": (")", PartKind.OPAQUE),
    "${": ("}", PartKind.PARAMETER),
}


class Part(NamedTuple):
    """A part of a word, by its place in the passage.

    Args:
        text: what an escape stands for; empty for the others.
        quoted: whether what comes of it stays one word.
    """

    kind: PartKind
    start: int
    end: int
    text: str
    quoted: bool


class Word(NamedTuple):
    """A word as it is written; its parts leave the quotes out."""

    parts: tuple[Part, ...]
    start: int
    end: int
    quoted: bool


class Redirect(NamedTuple):
    """A redirection: its operator without the descriptor, and its word."""

    operator: str
    start: int
    word: Word


class Simple(NamedTuple):
    """A simple command.

    Args:
        start: of its first word or redirection.
        end: after its last word; ``start`` when it has none.
        separator: what ended it: ``|``, ``&``, ``;``, a line's end, or nothing.
        after: where the text goes on after the separator.
    """

    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]
    start: int
    end: int
    separator: str
    after: int


class Lexer:
    """Reads words out of a text from left to right."""

    __slots__ = ("_budget", "stop", "text")

    def __init__(self, text: str, budget: Budget, stop: int | None = None) -> None:
        """Take the text, and where to stop before its end."""
        self.text = text
        self.stop = len(text) if stop is None else stop
        self._budget = budget

    def until(self, stop: int) -> Lexer:
        """Return a lexer of the same text that stops earlier."""
        return Lexer(self.text, self._budget, min(stop, self.stop))

    def simple(self, at: int) -> Simple:
        """Return the simple command that begins here."""
        words: list[Word] = []
        redirects: list[Redirect] = []
        start = at = self.blanks(at)
        separator = ""
        end = at
        while at < self.stop:
            if self.text[at] == "#":
                at = self._comment(at)
                continue
            if found := _REDIRECT.match(self.text, at, self.stop):
                operator = found.group().lstrip("0123456789")
                word = self.word(self.blanks(found.end()))
                redirects.append(Redirect(operator[operator.find("}") + 1 :], at, word))
                at = self.blanks(max(word.end, found.end()))
                continue
            if found := _SEPARATOR.match(self.text, at, self.stop):
                separator, at = found.group().lstrip("\r"), found.end()
                break
            word = self.word(at)
            if word.end == at:
                # No shell reads on here; neither does this.
                at = self.stop
                break
            words.append(word)
            end = word.end
            at = self.blanks(word.end)
        self._budget.spend(at - start + _WORD * (len(words) + len(redirects) + 1))
        return Simple(tuple(words), tuple(redirects), start, end, separator, at)

    def line(self, at: int) -> list[Simple]:
        """Return the simple commands up to the end of the line, continued lines included."""
        found: list[Simple] = []
        while at < self.stop:
            simple = self.simple(at)
            found.append(simple)
            if simple.separator == "\n" or simple.after <= at:
                break
            at = simple.after
        return found

    def blanks(self, at: int) -> int:
        """Return where the blanks and continued lines end that begin here."""
        found = _BLANK.match(self.text, at, self.stop)
        return found.end() if found else at

    def word(self, at: int) -> Word:
        """Return the word that begins here; an empty one when none does."""
        parts: list[Part] = []
        start = at
        quoted = False
        while at < self.stop:
            char = self.text[at]
            if found := _PLAIN.match(self.text, at, self.stop):
                at = self._plain(at, found.end(), parts, first=at == start)
            elif char == "\\":
                if found := _CONTINUATION.match(self.text, at, self.stop):
                    at = found.end()
                    continue
                after = min(at + 2, self.stop)
                parts.append(Part(PartKind.ESCAPE, at, after, self.text[at + 1 : after], True))
                at, quoted = after, True
            elif char == "'":
                at, quoted = self._single(at, parts), True
            elif char == '"':
                at, quoted = self._double(at, parts), True
            elif char in "$`":
                quoted = quoted or self.text.startswith(("$'", '$"'), at)
                at = self._dollar(at, parts, quoted=False)
            else:
                after = self._bracket(at, parts)
                if after == at:
                    break
                at = after
        return Word(tuple(parts), start, max(at, start), quoted)

    def quoted(self, at: int, *, here: bool = False) -> tuple[Part, ...]:
        """Return the parts of a text up to the end, as between double quotes.

        Args:
            at: where it begins.
            here: whether it is the body of a here-document, where quotes are letters.
        """
        parts: list[Part] = []
        while at < self.stop:
            at = self._in_quotes(at, parts, here=here)
        return tuple(parts)

    def _comment(self, at: int) -> int:
        end = self.text.find("\n", at, self.stop)
        return self.stop if end < 0 else end

    def _bracket(self, at: int, parts: list[Part]) -> int:
        """Read braces, ``<(...)`` or an array's words; return ``at`` where the word ends."""
        char = self.text[at]
        if char == "{":
            found = _BRACES.match(self.text, at, self.stop)
            end = found.end() if found else at + 1
            parts.append(Part(PartKind.OPAQUE if found else PartKind.TEXT, at, end, "", False))
            return end
        inside = 0
        if char in "<>" and self.text.startswith("(", at + 1):
            inside = at + 2
        elif char == "(" and self.text[at - 1 : at] == "=":
            # Who assigns the array reads its words one by one.
            inside = at + 1
        if not inside:
            return at
        end = self._close(inside, ")")
        parts.append(Part(PartKind.OPAQUE, at, end, "", True))
        return end

    def _plain(self, at: int, end: int, parts: list[Part], *, first: bool) -> int:
        if first and self.text[at] == "~":
            slash = self.text.find("/", at, end)
            home = end if slash < 0 else slash
            parts.append(Part(PartKind.OPAQUE, at, home, "", True))
            at = home
        if at < end:
            parts.append(Part(PartKind.TEXT, at, end, "", False))
        return end

    def _single(self, at: int, parts: list[Part]) -> int:
        end = self.text.find("'", at + 1, self.stop)
        end = self.stop if end < 0 else end
        if end > at + 1:
            parts.append(Part(PartKind.TEXT, at + 1, end, "", True))
        return min(end + 1, self.stop)

    def _double(self, at: int, parts: list[Part]) -> int:
        at += 1
        while at < self.stop:
            if self.text[at] == '"':
                return at + 1
            at = self._in_quotes(at, parts, here=False)
        return self.stop

    def _in_quotes(self, at: int, parts: list[Part], *, here: bool) -> int:
        """Read what stands next between double quotes."""
        if found := (_HERE if here else _QUOTED).match(self.text, at, self.stop):
            parts.append(Part(PartKind.TEXT, at, found.end(), "", True))
            return found.end()
        char = self.text[at]
        if char == "\\":
            if found := _CONTINUATION.match(self.text, at, self.stop):
                return found.end()
            following = self.text[at + 1 : min(at + 2, self.stop)]
            if following and following in ("$`\\" if here else '$`"\\'):
                parts.append(Part(PartKind.ESCAPE, at, at + 2, following, True))
                return at + 2
        elif char in "$`":
            return self._dollar(at, parts, quoted=True)
        parts.append(Part(PartKind.TEXT, at, at + 1, "", True))
        return at + 1

    def _dollar(self, at: int, parts: list[Part], *, quoted: bool) -> int:
        """Read what begins with a dollar or a backtick."""
        text, following = self.text, self.text[at + 1 : min(at + 2, self.stop)]
        opened = _OPENED.match(text, at, self.stop)
        if opened:
            closer, kind = _CLOSERS[opened.group()]
            end = self._close(opened.end(), closer)
            parts.append(Part(kind, at, end, "", quoted))
            return end
        if not quoted and following == "'":
            return ansi_c(text, at, self.stop, self._escaped(parts))
        if not quoted and following == '"':
            return self._double(at + 1, parts)
        if found := _NAME.match(text, at + 1, self.stop):
            parts.append(Part(PartKind.PARAMETER, at, found.end(), "", quoted))
            return found.end()
        parts.append(Part(PartKind.TEXT, at, at + 1, "", True))
        return at + 1

    @staticmethod
    def _escaped(parts: list[Part]) -> Callable[[int, int, str | None], None]:
        def add(start: int, end: int, value: str | None) -> None:
            if value is None:
                parts.append(Part(PartKind.TEXT, start, end, "", True))
            else:
                parts.append(Part(PartKind.ESCAPE, start, end, value, True))

        return add

    def _close(self, at: int, closer: str) -> int:
        end = closing(self.text, at, self.stop, closer)
        self._budget.spend(end - at)
        return end
