"""The statements of a TOML text: where each begins, and what is broken in it.

A grammar that recovers does so wherever it finds its feet again: after a list that is not closed
that is somewhere within the next table, whose keys then seem to be there twice. People think in
lines, and so does TOML. So the text is cut into statements first. One that is broken is told once,
where it went wrong, and taken out; whatever begins on a line of its own after it is read as ever.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.core.spans import Span, excerpt

if TYPE_CHECKING:
    from catflap.bridge.file.problems import Notes

__all__ = ("Broken", "Cut", "Header", "Keys", "cut")

Keys = tuple[tuple[str, Span], ...]

_DEEPEST = 40
"""A little more than what is read of nested values: there it is told with the words for it."""
_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_PATH = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_ONE_KEY = re.compile(_KEY)
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_BLANKS = re.compile(r"[ \t]*")
_SPACE = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BEGINS = re.compile(
    rf"[ \t]*(?:(?P<table>\[\[?[ \t]*[A-Za-z0-9_-]+(?:[ \t]*\.[ \t]*{_KEY})*[ \t]*\]\]?[ \t]*"
    rf"(?:#[^\n]*)?$)|{_PATH}[ \t]*=)",
    re.MULTILINE,
)
"""What a line looks like that begins a statement, wherever the one before it was to end."""
_TEXTS = {
    '"""': re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}', re.DOTALL),
    "'''": re.compile(r"'''.*?'{3,5}", re.DOTALL),
    '"': re.compile(r'"(?:[^"\\\n]|\\[^\n])*"'),
    "'": re.compile(r"'[^'\n]*'"),
}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_RIGHT_ESCAPE = re.compile(r'\\(?:[btnfr"\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[ \t]*\n)', re.DOTALL)
_WORD = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d[^\s,\]}#]*|[^\s,\[\]{}#=]+")
_LINE = re.compile(r"[^#\n]*")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SAYS_YES_OR_NO = {"true": "true", "false": "false", "yes": "true", "no": "false", "on": "true"}


@dataclass(frozen=True, slots=True)
class Header:
    """``[TABLE]`` or ``[[TABLE]]``; without keys when its name cannot be read."""

    at: int
    keys: Keys
    is_array: bool


@dataclass(frozen=True, slots=True)
class Broken:
    """A key whose value cannot be read; it was told, and must not be missed as well."""

    at: int
    keys: Keys


@dataclass(frozen=True, slots=True)
class Cut:
    """A text in statements.

    Args:
        text: as long as it was, with blanks in the place of headers and of what is broken.
        headers: in the order of the text.
        broken: likewise.
    """

    text: str
    headers: tuple[Header, ...]
    broken: tuple[Broken, ...]


def cut(text: str, notes: Notes, *, is_sound: bool) -> Cut:
    """Cut a text into statements; what is wrong with its form goes to ``notes``.

    Args:
        text: of the file.
        notes: takes problems.
        is_sound: whether the whole is known to be TOML: then a line in a list never begins a
            statement, whatever it looks like.
    """
    return _Cutter(text, notes, is_sound=is_sound).cut()


class _LostError(Exception):
    """The end of a statement cannot be told; the argument is where reading goes on."""

    def __init__(self, resume: int) -> None:
        super().__init__()
        self.resume = resume


class _Cutter:
    def __init__(self, text: str, notes: Notes, *, is_sound: bool) -> None:
        self._text = text
        self._notes = notes
        self._is_sound = is_sound
        self._blanks: list[Span] = []
        self._headers: list[Header] = []
        self._broken: list[Broken] = []
        self._told: set[int] = set()
        """Where the lines begin on which a statement was found wrong: one cause is told once."""

    def cut(self) -> Cut:
        at = self._skip(0)
        while at < len(self._text):
            self._told.clear()
            begun = at
            at = self._header(at) if self._text[at] == "[" else self._pair(at)
            at = self._skip(max(at, begun + 1))
        pieces, done = [], 0
        for span in self._blanks:
            pieces.append(self._text[done : span.start])
            pieces.append(re.sub(r"[^\n]", " ", self._text[span.start : span.end]))
            done = span.end
        pieces.append(self._text[done:])
        return Cut("".join(pieces), tuple(self._headers), tuple(self._broken))

    def _tell(self, message: str, start: int, end: int, expected: str) -> None:
        line = self._text.rfind("\n", 0, start)
        if line not in self._told and not self._is_sound:
            self._notes.add(message, Span(start, max(start, end)), expected)
        self._told.add(line)

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return match.end() if match else at

    def _after_blanks(self, at: int) -> int:
        match = _BLANKS.match(self._text, at)
        return match.end() if match else at

    def _line_end(self, at: int) -> int:
        end = self._text.find("\n", at)
        return end if end >= 0 else len(self._text)

    def _next_statement(self, at: int) -> int:
        """Return where the first line after this one begins that looks like a statement."""
        end = self._line_end(at)
        while end < len(self._text):
            if _BEGINS.match(self._text, end + 1):
                return end + 1
            end = self._line_end(end + 1)
        return end

    def _is_over(self, at: int) -> bool:
        return self._text[at : at + 1] in {"", "\n", "#"}

    def _keys(self, at: int) -> tuple[Keys, int, bool]:
        """Return the keys of a path, where it ends, and whether nothing is missing in it."""
        found: list[tuple[str, Span]] = []
        at = self._after_blanks(at)
        while match := _ONE_KEY.match(self._text, at):
            found.append((_meant(match.group()), Span(*match.span())))
            dot = _DOT.match(self._text, match.end())
            if dot is None:
                return tuple(found), self._after_blanks(match.end()), True
            at = dot.end()
        return tuple(found), at, False

    def _header(self, at: int) -> int:
        size = 2 if self._text.startswith("[[", at) else 1
        closing = "]" * size
        keys, end, is_whole = self._keys(at + size)
        line_end = self._line_end(at)
        if not is_whole or not (self._is_over(end) or self._text[end] == "]"):
            shown = "letters, digits, _ and -; anything else in quotes, as in [bridge.'a b']"
            self._tell("the name of a table cannot be read", end, min(end + 1, line_end), shown)
            keys = self._as_meant(keys, end, line_end) if is_whole else ()
        elif not self._text.startswith(closing, end):
            wanted = f"{closing} after its name"
            self._tell("the name of a table does not end", end, min(end + 1, line_end), wanted)
        elif not self._is_over(after := self._after_blanks(end + size)):
            self._tell("something follows the name of a table", after, line_end, "the line's end")
        self._headers.append(Header(at, keys, size == 2))
        self._blanks.append(Span(at, line_end))
        return line_end

    def _as_meant(self, keys: Keys, end: int, line_end: int) -> Keys:
        """Return a path whose last key goes on to the bracket, whatever stands there."""
        bracket = self._text.find("]", end, line_end)
        if bracket < 0:
            return ()
        start = keys[-1][1].start
        return *keys[:-1], (self._text[start:bracket].strip(), Span(start, bracket))

    def _pair(self, at: int) -> int:
        keys, end, is_whole = self._keys(at)
        sign = self._text[end : end + 1]
        if not is_whole or sign not in {"=", ":"}:
            line_end = self._line_end(at)
            line = self._text[at:line_end]
            self._tell("this is not TOML", at, line_end, "KEY = VALUE, or [TABLE]")
            opens = line.count("[") + line.count("{") > line.count("]") + line.count("}")
            stop = self._next_statement(at) if opens else line_end
        else:
            if sign == ":":
                self._tell(": stands in the place of =", end, end + 1, "KEY = VALUE")
            stop = self._after_sign(end + 1)
        if self._told and not self._is_sound:
            self._broken.append(Broken(at, keys[:1]))
            self._blanks.append(Span(at, stop))
        return stop

    def _after_sign(self, at: int) -> int:
        """Return the end of a statement from its sign on."""
        try:
            end = self._value(self._after_blanks(at), 0)
        except _LostError as lost:
            return lost.resume
        after = self._after_blanks(end)
        if not self._is_over(after):
            self._tell(
                "something follows the value", after, self._line_end(after), "the line's end"
            )
        return self._line_end(after)

    def _value(self, at: int, depth: int) -> int:
        """Return where a value ends."""
        text = self._text
        if depth > _DEEPEST:
            self._tell("tables and lists are nested too deeply", at, at + 1, "fewer of them")
            raise _LostError(self._next_statement(at))
        if self._is_over(at):
            self._tell("nothing stands after =", at, at, "a value")
            return at
        if text[at] in "\"'":
            return self._string(at, depth)
        if text[at] == "[":
            return self._list(at, depth)
        if text[at] == "{":
            return self._braces(at, depth)
        return self._word(at, depth)

    def _string(self, at: int, depth: int) -> int:
        text = self._text
        quote = text[at] * 3 if text.startswith(text[at] * 3, at) else text[at]
        match = _TEXTS[quote].match(text, at)
        if match is None:
            end = at + 3 if len(quote) == 3 else self._line_end(at)
            self._tell("the text that begins here is not closed", at, end, f"{quote} at its end")
            is_short = len(quote) == 1 and depth == 0
            raise _LostError(self._line_end(at) if is_short else self._next_statement(at))
        if quote[0] == '"':
            for escape in _ESCAPE.finditer(match.group()):
                if not _RIGHT_ESCAPE.match(match.group(), escape.start()):
                    start = at + escape.start()
                    message = f"{escape.group()!s} means nothing in a text in double quotes"
                    self._tell(message, start, start + 2, r"\\, or single quotes around the text")
        return match.end()

    def _between(self, at: int, opened: int, what: str, closing: str, *, lines: bool) -> int:
        """Return where the next thing in a list or in braces is.

        Raises:
            _LostError: there is nothing, or a line that begins a statement.
        """
        end = self._skip(at)
        start = at
        while not self._is_sound and (newline := self._text.find("\n", start, end)) >= 0:
            begins = _BEGINS.match(self._text, newline + 1)
            if begins and (lines or begins["table"]):
                self._tell(
                    f"the {what} that begins here is not closed", opened, opened + 1, closing
                )
                raise _LostError(newline + 1)
            start = newline + 1
        if end >= len(self._text):
            self._tell(f"the {what} that begins here is not closed", opened, opened + 1, closing)
            raise _LostError(end)
        return end

    def _list(self, opened: int, depth: int) -> int:
        at, needs_comma = opened + 1, False
        while True:
            at = self._between(at, opened, "list", "] at its end", lines=True)
            char = self._text[at]
            if char == "]":
                return at + 1
            if char == ",":
                if not needs_comma:
                    self._tell("a comma stands where a value belongs", at, at + 1, "a value, or ]")
                at, needs_comma = at + 1, False
                continue
            if char in "}=":
                self._tell(f"{char} does not belong into a list", at, at + 1, "a value, or ]")
                raise _LostError(self._next_statement(at))
            if needs_comma:
                self._tell("a comma is missing before this", at, at + 1, ", between two values")
            at, needs_comma = self._value(at, depth + 1), True

    def _braces(self, opened: int, depth: int) -> int:
        at, comma = self._within_braces(opened + 1, opened), -1
        while self._text[at] != "}":
            keys, end, is_whole = self._keys(at)
            if not keys or not is_whole or self._text[end : end + 1] != "=":
                self._tell("this is not TOML", at, self._line_end(at), "KEY = VALUE within braces")
                raise _LostError(self._next_statement(at))
            end = self._value(self._after_blanks(end + 1), depth + 1)
            at = self._within_braces(end, opened)
            comma = at if self._text[at] == "," else -1
            if comma >= 0:
                at = self._within_braces(at + 1, opened)
            elif self._text[at] != "}":
                self._tell("a comma is missing before this", at, at + 1, ", between two pairs")
        if comma >= 0:
            self._tell("a comma stands before }", comma, comma + 1, "none after the last")
        return at + 1

    def _within_braces(self, at: int, opened: int) -> int:
        found = self._between(at, opened, "table in braces", "} at its end", lines=False)
        if "\n" in self._text[at:found]:
            message = "the table in braces that begins here does not end on its line"
            expected = "all of it on one line, or a [TABLE] of its own"
            self._tell(message, opened, self._line_end(opened), expected)
        return found

    def _word(self, at: int, depth: int) -> int:
        """Return where a number, a date or a truth value ends; text without quotes is told."""
        match = _WORD.match(self._text, at)
        word = match.group() if match else self._text[at]
        if _is_value(word):
            return at + len(word)
        if not depth and (line := _LINE.match(self._text, at)):
            # Addresses are written without their quotes, commas and blanks in them.
            word = line.group().rstrip()
        end = at + len(word)
        if word.startswith("="):
            self._tell("= stands where a value belongs", at, at + 1, "one = and a value")
        elif _DAY.match(word):
            self._tell(f"{excerpt(word)} is no day", at, end, "a date such as 2027-01-31")
        elif word.lower() in _SAYS_YES_OR_NO:
            meant = _SAYS_YES_OR_NO[word.lower()]
            self._tell(f"{word} is no value; did you mean {meant}?", at, end, "true or false")
        else:
            expected = f"quotes around a text: '{excerpt(word)}'" if "'" not in word else "a value"
            self._tell(f"{excerpt(word)} is no value", at, end, expected)
        return max(end, at + 1)


def _is_value(word: str) -> bool:
    try:
        tomllib.loads(f"x = {word}")
    except tomllib.TOMLDecodeError:
        return False
    return True


def _meant(raw: str) -> str:
    if raw[0] not in "\"'":
        return raw
    try:
        return next(iter(tomllib.loads(f"{raw} = 0")))
    except tomllib.TOMLDecodeError:
        return raw
