"""Others can read the private key: users of the host, or whoever is on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.core.spans import printable
from catflap.findings.finding import Confidence, Severity
from catflap.rules.keys import key_given_away
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, label, place, tell, tls_spelling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts, FileFacts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_GROUP, _OTHERS = 0o060, 0o006


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """A directory above that keeps others out makes the mode a matter of order, not of danger."""
    yield from _sent(bridge)
    seen: set[str] = set()
    for side in known_sides(bridge):
        for name in ("openssl-key", "openssl-certificate"):
            path = side.text(name).value
            file = facts.files.get(path)
            if file is None or not file.holds_key or path in seen:
                continue
            seen.add(path)
            found = _judge(file, facts.uid)
            if found is None:
                continue
            severity, who = found
            yield tell(
                "private-key-exposed",
                Severity.LOW if file.sheltered else severity,
                side,
                f"the private key in {printable(path)} can be {who}",
                span=place(side, name),
                mend=f"chmod 600 {printable(path)}, and a new key if others have had the old one",
                notes=("a directory above it keeps other users out",) if file.sheltered else (),
                confidence=Confidence.HIGH,
            )


def _sent(bridge: Bridge) -> Iterator[Finding]:
    given = key_given_away(bridge)
    if given is None:
        return
    file, end = given
    yield tell(
        "private-key-exposed",
        Severity.HIGH,
        file,
        f"{label(file)} is a private key by its name, and passes {label(end)} in plaintext: "
        "whoever is between has it",
        mend=f"{tls_spelling(end)}, and a new key in the place of one that went so",
        confidence=Confidence.MEDIUM,
    )


def _judge(file: FileFacts, uid: int | None) -> tuple[Severity, str] | None:
    if file.mode is None:
        return None
    mode = f"(mode {file.mode:04o})"
    if file.mode & _OTHERS:
        verb = "read" if file.mode & 0o004 else "replaced"
        return Severity.HIGH, f"{verb} by every user of this host {mode}"
    if file.owner is not None and uid is not None and file.owner not in {0, uid}:
        return (
            Severity.MEDIUM,
            f"read and replaced by its owner, uid {file.owner}, not by you alone",
        )
    if file.mode & _GROUP:
        return Severity.MEDIUM, f"{'replaced' if file.mode & 0o020 else 'read'} by its group {mode}"
    return None


RULE = Rule(
    slug="private-key-exposed",
    title="Other users can read the private key",
    worst=Severity.HIGH,
    cwe=732,
    bad="catflap run TLS-LISTEN:8443,cert=srv.pem,key=world-readable.key,cafile=ca.pem STDIO",
    good="catflap run TLS-LISTEN:8443,cert=srv.pem,key=private.key,cafile=ca.pem STDIO",
    attacker="Any user or process of the host copies the key and plays this server or client.",
    mend="chmod 600 the file, own it by the user that runs catflap, replace a key that was seen.",
    check=_check,
    good_sentence="The private key is its owner's alone.",
    fixable="the mode of a file is not part of the command",
)
