"""The attempts, one family a file, in the order in which they are shown."""

from __future__ import annotations

from catflap.prove.attempts.friends import AFTERWARDS, FRIENDS
from catflap.prove.attempts.identity import IDENTITY
from catflap.prove.attempts.patience import PATIENCE
from catflap.prove.attempts.protocol import PROTOCOL
from catflap.prove.attempts.source import SOURCE

__all__ = ("AFTERWARDS", "ATTACKS", "FRIENDS")

ATTACKS = (*IDENTITY, *PROTOCOL, *SOURCE, *PATIENCE)
"""What should not get through, and two good requests that must in spite of it."""
