"""The list of all rules; a new one takes its file and one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.rules import (
    abstract_socket_no_permissions,
    anonymous_clients,
    broad_allowlist,
    curve_pinned,
    deprecated_or_misspelt,
    docker_socket_exposed,
    gopen_creates_file,
    half_close_data_loss,
    key_in_repository,
    mode_after_bind_race,
    no_allowlist,
    no_connection_log,
    no_timeout,
    payload_logged,
    plaintext_exposed,
    plaintext_to_remote,
    private_key_exposed,
    privileged_port,
    proxy_plaintext_credentials,
    ptys_and_devices_exposed,
    remote_shell,
    runs_as_root,
    secret_in_arguments,
    self_signed_peer,
    sensitive_service_exposed,
    setuid_keeps_groups,
    shell_interpolation,
    tls_any_name,
    tls_no_ca,
    tls_old_protocol,
    tls_verify_off,
    udp_amplifier,
    unix_socket_world_accessible,
    unknown_option,
    unlimited_fork,
    vulnerable_version,
    weak_cipher,
    weak_key_or_signature,
    wildcard_bind,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding
    from catflap.rules.rule import Rule

__all__ = ("RULES", "find_rule", "judge_bridge")

RULES: tuple[Rule, ...] = (
    remote_shell.RULE,
    docker_socket_exposed.RULE,
    sensitive_service_exposed.RULE,
    ptys_and_devices_exposed.RULE,
    plaintext_exposed.RULE,
    anonymous_clients.RULE,
    tls_no_ca.RULE,
    tls_verify_off.RULE,
    tls_any_name.RULE,
    private_key_exposed.RULE,
    key_in_repository.RULE,
    weak_cipher.RULE,
    weak_key_or_signature.RULE,
    tls_old_protocol.RULE,
    shell_interpolation.RULE,
    plaintext_to_remote.RULE,
    proxy_plaintext_credentials.RULE,
    no_allowlist.RULE,
    broad_allowlist.RULE,
    unlimited_fork.RULE,
    no_timeout.RULE,
    vulnerable_version.RULE,
    wildcard_bind.RULE,
    runs_as_root.RULE,
    setuid_keeps_groups.RULE,
    unix_socket_world_accessible.RULE,
    abstract_socket_no_permissions.RULE,
    self_signed_peer.RULE,
    secret_in_arguments.RULE,
    payload_logged.RULE,
    udp_amplifier.RULE,
    mode_after_bind_race.RULE,
    unknown_option.RULE,
    deprecated_or_misspelt.RULE,
    privileged_port.RULE,
    no_connection_log.RULE,
    half_close_data_loss.RULE,
    gopen_creates_file.RULE,
    curve_pinned.RULE,
)


def find_rule(slug: str) -> Rule | None:
    """Return the rule of this name."""
    return next((rule for rule in RULES if rule.slug == slug), None)


def judge_bridge(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Yield the findings of all rules, worst first."""
    found = [finding for rule in RULES for finding in rule.check(bridge, facts)]
    yield from sorted(found, key=lambda each: (-each.severity, -each.confidence, each.rule))
