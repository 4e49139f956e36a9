"""Argument vectors as the kernel shows them."""

from __future__ import annotations

from hypothesis import given

from tests.support.readings import mutated, read_as, words_of, written_in

VECTOR = "/usr/bin/socat\0-d\0TCP-LISTEN:1,fork\0\0EXEC:a b\0"


def test_words_end_with_nul_and_may_be_empty_or_hold_blanks():
    reading = read_as("cmdline", VECTOR, "/proc/7/cmdline")

    expected = [["/usr/bin/socat", "-d", "TCP-LISTEN:1,fork", "", "EXEC:a b"]]
    assert words_of(reading) == expected
    assert written_in(VECTOR, reading) == expected


def test_a_line_without_nul_is_words_between_blanks():
    assert words_of(read_as("cmdline", "socat 'A:1' B:2\n")) == [["socat", "'A:1'", "B:2"]]


def test_a_wrapper_is_taken_away():
    assert words_of(read_as("cmdline", "timeout\x0060\0socat\0A:1\0B:2\0")) == [
        ["socat", "A:1", "B:2"]
    ]


def test_a_process_that_only_names_a_relay_is_none():
    assert words_of(read_as("cmdline", "vim\0/etc/socat.conf\0")) == []


@given(mutated(VECTOR))
def test_whatever_the_vector_it_is_read(text):
    read_as("cmdline", text)
