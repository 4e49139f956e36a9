"""A path that is only read, and made when it is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.bridge.effective import Dialect
from catflap.bridge.model import DualSide, Flow
from catflap.findings.finding import Severity
from catflap.rules.rule import Rule
from catflap.rules.telling import label, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_SLUG = "gopen-creates-file"


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Our own dialect has no such case: there a file is made only in order to write."""
    del facts
    for side in _read_only(bridge):
        if side.dialect is Dialect.CATFLAP or side.address.kind is None:
            continue
        path = side.address.parameters[0].text if side.address.parameters else ""
        opens = side.last("o-creat") is not None or path.startswith(("/dev/", "/proc/", "/sys/"))
        if side.kind.name == "GOPEN" and not opens:
            yield tell(
                _SLUG,
                Severity.INFO,
                side,
                f"{label(side)} is only read here, but socat makes it when it is missing",
                mend=f"OPEN:{path},rdonly, which fails when it is missing",
            )


def _read_only(bridge: Bridge) -> Iterator[Side]:
    """Yield the sides that are read from and never written to."""
    for end, flow in ((bridge.first, Flow.FORWARD), (bridge.second, Flow.BACKWARD)):
        if isinstance(end, DualSide):
            yield end.read
        elif bridge.flow is flow:
            yield end


RULE = Rule(
    slug=_SLUG,
    title="A file that is only read is made when it is missing",
    worst=Severity.INFO,
    cwe=459,
    bad="socat -u ./settings.bin UNIX:/run/app.sock",
    good="socat -u OPEN:./settings.bin,rdonly UNIX:/run/app.sock",
    attacker="Gains nothing by it; a typing error sends nothing, with status 0, and leaves an "
    "empty file.",
    mend="Use OPEN:PATH,rdonly.",
    check=_check,
    good_sentence="What is read must be there.",
    fixable="unsafe",
)
