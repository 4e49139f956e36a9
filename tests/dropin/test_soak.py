"""A short soak: many clients, and nothing left of them. The long one is ``python -m bench.soak``."""

from __future__ import annotations

from bench.soak import soak


def test_nothing_is_left_of_three_hundred_connections(tmp_path, certificates, free_port) -> None:
    """Descriptors, processes and files are as before; memory is tried by the long one."""
    outcome = soak(tmp_path, certificates.server, 300, port=free_port)
    left = [fault for fault in outcome.faults() if not fault.startswith("memory")]
    assert left == []
    assert outcome.answered >= 60
