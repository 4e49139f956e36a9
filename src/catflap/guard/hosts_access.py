"""The tables hosts.allow and hosts.deny, read and judged without asking anybody.

A peer is let in by the first line of hosts.allow that fits; else kept out by the first line of
hosts.deny that fits; else let in. What cannot be known here counts against the peer: a pattern
that needs a name, a user or our own address, where that is not known, fits in hosts.deny and not
in hosts.allow. A line that would run a command, and names our service, is an error.

Source: hosts_access(5), hosts_options(5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from catflap.core.nouns import Decision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ("Client", "Line", "TableError", "judge", "read_table")

_RULE = "tcpwrap"
_SEPARATORS = re.compile(r"[,\s]+")


class TableError(ValueError):
    """A table cannot be followed.

    Args:
        message: why.
        line: number of the line in the table, from 1.
    """

    def __init__(self, message: str, line: int) -> None:
        """Keep the place."""
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks: its numeric address, and the names that are known of it."""

    address: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table that concerns our service.

    Args:
        clients: patterns of peers, groups parted by EXCEPT.
        number: of the line, from 1.
        text: as it was written.
        verdict: what an option of the line says instead of its table: ``allow``, ``deny``.
        of_an_address: holds for one of our own addresses only, and it is not known which a peer
            came to.
    """

    clients: tuple[tuple[str, ...], ...]
    number: int
    text: str
    verdict: str = ""
    of_an_address: bool = False


def read_table(text: str, service: str) -> tuple[Line, ...]:
    """Return the lines of a table that concern a service.

    Args:
        text: the whole table.
        service: its name as the lines give it.

    Raises:
        TableError: a line that concerns it cannot be followed.
    """
    found = (_line(line, number, service) for number, line in _joined(text))
    return tuple(line for line in found if line is not None)


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Yield lines with their numbers; a backslash at the end joins the next one."""
    pending, start = "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        start = start if pending else number
        if raw.endswith("\\"):
            pending += raw[:-1]
            continue
        whole, pending = pending + raw, ""
        if whole.strip() and not whole.lstrip().startswith("#"):
            yield start, whole
    if pending:
        message = "the last line ends in a backslash"
        raise TableError(message, start)


def _line(text: str, number: int, service: str) -> Line | None:
    fields = _split(text)
    if len(fields) < 2:
        message = "a line is SERVICES : PEERS"
        raise TableError(message, number)
    daemons = _groups(fields[0], number)
    if not _concerns(daemons, service):
        return None
    options = [field.strip() for field in fields[2:] if field.strip()]
    verdict = ""
    if options and options[-1].lower() in {"allow", "deny"}:
        verdict = options.pop().lower()
    if options:
        message = f"{options[0]} is not done here"
        raise TableError(message, number)
    ours = [word for word in daemons[0] if _is_service(word, service)]
    clients = _groups(fields[1], number)
    return Line(clients, number, text.strip(), verdict, all("@" in word for word in ours))


def _split(text: str) -> list[str]:
    """Split at colons that are neither escaped nor inside the brackets of an IPv6 address."""
    fields, field, depth, escaped = [], "", 0, False
    for char in text:
        if escaped:
            field, escaped = field + char, False
        elif char == "\\":
            escaped = True
        elif char == ":" and depth == 0:
            fields.append(field)
            field = ""
        else:
            depth += (char == "[") - (char == "]" and depth > 0)
            field += char
    return [*fields, field]


def _groups(text: str, number: int) -> tuple[tuple[str, ...], ...]:
    groups: list[list[str]] = [[]]
    for word in filter(None, _SEPARATORS.split(text)):
        if word.upper() == "EXCEPT":
            groups.append([])
        else:
            groups[-1].append(word)
    if not all(groups):
        message = "a list is empty"
        raise TableError(message, number)
    return tuple(tuple(group) for group in groups)


def _concerns(groups: tuple[tuple[str, ...], ...], service: str) -> bool:
    """Whether ``A EXCEPT B EXCEPT C`` holds a service: A does, unless B does, unless C does."""
    first, *rest = groups
    if not any(_is_service(word, service) for word in first):
        return False
    return not (rest and _concerns(tuple(rest), service))


def _is_service(word: str, service: str) -> bool:
    name = word.partition("@")[0]
    return name.upper() == "ALL" or fnmatchcase(service.lower(), name.lower())


def judge(allow: tuple[Line, ...], deny: tuple[Line, ...], client: Client) -> Decision:
    """Decide about a peer by both tables.

    Args:
        allow: lines of hosts.allow that concern the service.
        deny: lines of hosts.deny that do.
        client: who asks.
    """
    for lines, name in ((allow, "hosts.allow"), (deny, "hosts.deny")):
        for line in lines:
            allows = (line.verdict or name.removeprefix("hosts.")) == "allow"
            if allows and line.of_an_address:
                continue
            if _clients_fit(line.clients, client, unknown=not allows):
                where = f"line {line.number} of {name}"
                return Decision(
                    allowed=allows,
                    rule=_RULE,
                    reason=f"{client.address} fits {where}",
                    mend="" if allows else f"a line in hosts.allow, or a narrower {where}",
                    entry=line.text,
                )
    return Decision(allowed=True, rule=_RULE, reason="no line of hosts.deny fits")


def _clients_fit(groups: tuple[tuple[str, ...], ...], client: Client, *, unknown: bool) -> bool:
    """Whether a list of peers fits; what is taken out of it is doubted the other way round."""
    first, *rest = groups
    if not any(_client_fits(word, client, unknown=unknown) for word in first):
        return False
    return not (rest and _clients_fit(tuple(rest), client, unknown=not unknown))


def _client_fits(word: str, client: Client, *, unknown: bool) -> bool:
    """Whether a pattern of peers fits; ``unknown`` is the answer where we cannot know."""
    user, at, host = word.rpartition("@")
    if at and not user:
        # A netgroup: nobody is asked about it.
        return unknown
    if at and user.upper() not in {"ALL", "UNKNOWN"}:
        return unknown and _host_fits(host, client, unknown=unknown)
    return _host_fits(host, client, unknown=unknown)


def _host_fits(pattern: str, client: Client, *, unknown: bool) -> bool:
    wildcard = _WILDCARDS.get(pattern.upper())
    if wildcard is not None:
        return wildcard(client)
    if pattern.startswith("/"):
        # A file of patterns is not read here.
        return unknown
    lower = pattern.lower()
    numeric = _fits_address(lower, client.address)
    if numeric is not None:
        return numeric
    if any(_name_fits(lower, name.lower()) for name in client.names):
        return True
    if set(lower) & set("*?") and fnmatchcase(client.address, lower):
        return True
    # A name that the peer may bear without our knowing it.
    return unknown and not client.names


def _fits_address(pattern: str, address: str) -> bool | None:
    """Whether an address fits a pattern of addresses; ``None`` where it is one of names."""
    if "/" in pattern or pattern.startswith("["):
        return _in_network(pattern, address)
    if pattern.endswith(".") and pattern.replace(".", "").isdigit():
        return address.startswith(pattern)
    return _same(pattern, address) if _is_address(pattern) else None


def _name_fits(pattern: str, name: str) -> bool:
    if pattern.startswith("."):
        return name.endswith(pattern)
    return fnmatchcase(name, pattern)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _same(text: str, address: str) -> bool:
    try:
        return ip_address(text) == ip_address(address.partition("%")[0])
    except ValueError:
        return False


def _in_network(pattern: str, address: str) -> bool:
    """Whether an address is in NET/BITS, NET/MASK or [NET]/BITS."""
    host, slash, bits = pattern.partition("/")
    bare = host.removeprefix("[").removesuffix("]")
    try:
        network = ip_network(f"{bare}/{bits}" if slash else bare, strict=False)
        return ip_address(address.partition("%")[0]) in network
    except ValueError:
        return False


_WILDCARDS: dict[str, Callable[[Client], bool]] = {
    "ALL": lambda _client: True,
    "LOCAL": lambda client: any("." not in name for name in client.names),
    "KNOWN": lambda client: bool(client.names),
    "UNKNOWN": lambda client: not client.names,
    # Names come from this host's own table, and none of them can lie.
    "PARANOID": lambda _client: False,
}
