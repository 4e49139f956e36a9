"""A cipher list that allows what protects badly or not at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.core.spans import printable
from catflap.findings.finding import Severity
from catflap.rules.exposure import leaves_host
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, label, place, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_OPTION = "openssl-cipherlist"
_NO_PROTECTION = (
    (re.compile(r"e?NULL(-|$)|.*-NULL-|COMPLEMENTOFALL"), "encrypts nothing"),
    (re.compile(r"aNULL|A(EC)?DH(-|$)|ALL$"), "proves nobody"),  # codespell:ignore
    (re.compile(r"EXP|LOW$|.*RC2|.*RC4|DES$|DES-CBC-"), "is broken"),
)
_POOR = (
    (re.compile(r"3DES|.*DES-CBC3|.*MD5|IDEA|SEED|MEDIUM$"), "is outdated"),
    (re.compile(r"kRSA|AES(128|256)-(GCM-)?SHA|RSA$"), "has no forward secrecy"),
)


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    del facts
    for side in known_sides(bridge):
        if not side.is_encrypted:
            continue
        for words, severity in ((_NO_PROTECTION, Severity.HIGH), (_POOR, Severity.LOW)):
            weak = _first(side.text(_OPTION).value, words)
            if weak:
                yield tell(
                    "weak-cipher",
                    severity if leaves_host(side) else Severity.LOW,
                    side,
                    f"{label(side)} allows {weak}",
                    span=place(side, _OPTION),
                    mend="remove cipher=; the library's own choice is good",
                )
                break


def _first(ciphers: str, words: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    """Return the first allowed word of a cipher list (openssl-ciphers(1)) that is weak, and why."""
    listed = [word for word in re.split("[:, ]", ciphers) if word]
    banned = {word[1:].upper() for word in listed if word[0] in "!-"}
    for word in listed:
        if word == "@SECLEVEL=0":
            return "@SECLEVEL=0, which takes keys and hashes of any weakness"
        if word[0] in "!-+@" or (word == "ALL" and "ANULL" in banned):  # codespell:ignore
            continue
        for part in (word, *word.split("+")):
            for pattern, why in words:
                if pattern.match(part) and part.upper() not in banned:
                    return f"{printable(word)}, which {why}"
    return ""


RULE = Rule(
    slug="weak-cipher",
    title="A cipher list allows what protects badly or not at all",
    worst=Severity.HIGH,
    cwe=327,
    bad="catflap run STDIO TLS:api.internal:8443,min-proto-version=TLS1.2,cipher=ALL:eNULL",
    good="catflap run STDIO TLS:api.internal:8443,min-proto-version=TLS1.2,"
    "cipher=ECDHE+AESGCM:ECDHE+CHACHA20",
    attacker="Makes both ends take the weakest cipher they allow, then reads what passes.",
    mend="Remove cipher=. A null or anonymous cipher counts as no encryption.",
    check=_check,
    good_sentence="The ciphers are the library's choice, or all of them are good.",
    fixable="unsafe",
)
