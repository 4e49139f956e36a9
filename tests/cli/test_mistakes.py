"""Wrong words: one line, the command with a caret at the place, the nearest right word, status 2."""

from __future__ import annotations

import pytest

from tests.support.invoking import invoke_here


def told(*words: str) -> tuple[str, str, str]:
    """Return the message, the words above the carets, and the hint."""
    outcome = invoke_here(*words)
    assert outcome.status == 2
    assert outcome.output == ""
    message, *rest = outcome.errors.splitlines()
    assert message.startswith("catflap: ")
    hint = rest.pop().removeprefix("  hint: ") if rest and "  hint: " in rest[-1] else ""
    if not rest:
        return message.removeprefix("catflap: "), "", hint
    source, carets = rest
    first = carets.index("^")
    assert set(carets[first:]) == {"^"}
    return message.removeprefix("catflap: "), source[first : len(carets)], hint


@pytest.mark.parametrize(
    ("words", "message", "marked"),
    [
        ("rnu A B", "rnu is no command; did you mean run?", "rnu"),
        ("--verison", "catflap has no option --verison; did you mean --version?", "--verison"),
        (
            "run --idel-timeout 3 STDIO STDIO",
            "run has no option --idel-timeout; did you mean --idle-timeout?",
            "--idel-timeout",
        ),
        ("check --jsn=1", "check has no option --jsn; did you mean --json?", "--jsn"),
        (
            "run --log-level=debug STDIO STDIO",
            "--log-level cannot be debug; expected info, notice, warning or error",
            "debug",
        ),
        (
            "audit --fail-on hihg",
            (
                "--fail-on cannot be hihg; expected info, low, medium, high or critical; "
                "did you mean high?"
            ),
            "hihg",
        ),
        ("up --workers 0", "--workers cannot be 0; expected a whole number from 1 to 256", "0"),
        ("audit --jobs 0", "--jobs cannot be 0; expected a whole number from 1", "0"),
        (
            "why --user=me",
            "--user cannot be me; expected a whole number from 0 to 4294967294",
            "me",
        ),
        ("fds abc", "PID cannot be abc; expected a whole number from 1", "abc"),
        (
            "run --idle-timeout 3x STDIO STDIO",
            "--idle-timeout: '3x' is not a duration such as 90, 500ms, 2m or 1h",
            "3x",
        ),
        (
            "run --limit rate=3 --limit sesions=3 STDIO STDIO",
            "--limit: 'sesions' is no limit; did you mean sessions?",
            "sesions=3",
        ),
        (
            "list rule",
            (
                "what list is given cannot be rule; expected addresses, options or rules; "
                "did you mean rules?"
            ),
            "rule",
        ),
    ],
)
def test_a_wrong_word_is_marked(words: str, message: str, marked: str) -> None:
    """The place is the word itself; the nearest right one is named."""
    assert told(*words.split())[:2] == (message, marked)


@pytest.mark.parametrize(
    ("words", "message", "marked", "hint"),
    [
        ("run STDIO", "run lacks ADDRESS", "", "catflap run [OPTIONS] ADDRESS ADDRESS"),
        ("end", "end lacks SESSION", "", "catflap end [OPTIONS] SESSION"),
        ("reload now", "now is one word too many", "now", "catflap reload [OPTIONS]"),
        ("run STDIO STDIO --limit", "--limit needs a value", "--limit", "catflap run --help"),
        (
            "help",
            "help is no command",
            "help",
            "catflap --help tells all commands; catflap COMMAND --help one",
        ),
        (
            "TCP-LISTEN:8080 STDIO",
            "TCP-LISTEN:8080 is no command",
            "TCP-LISTEN:8080",
            "catflap run ADDRESS ADDRESS relays between two addresses",
        ),
        ("run -u -U STDIO STDIO", "-u and -U exclude each other", "", "catflap run --help"),
        (
            "list rules --json --markdown",
            "--json and --markdown exclude each other",
            "",
            "catflap list --help",
        ),
    ],
)
def test_what_would_be_right_is_told(words: str, message: str, marked: str, hint: str) -> None:
    """A word too few or too many, or two that do not go together."""
    said = told(*words.split())
    assert (said[0], said[1].strip(), said[2]) == (message, marked, hint)


@pytest.mark.parametrize(
    ("flag", "marked", "ours"),
    [
        ("-t 3", "-t", "--half-close-timeout"),
        ("-T 3", "-T", "--idle-timeout"),
        ("-dd", "-dd", "--log-level"),
        ("-v", "-v", "--dump text"),
        ("-lf log", "-lf", "--log-file"),
    ],
)
def test_flags_of_socat_are_told_by_our_names(flag: str, marked: str, ours: str) -> None:
    """Who comes from socat learns the name that the flag has here."""
    _, place, hint = told("run", *flag.split(), "STDIO", "STDIO")
    assert place == marked
    assert ours in hint


def test_words_with_blanks_are_quoted_as_a_shell_wants_them() -> None:
    """The line can be copied, and the caret covers the whole word with its quotes."""
    message, marked, _ = told("run", "--log-level=de bug", "STDIO", "STDIO")
    assert message.startswith("--log-level cannot be de bug")
    assert marked == "'--log-level=de bug'"
