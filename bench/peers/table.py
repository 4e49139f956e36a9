"""The peers, one row each: the settings of ``shared/bench``, one process or worker each."""

from __future__ import annotations

from bench.peers.model import Command, Door, Peer

__all__ = ("DIRECT", "OURS", "PEERS")

_EVERY = frozenset(Door)
_TLS = _EVERY - {Door.PLAIN}
_SOCAT = "bind=127.0.0.1,reuseaddr,fork,backlog=512"
_SOCAT_SERVER = f"{_SOCAT},cert=@SERVER_PEM@"
_BACKEND = "TCP:127.0.0.1:@BACKEND@"


def _socat(door: Door, left: str, right: str) -> Command:
    return Command(frozenset({door}), ("@PROGRAM@", left, right))


def _catflap(door: Door, left: str, right: str, *unsafe: str) -> Command:
    """Return our command: the guard and the event log are on, as a user has them."""
    log = ("--log-file", f"@DIR@/{door.value.lower()}.jsonl", "--log-format", "json")
    accepted = tuple(word for rule in unsafe for word in ("--unsafe", rule))
    return Command(frozenset({door}), ("@PROGRAM@", "run", *log, *accepted, left, right))


DIRECT = Peer("direct", "")  # the load straight on the backend

OURS = Peer(
    "catflap",
    "catflap",
    (
        _catflap(Door.PLAIN, "TCP-LISTEN:@PLAIN@,bind=127.0.0.1", _BACKEND),
        _catflap(
            Door.TLS_FRONT,
            "TLS-LISTEN:@TLS_FRONT@,bind=127.0.0.1,cert=@SERVER_PEM@,verify=0",
            _BACKEND,
            "anonymous-clients",
        ),
        _catflap(
            Door.PAIR_SERVER,
            "TLS-LISTEN:@PAIR_SERVER@,bind=127.0.0.1,cert=@SERVER_PEM@,cafile=@CA@",
            _BACKEND,
        ),
        _catflap(
            Door.PAIR_CLIENT,
            "TCP-LISTEN:@PAIR_CLIENT@,bind=127.0.0.1",
            "TLS:localhost:@PAIR_FAR@,cert=@CLIENT_PEM@,cafile=@CA@",
        ),
    ),
    version=("--version",),
    stdio=("run", "-", _BACKEND),
)

PEERS = (
    OURS,
    DIRECT,
    Peer(
        "socat",
        "socat",
        (
            _socat(Door.PLAIN, f"TCP-LISTEN:@PLAIN@,{_SOCAT}", _BACKEND),
            _socat(
                Door.TLS_FRONT, f"OPENSSL-LISTEN:@TLS_FRONT@,{_SOCAT_SERVER},verify=0", _BACKEND
            ),
            _socat(
                Door.PAIR_SERVER,
                f"OPENSSL-LISTEN:@PAIR_SERVER@,{_SOCAT_SERVER},cafile=@CA@",
                _BACKEND,
            ),
            _socat(
                Door.PAIR_CLIENT,
                f"TCP-LISTEN:@PAIR_CLIENT@,{_SOCAT}",
                "OPENSSL:localhost:@PAIR_FAR@,cert=@CLIENT_PEM@,cafile=@CA@",
            ),
        ),
        most_idle=1000,  # a process a session
        version=("-V",),
        stdio=("-", _BACKEND),
    ),
    Peer(
        "haproxy",
        "haproxy",
        (Command(_EVERY, ("@PROGRAM@", "-db", "-f", "@CONFIG@")),),
        config="haproxy.cfg",
        version=("-v",),
    ),
    Peer(
        "nginx",
        "nginx",
        (Command(_EVERY, ("@PROGRAM@", "-e", "@LOG@", "-p", "@DIR@", "-c", "@CONFIG@")),),
        config="nginx.cfg",
        version=("-v",),
    ),
    Peer(
        "stunnel",
        "stunnel",
        (Command(_TLS, ("@PROGRAM@", "@CONFIG@")),),
        config="stunnel.cfg",
        version=("-version",),
    ),
)
