"""Rules take whatever the parser takes: they never raise, and point into the text."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from catflap.address.catalogue import kinds, option_rows
from catflap.address.model import Dual, Literal, Unknown
from catflap.address.syntax import parse
from catflap.bridge.effective import Dialect
from catflap.bridge.invocation import read_invocation
from catflap.bridge.model import Bridge, DualSide
from catflap.bridge.side import Side
from catflap.core.facts import Facts
from catflap.core.spans import Span
from catflap.core.surroundings import Publication, Surroundings
from catflap.rules.registry import find_rule, judge_bridge
from catflap.service.gate import refusal

PROGRAMS = ["socat", "catflap run", "$X/socat"]
VALUES = st.sampled_from(
    ["", "0", "1", "[", "[]", "::", "0.0.0.0", "0.0.0.0/0", "10.0.0.0/8", "fd00::/8", "bash",
     "sh -c 'x", "/run/docker.sock", "22", "5432", "ALL:eNULL", "SSL3", "777", "root"]
)  # fmt: skip
OPTIONS = st.tuples(st.sampled_from([row.name for row in option_rows()]), VALUES)
ADDRESSES = st.builds(
    lambda kind, words, options: (
        ":".join([kind, *words]) + "".join(f",{name}={value}" for name, value in options)
    ),
    st.sampled_from([kind.name for kind in kinds()]),
    st.lists(VALUES, max_size=3),
    st.lists(OPTIONS, max_size=4),
)
TEXTS = st.one_of(ADDRESSES, st.tuples(ADDRESSES, ADDRESSES).map("!!".join), st.text(max_size=30))


def end_of(text: str, dialect: Dialect) -> Side | DualSide:
    """Return an end as the auditor makes it: leniently, from anything."""
    endpoint = parse(text, lenient=True).endpoint
    if isinstance(endpoint, Dual):
        return DualSide(Side(endpoint.read, dialect, text), Side(endpoint.write, dialect, text))
    return Side(endpoint, dialect, text)


_PORTS = st.sampled_from(["22", "5432", None])
PUBLICATIONS = st.builds(Publication, st.sampled_from(["", "127.0.0.1", "odd", None]), _PORTS)
SURROUNDINGS = st.builds(
    Surroundings,
    user=st.sampled_from(["", "root", "app"]),
    container=st.booleans(),
    published=st.none() | st.lists(PUBLICATIONS, max_size=2).map(tuple),
    own_network=st.booleans(),
    host_network=st.booleans(),
    bounded=st.booleans(),
    version=st.sampled_from(["", "1.7.3.0", "1.8.1.3", "latest", "1.9999999999999"]),
    hidden_input=st.booleans(),
)
WORDS = st.one_of(
    TEXTS,
    st.sampled_from(["$X", "-T", "-v", "-r", "-d$X", "-u", "-g", "-", "TCP-LISTEN:$X,fork,$Y"]),
    st.tuples(TEXTS, st.sampled_from(["$X", ",bind=$X", ",$X"])).map("".join),
)


@given(words=st.lists(WORDS, max_size=5), place=SURROUNDINGS, program=st.sampled_from(PROGRAMS))
def test_any_command(words: list[str], place: Surroundings, program: str) -> None:
    """A command with unknown parts, wherever it runs, is judged without a crash."""
    texts = [*program.split(), *words]
    line = " ".join(texts)
    argv, at = [], 0
    for text in texts:
        pieces = re.finditer(r"\$[XY]|(?:(?!\$[XY]).)+", text, re.DOTALL)
        argv.append([_part(piece, at) for piece in pieces])
        at += len(text) + 1
    found = read_invocation(argv, line, place)
    assert found is not None
    if found.bridge is None:
        return
    for finding in judge_bridge(found.bridge, Facts(now=0.0)):
        rule = find_rule(finding.rule)
        assert rule is not None
        assert finding.severity <= rule.worst
        assert finding.source == line
        assert finding.span.end <= len(line)
        assert all(text.isprintable() for text in (finding.message, finding.mend, *finding.notes))


def _part(piece: re.Match[str], at: int) -> Literal | Unknown:
    kind = Unknown if piece[0] in {"$X", "$Y"} else Literal
    return kind(piece[0], Span(at + piece.start(), at + piece.end()))


@given(first=TEXTS, second=TEXTS, dialect=st.sampled_from(Dialect), uid=st.sampled_from([0, None]))
def test_any_two_addresses(first: str, second: str, dialect: Dialect, uid: int | None) -> None:
    """Every finding lies within its source, names a rule, and can be told."""
    bridge = Bridge(end_of(first, dialect), end_of(second, dialect), dialect)
    found = tuple(judge_bridge(bridge, Facts(uid=uid, now=0.0)))
    for finding in found:
        rule = find_rule(finding.rule)
        assert rule is not None
        assert finding.severity <= rule.worst
        assert finding.source in {first, second}
        assert finding.span.end <= len(finding.source)
    assert all(line.isprintable() for line in refusal(found).splitlines())
