"""The man pages of both programs, from click's commands and the table of flags.

Written in the man macros (man(7), groff_man(7)): ``python -m catflap.cli.manual``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from catflap.address.catalogue import kinds
from catflap.bridge.flags import FlagValue
from catflap.bridge.socat_flags import SOCAT_FLAGS
from catflap.cli.commands import cli
from catflap.cli.words import is_built
from catflap.core.errors import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.bridge.flags import FlagRow

__all__ = ("main", "manuals", "stale_manuals")

_HERE = Path("docs/man")
_NOTICE = r".\" Made by tools/generate from the tables in src/catflap; do not edit."
_STATUSES = {
    ExitStatus.OK: "it is over, in order",
    ExitStatus.FAILURE: "the machine, a file or a peer said no",
    ExitStatus.USAGE: "the words of the command, or the configuration, are wrong",
    ExitStatus.REFUSED: "the gate refused an unsafe bridge; nothing was opened",
}
_ENVIRONMENT = {
    "STATE_DIRECTORY": "where status, sessions, end and reload look for a service's socket",
    "NO_COLOR": "no colours, whatever its value",
}
_FILES = {
    "catflap.toml": "what up, check, why and audit read when no file is named",
    "/var/lib/catflap, ~/.local/state/catflap": "the control socket of a service, for root and "
    "for others",
}
_PLACEHOLDERS = {FlagValue.LEVEL: "LEVEL", FlagValue.OPTIONAL: "FACILITY"}
_DIFFERENCES = (
    "A listener does not end because descriptors or processes have run out.",
    "A parent that stays root while its children do not is not imitated.",
    "With -t, that many seconds without a byte after the first end, for every kind.",
    "Without -t 60 s without a byte where the other side signals its end (TCP, UNIX, TLS, EXEC).",
    "Without -t 0.5 s where the other side cannot signal its end (UDP, raw, PTY, device).",
    "What is unsafe is warned of in the log, once a finding.",
)


def manuals() -> dict[str, str]:
    """Return the text of every page by its file name, troff with the man macros."""
    pages = {"catflap.1": _catflap(), "catflap-socat.1": _socat()}
    # Set flush left: long names of options cannot be spread over a line.
    return {name: "\n".join([_NOTICE, *lines]) + "\n" for name, lines in pages.items()}


def _catflap() -> Iterator[str]:
    yield '.TH CATFLAP 1 "" catflap "User commands"'
    yield ".ad l"
    yield from _section("NAME")
    yield r"catflap \- relay between two addresses, safely; find unsafe relays"
    yield from _section("SYNOPSIS")
    yield ".B catflap"
    yield r"\fICOMMAND\fR [\fIOPTIONS\fR] [\fIARGUMENTS\fR]"
    yield from _section("DESCRIPTION")
    yield _text("catflap speaks the address language of socat and is safe by default.")
    yield _text("An address is KIND:parameter:parameter,option=value,option.")
    yield _text("Each command explains itself by -h or --help; catflap explain NAME tells what an")
    yield _text("address, an option, a key of catflap.toml or a rule means.")
    yield from _section("COMMANDS")
    group = click.Context(cli, info_name="catflap")
    for name in cli.list_commands(group):
        command = cli.get_command(group, name)
        if command is not None and not command.hidden:
            yield from _command(group, name, command)
    yield from _section("ENVIRONMENT")
    for name, meaning in _ENVIRONMENT.items():
        yield from _tagged(name, meaning)
    yield from _section("FILES")
    for name, meaning in _FILES.items():
        yield from _tagged(name, meaning)
    yield from _section("EXIT STATUS")
    for status, meaning in _STATUSES.items():
        yield from _tagged(str(int(status)), meaning)
    yield from _tagged("128+n", "ended by signal n")
    yield ".PP"
    yield _text("audit and fix have more, told above.")
    yield from _section("SEE ALSO")
    yield ".BR catflap\\-socat (1)"


def _command(group: click.Context, name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=group)
    pieces = " ".join(command.collect_usage_pieces(context))
    yield f".SS {_text(f'catflap {name} {pieces}')}"
    yield _text((command.help or "").partition("\n\n")[0].replace("\b", "").replace("\n", " "))
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and "--help" not in parameter.opts:
            yield from _tagged(*record)
    yield from _epilog(command.epilog or "")


def _epilog(text: str) -> Iterator[str]:
    """Yield what stands below a command's options: examples as they are, the rest as text."""
    for paragraph in text.strip().split("\n\n"):
        if paragraph.startswith("\b"):
            heading, *lines = paragraph.removeprefix("\b").strip("\n").splitlines()
            yield from (".PP", _text(heading), ".PP", ".nf", ".RS 2")
            yield from (_text(line.removeprefix("  ")) for line in lines)
            yield from (".RE", ".fi")
        elif paragraph:
            yield from (".PP", _text(" ".join(paragraph.split())))


def _socat() -> Iterator[str]:
    yield '.TH CATFLAP-SOCAT 1 "" catflap "User commands"'
    yield ".ad l"
    yield from _section("NAME")
    yield r"catflap\-socat \- catflap in the place of socat"
    yield from _section("SYNOPSIS")
    yield r".B catflap\-socat"
    yield r"[\fIFLAGS\fR] \fIADDRESS\fR \fIADDRESS\fR"
    yield from _section("DESCRIPTION")
    yield _text("Takes the command line of socat 1.8.1, with its defaults, log and statuses.")
    yield _text("A symbolic link named socat works.")
    yield from _section("FLAGS")
    for row in SOCAT_FLAGS:
        yield from _tagged(_shown(row), row.help)
    yield from _section("ADDRESSES")
    for kind in kinds():
        if is_built(kind):
            yield from _tagged(f"{kind.name}{kind.syntax}", kind.help)
    yield from _section("ENVIRONMENT")
    yield from _tagged(
        "CATFLAP_GATE", "enforce: refuse unsafe bridges (status 4); else findings are warnings"
    )
    yield from _section("DIFFERENCES")
    for difference in _DIFFERENCES:
        yield ".IP \\(bu 2"
        yield _text(difference)
    yield from _section("EXIT STATUS")
    yield from _tagged("0", "both directions came to their end")
    yield from _tagged("1", "an error, which the log tells")
    yield from _tagged("128+n", "ended by signal n")
    yield from _section("SEE ALSO")
    yield ".BR catflap (1)"


def _shown(row: FlagRow) -> str:
    value = row.placeholder or _PLACEHOLDERS.get(row.value, "")
    if row.value.required:
        return f"{row.name} {value}"
    return f"{row.name}[{value}]" if value else row.name


def _section(name: str) -> tuple[str, ...]:
    return (f".SH {name}",)


def _tagged(tag: str, text: str) -> tuple[str, ...]:
    return (".TP", f".B {_text(tag)}", _text(" ".join(text.split())))


def _text(text: str) -> str:
    r"""Return text as troff prints it: ``\``, ``-`` and quotes escaped, no request at its begin."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq")
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped


def stale_manuals(folder: Path) -> list[str]:
    """Return the names of the pages in a folder that are not what they should be."""
    return [
        name
        for name, text in manuals().items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or check them with ``--check``.

    Returns:
        0, or 1 if a page is stale.
    """
    parser = argparse.ArgumentParser(description="Write the man pages from the tables.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if one is stale")
    parser.add_argument("--folder", type=Path, default=_HERE)
    given = parser.parse_args(arguments)
    if given.check:
        stale = stale_manuals(given.folder)
        for name in stale:
            sys.stdout.write(f"{given.folder / name} is stale: run tools/generate\n")
        return 1 if stale else 0
    given.folder.mkdir(parents=True, exist_ok=True)
    for name, text in manuals().items():
        (given.folder / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
