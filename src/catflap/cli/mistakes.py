"""What is wrong with the words of a command, in the shape that every other error has.

click finds the mistake; here it becomes one line, the command line with a caret under the
word, and the nearest word that would have been right.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from catflap.core.errors import UsageError
from catflap.core.spans import Problem, Span, nearest, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ("mistake",)

_PROGRAM = "catflap"
_EXTRA = "Got unexpected extra argument"
# What the flags of socat are called by ``catflap run`` (docs/how-to/coming-from-socat.md).
_FROM_SOCAT = {
    "-t": "socat's -t is --half-close-timeout SECONDS here",
    "-T": "socat's -T is --idle-timeout SECONDS here",
    "-d": "connections are logged anyway; --log-level says how much",
    "-v": "socat's -v is --dump text here",
    "-x": "socat's -x is --dump hex here",
    "-l": "socat's -lf FILE is --log-file FILE here, and its -ly is --log syslog",
}


def mistake(error: click.UsageError, arguments: Sequence[str]) -> UsageError:
    """Return the error of a command's words as one with a place.

    Args:
        error: what click found.
        arguments: the words after ``catflap``.
    """
    words = [_PROGRAM, *arguments]
    name = _command(error, arguments)
    if isinstance(error, click.NoSuchOption):
        return _no_such_option(error, name, words)
    if isinstance(error, click.MissingParameter):
        problem = _problem(f"{name} lacks {_named(error.param)}", words, _end(words))
        return _told(problem, _usage(error))
    if isinstance(error, click.BadParameter):
        return _bad_value(error, name, words)
    if isinstance(error, click.BadOptionUsage):
        message = f"{error.option_name} needs a value"
        return _told(_problem(message, words, _place(words, error.option_name)), _help_of(name))
    extra = error.message.partition(_EXTRA)[2].partition("(")[2].rpartition(")")[0]
    if extra:
        # Several are told joined by spaces; the caret goes below the first.
        place = next((_whole(words, at) for at in _words_of(words, extra)), _end(words))
        return _told(_problem(f"{extra} is one word too many", words, place), _usage(error))
    return UsageError(error.message, hint=_help_of(name))


def _command(error: click.UsageError, arguments: Sequence[str]) -> str:
    if error.ctx is not None:
        return error.ctx.info_name or _PROGRAM
    # click's parser has no context to give.
    return next((word for word in arguments if not word.startswith("-")), _PROGRAM)


def no_such_command(name: str, arguments: Sequence[str], known: Iterable[str]) -> UsageError:
    """Return the error of a first word that is no command."""
    words = [_PROGRAM, *arguments]
    close = nearest(name, known)
    problem = _problem(f"{printable(name)} is no command", words, _place(words, name), close)
    if name == "help":
        return _told(problem, "catflap --help tells all commands; catflap COMMAND --help one")
    if ":" in name or name in {"-", "STDIO"}:
        return _told(problem, "catflap run ADDRESS ADDRESS relays between two addresses")
    return _told(problem, "" if close else "catflap --help tells all commands")


def _no_such_option(error: click.NoSuchOption, name: str, words: list[str]) -> UsageError:
    option = error.option_name
    known = [] if error.ctx is None else _options(error.ctx)
    close = nearest(option, known) if option.startswith("--") else ""
    problem = _problem(f"{name} has no option {option}", words, _place(words, option), close)
    hint = _FROM_SOCAT.get(option, "") if name == "run" else ""
    return _told(problem, hint or ("" if close else _help_of(name)))


def _bad_value(error: click.BadParameter, name: str, words: list[str]) -> UsageError:
    parameter = error.param
    label = error.param_hint if isinstance(error.param_hint, str) else _named(parameter)
    options = list(parameter.opts) if isinstance(parameter, click.Option) else [label]
    value, place = _value(words, options, error.message)
    message, close = f"{label}: {error.message}", ""
    if parameter is not None and value:
        type_ = parameter.type
        if isinstance(type_, click.Choice):
            choices = [str(choice) for choice in type_.choices]
            what = label if isinstance(parameter, click.Option) else f"what {name} is given"
            message = f"{what} cannot be {value}; expected {_either(choices)}"
            close = nearest(value, choices)
        elif isinstance(type_, click.types.IntParamType):
            message = f"{label} cannot be {value}; expected a whole number{_range(type_)}"
    return _told(_problem(message, words, place, close), "" if place else _help_of(name))


def _range(type_: click.types.IntParamType) -> str:
    if not isinstance(type_, click.IntRange) or type_.min is None:
        return ""
    return f" from {type_.min}" + ("" if type_.max is None else f" to {type_.max}")


def _either(choices: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(choices[:-1]), choices[-1])))


def _value(words: list[str], options: list[str], message: str) -> tuple[str, Span | None]:
    """Return what was given to the parameter that a message is about, and where it stands."""
    found: tuple[str, Span | None] = ("", None)
    for at, word in enumerate(words):
        name, joined, value = word.partition("=")
        if joined and name in options:
            whole = _whole(words, at)
            # A quoted word has its quotes around the option too: then all of it is marked.
            plain = shlex.quote(word) == word
            found = value, Span(whole.start + len(name) + 1, whole.end) if plain else whole
        elif word in options and at + 1 < len(words):
            found = words[at + 1], _whole(words, at + 1)
        elif at and message.startswith(f"{word!r} "):
            found = word, _whole(words, at)
        if found[0] and found[0] in message:
            break
    return found


def _place(words: list[str], name: str) -> Span | None:
    """Return where an option or a command stands, also when a value or letters are joined to it."""
    for at, word in enumerate(words[1:], 1):
        letters = len(name) == len("-x") and word.startswith("-") and not word.startswith("--")
        if word.partition("=")[0] == name or (letters and name[1] in word):
            whole = _whole(words, at)
            plain = shlex.quote(word) == word
            return Span(whole.start, whole.start + len(name)) if plain and "=" in word else whole
    return None


def _words_of(words: list[str], extra: str) -> list[int]:
    first = extra.partition(" ")[0]
    return [at for at, word in enumerate(words) if at and word == first][-1:]


def _whole(words: list[str], at: int) -> Span:
    start = len(shlex.join(words[:at])) + (at > 0)
    return Span(start, start + len(shlex.quote(words[at])))


def _end(words: list[str]) -> Span:
    length = len(shlex.join(words))
    return Span(length, length)


def _problem(message: str, words: list[str], place: Span | None, close: str = "") -> Problem:
    source = shlex.join(words) if place is not None else ""
    return Problem(message, place or Span(0, 0), source, nearest=close)


def _told(problem: Problem, hint: str) -> UsageError:
    if not problem.source:
        return UsageError(problem.sentence(), hint=hint)
    return UsageError(problem.message, (problem,), hint)


def _named(parameter: click.Parameter | None) -> str:
    if parameter is None:
        return "a word"
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    if isinstance(parameter.type, click.Choice):
        return _either([str(choice) for choice in parameter.type.choices])
    return parameter.metavar or (parameter.name or "").upper()


def _options(context: click.Context) -> list[str]:
    return [
        name
        for parameter in context.command.get_params(context)
        if isinstance(parameter, click.Option)
        for name in parameter.opts
        if name.startswith("--")
    ]


def _usage(error: click.UsageError) -> str:
    context = error.ctx
    if context is None:
        return f"{_PROGRAM} COMMAND"
    pieces = context.command.collect_usage_pieces(context)
    return " ".join([context.command_path, *pieces])


def _help_of(name: str) -> str:
    return f"{_PROGRAM} --help" if name == _PROGRAM else f"{_PROGRAM} {name} --help"
