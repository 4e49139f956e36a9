"""``catflap list`` in its four forms, and the reference pages."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from catflap.address.catalogue import kinds, option_rows
from catflap.cli.commands import invoke
from catflap.cli.list import markdown_table
from catflap.cli.reference import main, pages, stale_pages, write_pages
from catflap.cli.rules import RULES
from tests.support.invoking import invoke_here

COUNTS = {"addresses": len(kinds()), "options": len(option_rows()), "rules": len(RULES)}


@pytest.mark.parametrize("what", COUNTS)
def test_plain_lines(what: str) -> None:
    """One line a row, the name first, nothing else: easy to cut and to grep."""
    outcome = invoke_here("list", what)
    lines = outcome.output.splitlines()
    assert outcome.status == 0
    assert len(lines) == COUNTS[what]
    assert all(line == line.rstrip() and not line.startswith(" ") for line in lines)


@pytest.mark.parametrize("what", COUNTS)
def test_json(what: str) -> None:
    """Everything known, with names as keys."""
    rows = json.loads(invoke_here("list", what, "--json").output)
    assert len(rows) == COUNTS[what]
    assert all(row["name"] and row["since"] for row in rows)


def test_json_of_one_row() -> None:
    """A row says all that the table does."""
    rows = {row["name"]: row for row in json.loads(invoke_here("list", "options", "--json").output)}
    assert rows["range"]["groups"] == ["RANGE"]
    assert rows["range"]["built"] is True
    assert rows["openssl-egd"]["refused"].startswith("OpenSSL")


@pytest.mark.parametrize("what", COUNTS)
def test_markdown(what: str) -> None:
    """A table whose rows all have the same columns."""
    head, rule, *rows = invoke_here("list", what, "--markdown").output.splitlines()
    assert head.startswith("| name |")
    assert rule.count("|") == head.count("|")
    assert len(rows) == COUNTS[what]


def test_markdown_escapes() -> None:
    """Bars and brackets in a cell do not break the table."""
    assert markdown_table(("a",), [["x|y<z>"]]).splitlines()[-1] == "| x\\|y&lt;z&gt; |"


class Terminal(io.StringIO):
    """Something that looks like a terminal."""

    def isatty(self) -> bool:
        """Return that it is one."""
        return True


@pytest.mark.parametrize("what", COUNTS)
def test_a_table_for_a_terminal(what: str) -> None:
    """On a terminal the table has a head, and brackets are text, not markup."""
    with redirect_stdout(Terminal()) as terminal:
        assert invoke(["list", what]) == 0
    head, *rows = terminal.getvalue().splitlines()
    assert "name" in head
    assert len(rows) >= COUNTS[what]


@pytest.mark.parametrize("words", [(), ("nonsense",), ("rules", "--xml")])
def test_wrong_words(words: tuple[str, ...]) -> None:
    """Status 2 for what there is not."""
    assert invoke_here("list", *words).status == 2


def test_the_reference_is_fresh() -> None:
    """The pages in the repository are those that the tables make."""
    folder = Path(__file__).parents[2] / "docs" / "reference"
    assert stale_pages(folder) == [], "run tools/generate"


def test_the_reference_is_written_and_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Writing twice gives the same; a changed page is stale, and the difference is told."""
    write_pages(tmp_path)
    assert main(["--check", "--folder", str(tmp_path)]) == 0
    assert pages() == pages()
    page = tmp_path / "rules.md"
    page.write_text(page.read_text(encoding="utf-8").replace("critical", "harmless"))
    assert main(["--check", "--folder", str(tmp_path)]) == 1
    assert "stale: run tools/generate" in capsys.readouterr().err
    assert main(["--folder", str(tmp_path)]) == 0
    assert main(["--check", "--folder", str(tmp_path)]) == 0
