"""Which fix belongs to which rule; every other rule says why it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from catflap.audit.fix import listeners, sessions, sockets, spelling, tls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from catflap.audit.fix.proposal import Proposal
    from catflap.audit.fix.site import Site

__all__ = ("FIXES", "Fixer")

Fixer: TypeAlias = "Callable[[Site], Iterator[Proposal]]"
"""Yields the fixes of one finding, the best first.

Raises:
    NotFixableError: there is none here, and why.
"""


FIXES: Mapping[str, tuple[Fixer, ...]] = {
    "abstract-socket-no-permissions": (sockets.name_path,),
    "anonymous-clients": (tls.ask_for_certificates,),
    "broad-allowlist": (listeners.narrow_network,),
    "deprecated-or-misspelt": (spelling.spell,),
    "docker-socket-exposed": (sockets.listen_on_path, sockets.close_to_others),
    "gopen-creates-file": (sockets.open_to_read,),
    "half-close-data-loss": (sessions.wait_for_answer,),
    "mode-after-bind-race": (sockets.make_narrow,),
    "no-allowlist": (listeners.allow_network,),
    "no-connection-log": (listeners.log_connections,),
    "no-timeout": (sessions.end_silence,),
    "payload-logged": (sessions.forget_payload,),
    "plaintext-exposed": (listeners.keep_on_host, listeners.encrypt),
    "privileged-port": (listeners.become_nobody,),
    "ptys-and-devices-exposed": (sockets.close_to_others, sockets.listen_on_path),
    "runs-as-root": (listeners.become_nobody,),
    "secret-in-arguments": (spelling.with_password_file,),
    "sensitive-service-exposed": (listeners.keep_on_host, sockets.listen_on_path),
    "setuid-keeps-groups": (spelling.take_groups_too,),
    "shell-interpolation": (spelling.without_shell,),
    "tls-any-name": (tls.expect_name,),
    "tls-no-ca": (tls.name_ca,),
    "tls-old-protocol": (tls.choose_protocol,),
    "tls-verify-off": (tls.verify_server,),
    "udp-amplifier": (listeners.keep_on_host,),
    "unix-socket-world-accessible": (sockets.close_to_others,),
    "unlimited-fork": (listeners.fork_limited,),
    "vulnerable-version": (spelling.with_version,),
    "weak-cipher": (tls.default_ciphers,),
    "wildcard-bind": (listeners.bind_address,),
}
"""By rule, what is tried in this order."""
