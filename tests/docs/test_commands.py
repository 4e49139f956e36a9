"""What the documents tell people to type is true: commands, links, and the table of events."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
import msgspec
import pytest

from catflap.bridge.commandline import bridge_from_words
from catflap.bridge.model import Flow, Limits
from catflap.cli.commands import cli
from catflap.cli.explain import explain
from catflap.core.facts import Facts
from catflap.events.model import Event
from catflap.findings.finding import Severity
from catflap.relay.families import not_built
from catflap.rules.registry import judge_bridge

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "bench" / "README.md",
    ]
)
WRITTEN = [page for page in PAGES if "reference" not in page.parts]
_FENCE = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!`)\[[^\]\n]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_SHELL_ENDS = frozenset("|&;<>()")
_SHELLS = frozenset({"", "sh", "console", "ini"})


class Typed(NamedTuple):
    """A command that a page tells people to type, and the block that it stands in."""

    page: str
    words: tuple[str, ...]
    block: str


def _lines(language: str, block: str) -> Iterator[str]:
    """Yield the lines of a block that are commands; in a console those have a prompt."""
    for line in block.replace("\\\n", " ").splitlines():
        if language != "console":
            yield line.partition("ExecStart=")[2] or line
        elif line.startswith("$ "):
            yield line.removeprefix("$ ")


def _commands(line: str) -> Iterator[tuple[str, ...]]:
    """Yield the words of every catflap on a line, without what the shell takes for itself."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        tokens = list(lexer)
    except ValueError:
        return
    current: list[str] = []
    for token in [*tokens, ";"]:
        if not set(token) <= _SHELL_ENDS:
            current.append(token)
            continue
        programs = [word.rpartition("/")[2] for word in current]
        if "catflap" in programs[:-1]:
            yield tuple(current[programs.index("catflap") + 1 :])
        current = []


def _typed() -> Iterator[Typed]:
    for page in WRITTEN:
        for found in _FENCE.finditer(page.read_text()):
            language, block = found.groups()
            if language not in _SHELLS:
                continue
            for line in _lines(language, block):
                for words in _commands(line):
                    yield Typed(str(page.relative_to(ROOT)), words, block)


TYPED = list(_typed())
RUNS = [each for each in TYPED if each.words[:1] == ("run",)]


def _names(each: Typed) -> str:
    return f"{each.page}: {' '.join(each.words)}"


def _context(words: tuple[str, ...]) -> click.Context:
    """Return how the command line reads the words; nothing is run."""
    group = click.Context(cli, info_name="catflap")
    command = cli.get_command(group, words[0])
    assert command is not None, words[0]
    return command.make_context(words[0], list(words[1:]), parent=group)


def test_pages_have_commands() -> None:
    """The reading of pages finds what is there."""
    assert len(RUNS) >= 30
    assert {each.page for each in RUNS} >= {
        "README.md",
        "docs/how-to/coming-from-socat.md",
        "docs/how-to/in-a-container.md",
        "docs/how-to/mutual-tls-in-front-of-an-api.md",
        "docs/how-to/run-under-systemd.md",
        "docs/tutorial/first-minute.md",
    }


@pytest.mark.parametrize("each", TYPED, ids=_names)
def test_command_is_one(each: Typed) -> None:
    """Every command of a page exists, with these flags and arguments."""
    if each.words[0].startswith("-"):
        return
    _context(each.words)


@pytest.mark.parametrize("each", RUNS, ids=_names)
def test_run_starts_or_is_said_to_be_refused(each: Typed) -> None:
    """Addresses parse, are built, and the gate lets them pass unless the page shows a refusal."""
    given = _context(each.words).params
    flow = Flow.FORWARD if given["forward"] else Flow.BACKWARD if given["backward"] else Flow.BOTH
    bridge = bridge_from_words(given["first"], given["second"], flow=flow, limits=Limits())
    for side in bridge.sides:
        assert [problem.message for problem in not_built(side)] == []
    accepted = {text.partition("=")[0] for text in given["unsafe"]}
    refused = {
        finding.rule
        for finding in judge_bridge(bridge, Facts(uid=1000, now=0.0))
        if finding.severity >= Severity.HIGH and finding.rule not in accepted
    }
    assert refused == set(re.findall(r"refused: ([a-z-]+) \(", each.block))


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_names_to_explain_exist(page: Path) -> None:
    """Whatever a page says that explain or list would tell, they tell."""
    for command, name in re.findall(r"catflap (explain|list) ([\w.-]+)", page.read_text()):
        if name in {"NAME", "lists"}:
            continue
        words = (command, name)
        if command == "list":
            _context(words)
        else:
            assert explain.callback is not None
            explain.callback(name)


def _anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in _HEADING.findall(_FENCE.sub("", page.read_text())):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        count = 0
        while (name := f"{slug}-{count}" if count else slug) in found:
            count += 1
        found.add(name)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link names a file that is there, and an anchor that is in it."""
    for link in _LINK.findall(_FENCE.sub("", page.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


def _leaves(kind: type[Event]) -> Iterator[type[Event]]:
    for each in kind.__subclasses__():
        yield each
        yield from _leaves(each)


def test_table_of_events_is_the_model() -> None:
    """The page about the log names every event, its level, and its fields in their order."""
    text = (ROOT / "docs" / "how-to" / "read-the-log.md").read_text()
    table = text.partition("<!-- events -->")[2].partition("<!-- /events -->")[0]
    told = {}
    for line in table.strip().splitlines()[2:]:
        event, level, _, fields = (cell.strip() for cell in line.strip("|").split("|"))
        told[event.strip("`")] = (level, fields)
    known = {}
    for kind in _leaves(Event):
        fields = [
            f"`{field.name}`" if field.required else f"[`{field.name}`]"
            for field in msgspec.structs.fields(kind)
            if field.name not in {"time", "bridge"}
        ]
        known[str(kind.__struct_config__.tag)] = (kind.level.value, ", ".join(fields))
    assert told == known
