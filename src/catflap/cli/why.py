"""``catflap why``: would this peer be let in, by which entry, and what would turn it."""

from __future__ import annotations

import contextlib
import ipaddress
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from catflap.bridge.file.load import load
from catflap.bridge.identities import PolicyError, parse_identity
from catflap.bridge.model import DualSide
from catflap.bridge.policy import IdentityKind
from catflap.core import clock
from catflap.core.errors import ExitStatus, OperationError, UsageError
from catflap.core.nouns import CertificateFacts, Decision, Identity, Peer, UnixCredentials
from catflap.core.reading import read_bounded
from catflap.core.spans import nearest, printable
from catflap.guard.decisions import find_meaning
from catflap.relay.crls import with_lists
from catflap.relay.policing import groups_of, guard_of, primary_group
from catflap.rules.registry import RULES

if TYPE_CHECKING:
    from cryptography import x509

    from catflap.bridge.file.load import Configuration
    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side

__all__ = ("why",)

_LARGEST = 1024 * 1024
_NUMBER = click.IntRange(0, 2**32 - 2)
"""Of a user or a group; the last of 32 bits stands for none (chown(2))."""

_EPILOG = """\b
Examples:
  catflap why catflap.toml --bridge api --from 10.1.2.3 --identity spiffe://acme/billing
  catflap why catflap.toml --from 10.1.2.3 --certificate client.pem
  catflap why catflap.toml --bridge local --user 1000 --at 2026-11-23T22:00+01:00

Exit status: 0 let in, 1 turned away, 2 wrong words, or a file
cannot be read.
"""


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who would come, with which certificates, and when."""

    peer: Peer
    identity: Identity
    chain: list[x509.Certificate]
    now: float


@dataclass(frozen=True, slots=True)
class _Step:
    """One question and its answer."""

    asked: str
    decision: Decision


@click.command(epilog=_EPILOG)
@click.argument("file", default="catflap.toml", type=click.Path())
@click.option("--bridge", "name", metavar="NAME", help="Which one; needed when there are several.")
@click.option("--from", "source", metavar="ADDRESS", default="", help="Where the peer comes from.")
@click.option(
    "--identity",
    "identities",
    multiple=True,
    metavar="NAME",
    help="A name in its certificate: spiffe://..., dns:..., ip:..., email:..., cn:..., ou:...",
)
@click.option("--certificate", metavar="FILE", type=click.Path(), help="Its certificate itself.")
@click.option("--user", metavar="UID", type=_NUMBER, help="The user number of a UNIX peer.")
@click.option("--group", metavar="GID", type=_NUMBER, help="Its group, when not its user's own.")
@click.option("--at", metavar="TIME", help="When, such as 2026-11-23T22:00+01:00; now otherwise.")
@click.option("--json", "as_json", is_flag=True, help="Every step as JSON.")
def why(  # noqa: PLR0913 - one argument a flag
    file: str,
    *,
    name: str | None,
    source: str,
    identities: tuple[str, ...],
    certificate: str | None,
    user: int | None,
    group: int | None,
    at: str | None,
    as_json: bool,
) -> int:
    """Say whether FILE lets a peer in, by which entry, and the smallest change that turns it.

    The words are those of the log.
    """
    now = _moment(at)
    credentials = _credentials(user, group)
    try:
        configuration = load(file, [rule.slug for rule in RULES])
        bridge = _chosen(configuration, name)
        asked = _Asked(
            _peer(source, credentials),
            _identity(identities, certificate, credentials, now),
            _chain(certificate) if certificate is not None else [],
            now,
        )
        with contextlib.chdir(configuration.folder):
            steps = _judge(bridge, asked)
    except OperationError as error:
        # Status 1 is an answer, and there is none.
        raise UsageError(error.message, hint=error.hint) from error
    allowed = all(step.decision.allowed for step in steps)
    if as_json:
        told = {"bridge": bridge.name, "allowed": allowed, "steps": [_json(s) for s in steps]}
        click.echo(json.dumps(told, indent=2))
    else:
        _tell(bridge, steps, allowed=allowed)
    return ExitStatus.OK if allowed else ExitStatus.FAILURE


def _chosen(configuration: Configuration, name: str | None) -> Bridge:
    by_name = {bridge.name: bridge for bridge in configuration.bridges}
    if name is None:
        if len(by_name) == 1:
            return configuration.bridges[0]
        raise UsageError("which bridge?", hint=f"--bridge {'|'.join(by_name)}")
    if name not in by_name:
        close = nearest(name, by_name)
        hint = f"did you mean {close}?" if close else f"there are {', '.join(by_name)}"
        raise UsageError(f"there is no bridge {printable(name)}", hint=hint)
    return by_name[name]


def _moment(text: str | None) -> float:
    if text is None:
        return clock.now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        hint = "such as 2026-11-23T22:00+01:00; without a zone it is UTC"
        raise UsageError(f"--at {printable(text)} is no time", hint=hint) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _credentials(user: int | None, group: int | None) -> UnixCredentials | None:
    if user is None:
        if group is not None:
            raise UsageError("--group without --user", hint="--user UID says whose group it is")
        return None
    return UnixCredentials(0, user, primary_group(user) if group is None else group)


def _peer(source: str, credentials: UnixCredentials | None) -> Peer:
    if not source:
        return Peer("unix", 0, credentials)
    try:
        host = str(ipaddress.ip_address(source.strip("[]")))
    except ValueError:
        hint = "an address such as 10.1.2.3 or 2001:db8::7"
        raise UsageError(f"--from {printable(source)} is no address", hint=hint) from None
    return Peer(host, 1024, credentials)


def _identity(
    names: tuple[str, ...],
    certificate: str | None,
    credentials: UnixCredentials | None,
    now: float,
) -> Identity:
    if certificate is not None:
        from catflap.tls.certificates import facts_of

        return Identity(facts_of(_chain(certificate)[0]), credentials)
    if not names:
        return Identity(None, credentials)
    by_kind: dict[IdentityKind, list[str]] = {}
    for name in names:
        try:
            pattern = parse_identity(name)
        except PolicyError as error:
            raise UsageError(f"--identity {printable(name)}: {error}") from None
        by_kind.setdefault(pattern.kind, []).append(pattern.pattern)
    return Identity(_supposed(by_kind, now), credentials)


def _chain(path: str) -> list[x509.Certificate]:
    """Return the leaf and what else is in its file: what a client would send."""
    from catflap.tls.certificates import PemError, read_certificates

    try:
        return read_certificates(read_bounded(path, _LARGEST), path)
    except PemError as error:
        raise OperationError(str(error)) from error
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise OperationError(message) from error


def _supposed(names: dict[IdentityKind, list[str]], now: float) -> CertificateFacts:
    """Return a certificate that is valid and says just these names."""

    def those(kind: IdentityKind) -> tuple[str, ...]:
        return tuple(names.get(kind, ()))

    return CertificateFacts(
        subject=",".join(f"CN={name}" for name in those(IdentityKind.COMMON_NAME)),
        issuer="",
        serial="",
        not_before=now - 1,
        not_after=now + 1,
        fingerprint="",
        dns=those(IdentityKind.DNS),
        uris=those(IdentityKind.URI),
        addresses=tuple(name.partition("/")[0] for name in those(IdentityKind.IP)),
        emails=those(IdentityKind.EMAIL),
        common_names=those(IdentityKind.COMMON_NAME),
        pin=next(iter(those(IdentityKind.PIN)), ""),
        organizational_units=those(IdentityKind.ORGANIZATIONAL_UNIT),
    )


def _judge(bridge: Bridge, asked: _Asked) -> list[_Step]:
    first = next(side for end in with_lists(bridge) for side in _sides(end) if side.listens)
    guard = guard_of(first, bridge.policy)
    peer, identity, now = asked.peer, asked.identity, asked.now
    steps = []
    if first.is_internet and peer.host == "unix":
        steps.append(_Step("from anywhere (no --from)", _skipped("its source was not told")))
    else:
        steps.append(_Step(f"from {peer.shown_host}", guard.admit(peer, now)))
    if steps[-1].decision.allowed and asked.chain and guard.demands_certificate:
        steps += _handshake(first, asked)
    if steps[-1].decision.allowed:
        groups = groups_of(identity.credentials) if identity.credentials is not None else ()
        steps.append(_Step(f"as {identity}", guard.authorise(identity, now, groups)))
    return steps


def _sides(end: Side | DualSide) -> tuple[Side, ...]:
    return (end.read, end.write) if isinstance(end, DualSide) else (end,)


def _handshake(listener: Side, asked: _Asked) -> list[_Step]:
    """Return the refusal that the handshake would end with; nothing when it would go through.

    Where the files of trust are out of reach, a step says that nobody asked them.
    """
    from catflap.relay.openers.tls import settings_of
    from catflap.tls.appraisal import appraise
    from catflap.tls.failure import HandshakeError

    try:
        appraise(settings_of(listener), asked.chain, asked.now)
    except HandshakeError as error:
        meaning = find_meaning(error.rule)
        mend = meaning.mend if meaning is not None else ""
        denial = Decision(allowed=False, rule=error.rule, reason=error.message, mend=mend)
        return [_Step(f"as {asked.identity}", denial)]
    except OperationError as error:
        return [_Step("its chain of trust", _skipped(error.message))]
    return []


def _skipped(reason: str) -> Decision:
    return Decision(allowed=True, rule="not-asked", reason=reason)


def _tell(bridge: Bridge, steps: list[_Step], *, allowed: bool) -> None:
    verdict = click.style("let in", fg="green") if allowed else click.style("turned away", fg="red")
    click.echo(f"{bridge.name}: {verdict}")
    for step in steps:
        decision = step.decision
        word = "allowed" if decision.allowed else "denied"
        reason = f": {decision.reason}" if decision.reason else ""
        click.echo(printable(f"  {step.asked}: {word} by {decision.rule}{reason}"))
        if decision.mend and not decision.allowed:
            click.echo(printable(f"    mend: {decision.mend}"))
            click.echo(f"    explain: catflap explain {decision.rule}")


def _json(step: _Step) -> dict[str, Any]:
    decision = step.decision
    return {
        "asked": step.asked,
        "allowed": decision.allowed,
        "rule": decision.rule,
        "entry": decision.entry,
        "reason": decision.reason,
        "mend": decision.mend,
    }
