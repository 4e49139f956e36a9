"""How a rule says what it found: names for addresses, places in their text, findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.rows import Transport
from catflap.bridge.effective import Dialect
from catflap.core.spans import printable
from catflap.findings.finding import Confidence, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.address.model import Option
    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side
    from catflap.core.spans import Span
    from catflap.findings.finding import Severity

__all__ = ("has_opaque_options", "head", "known_sides", "label", "place", "tell", "tls_spelling")

_LONGEST_LABEL = 60
_HOST_AND_PORT = 2
_MOST_QUOTES = 8
_DATAGRAMS = frozenset({Transport.UDP, Transport.UDPLITE, Transport.DTLS})


def known_sides(bridge: Bridge) -> Iterator[Side]:
    """Yield the sides whose kind is known, and what they go through (``via=``).

    Nothing can be said about the others.
    """
    return (side for side in bridge.reached if side.address.kind is not None)


def label(side: Side) -> str:
    """Return the address without its options, short enough for a sentence."""
    words = [side.address.keyword, *side.address.parameters]
    if len(words) > 1 and words[1] is words[0]:
        del words[0]
    text = printable(":".join(word.text for word in words))
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 3]}..."


def head(side: Side) -> Span:
    """Return the place of the address without its options."""
    span = side.address.keyword.span
    for word in side.address.parameters:
        span = span.cover(word.span)
    return span


def place(side: Side, *names: str) -> Span:
    """Return the place of the first of these options that is written, else the address's head."""
    for name in names:
        option = side.last(name)
        if option is not None:
            return option.span
    return head(side)


def has_opaque_options(side: Side) -> bool:
    """Whether a variable may hide further options."""
    return any(not option.name.known for option in side.address.options)


def tls_spelling(side: Side) -> str:
    """Return a listener or client rewritten to speak TLS, its options kept, files as FILE."""
    datagrams = side.kind.transport in _DATAGRAMS
    ours = side.dialect is Dialect.CATFLAP
    protocol = "OPENSSL-DTLS" if datagrams else "TLS" if ours else "OPENSSL"
    ending = ("-SERVER" if datagrams else "-LISTEN") if side.listens else "-CLIENT" * datagrams
    if not side.listens and len(side.address.parameters) != _HOST_AND_PORT:
        return f"{protocol}{ending}:HOST:PORT,cafile=FILE"
    words = [protocol + ending, *(word.text for word in side.address.parameters)]
    kept = [_written(side, option) for option in side.address.options]
    wanted = ("openssl-certificate", "openssl-cafile") if side.listens else ("openssl-cafile",)
    added = [
        f"{'cert' if name.endswith('certificate') else 'cafile'}=FILE"
        for name in wanted
        if side.last(name) is None
    ]
    kept = [text for text in kept if not text.startswith(("verify", "openssl-verify"))]
    return printable(",".join([":".join(words), *kept, *added]))


def _written(side: Side, option: Option) -> str:
    """Return an option as it stands in the source; put together where it comes from several."""
    value = f"={option.value.text}" if option.value is not None else ""
    joined = option.name.text + value
    found = side.source[option.span.start : option.span.end]
    whole = found.startswith(option.name.text) and "\n" not in found
    return found if whole and len(found) <= len(joined) + _MOST_QUOTES else joined


def tell(  # noqa: PLR0913 - one argument a field of the finding
    rule: str,
    severity: Severity,
    side: Side,
    message: str,
    *,
    span: Span | None = None,
    mend: str = "",
    notes: tuple[str, ...] = (),
    confidence: Confidence = Confidence.HIGH,
) -> Finding:
    """Return a finding about one side; its place is the address's head unless told."""
    where = span if span is not None else head(side)
    return Finding(rule, severity, confidence, message, side.source, where, mend, notes)
