"""``catflap explain`` tells what a name means, offline and at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from catflap.address.catalogue import kinds, option_rows
from catflap.address.check import check
from catflap.address.syntax import parse
from catflap.bridge.file.forms import FORMS
from catflap.bridge.identities import parse_hours, parse_identity
from catflap.cli.configuration_pages import KEY_NAMES
from catflap.cli.words import example_of
from catflap.rules.registry import RULES
from tests.support.invoking import invoke_here


def explained(name: str) -> str:
    """Return what is told about a name."""
    outcome = invoke_here("explain", name)
    assert outcome.status == 0, outcome.errors
    assert outcome.errors == ""
    return outcome.output


@pytest.mark.parametrize("name", ["TCP-LISTEN", "tcp-listen", "TCP-L", "inet-listen", "TCP-L:80"])
def test_a_kind_by_each_of_its_names(name: str) -> None:
    """Aliases, any case and a whole address lead to the kind."""
    text = explained(name)
    assert text.startswith("TCP-LISTEN:<port>  (address)\n  Accept TCP connections on a port\n")
    for line in (
        "  aliases   INET-L, INET-LISTEN, TCP-L",
        "  risk      exposes a service to the network",
        "  default   listens on 127.0.0.1 and ::1; bind= says otherwise",
        "  here      built",
        "  since     socat 1.0",
        "  catflap run TCP-LISTEN:8080 TCP:127.0.0.1:9000",
        "  CHILD       children-shutup, fork, max-children",
    ):
        assert line in text.splitlines()


def test_the_line_editor() -> None:
    """A kind with options of its own shows them."""
    text = explained("READLINE")
    assert "history-file" in text
    assert "built" in text


@pytest.mark.parametrize("name", ["verify", "openssl-verify", "VERIFY", "verify=0"])
def test_an_option(name: str) -> None:
    """An option says how its value is written, who takes it, and what it risks."""
    text = explained(name)
    for line in (
        "openssl-verify  (option)",
        "  aliases   verify",
        "  value     0 or 1; without = it is 1",
        "  groups    OPENSSL",
        "  applied   in the phase SPECIFIC (30 of 30)",
        "  risk      weakens protection when used wrongly",
        "  here      built",
    ):
        assert line in text.splitlines()
    assert "TLS-LISTEN" in text


def test_options_that_are_refused_or_not_built() -> None:
    """An option that will never come says why; one of ours says that socat has it not."""
    assert "refused: OpenSSL 1.1.0 dropped it" in explained("egd")
    assert "catflap (not in socat)" in explained("idle-timeout")


def test_a_rule() -> None:
    """A rule tells what the attacker gets, and the bad and the good way."""
    text = explained("Plaintext-Exposed")
    for line in (
        "plaintext-exposed  (rule)",
        "  worst     high",
        "  weakness  CWE-319",
        "  more      docs/reference/rules/plaintext-exposed.md",
        "  catflap run TCP-LISTEN:8080,bind=0.0.0.0 TCP:127.0.0.1:9000",
    ):
        assert line in text.splitlines()


def test_a_name_of_two_things_shows_both() -> None:
    """PTY is an address, and an option of EXEC."""
    text = explained("pty")
    assert "PTY  (address)" in text
    assert "pty  (option)" in text


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("TCP-LISTN", "did you mean TCP-LISTEN?"),
        ("min-versio", "did you mean min-version?"),
        ("plaintext-expose", "did you mean plaintext-exposed?"),
        ("qqqqqqqqqqqqq", "catflap list addresses"),
        ("bad\x1b[31m", ""),
    ],
)
def test_unknown_names(name: str, hint: str) -> None:
    """The nearest spelling is offered, control characters are not echoed, the status is 2."""
    outcome = invoke_here("explain", name)
    assert outcome.status == 2
    assert hint in outcome.errors
    assert "\x1b" not in outcome.errors


@pytest.mark.parametrize(
    "name",
    [
        *(kind.name for kind in kinds()),
        *(row.name for row in option_rows()),
        *(rule.slug for rule in RULES),
    ],
)
def test_everything_can_be_explained(name: str) -> None:
    """No row makes it stumble, and no line is too wide for a terminal."""
    for line in explained(name).splitlines():
        assert len(line) <= 100 or line.startswith("  catflap run ") or "socat " in line


@pytest.mark.parametrize("name", [kind.name for kind in kinds()])
def test_examples_are_right(name: str) -> None:
    """The example of a kind uses it, and parses."""
    import shlex

    (kind,) = (each for each in kinds() if each.name == name)
    words = [word for word in shlex.split(example_of(kind))[2:] if word != "-u"]
    assert len(words) == 2
    assert any(parse(word).endpoint.span for word in words)
    for word in words:
        assert check(parse(word)) == (), word


def test_nothing_heavy_is_imported() -> None:
    """Asyncio, uvloop, OpenSSL, rich and msgspec cost more than the answer."""
    code = (
        "import sys; from catflap.cli.commands import invoke; invoke(['explain', 'TCP-LISTEN']);"
        "heavy = {'asyncio', 'uvloop', 'OpenSSL', 'cryptography', 'rich', 'msgspec'};"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.stderr == ""
    assert ended.returncode == 0


def test_every_key_of_the_file() -> None:
    """A key says where it belongs, what it takes, and what its entries look like."""
    for name in KEY_NAMES:
        assert "(key of catflap.toml)" in explained(name)
    text = explained("identities")
    for form in ("pin:sha256:BASE64", "spiffe://acme/**", "uid:1000", "gid:1000"):
        assert form in text
    assert "--limit per-source=VALUE" in explained("per-source")


@pytest.mark.parametrize("form", [text for text, _ in FORMS["identities"]])
def test_forms_of_identities_are_taken(form: str) -> None:
    """What the reference shows can be written."""
    parse_identity(form.replace("BASE64", "A" * 43 + "="))


@pytest.mark.parametrize("form", [text for text, _ in FORMS["hours"]])
def test_forms_of_hours_are_taken(form: str) -> None:
    """What the reference shows can be written."""
    parse_hours(form)


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Text is folded between words; what has no blank, and commands to copy, stay whole."""
    monkeypatch.setenv("COLUMNS", str(columns))
    for name in ("TLS-LISTEN", "range", "identities", "plaintext-exposed"):
        lines = explained(name).splitlines()
        wide = [line for line in lines if len(line) > min(columns, 92)]
        assert [line for line in wide if "catflap run" not in line and len(line.split()) > 2] == []


def test_a_command_explains_itself() -> None:
    """Who asks for a command's name is sent to its help."""
    outcome = invoke_here("explain", "run")
    assert outcome.status == 2
    assert outcome.errors.endswith("hint: run is a command: catflap run --help\n")


@pytest.mark.parametrize(
    ("name", "keys"), [("limits", "sessions, per-source"), ("unsafe", "rule, reason, until")]
)
def test_a_table_names_its_keys(name: str, keys: str) -> None:
    """Who asks for a table of the file learns what may stand in it."""
    assert f"  keys      {keys}" in explained(name)
