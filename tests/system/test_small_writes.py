"""Bytes in awkward sizes arrive in order: one at a time, primes, and two hundred round trips."""

import pytest

from tests.support.traffic import read_exactly

_PRIMES = (1, 2, 3, 7, 127, 1021, 4093, 16_381, 16_411, 65_521, 65_537, 131_071, 262_147)


@pytest.fixture(params=["plain", "tls"])
def relayed(request, catflap, pair, connect, taker):
    """Return the two ends of one session, plain or over TLS."""
    to = f"TCP:127.0.0.1:{taker.port}"
    if request.param == "plain":
        near = catflap("TCP-LISTEN:0", to)
    else:
        near, _ = pair("TCP-LISTEN:0", to)
    left = connect(near.port)
    return left, taker.take()


def test_one_byte_at_a_time(relayed):
    """A thousand writes of one byte arrive in their order."""
    left, right = relayed
    said = bytes(number % 251 for number in range(1000))
    for byte in said:
        left.send(bytes([byte]))
    assert read_exactly(right, len(said)) == said


def test_prime_sizes(relayed):
    """Writes whose sizes fit no buffer arrive whole, both ways by turns."""
    left, right = relayed
    for size in _PRIMES:
        said = bytes(number % 241 for number in range(size))
        left.send(said)
        assert read_exactly(right, size) == said
        right.send(said[::-1])
        assert read_exactly(left, size) == said[::-1]


def test_two_hundred_round_trips(relayed):
    """Two hundred questions get two hundred answers."""
    left, right = relayed
    for number in range(200):
        question = f"question {number:03}".encode()
        left.send(question)
        assert read_exactly(right, len(question)) == question
        right.send(question.upper())
        assert read_exactly(left, len(question)) == question.upper()
