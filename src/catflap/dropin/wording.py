"""Events in the C program's words, where people and programs search its log for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.rows import ParameterType, Role, Transport
from catflap.bridge.side import Side
from catflap.dropin.failure_words import failure_lines, name_mismatch
from catflap.dropin.log import Grade
from catflap.dropin.peer_words import of_text
from catflap.dropin.socket_words import PACKETS, packet_refusal
from catflap.events import model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catflap.bridge.model import Bridge, DualSide

__all__ = ("Wording", "refusal_lines")

_REASONS_OF_RULES = {
    "range": "due to range option",
    "sourceport": "due to wrong sourceport",
    "lowport": "due to lowport option",
    "tcpwrap": "due to tcpwrapper option",
}


_TAKERS = frozenset({Role.LISTEN, Role.RECEIVE})
_OF_A_SESSION = frozenset(
    {model.Opened, model.HandshakeFailed, model.ConnectFailed, model.SessionFailed}
)
"""What the C program tells from a child, so that ``children-shutup`` lowers it."""


class Wording:
    """Says what an event means in lines of the C program's log.

    Args:
        bridge: whose events these are.
    """

    def __init__(self, bridge: Bridge) -> None:
        """Remember what the addresses are called."""
        self._bridge = bridge
        self._far = bridge.sides[-1]
        self._quieter = bridge.sides[0].number("children-shutup", 0).value
        self._say: dict[type[model.Event], Callable[..., Iterator[tuple[Grade, str]]]] = {
            model.Listening: self._listening,
            model.Notice: self._notice,
            model.Warned: self._warned,
            model.Opened: self._opened,
            model.Denied: self._denied,
            model.HandshakeFailed: self._handshake,
            model.ConnectFailed: self._unreachable,
            model.SessionFailed: self._failed,
            model.Defect: self._failed,
            model.Pressure: self._pressure,
        }

    def lines(self, event: model.Event) -> Iterator[tuple[Grade, str]]:
        """Yield the lines of an event; none for what the C program does not tell."""
        say = self._say.get(type(event))
        if say is None:
            return
        steps = self._quieter if type(event) in _OF_A_SESSION else 0
        for grade, text in say(event):
            yield Grade(min(grade + max(steps, 0), Grade.DEBUG)), text

    def _listening(self, event: model.Listening) -> Iterator[tuple[Grade, str]]:
        first = self._bridge.first
        if isinstance(first, Side) and first.kind.transport is Transport.IP:
            protocol = first.parameter(ParameterType.NUMBER)
            yield Grade.NOTICE, f"receiving IP protocol {protocol}"
            return
        for address in event.on:
            yield Grade.NOTICE, f"{_waiting(self._bridge.first)} {of_text(address)}"
        if event.note:
            yield Grade.NOTICE, event.note

    def _notice(self, event: model.Notice) -> Iterator[tuple[Grade, str]]:
        yield Grade.NOTICE, event.message

    def _warned(self, event: model.Warned) -> Iterator[tuple[Grade, str]]:
        yield Grade.WARNING, f"{event.rule}: {event.message}"

    def _opened(self, event: model.Opened) -> Iterator[tuple[Grade, str]]:
        bridge = self._bridge
        near = (event.tls, event.certificate, bridge.first)
        ends = (near, (event.far_tls, event.far_certificate, bridge.second))
        for tls, certificate, end in ends:
            if tls is not None:
                if isinstance(end, Side):
                    yield Grade.NOTICE, _trust(end, is_known=certificate is not None)
                yield Grade.NOTICE, f"SSL proto version used: {tls.version}"
                yield Grade.NOTICE, f"SSL connection using {tls.cipher}"
                yield Grade.NOTICE, 'SSL connection compression "none"'
                yield Grade.NOTICE, 'SSL connection expansion "none"'
                yield Grade.INFO, f"SSL key exchange by {tls.group or 'an unknown group'}"
        for certificate in (event.certificate, event.far_certificate):
            if certificate is not None:
                yield Grade.INFO, f"SSL peer cert subject: {certificate.subject}"

    def _denied(self, event: model.Denied) -> Iterator[tuple[Grade, str]]:
        yield from refusal_lines(self._bridge, event.peer, event.rule, event.reason)

    def _handshake(self, event: model.HandshakeFailed) -> Iterator[tuple[Grade, str]]:
        peer = of_text(event.peer)
        mismatch = name_mismatch(peer, event.reason)
        yield Grade.ERROR, mismatch or f"SSL_accept(): {peer}: {event.reason}"

    def _unreachable(self, event: model.ConnectFailed) -> Iterator[tuple[Grade, str]]:
        yield from failure_lines(event.reason, self._bridge)
        if event.hint:
            yield Grade.NOTICE, event.hint

    def _failed(self, event: model.SessionFailed | model.Defect) -> Iterator[tuple[Grade, str]]:
        yield Grade.ERROR, event.reason

    def _pressure(self, event: model.Pressure) -> Iterator[tuple[Grade, str]]:
        yield Grade.WARNING, f"accept: {event.what}: {event.state}"


def _trust(side: Side, *, is_known: bool) -> str:
    """Return why a peer of TLS is trusted."""
    if not is_known and side.listens:
        return "no peer certificate and no check"
    if not side.flag("openssl-verify", otherwise=True).value:
        return "option openssl-verify disabled, no check of certificate"
    name = side.text("openssl-commonname", "" if side.listens else side.own_host.value).value
    checked = "commonName matches" if name else "no check of commonName"
    return f"trusting certificate, {checked}"


def refusal_lines(bridge: Bridge, peer: str, rule: str, reason: str) -> Iterator[tuple[Grade, str]]:
    """Yield what is told of a peer who was turned away.

    Args:
        bridge: where it was.
        peer: its address.
        rule: by which option or rule.
        reason: in our own words.
    """
    why = _REASONS_OF_RULES.get(rule, f"due to {rule}: {reason}")
    side = next((each for each in bridge.sides if each.kind.role in _TAKERS), None)
    before, after = packet_refusal(side, peer) if side is not None else ("", "")
    if before:
        yield Grade.NOTICE, before
    yield Grade.WARNING, f"refusing connection from {of_text(peer)} {why}"
    if after:
        yield Grade.NOTICE, after


def _waiting(end: Side | DualSide) -> str:
    """Return how waiting for peers is called; packets are not always listened for."""
    if not isinstance(end, Side):
        return "listening on"
    if end.kind.role is Role.RECEIVE:
        return "receiving on"
    return "listening on UDP" if end.kind.transport in PACKETS else "listening on"
