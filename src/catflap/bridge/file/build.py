"""From tables to bridges: the same model, dialect and checks as on the command line."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from catflap.address.check import check
from catflap.address.model import Dual
from catflap.address.syntax import parse
from catflap.bridge.effective import Dialect
from catflap.bridge.file.problems import Notes
from catflap.bridge.file.references import resolve
from catflap.bridge.file.shape import ACCEPTANCE, BRIDGE, DEFAULTS, LIMITS
from catflap.bridge.file.values import Fields, read_fields
from catflap.bridge.identities import PolicyError, is_zone, parse_hours
from catflap.bridge.limits import Limits
from catflap.bridge.model import Acceptance, Bridge, DualSide
from catflap.bridge.policy import OpenHours, Policy
from catflap.bridge.side import Side
from catflap.core.spans import Span, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from catflap.bridge.file.toml import Entry, Table, Value

__all__ = ("Builder",)

_LIMITS = {field.name for field in fields(Limits)}


class Builder:
    """Makes the bridges of one file.

    Args:
        notes: of that file.
        folder: which references are relative to.
        defaults: of the whole configuration.
        rules: the names that ``unsafe`` may accept.
    """

    def __init__(
        self, notes: Notes, folder: Path, defaults: Fields | None, rules: Iterable[str]
    ) -> None:
        """Hold what all bridges share."""
        self._notes = notes
        self._folder = folder
        self._defaults = defaults
        self._rules = tuple(rules)
        self.flawed: dict[str, list[Side | DualSide]] = {}
        """Bridges in which something is wrong, with the ends in which nothing is."""

    def defaults(self, table: Table) -> Fields:
        """Return the keys of ``[defaults]``, checked like those of a bridge."""
        found = read_fields(table, DEFAULTS, self._notes, "[defaults]")
        self._policy(found)
        self._limits(found, "[defaults.limits]")
        self._accepted(found)
        return found

    def bridge(self, entry: Entry, table: Table) -> Bridge | None:
        """Return one bridge, or ``None`` where it lacks an end; problems are noted."""
        before = len(self._notes.found)
        sound: list[Side | DualSide] = []
        try:
            return self._bridge(entry, table, sound)
        finally:
            if len(self._notes.found) > before or not table.is_whole:
                self.flawed[entry.name] = sound

    def _bridge(self, entry: Entry, table: Table, sound: list[Side | DualSide]) -> Bridge | None:
        where = f"[bridge.{entry.name}]"
        said = read_fields(table, BRIDGE, self._notes, where)
        ends = [self._end(said.get(name), sound) for name in ("listen", "connect")]
        held = _Held(said, self._defaults)
        policy = self._policy(held)
        limits = self._limits(said, f"[bridge.{entry.name}.limits]")
        accepted = (*self._accepted(said), *self._inherited_acceptances())
        if ends[0] is None or ends[1] is None:
            return None
        self._check_listens(ends[0], said)
        return Bridge(
            ends[0],
            ends[1],
            Dialect.CATFLAP,
            name=entry.name,
            limits=limits,
            accepted=accepted,
            policy=policy,
            **_further(held, self._folder),
        )

    def _check_listens(self, end: Side | DualSide, said: Fields) -> None:
        if isinstance(end, DualSide) or not end.listens:
            self._notes.add(
                "listen waits for nobody", said.span("listen"), "an address such as TLS-LISTEN:8443"
            )

    def _end(self, value: Value | None, sound: list[Side | DualSide]) -> Side | DualSide | None:
        if value is None:
            return None
        before = len(self._notes.found)
        end = self._parsed_end(value)
        if end is not None and len(self._notes.found) == before:
            sound.append(end)
        return end

    def _parsed_end(self, value: Value) -> Side | DualSide | None:
        text = self._notes.text
        parsed = parse(resolve(value, self._folder, self._notes), text)
        for problem in check(parsed):
            self._notes.add(problem.message, problem.span, problem.expected, problem.nearest)
        endpoint = parsed.endpoint
        if isinstance(endpoint, Dual):
            if endpoint.read.kind is None or endpoint.write.kind is None:
                return None
            ours = Dialect.CATFLAP
            return DualSide(Side(endpoint.read, ours, text), Side(endpoint.write, ours, text))
        return Side(endpoint, Dialect.CATFLAP, text) if endpoint.kind is not None else None

    def _policy(self, said: Fields | _Held) -> Policy:
        opens = _moment(said.get("not-before"), ends=False)
        closes = _moment(said.get("not-after"), ends=True)
        key = next((each for each in ("not-after", "not-before") if said.says(each)), "")
        # Where both are inherited it was told where they stand.
        if key and opens is not None and closes is not None and closes <= opens:
            message = "not-after comes before not-before, so that the bridge would never open"
            self._notes.add(message, said.span(key), "a later not-after")
        return Policy(
            networks=said.get("allow"),
            identities=said.get("identities"),
            hours=self._hours(said),
            not_before=opens,
            not_after=closes,
        )

    def _hours(self, said: Fields | _Held) -> tuple[OpenHours, ...] | None:
        values = said.get("hours")
        zone = said.get("zone", "UTC")
        if not is_zone(zone):
            message = f"zone: {zone!r} is no zone of the tz database"
            self._notes.add(message, said.span("zone"), "a name such as Europe/Berlin")
            return None
        if values is None:
            return None
        found = []
        for value in values:
            try:
                found.append(parse_hours(str(value.data), zone))
            except PolicyError:
                continue  # told where it stands
        return tuple(found)

    def _limits(self, said: Fields, where: str) -> Limits:
        limits = Limits()
        inherited = self._defaults.get("limits") if self._defaults is not None else None
        for table, name in ((inherited, "[defaults.limits]"), (said.get("limits"), where)):
            if table is None:
                continue
            found = read_fields(table, LIMITS, self._notes, name).values
            known = {key.replace("-", "_"): value for key, value in found.items()}
            limits = replace(limits, **{k: v for k, v in known.items() if k in _LIMITS})
        return limits

    def _accepted(self, said: Fields) -> tuple[Acceptance, ...]:
        found = []
        for table in said.get("unsafe", ()):
            item = read_fields(table, ACCEPTANCE, self._notes, "an entry of unsafe")
            rule = item.get("rule")
            if rule is None or item.get("reason") is None:
                continue
            if rule not in self._rules:
                self._notes.add(
                    f"there is no rule {rule}",
                    item.span("rule"),
                    "a name that catflap list rules tells",
                    nearest(rule, self._rules),
                )
                continue
            found.append(_acceptance(item))
        return tuple(found)

    def _inherited_acceptances(self) -> tuple[Acceptance, ...]:
        if self._defaults is None:
            return ()
        # What is wrong with them was told where they stand.
        quiet = Builder(Notes("", ""), self._folder, None, self._rules)
        return quiet._accepted(self._defaults)


class _Held:
    """What a bridge says, else what holds for all."""

    def __init__(self, said: Fields, defaults: Fields | None) -> None:
        self._said = said
        self._defaults = defaults

    def get(self, name: str, otherwise: Any = None) -> Any:
        if name in self._said.values or self._defaults is None:
            return self._said.get(name, otherwise)
        return self._defaults.get(name, otherwise)

    def says(self, name: str) -> bool:
        return self._said.says(name)

    def span(self, name: str) -> Span:
        return self._said.span(name)


def _acceptance(item: Fields) -> Acceptance:
    rule, reason, until = item.get("rule"), item.get("reason"), item.get("until")
    if until is None:
        return Acceptance(rule, reason)
    written = item.table.entries["until"].value
    return Acceptance(rule, reason, str(until)[:10], written.span, written.text)


def _moment(value: date | datetime | None, *, ends: bool) -> float | None:
    """Return seconds since the epoch; a day that ends something is meant to its last second."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.timestamp()
    midnight = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return (midnight + timedelta(days=1) if ends else midnight).timestamp()


def _further(held: _Held, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if held.get("on-expiry") is not None:
        found["on_expiry"] = held.get("on-expiry")
    if held.get("crls") is not None:
        found["crls"] = tuple(str(folder / str(each.data)) for each in held.get("crls"))
    return found
