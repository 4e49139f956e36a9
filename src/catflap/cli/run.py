"""``catflap run``: relay between two addresses."""

from __future__ import annotations

import click

from catflap.bridge.commandline import bridge_from_words
from catflap.bridge.limit_flags import LimitError, with_limits
from catflap.bridge.model import Acceptance, Flow, Limits
from catflap.cli.completion import complete_address, complete_limit, complete_rule
from catflap.cli.durations import SECONDS
from catflap.events.model import Level
from catflap.service.logging import LogOptions
from catflap.service.options import ServiceOptions
from catflap.service.service import run_bridge

__all__ = ("run",)

_EPILOG = """\b
Examples:
  # mutual TLS in front of an API on a UNIX socket
  catflap run TLS-LISTEN:8443,cert=srv.pem,cafile=ca.pem UNIX:/run/api.sock
  # the client's side of it
  catflap run TCP-LISTEN:9000 TLS:api.internal:8443,cert=me.pem,cafile=ca.pem
  # one connection, by hand
  catflap run STDIO TLS:api.internal:8443,cert=me.pem,cafile=ca.pem
  # beyond loopback: say where, and who may come
  catflap run TLS-LISTEN:8443,bind=0.0.0.0,range=[10.0.0.0/8],cert=s.pem,cafile=ca.pem UNIX:a.sock

Exit status: 0 done, 1 failed, 2 wrong words, 4 refused as unsafe, 128+n ended by signal n.
"""


@click.command(epilog=_EPILOG, context_settings={"max_content_width": 100})
@click.argument("first", metavar="ADDRESS", shell_complete=complete_address)
@click.argument("second", metavar="ADDRESS", shell_complete=complete_address)
@click.option("--once", is_flag=True, help="Serve one session, then end.")
@click.option("-u", "forward", is_flag=True, help="Only from the first address to the second.")
@click.option("-U", "backward", is_flag=True, help="Only from the second address to the first.")
@click.option(
    "--unsafe",
    multiple=True,
    metavar="RULE[=REASON]",
    shell_complete=complete_rule,
    help="Accept one finding by its name; it leaves a mark in the log.",
)
@click.option(
    "--idle-timeout", type=SECONDS, help="End a session after so long without a byte (1h)."
)
@click.option(
    "--half-close-timeout",
    type=SECONDS,
    default=60.0,
    help="Wait so long without a byte after one side ended (60s).",
)
@click.option("--handshake-timeout", type=SECONDS, default=10.0, help="Limit of a handshake (10s).")
@click.option("--connect-timeout", type=SECONDS, default=10.0, help="Limit of a connect (10s).")
@click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="NAME=VALUE",
    shell_complete=complete_limit,
    help="A limit as in the file: sessions, per-source, per-identity, handshakes, "
    "handshakes-per-source, rate, burst, penalties, bandwidth, lifetime, idle.",
)
@click.option(
    "--drain-timeout",
    type=SECONDS,
    default=30.0,
    help="After SIGTERM, sessions have so long (30s).",
)
@click.option(
    "--log",
    "target",
    type=click.Choice(["stderr", "syslog", "journald", "none"]),
    default="stderr",
    help="Where events go, unless --log-file says (stderr).",
)
@click.option(
    "--log-file", metavar="FILE", type=click.Path(), default="", help="Append events to a file."
)
@click.option(
    "--log-format",
    type=click.Choice(["human", "json"]),
    default="human",
    help="How an event is written: a line for people, or a JSON object (human).",
)
@click.option(
    "--log-level",
    type=click.Choice([level.value for level in Level]),
    help="The least level told (info when serving, else warning).",
)
@click.option(
    "--log-full",
    type=click.Choice(["refuse", "drop"]),
    default="refuse",
    help="When denials can no longer be written: refuse new sessions, or go on.",
)
@click.option("--control", is_flag=True, help="Let catflap status, sessions, end, reload ask it.")
@click.option(
    "--state",
    metavar="DIR",
    type=click.Path(),
    default="",
    help="The directory of the control socket; asks for it.",
)
@click.option(
    "--metrics",
    metavar="WHERE",
    default="",
    help="Serve metrics and health there: unix:PATH, or HOST:PORT on loopback.",
)
@click.option(
    "--dump", type=click.Choice(["text", "hex"]), help="Show the payload on the standard error."
)
def run(  # noqa: PLR0913 - one argument a flag
    first: str,
    second: str,
    *,
    once: bool,
    forward: bool,
    backward: bool,
    unsafe: tuple[str, ...],
    idle_timeout: float | None,
    half_close_timeout: float,
    handshake_timeout: float,
    connect_timeout: float,
    limits: tuple[str, ...],
    drain_timeout: float,
    target: str,
    log_file: str,
    log_format: str,
    log_level: str | None,
    log_full: str,
    control: bool,
    state: str,
    metrics: str,
    dump: str | None,
) -> int:
    """Relay between two ADDRESSes, safely.

    A listener as the first address keeps serving; it listens on loopback unless bind= says
    otherwise. TLS is 1.3 and mutual. What a reviewer would refuse is refused, with the reason.
    """
    if forward and backward:
        raise click.UsageError("-u and -U exclude each other")
    flow = Flow.FORWARD if forward else Flow.BACKWARD if backward else Flow.BOTH
    bridge = bridge_from_words(
        first,
        second,
        flow=flow,
        once=once,
        limits=_limits(
            Limits(handshake_timeout, connect_timeout, half_close_timeout, idle_timeout), limits
        ),
        accepted=tuple(_acceptance(text) for text in unsafe),
    )
    level = Level(log_level) if log_level else None
    log = LogOptions(log_format, log_file, target, level, drop_when_full=log_full == "drop")
    return run_bridge(
        bridge,
        ServiceOptions(
            log,
            drain_timeout,
            dump or "",
            control=control or bool(state),
            state=state,
            metrics=metrics,
        ),
    )


def _limits(limits: Limits, words: tuple[str, ...]) -> Limits:
    try:
        return with_limits(limits, words)
    except LimitError as error:
        raise click.BadParameter(str(error), param_hint="--limit") from error


def _acceptance(text: str) -> Acceptance:
    rule, _, reason = text.partition("=")
    return Acceptance(rule, reason)
