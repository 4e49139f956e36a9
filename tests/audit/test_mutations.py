"""Broken files of every kind: a short hunt; ``make fuzz`` and tests/audit/mutations.py a long one."""

from __future__ import annotations

import os
import random

import pytest

from tests.audit.mutations import corpus, defects, mutated

_FILES = corpus()


@pytest.mark.parametrize("seed", range(8))
def test_a_broken_file_is_read_in_part_and_never_breaks_the_audit(seed):
    """No crash, none over a second, and every finding has its place."""
    chance = random.Random(seed)
    others = [data for _, data in _FILES]
    for _ in range(2500 if os.environ.get("FUZZ") == "long" else 60):
        name, data = chance.choice(_FILES)
        state = mutated(data, chance, others)
        assert list(defects(name, state)) == [], (name, state)
