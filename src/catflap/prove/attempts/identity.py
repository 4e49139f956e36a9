"""Who are you: certificates that prove nothing, or not enough, or no longer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from catflap.core import clock
from catflap.prove.attempt import Attempt, Ended, Family, Outcome, Sighting, Witness
from catflap.prove.certificates import (
    LIFETIME,
    Authority,
    Credential,
    Purpose,
    Validity,
    self_signed,
)
from catflap.prove.scene import ME, SERVER_NAME
from catflap.prove.strike import talk_tls
from catflap.prove.wire import connect, http_request
from catflap.tls.hostile import Arms, HostileClient, Ticket

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from catflap.prove.scene import Scene

__all__ = ("IDENTITY", "VALID_TICKET", "arms_of")

VALID_TICKET = "valid-ticket"
"""What requests call themselves that get and try a ticket while it is good."""


_SHORT_LIVES = (3.0, 6.0)
"""Seconds of certificates that expire while we watch; whole seconds make it 3 to 4."""


def arms_of(credential: Credential | None, version: str = "") -> Arms:
    """Return what a client with this credential brings."""
    if credential is None:
        return Arms(version=version, server_name=SERVER_NAME)
    return Arms(credential.certificate, credential.key, credential.extra, version, SERVER_NAME)


def _with(
    name: str, find: Callable[[Scene], Credential | None]
) -> Callable[[Scene], Awaitable[Sighting]]:
    """Return an act: a request straight at the TLS port, with what ``find`` gives."""

    async def act(scene: Scene) -> Sighting:
        client = HostileClient(arms_of(find(scene)))
        return await talk_tls(scene, client, http_request("GET", "/orders", name))

    return act


def _nobody(scene: Scene) -> None:
    del scene


def _vouching_for_itself(scene: Scene) -> Credential:
    del scene
    return self_signed(ME, (ME,), Purpose.CLIENT, Validity.ten_minutes(clock.now()))


def _of_another(scene: Scene) -> Credential:
    """Issued by a CA that bears the very name of the right one."""
    name = scene.authority.name
    now = clock.now()
    return Authority(name, now).issue(ME, (ME,), Purpose.CLIENT, Validity.ten_minutes(now))


def _in_good_company(scene: Scene) -> Credential:
    """A worthless leaf that brings the good one along: only the leaf whose key signs counts."""
    own = _vouching_for_itself(scene)
    return Credential(own.certificate, own.key, (scene.friend.certificate,))


def _expired(scene: Scene) -> Credential:
    validity = Validity.ten_minutes(clock.now() - 2 * LIFETIME)
    return scene.authority.issue(ME, (ME,), Purpose.CLIENT, validity)


def _early(scene: Scene) -> Credential:
    validity = Validity.ten_minutes(clock.now() + LIFETIME)
    return scene.authority.issue(ME, (ME,), Purpose.CLIENT, validity)


def _a_server(scene: Scene) -> Credential:
    return scene.server


async def _expired_ticket(scene: Scene) -> Sighting:
    """Get a ticket while the certificate is valid; come back with it when it is no longer.

    The ticket is tried once while it is good, for a ticket that never works proves nothing. Where
    the machine is so slow that the certificate expires before that, one that lives longer is made.
    """
    seen = Sighting("", Ended.OPEN)
    for life in _SHORT_LIVES:
        validity = Validity(clock.now(), clock.now() + life + 1)
        arms = arms_of(scene.authority.issue(ME, (ME,), Purpose.CLIENT, validity))
        seen, ticket = await _good_ticket(scene, arms)
        if ticket is None and clock.now() >= int(validity.until):
            continue
        if ticket is None:
            break
        await _until(int(validity.until) + 0.1)
        client = HostileClient(arms, ticket)
        seen = await talk_tls(scene, client, http_request("GET", "/orders", "expired-ticket"))
        note = "the ticket itself still fits" if client.resumed else "the ticket no longer fits"
        return Sighting(seen.source, seen.ended, seen.alert, note)
    return seen


async def _good_ticket(scene: Scene, arms: Arms) -> tuple[Sighting, Ticket | None]:
    """Return a ticket that was taken once, or what was seen instead and nothing."""
    request = http_request("GET", "/", VALID_TICKET)
    ticket: Ticket | None = None
    for _ in range(2):
        client = HostileClient(arms, ticket)
        seen = await talk_tls(scene, client, request)
        if seen.ended is not Ended.ANSWERED:
            return Sighting(seen.source, Ended.OPEN, note="not served while it was valid"), None
        ticket = client.ticket()
    if not client.resumed:
        return Sighting(seen.source, Ended.OPEN, note="the ticket did not work while valid"), None
    return seen, ticket


async def _until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - clock.now()))


async def _mistaken(scene: Scene) -> Sighting:
    """Ask the client bridge that expects another server: it must refuse the one it finds."""
    async with connect(scene.mistaken, scene.source) as wire:
        try:
            await wire.write(http_request("GET", "/orders", "wrong-name"))
            answer = await wire.read()
        except ConnectionError:
            return Sighting(wire.source, Ended.RESET)
    return Sighting(wire.source, Ended.ANSWERED if answer else Ended.CLOSED)


def _refused(
    name: str, title: str, rule: str, find: Callable[[Scene], Credential | None]
) -> Attempt:
    return Attempt(name, Family.IDENTITY, title, Outcome.REFUSED, rule, _with(name, find))


IDENTITY = (
    _refused("no-certificate", "no certificate", "client-certificate-missing", _nobody),
    _refused("self-signed", "self-signed", "certificate-self-signed", _vouching_for_itself),
    _refused(
        "other-authority",
        "another CA of the same name",
        "certificate-untrusted",
        _of_another,
    ),
    _refused(
        "good-company",
        "self-signed, good one added",
        "certificate-self-signed",
        _in_good_company,
    ),
    _refused("expired", "expired", "certificate-expired", _expired),
    Attempt(
        "expired-ticket",
        Family.IDENTITY,
        "expired, with a TLS ticket",
        Outcome.REFUSED,
        "certificate-expired",
        _expired_ticket,
    ),
    _refused("not-yet-valid", "not yet valid", "certificate-not-yet-valid", _early),
    _refused(
        "wrong-purpose",
        "a server's certificate",
        "certificate-wrong-purpose",
        _a_server,
    ),
    Attempt(
        "wrong-name",
        Family.IDENTITY,
        "a server by another name",
        Outcome.REFUSED,
        "certificate-wrong-name",
        _mistaken,
        Witness.CLIENT,
    ),
)
