"""``catflap init``: a catflap.toml to begin with, from what lies there or what a person answers."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from catflap.address.check import check
from catflap.address.networks import NetworkError, parse_networks
from catflap.address.syntax import parse
from catflap.bridge.identities import PolicyError, parse_identity
from catflap.core.errors import OperationError, UsageError
from catflap.core.spans import printable
from catflap.survey.directory import found_here

if TYPE_CHECKING:
    from catflap.survey.directory import Here

__all__ = ("init",)

_PORTS = 2**16
_EPILOG = """\b
Examples:
  catflap init                        look around, ask, write catflap.toml
  catflap init --connect UNIX:/run/api.sock --allow 10.0.0.0/8 -o /etc/catflap.toml
  catflap init --yes -o -             ask nothing, print it
"""


@click.command(epilog=_EPILOG)
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    metavar="FILE",
    default="catflap.toml",
    help="Where to; - prints it.",
)
@click.option("--name", default="api", help="Of the bridge.")
@click.option("--listen", metavar="PORT", help="The port that clients connect to.")
@click.option(
    "--connect", metavar="ADDRESS", help="What is to be secured: TCP:HOST:PORT, UNIX:PATH."
)
@click.option("--allow", metavar="NETWORK", multiple=True, help="Where clients come from.")
@click.option(
    "--identity", metavar="NAME", multiple=True, help="Who they are: spiffe://..., dns:..."
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("-y", "--yes", is_flag=True, help="Ask nothing.")
def init(  # noqa: PLR0913 - one argument a flag
    output: str,
    *,
    name: str,
    listen: str | None,
    connect: str | None,
    allow: tuple[str, ...],
    identity: tuple[str, ...],
    force: bool,
    yes: bool,
) -> None:
    """Write a commented catflap.toml for what is found in this directory, or asked."""
    if output != "-" and os.path.lexists(output) and not force:
        raise UsageError(
            f"{output} is there already", hint="--force writes over it; -o names another"
        )
    here = found_here(".")
    if output != "-" and os.path.dirname(os.path.abspath(output)) != os.getcwd():
        here = here.from_elsewhere()
    asks = not yes and sys.stdin.isatty() and output != "-"
    if connect is None:
        connect = here.connect[0] if here.connect else "TCP:127.0.0.1:8080"
        connect = _ask("What is to be secured", connect) if asks else connect
    if listen is None:
        listen = _ask("The port that clients connect to", "8443") if asks else "8443"
    if not allow and asks:
        allow = tuple(_ask("Networks they come from", "10.0.0.0/8").replace(",", " ").split())
    _check(listen, connect, allow, identity)
    text = _text(here, name, listen, connect, allow or ("10.0.0.0/8",), identity)
    if output == "-":
        click.echo(text, nl=False)
        return
    _write(output, text, force=force)
    click.echo(f"wrote {output}; catflap check {output} says what it lacks")


def _check(listen: str, connect: str, allow: tuple[str, ...], identity: tuple[str, ...]) -> None:
    """Refuse what would make a file that is wrong.

    Raises:
        UsageError: with what was expected.
    """
    if not (listen.isascii() and listen.isdecimal() and 0 < int(listen) < _PORTS):
        raise UsageError(f"--listen {printable(listen)} is no port", hint="from 1 to 65535")
    for network in allow:
        try:
            parse_networks(f"[{network}]")
        except NetworkError as error:
            hint = "ADDRESS/BITS, perhaps with ! in front"
            raise UsageError(f"--allow {printable(network)}: {error}", hint=hint) from None
    for each in identity:
        try:
            parse_identity(each)
        except PolicyError as error:
            raise UsageError(f"--identity {printable(each)}: {error}") from None
    problems = check(parse(connect))
    if problems:
        raise UsageError(problems[0].message, problems=tuple(problems))


def _ask(question: str, proposal: str) -> str:
    answer: str = click.prompt(question, default=proposal, err=True)
    return answer


def _write(path: str, text: str, *, force: bool) -> None:
    try:
        with open(path, "w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise OperationError(message) from error


def _quoted(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(_string(text) for text in texts) + "]"


def _string(text: str) -> str:
    """Return a TOML string."""
    if "'" not in text and text.isprintable():
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'


def _text(  # noqa: PLR0913 - one argument a fact
    here: Here,
    name: str,
    listen: str,
    connect: str,
    allow: tuple[str, ...],
    identity: tuple[str, ...],
) -> str:
    certificate = here.server or "srv.pem"
    key = f",key={here.key}" if here.key else ""
    authority = here.authority or "ca.pem"
    found = [
        f"# {what}: {path}" for what, path in (
            ("found a server certificate", here.server),
            ("found its key", here.key),
            ("found an authority", here.authority),
        ) if path
    ]  # fmt: skip
    missing = [
        f"# CHANGE ME: {path} is not there yet"
        for path, there in ((certificate, here.server), (authority, here.authority))
        if not there
    ]
    bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    table = name if bare else _string(name)
    names = _quoted(identity) if identity else "['spiffe://example.org/*', 'dns:*.example.org']"
    lines = [
        "# catflap.toml: who may talk to what. docs/reference/configuration.md has every key.",
        "#   catflap check catflap.toml    every problem at once, nothing is opened",
        "#   catflap up catflap.toml       serve; reloads by itself when a file changes",
        "",
        f"[bridge.{table}]",
        "# Clients come by mutual TLS 1.3: cert is shown to them, cafile vouches for theirs.",
        "# Without bind= only this host is served; bind=ADDRESS opens one address of it.",
        *found,
        *missing,
        f"listen = {_string(f'TLS-LISTEN:{listen},cert={certificate}{key},cafile={authority}')}",
        f"connect = {_string(connect)}",
        "# Where clients come from: first match decides, '!' denies, no match is a no.",
        f"allow = {_quoted(tuple(dict.fromkeys(('127.0.0.0/8', '::1', *allow))))}",
        "# Who they are, by the names in their certificates. Without it: everybody whom cafile",
        "# vouches for. Also ip:, email:, pin:sha256:, cn:, ou:.",
        f"{'' if identity else '# '}identities = {names}",
        "# When: hours = ['Mon-Fri 08:00-18:00 Europe/Berlin']",
        "# Revoked certificates: crls = ['revoked.pem']",
        "",
        f"[bridge.{table}.limits]",
        "# Each has a finite default; 0 switches one off.",
        "# sessions = 1000",
        "# per-source = 50",
        "# idle = '1h'",
        "",
        "[service]",
        "# workers = 2",
        "# log-format = 'json'",
        "# metrics = '127.0.0.1:9464'",
    ]
    return "\n".join(lines) + "\n"
