"""What admission costs, with a thousand networks and identities: ``python -m bench.guard``."""

from __future__ import annotations

import timeit

from catflap.address.networks import parse_networks
from catflap.bridge.identities import parse_identity
from catflap.bridge.policy import Policy
from catflap.core.nouns import CertificateFacts, Identity, Peer
from catflap.guard.guard import Guard

__all__ = ("main",)

_ROUNDS = 500


def _guard() -> Guard:
    """Return a guard whose last entries are those that match."""
    networks = ",".join(f"10.{i // 250}.{i % 250}.0/{24 + i % 9}" for i in range(999))
    kinds = ("dns:host{0}.acme.example", "dns:*.team{0}.acme.example", "uri:spiffe://acme/t{0}/*",
             "email:u{0}@acme.example", "cn:host{0}")  # fmt: skip
    names = [kinds[i % len(kinds)].format(i) for i in range(999)]
    names.append("uri:spiffe://acme/billing/**")
    policy = Policy(
        networks=parse_networks(f"[{networks},192.0.2.0/24]"),
        identities=tuple(parse_identity(name) for name in names),
    )
    return Guard(policy=policy, demands_certificate=True)


def main() -> None:
    """Print microseconds for both questions together."""
    guard = _guard()
    peer = Peer("192.0.2.77", 40_000)
    facts = CertificateFacts(
        subject="CN=billing",
        issuer="CN=ca",
        serial="1",
        not_before=0.0,
        not_after=2e9,
        fingerprint="",
        dns=("billing.acme.example",),
        uris=("spiffe://acme/billing/eu/1",),
        common_names=("billing",),
    )
    identity = Identity(facts)

    def ask() -> bool:
        return guard.admit(peer).allowed and guard.authorise(identity, 1e9).allowed

    if not ask():
        raise SystemExit("the guard's answer is wrong")
    # Many short runs: on a machine that does other things too, some of them are left alone.
    best = min(timeit.repeat(ask, number=_ROUNDS, repeat=200)) / _ROUNDS
    print(f"admit and authorise, 1,000 networks and 1,000 identities: {best * 1e6:.1f} us")


if __name__ == "__main__":
    main()
