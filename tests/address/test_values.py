"""Any text is a value of its type, or a problem that says what was expected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.address.catalogue import option_rows
from catflap.address.rows import OptionRow, ValueType
from catflap.address.values import Value, ValueProblem, read_named, read_names, read_value

TEXTS = st.one_of(
    st.text(max_size=12),
    st.text(st.sampled_from("0123456789abcdefx:./,[]!+- "), max_size=12),
    st.integers().map(str),
    st.just("9" * 5000),
    st.sampled_from(
        ["²", "٣", "1_0", "0x", "0x1F", "017", "08", "[]", "[,]", "\udc80", "1e3", "inf", "nan"]
    ),
)


def problem_of(row: OptionRow, text: str | None) -> ValueProblem | None:
    """Return what is wrong with a value, if anything is."""
    try:
        read_named(row.name, row.type, text)
    except ValueProblem as problem:
        return problem
    return None


@given(st.sampled_from(option_rows()), st.none() | TEXTS)
def test_any_text_is_a_value_or_a_problem(row: OptionRow, text: str | None) -> None:
    """Nothing else is raised, whatever the option."""
    problem = problem_of(row, text)
    if problem is not None:
        first, last = problem.at or (0, 0)
        assert problem.expected
        assert 0 <= first <= last <= len(text or "")


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        (ValueType.BOOL, None, True),
        (ValueType.BOOL, "0", False),
        (ValueType.BOOL, "2", True),
        (ValueType.CONST, None, True),
        (ValueType.INT, None, 1),
        (ValueType.INT, "0x10", 16),
        (ValueType.INT, "-010", -8),
        (ValueType.INT_NULL, "", None),
        (ValueType.UNSIGNED_SHORT, "65535", 65535),
        (ValueType.MODE_T, "0640", 0o640),
        (ValueType.STRUCT_TIMEVAL, "1.5", 1.5),
        (ValueType.STRUCT_TIMESPEC, "500ms", 0.5),
        (ValueType.STRUCT_LINGER, "5", 5),
        (ValueType.UID_T, "www-data", "www-data"),
        (ValueType.STRING, "a:b", "a:b"),
        (ValueType.STRING_NULL, None, None),
        (ValueType.NAMES, "[A, B]", ("A", "B")),
        (ValueType.INT_INT_STRING, "1:2:a:b", (1, 2, "a:b")),
        (ValueType.INT_INT_BIN, "1:2:x00", (1, 2, b"\x00")),
    ],
)
def test_what_a_value_means(type_: ValueType, text: str | None, value: Value) -> None:
    """Numbers as strtol(3) reads them, seconds with units, names as they are."""
    assert read_value(type_, text) == value


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (ValueType.CONST, "1"),
        (ValueType.BOOL, ""),
        (ValueType.INT, "x"),
        (ValueType.INT, "1 "),
        (ValueType.UNSIGNED_INT, "-1"),
        (ValueType.BYTE, "256"),
        (ValueType.MODE_T, "8"),
        (ValueType.MODE_T, "\N{ARABIC-INDIC DIGIT THREE}"),
        (ValueType.MODE_T, "0o7"),
        (ValueType.MODE_T, "10000"),
        (ValueType.STRUCT_TIMEVAL, "\N{ARABIC-INDIC DIGIT THREE}"),
        (ValueType.STRUCT_TIMEVAL, "-1"),
        (ValueType.STRUCT_TIMEVAL, "inf"),
        (ValueType.STRING, None),
        (ValueType.UID_T, ""),
        (ValueType.GID_T, "a b"),
        (ValueType.NAMES, "1A"),
        (ValueType.NAMES, "[,]"),
        (ValueType.INT_INT, "1"),
    ],
)
def test_what_no_value_is(type_: ValueType, text: str | None) -> None:
    """What is not of the type is refused, digits of other scripts included."""
    with pytest.raises(ValueProblem):
        read_value(type_, text)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("openssl-min-proto-version", "tlsv1.2", "TLS1.2"),
        ("protocol-family", "IPv6", "6"),
        ("max-children", "5", 5),
        ("tcp-keepidle", "60", 60),
    ],
)
def test_some_options_mean_more_than_their_type(name: str, text: str, value: Value) -> None:
    """Versions, families and limits have words and bounds of their own."""
    assert read_named(name, ValueType.STRING, text) == value


def test_the_bad_one_of_several_is_told() -> None:
    """A name or a field within a value has its place."""
    with pytest.raises(ValueProblem) as caught:
        read_names("[A,2B]")
    assert caught.value.at == (3, 5)
    with pytest.raises(ValueProblem) as caught:
        read_value(ValueType.INT_INT_INT, "1:x:3")
    assert caught.value.at == (2, 3)
