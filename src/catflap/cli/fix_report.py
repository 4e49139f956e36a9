"""What ``catflap fix`` prints: the diff, what each fix is, and what is left to do."""

from __future__ import annotations

import difflib
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from catflap.audit.locate import without_surrogates
from catflap.core.spans import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.fix.file import FixedFile

__all__ = ("Tally", "diff_of", "show_diff", "tell")

_COLORS = {"+": "green", "-": "red", "@": "cyan"}


@dataclass(slots=True)
class Tally:
    """Counts over all files; what it is told goes to the standard error.

    Args:
        unsafe: whether unsafe fixes were asked for, so that they need not be offered.
    """

    quiet: bool = False
    unsafe: bool = False
    applied: int = 0
    files: int = 0
    placeholders: int = 0
    offered: int = 0
    unfixed: int = 0
    failed: bool = field(default=False)

    def note(self, path: str, message: str, *, failed: bool = False) -> None:
        """Tell something about a file, whatever was asked to be kept quiet."""
        click.echo(f"{printable(path)}: {printable(message)}", err=True)
        self.failed = self.failed or failed

    def fail(self, path: str, message: str) -> None:
        """Tell why a file was not read or not written."""
        self.note(path, message.replace("\n", ";"), failed=True)

    def finish(self) -> None:
        """Tell the counts in one line."""
        if self.quiet:
            return
        parts = [f"{_count(self.applied, 'fix', 'es')} in {_count(self.files, 'file')}"]
        if self.placeholders:
            parts.append(f"{_count(self.placeholders, 'placeholder')} to fill in")
        if self.offered and not self.unsafe:
            parts.append(f"{self.offered} more with --unsafe-fixes")
        if self.unfixed:
            parts.append(f"{_count(self.unfixed, 'finding')} without a fix")
        click.echo("; ".join(parts), err=True)


def _count(number: int, word: str, ending: str = "s") -> str:
    return f"{number} {word}{'' if number == 1 else ending}"


def tell(done: FixedFile, tally: Tally) -> None:
    """Count what was done to a file, and tell it line by line."""
    path = printable(without_surrogates(done.found.path))
    tally.files += done.is_changed
    for each in done.fixed.applied:
        tally.applied += 1
        tally.placeholders += len(each.placeholders)
        sort = "" if each.safe else " (unsafe)"
        lines = [f"{path}:{each.line}: {each.rule}: {each.title}{sort}"]
        lines += [f"    {hole.name}: {hole.meaning}" for hole in each.placeholders]
        if not tally.quiet:
            click.echo("\n".join(printable(without_surrogates(line)) for line in lines), err=True)
    for left in done.fixed.left:
        tally.offered += bool(left.unsafe)
        tally.unfixed += not left.unsafe
        if tally.quiet:
            continue
        text = f"--unsafe-fixes: {left.unsafe}" if left.unsafe else f"no fix: {left.why}"
        line = f"{path}:{left.line}: {left.rule}: {text}"
        click.echo(printable(without_surrogates(line)), err=True)


def show_diff(done: FixedFile, *, color: str) -> None:
    """Print the diff: exact to the byte into a pipe, escaped and coloured on a terminal."""
    terminal = sys.stdout.isatty()
    if not terminal and color != "always":
        text = "".join(diff_of(done))
        sys.stdout.flush()
        encoding = done.before.encoding if done.before.encoding == "utf-8" else "utf-8"
        sys.stdout.buffer.write(text.encode(encoding, "surrogateescape"))
        sys.stdout.buffer.flush()
        return
    for line in diff_of(done):
        plain = without_surrogates(line.rstrip("\r\n")).replace("\t", "    ")
        shown = printable(plain)
        style = _COLORS.get(line[:1]) if color != "never" else None
        bold = line.startswith(("--- ", "+++ "))
        styled = click.style(shown, fg=None if bold else style, bold=(bold and bool(style)) or None)
        click.echo(styled, color=True if color == "always" else None)


def diff_of(done: FixedFile) -> Iterator[str]:
    """Yield the lines of a unified diff that ``patch -p1`` and ``git apply`` take."""
    path = done.found.path.lstrip("/")
    lines = difflib.unified_diff(
        _lines(done.before.text), _lines(done.fixed.text), f"a/{path}", f"b/{path}"
    )
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """Return the lines with their ends; only a line feed ends one, as patch(1) has it."""
    lines = text.split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([last] if last else [])
