"""A server and a client, each part played by each program: the same bytes and statuses."""

from __future__ import annotations

import pytest

from tests.oracle import outsider, usage
from tests.oracle.playing import Stage, has_sctp, marked
from tests.oracle.scenarios import PAIRS, Pair

_CASTS = [("socat", "catflap-socat"), ("catflap-socat", "socat")]


@pytest.mark.needs("socat")
@pytest.mark.parametrize("pair", marked(PAIRS + usage.PAIRS + outsider.PAIRS))
def test_pair(pair: Pair, tmp_path, certificates) -> None:
    """Mixed casts do what the C program does with itself."""
    if pair.ready == "sctp" and not has_sctp():
        pytest.skip("this kernel has no SCTP")
    expected = Stage(tmp_path / "c", "socat").pair(pair, "socat", certificates)
    for server, client in _CASTS:
        played = Stage(tmp_path / server, server).pair(pair, client, certificates)
        story = f"server {server}, client {client}\n{played.log}\n--- expected:\n{expected.log}"
        assert played.output == expected.output, story
        assert played.status == expected.status, story
        assert played.after == expected.after, story
