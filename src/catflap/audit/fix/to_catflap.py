"""Rewrites a command of socat to ``catflap run``: the same bridge, with what must be said said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from catflap.address.rows import Role
from catflap.audit.fix.listeners import CLIENT_CA
from catflap.audit.fix.plan import Applied, Fixed, Left
from catflap.audit.fix.proposal import MARK, NotFixableError, Placeholder
from catflap.audit.fix.site import Site
from catflap.audit.fix.translate import translate_flags
from catflap.audit.fix.verify import changed
from catflap.audit.fix.words import replace_start
from catflap.bridge.effective import Dialect
from catflap.bridge.invocation import read_invocation
from catflap.core.spans import Span
from catflap.findings.finding import Confidence, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.address.model import Address
    from catflap.audit.command import Command
    from catflap.audit.fix.proposal import Change
    from catflap.audit.fix.verify import Snapshot
    from catflap.bridge.invocation import Invocation
    from catflap.bridge.side import Side

__all__ = ("rewrite_snapshot",)

_ATTEMPTS = 3
_RULE = "to-catflap"
_WILDCARD = {"6": "::"}


@dataclass(slots=True)
class _Draft:
    """What a command becomes: its first words, edits of its addresses, and what to know."""

    words: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    placeholders: list[Placeholder] = field(default_factory=list)


def rewrite_snapshot(snapshot: Snapshot, missing: Callable[[Address], str]) -> Fixed:
    """Rewrite every command of socat that ``catflap run`` can take over.

    Args:
        snapshot: the file.
        missing: returns what of an address is not built, or nothing.

    Returns:
        The text; a command that stays says why.
    """
    applied: list[Applied] = []
    left: dict[int, Left] = {}
    done: set[int] = set()
    while (target := _next(snapshot, done)) is not None:
        number = snapshot.number(target)
        done.add(number)
        line = snapshot.text.count("\n", 0, target.span.start) + 1
        try:
            snapshot, draft = _rewrite(snapshot, target, missing)
        except NotFixableError as error:
            left[number] = Left(_RULE, line, why=str(error))
            continue
        title = "; ".join(["catflap run takes its place", *draft.notes])
        applied.append(
            Applied(_RULE, None, line, title, safe=False, placeholders=tuple(draft.placeholders))
        )
    return Fixed(snapshot.text, tuple(applied), tuple(left.values()))


def _next(snapshot: Snapshot, done: set[int]) -> Command | None:
    for command in snapshot.reading.commands:
        read = _read(snapshot, command)
        ours = read is None or read.dialect is not Dialect.SOCAT or read.bridge is None
        if not ours and snapshot.number(command) not in done:
            return command
    return None


def _read(snapshot: Snapshot, command: Command) -> Invocation | None:
    words = [word.pieces for word in command.words]
    return read_invocation(words, snapshot.text, command.surroundings)


def _rewrite(
    snapshot: Snapshot, command: Command, missing: Callable[[Address], str]
) -> tuple[Snapshot, _Draft]:
    reason = NotFixableError("it cannot be written there")
    for attempt in range(_ATTEMPTS):
        try:
            draft = _draft(_site(snapshot, command, attempt), missing)
            return _tried(snapshot, command, draft, attempt)
        except NotFixableError as error:
            reason = reason if attempt else error
    raise reason


def _site(snapshot: Snapshot, command: Command, attempt: int) -> Site:
    read = _read(snapshot, command)
    if read is None or read.bridge is None:
        raise NotFixableError("it has not exactly two addresses")
    place = Span(command.span.start, command.span.start)
    finding = Finding(_RULE, Severity.INFO, Confidence.HIGH, "", snapshot.text, place)
    return Site(snapshot.text, command, read.bridge, finding, place, attempt)


def _draft(site: Site, missing: Callable[[Address], str]) -> _Draft:
    """Return what a command becomes before the gate was asked."""
    draft = _Draft(["run"])
    if not site.bridge.flags.complete:
        raise NotFixableError("a variable in front of the addresses may hold flags")
    words, notes = translate_flags(site.bridge.flags)
    draft.words += words
    draft.notes += notes
    for side in site.bridge.sides:
        kind = side.address.kind
        why = "its kind is not known" if kind is None else missing(side.address)
        if why:
            raise NotFixableError(why)
        _say_defaults(site, side, draft)
    if site.command.surroundings.container:
        draft.notes.append("catflap has to be in the container's image")
    if _serves_once(site):
        draft.words.append("--once")
    return draft


def _say_defaults(site: Site, side: Side, draft: _Draft) -> None:
    """Say what socat did without a word, where our default is another one."""
    options = []
    if side.listens and side.is_internet and side.last("bind") is None:
        options.append(f"bind={_WILDCARD.get(side.family, '0.0.0.0')}")  # noqa: S104 - as it was
    trusted = side.last("openssl-cafile") is not None or side.last("openssl-capath") is not None
    if side.listens and side.is_encrypted and side.verifies.value and not trusted:
        options.append(f"cafile={CLIENT_CA.name}")
        draft.placeholders.append(CLIENT_CA)
    if side.is_encrypted and side.last("openssl-min-proto-version") is None:
        draft.notes.append("TLS is 1.3 (min-proto-version=TLS1.2 takes older peers)")
    if options:
        draft.changes.append(site.add_option(side, ",".join(options)))


def _serves_once(site: Site) -> bool:
    """Whether socat serves one session where catflap would go on."""
    first = site.bridge.sides[0]
    if first.kind.role is not Role.LISTEN or first.flag("fork").value:
        return False
    return not site.bridge.single_session_reason


def _tried(
    snapshot: Snapshot, command: Command, draft: _Draft, attempt: int
) -> tuple[Snapshot, _Draft]:
    """Write it, ask the gate, and write it again with what the gate wants to be told."""
    site = _site(snapshot, command, attempt)
    number = snapshot.number(command)
    after = changed(snapshot, command, (*replace_start(site, draft.words), *draft.changes))
    rules = sorted(
        {
            each.finding.rule
            for each in after.judged
            if after.number(each.command) == number and each.finding.severity >= Severity.HIGH
        }
    )
    if not rules:
        return after, draft
    for rule in rules:
        # No rule is called so, and the gate refuses until somebody has decided.
        name = f"{MARK}-{rule}=REASON"
        draft.words += ["--unsafe", name]
        meaning = (
            f"the gate refuses {rule}: mend it (catflap explain {rule}), or take {MARK}- away and "
            "write why it is acceptable"
        )
        draft.placeholders.append(Placeholder(name, meaning))
    return changed(snapshot, command, (*replace_start(site, draft.words), *draft.changes)), draft
