"""One command, done by the C program and by ours: the same bytes, status, files and words."""

from __future__ import annotations

import re

import pytest

from tests.oracle import outsider, usage
from tests.oracle.playing import Stage, marked
from tests.oracle.scenarios import PAIRS, SINGLES, Single

_TRIES = 3


@pytest.mark.needs("socat")
@pytest.mark.parametrize("scenario", marked(SINGLES + usage.SINGLES + outsider.SINGLES))
def test_single(scenario: Single, tmp_path) -> None:
    """What the C program does is what ours does; where Debian's is too old, what 1.8.1 does."""
    ours = Stage(tmp_path / "ours", "catflap-socat").single(scenario)
    if scenario.differs:
        assert (ours.status, ours.output) == (scenario.status, scenario.output), ours.log
        return
    for turn in range(_TRIES):
        # The C program races with its children here and there: any of its outcomes will do.
        theirs = Stage(tmp_path / f"theirs{turn}", "socat").single(scenario)
        if (ours.status, ours.output, ours.after) == (theirs.status, theirs.output, theirs.after):
            break
    assert ours.status == theirs.status, f"{theirs.log}\n--- ours:\n{ours.log}"
    assert ours.output == theirs.output, ours.log
    assert ours.after == theirs.after
    if scenario.log:
        assert re.search(scenario.log, theirs.log), theirs.log
        assert re.search(scenario.log, ours.log), ours.log


def test_there_are_four_hundred() -> None:
    """Single commands, and pairs in both mixed casts; each name once."""
    pairs = PAIRS + usage.PAIRS + outsider.PAIRS
    singles = SINGLES + usage.SINGLES + outsider.SINGLES
    assert len(singles) + 2 * len(pairs) >= 400
    assert len({each.name for each in singles}) == len(singles)
    assert len({each.name for each in pairs}) == len(pairs)
