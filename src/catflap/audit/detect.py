"""Which files are worth reading, and of which kind they are."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import cache

from catflap.audit.sources.registry import SOURCES, Source

__all__ = ("find_kind", "holds_word", "is_report")

# The last is for images under any name whose command is addresses alone.
_WORDS = (b"socat", b"catflap", b"-listen:")
_WIDE_WORDS = tuple(
    word.decode().encode(encoding) for word in _WORDS for encoding in ("utf-16-le", "utf-16-be")
)
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CONTENT_WINDOW = 65536
_FIRST_LINE = r"\A#"
# What a template, a sample or a copy that was put aside adds to the name of what it becomes.
_ADDED = re.compile(
    r"\.(j2|jinja2?|tmpl|tpl|gotmpl|template|erb|ejs|hbs|mustache|in|dist|example|sample|default"
    r"|disabled|bak|orig|old)\Z",
    re.IGNORECASE,
)

# By name and by content: nothing of these names is ever run, so nobody hides a command so.
_REPORTS = (
    (re.compile(r"\.sarif(\.json)?\Z", re.IGNORECASE), re.compile(r'\A\s*\{[^{}\[\]]*"runs"\s*:')),
    (re.compile(r"\.xml\Z", re.IGNORECASE), re.compile(r'<testsuites name="catflap audit"')),
)


def holds_word(data: bytes) -> bool:
    """Whether the name of a relay stands in these bytes, or a listener's address, in any case."""
    lower = data.lower()
    words = _WIDE_WORDS if data.startswith(_WIDE_MARKS) else _WORDS
    return any(word in lower for word in words)


def is_report(path: str, text: str) -> bool:
    """Whether a file is what an audit wrote: it quotes commands, and runs none.

    Left beside the sources, the report of one audit would be found by the next, and mended.
    """
    return any(
        name.search(path) is not None and content.search(text[:_CONTENT_WINDOW]) is not None
        for name, content in _REPORTS
    )


def find_kind(path: str, text: str) -> Source | None:
    """Return the kind of a file by its path and its text, or ``None``.

    A first line that names an interpreter or cloud-init counts before the name; then the rows of
    the table in their order; then the same once more without what a template adds to the name.
    """
    beginning = text[:_CONTENT_WINDOW]
    lower = path.replace("\\", "/").lower()
    if beginning.startswith("#"):
        for source in SOURCES:
            if source.content.startswith(_FIRST_LINE) and _says(source.content, beginning):
                return source
    while lower:
        for source in SOURCES:
            if _fits(source, lower, beginning):
                return source
        shorter = _ADDED.sub("", lower)
        if shorter == lower:
            return None
        lower = shorter
    return None


def _fits(source: Source, path: str, beginning: str) -> bool:
    if source.paths and (_pattern(source.paths).match(path) or _from_root(source.paths, path)):
        return True
    if not source.names or not _pattern(source.names).match(path.rpartition("/")[2]):
        return False
    return not source.content or _says(source.content, beginning)


def _from_root(patterns: tuple[str, ...], path: str) -> bool:
    """Whether ``*/cron.d/*`` fits ``cron.d/backup``, which was asked for from where it stands."""
    return _pattern(patterns).match(f"/{path}") is not None


def _says(content: str, beginning: str) -> bool:
    return _regex(content).search(beginning) is not None


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(translate(each.lower()) for each in patterns), re.DOTALL)
