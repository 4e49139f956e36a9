"""Sections and settings of an INI file, values that go on in indented lines included."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from catflap.audit.passage import Passage
from catflap.audit.text.lines import glue, line_places, stripped

__all__ = ("Section", "read_sections")

if TYPE_CHECKING:
    from collections.abc import Iterator

_SETTING = re.compile(r"([^\s=:\[#;][^=:\n]*?)[ \t]*[=:][ \t]*")
_INLINE_COMMENT = re.compile(r"[ \t]+;")


@dataclass(frozen=True, slots=True)
class Section:
    """A section: its name, and its settings in their order."""

    name: str
    settings: list[tuple[str, Passage]] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Return the last value of a setting, or nothing."""
        found = [value.text for key, value in self.settings if key == name]
        return found[-1].strip().strip("\"'") if found else ""


def read_sections(passage: Passage) -> list[Section]:
    """Return the sections; what stands before the first has one without a name."""
    sections = [Section("")]
    places: list[tuple[int, int]] = []
    key = ""
    text = passage.text

    def close() -> None:
        if key and places:
            sections[-1].settings.append((key, _value(passage, places)))
        places.clear()

    for start, end in line_places(text):
        begin, stop = stripped(text, start, end)
        if begin == stop or text[begin] in "#;":
            continue
        if begin > start and key:
            places.append((begin, _end(text, begin, stop)))
            continue
        close()
        key = ""
        if text[begin] == "[":
            sections.append(Section(text[begin + 1 : stop].partition("]")[0].strip()))
            continue
        found = _SETTING.match(text, begin, stop)
        if found is not None:
            key = found[1]
            places.append((found.end(), _end(text, found.end(), stop)))
    close()
    return sections


def _end(text: str, start: int, end: int) -> int:
    """Return where a value ends: before a semicolon that follows a blank."""
    comment = _INLINE_COMMENT.search(text, start, end)
    return end if comment is None else comment.start()


def _value(passage: Passage, places: list[tuple[int, int]]) -> Passage:
    return glue(list(_parts(passage, places)))


def _parts(passage: Passage, places: list[tuple[int, int]]) -> Iterator[Passage]:
    """Give the lines of a value with line ends between them."""
    for number, (start, end) in enumerate(places):
        if number:
            at = passage.end(places[number - 1][1] - 1) if places[number - 1][1] else 0
            yield Passage("\n", [at], [max(at, passage.start(start))])
        yield passage.part(start, end)
