"""A private key that is kept beside the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.core.spans import printable
from catflap.findings.finding import Confidence, Severity
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, place, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_SLUG = "key-in-repository"
_TRIALS = ("test", "example", "sample", "demo", "snakeoil", "dummy", "fixture")


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    seen: set[str] = set()
    for side in known_sides(bridge):
        for name in ("openssl-key", "openssl-certificate"):
            path = side.text(name).value
            file = facts.files.get(path)
            if file is None or not (file.holds_key and file.tracked) or path in seen:
                continue
            seen.add(path)
            trial = any(word in path.lower() for word in _TRIALS)
            yield tell(
                _SLUG,
                Severity.HIGH,
                side,
                f"the private key in {printable(path)} is kept in the repository: whoever reads "
                "the code has it, and its history keeps it",
                span=place(side, name),
                mend="a new key that is made where it is used, or handed over as a secret",
                confidence=Confidence.LOW if trial else Confidence.HIGH,
            )


RULE = Rule(
    slug=_SLUG,
    title="A private key is kept in the repository",
    worst=Severity.HIGH,
    cwe=540,
    bad="socat OPENSSL-LISTEN:8443,bind=10.0.0.5,cert=tracked.pem,cafile=ca.pem TCP:127.0.0.1:9000",
    good="socat OPENSSL-LISTEN:8443,bind=10.0.0.5,cert=/run/secrets/srv.pem,cafile=ca.pem "
    "TCP:127.0.0.1:9000",
    attacker="Takes the key from a clone, a fork, an image layer or an old commit, and plays this "
    "server or client.",
    mend="Issue a new key, keep it out of the tree, and hand it over as a secret.",
    check=_check,
    good_sentence="Private keys are handed over as secrets, not kept with the code.",
    fixable="a key that was seen has to be replaced by hand",
)
