"""Fixes of words that are nearly right, out of use, or hold what should be elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.address.catalogue import find_kind, find_option, kinds, option_rows
from catflap.address.model import Literal
from catflap.address.rows import ParameterType
from catflap.audit.fix.proposal import Change, NotFixableError, Placeholder, Proposal
from catflap.core.spans import Span
from catflap.rules.mistakes import mistakes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.address.model import Option
    from catflap.audit.fix.site import Site
    from catflap.rules.mistakes import Mistake

__all__ = ("spell", "take_groups_too", "with_password_file", "with_version", "without_shell")

_PASSWORD = Placeholder(
    "CHANGE-ME-PASSWORD-FILE", "a file with user:password that only its user can read"
)
_VERSION = Placeholder("CHANGE-ME-NEWER-VERSION", "the tag of a version without known holes")
_SHELL_ONLY = re.compile(r"[|&;<>()$`\\\"'*?\[\]#~=%!{}\n]")
_WORD = re.compile(r"[A-Za-z0-9_-]+")


def spell(site: Site) -> Iterator[Proposal]:
    """Write a misspelt word as it is spelt, and take away what is out of use.

    Safe where one letter differs and no other word is as near: what is less near may have been
    meant otherwise.
    """
    wrong = [each for each in mistakes_of(site.bridge) if each.meant]
    if wrong and wrong[0].span == site.written:
        yield _spelt(site, wrong)
        return
    option = _option_at(site)
    yield Proposal(
        f"{option.name.text} is out of use; a peer that needs it is not reached any more",
        (site.remove_option(option),),
    )


def _spelt(site: Site, mistakes: Sequence[Mistake]) -> Proposal:
    """Return the fix of all typing errors of a command: the rule tells them as one."""
    changes, words, safe = [], [], True
    for mistake in mistakes:
        if not _WORD.fullmatch(mistake.meant):
            raise NotFixableError("what is near is no single word")
        options = mistake.side.address.options
        option = next((each for each in options if each.span == mistake.span), None)
        span = option.name.span if option is not None else mistake.span
        wrong = site.text[span.start : span.end]
        right = mistake.meant.lower() if option is not None or wrong.islower() else mistake.meant
        changes.append(site.replace(span, right))
        words.append(f"{wrong} is spelt {right}")
        safe = safe and _near(mistake, wrong.strip().lower(), option) == {_canonical(right)}
    return Proposal("; ".join(words), tuple(changes), safe=safe)


def _near(mistake: Mistake, wrong: str, option: Option | None) -> set[str]:
    """Return the canonical names of all words that are one letter away."""
    kind = mistake.side.address.kind
    if option is None or kind is None:
        rows = [(row.name, *row.aliases) for row in kinds()]
    else:
        rows = [(row.name, *row.aliases) for row in option_rows() if row.fits(kind)]
    return {
        names[0]
        for names in rows
        if any(_letters_apart(wrong, each.lower()) == 1 for each in names)
    }


def _canonical(name: str) -> str:
    option, kind = find_option(name), find_kind(name)
    return option.name if option is not None else kind.name if kind is not None else name


def _option_at(site: Site) -> Option:
    for side in site.bridge.sides:
        for option in side.address.options:
            if option.span == site.written:
                return option
    raise NotFixableError("the option is not written here")


def _letters_apart(first: str, second: str) -> int:
    """Return how many letters have to come, go or change (Levenshtein's distance)."""
    row = list(range(len(second) + 1))
    for at, letter in enumerate(first, 1):
        above, row = row, [at]
        for other, wanted in enumerate(second, 1):
            row.append(min(above[other] + 1, row[-1] + 1, above[other - 1] + (letter != wanted)))
    return row[-1]


def take_groups_too(site: Site) -> Iterator[Proposal]:
    """Give up user and groups together.

    Safe for an account by name. A number may have no account, and so no groups to take; and who
    says a group as well wants that one.
    """
    side = site.side
    for name, whole in (("setuid", "su"), ("setuid-early", "su-e")):
        option = side.last(name)
        if option is None:
            continue
        value = option.value.literal if option.value is not None else None
        group = any(side.last(each) is not None for each in ("setgid", "setgid-early"))
        safe = value is not None and not value[:1].isdigit() and not group
        change = site.replace_word(option.name, whole)
        yield Proposal(f"{whole}= takes the user's groups too", (change,), safe=safe)
        return
    raise NotFixableError("the option is not written here")


def without_shell(site: Site) -> Iterator[Proposal]:
    """Start a program without a shell in between, where its line asks nothing of a shell."""
    side = site.side
    word = side.word(ParameterType.COMMAND)
    if word is None:
        raise NotFixableError("its command is not written here")
    texts = (part.text for part in word.parts if isinstance(part, Literal))
    if any(_SHELL_ONLY.search(text) for text in texts):
        raise NotFixableError("its line asks something of the shell")
    change = site.replace_word(side.address.keyword, "EXEC")
    yield Proposal("EXEC starts the program itself: no shell reads the variable", (change,))


def with_password_file(site: Site) -> Iterator[Proposal]:
    """Let the proxy's password be read from a file."""
    option = _option_at(site)
    if option.canonical != "proxy-authorization":
        raise NotFixableError("no option reads this password from a file")
    if option.value is None or not option.value.known:
        raise NotFixableError("a variable or template holds the password")
    change = site.replace(option.span, f"proxy-authorization-file={_PASSWORD.name}")
    title = "the password is read from a file; change it, for it was seen"
    yield Proposal(title, (change,), placeholders=(_PASSWORD,))


def with_version(site: Site) -> Iterator[Proposal]:
    """Leave the tag of a newer image to the reader: which there are is not known here."""
    version = site.bridge.surroundings.version
    pinned = re.compile(rf"socat:{re.escape(version)}(?![\w.-])")
    places = [match.end() for match in pinned.finditer(site.text)]
    if len(places) != 1:
        raise NotFixableError("the image's tag is not written once")
    place = Span(places[0] - len(version), places[0])
    change = Change(place.start, place.end, _VERSION.name)
    yield Proposal("a newer image has no known hole", (change,), placeholders=(_VERSION,))
