"""``catflap demo``: secure an API, attack it, show the traffic."""

from __future__ import annotations

import click

from catflap.core.errors import ExitStatus

__all__ = ("demo",)

_EPILOG = """\b
Examples:
  catflap demo                                   # a table in colour
  catflap demo --json | jq '.attempts[] | {attempt, outcome, rule}'

Exit status: 0 all went as expected, 1 something did not, 128+n ended by signal n.
"""


@click.command(epilog=_EPILOG, context_settings={"max_content_width": 100})
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def demo(*, as_json: bool) -> int:
    """Secure an API, attack it, show the traffic.

    Makes a CA in memory, starts a small API, a server bridge and a client bridge on loopback,
    sends good requests, and then tries what should not get through. It takes about six seconds
    and leaves nothing behind.
    """
    from rich.console import Console

    from catflap.prove.demo import Audience, run_demo
    from catflap.prove.plain import plain_report
    from catflap.prove.screen import Screen

    console = Console(highlight=False)
    if not as_json and console.is_terminal and not console.is_dumb_terminal:
        screen = Screen(console)
        with screen:
            result = run_demo(screen)
        if not isinstance(result, int):
            screen.report(result)
    else:
        result = run_demo(Audience())
        if not isinstance(result, int):
            click.echo(_json(result) if as_json else plain_report(result))
    if isinstance(result, int):
        click.echo("catflap: interrupted; all that the demo had started is gone", err=True)
        return result
    return ExitStatus.OK if result.ok else ExitStatus.FAILURE


def _json(report: object) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()
