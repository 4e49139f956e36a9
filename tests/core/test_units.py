"""Numbers with units, both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.core.units import bytes_text, duration_text, parse_duration, parse_integer


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("90", 90),
        ("1.5", 1.5),
        (".5", 0.5),
        ("500ms", 0.5),
        ("2m", 120),
        ("1 H", 3600),
        ("1d", 86400),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    """Seconds unless a unit says otherwise."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "-1", "1w", "1e3", "inf", "1 2", "s", "9" * 400, "101000d", "\u0663"]
)
def test_what_no_duration_is(text: str) -> None:
    """Signs, unknown units, other scripts' digits and centuries are refused."""
    with pytest.raises(ValueError):
        parse_duration(text)


@given(st.integers(-(2**70), 2**70), st.sampled_from(["d", "#x", "#o"]))
def test_integers_are_read_as_by_strtol(number: int, form: str) -> None:
    """Decimal, 0x and a leading 0 name the same number."""
    text = format(number, form).replace("0o", "0")
    assert parse_integer(text) == number


@pytest.mark.parametrize(
    "text", ["", "+", "0x", "08", "1 ", "1_0", "--1", "0b1", "9" * 5000, "\u0663"]
)
def test_what_no_integer_is(text: str) -> None:
    """Python's own ideas of a number are not C's."""
    with pytest.raises(ValueError):
        parse_integer(text)


@given(st.text(max_size=10))
def test_any_text_is_a_number_or_an_error(text: str) -> None:
    """Nothing but ValueError is raised."""
    for read in (parse_duration, parse_integer):
        try:
            read(text)
        except ValueError:
            continue


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0us"), (0, "0us"), (0.000042, "42us"), (0.0009999, "1.0ms"), (0.0031, "3.1ms"),
        (0.99999, "1.0s"), (2.5, "2.5s"), (59.94, "59.9s"), (59.96, "1m00s"), (250, "4m10s"),
        (3599.9, "1h00m"), (3660, "1h01m"),
    ],
)  # fmt: skip
def test_durations_for_people(seconds: float, text: str) -> None:
    """Two or three digits, rounded into the next unit where they reach it."""
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (2**20 - 1, "1.0 MiB"),
        (3 * 2**30, "3.0 GiB"), (2**50, "1.0 PiB"), (2**60, "1024.0 PiB"),
    ],
)  # fmt: skip
def test_byte_counts_for_people(count: int, text: str) -> None:
    """Binary units, rounded into the next one where they reach it."""
    assert bytes_text(count) == text
