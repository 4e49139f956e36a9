"""Every key that the file may hold, once: reading, help, schema and reference come from here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = (
    "ACCEPTANCE",
    "BRIDGE",
    "DEFAULTS",
    "LIMITS",
    "SERVICE",
    "TOP",
    "Key",
    "Sort",
    "find_key",
)


class Sort(Enum):
    """What a key's value is."""

    ADDRESS = "an address"
    BOOLEAN = "true or false"
    CHOICE = "one of"
    COUNT = "a whole number"
    DATE = "a date such as 2027-01-31, or a time with its zone"
    DURATION = "seconds, or a text such as '500ms', '10s', '2m', '1h'"
    HOURS = "a list of hours such as 'Mon-Fri 08:00-18:00 Europe/Berlin'"
    IDENTITIES = "a list of identities such as 'spiffe://acme/*' or 'dns:*.ci.acme.example'"
    NETWORKS = "a list of networks such as '10.0.0.0/8' or '!10.9.0.0/16'"
    PATH = "a path"
    PATHS = "a list of paths"
    RATE = "bytes a second, or a text such as '10MiB'"
    TABLE = "a table"
    TABLES = "tables by their names"
    TABLE_LIST = "a list of tables"
    TEXT = "a text"
    NUMBER = "a number"


@dataclass(frozen=True, slots=True)
class Key:
    """One key.

    Args:
        sort: what its value is.
        help: one line.
        default: what holds when it is left out, for people.
        choices: the values of a choice.
        least: the smallest number.
        most: the largest number.
        is_required: whether it must be there.
    """

    name: str
    sort: Sort
    help: str
    default: str = ""
    choices: tuple[str, ...] = ()
    least: float = 0
    most: float = 2**53
    is_required: bool = False


ACCEPTANCE: tuple[Key, ...] = (
    Key("rule", Sort.TEXT, "The rule whose finding is accepted", is_required=True),
    Key("reason", Sort.TEXT, "Why; it goes into the log at every start", is_required=True),
    Key("until", Sort.DATE, "The last day on which it is accepted", "for ever"),
)

LIMITS: tuple[Key, ...] = (
    Key("sessions", Sort.COUNT, "Sessions at once", "what the limit of open files allows"),
    Key(
        "per-source",
        Sort.COUNT,
        "Sessions at once of one source (/32, /64)",
        "256, none for this host",
    ),
    Key("per-identity", Sort.COUNT, "Sessions at once of one proven identity", "no limit"),
    Key("handshakes", Sort.COUNT, "Handshakes at once", "4096"),
    Key(
        "handshakes-per-source",
        Sort.COUNT,
        "Handshakes at once of one source",
        "64, none for this host",
    ),
    Key("rate", Sort.NUMBER, "New connections a second of one source", "100, none for this host"),
    Key(
        "burst",
        Sort.COUNT,
        "Connections that may come at once before rate counts",
        "twice the rate",
    ),
    Key(
        "penalties",
        Sort.BOOLEAN,
        "Keep sources that misbehave out for a while",
        "true, false for this host",
    ),
    Key("bandwidth", Sort.RATE, "Bytes a second of one session, each way", "no limit"),
    Key("lifetime", Sort.DURATION, "The longest that a session may last", "no limit"),
    Key("idle", Sort.DURATION, "The longest silence of a session", "1h"),
    Key("half-close", Sort.DURATION, "The longest silence once one direction has ended", "60s"),
    Key(
        "handshake",
        Sort.DURATION,
        "From accept to a finished handshake, and for that with a far side",
        "10s",
    ),
    Key(
        "connect", Sort.DURATION, "To reach the far side, and again for a handshake with it", "10s"
    ),
)

DEFAULTS: tuple[Key, ...] = (
    Key(
        "allow",
        Sort.NETWORKS,
        "Networks that peers may come from; first match decides, ! denies",
        "any",
    ),
    Key(
        "identities",
        Sort.IDENTITIES,
        "What peers must prove; first match decides, ! denies",
        "any that the listener's trust vouches for",
    ),
    Key("hours", Sort.HOURS, "When the door is open", "always"),
    Key("zone", Sort.TEXT, "The zone of hours that name none", "UTC"),
    Key("not-before", Sort.DATE, "When the bridge opens", "at once"),
    Key("not-after", Sort.DATE, "When it closes for good", "never"),
    Key(
        "on-expiry",
        Sort.CHOICE,
        "What becomes of a session whose credential expires",
        "end",
        ("end", "keep"),
    ),
    Key("crls", Sort.PATHS, "Revocation lists: files, or directories of them"),
    Key("unsafe", Sort.TABLE_LIST, "Findings of the gate that are accepted by name"),
    Key("limits", Sort.TABLE, "What one bridge may use up"),
)

BRIDGE: tuple[Key, ...] = (
    Key("listen", Sort.ADDRESS, "The near end: where peers come to", is_required=True),
    Key("connect", Sort.ADDRESS, "The far end, opened for each session", is_required=True),
    *DEFAULTS,
)

SERVICE: tuple[Key, ...] = (
    Key("workers", Sort.COUNT, "Processes that serve", "1", least=1, most=256),
    Key("drain", Sort.DURATION, "How long sessions have after SIGTERM", "30s"),
    Key("log", Sort.CHOICE, "Where events go", "stderr", ("stderr", "syslog", "journald", "none")),
    Key("log-file", Sort.PATH, "Append events to a file"),
    Key("log-format", Sort.CHOICE, "How they are written", "human", ("human", "json")),
    Key(
        "log-level",
        Sort.CHOICE,
        "The least level told",
        "info",
        ("info", "notice", "warning", "error"),
    ),
    Key(
        "log-full",
        Sort.CHOICE,
        "When denials can no longer be written",
        "refuse",
        ("refuse", "drop"),
    ),
    Key(
        "state",
        Sort.PATH,
        "The directory of the control socket, mode 0700",
        "$STATE_DIRECTORY, else /var/lib/catflap or ~/.local/state/catflap",
    ),
    Key(
        "metrics",
        Sort.TEXT,
        "Where metrics and health are served: unix:PATH or a loopback HOST:PORT",
        "nowhere",
    ),
)

TOP: tuple[Key, ...] = (
    Key("include", Sort.PATHS, "Further files, patterns allowed, relative to this one"),
    Key("defaults", Sort.TABLE, "What holds for every bridge that does not say otherwise"),
    Key("service", Sort.TABLE, "The process as a whole"),
    Key("bridge", Sort.TABLES, "The bridges"),
    Key("audit", Sort.TABLE, "Settings of catflap audit; not looked at here"),
)


def find_key(keys: tuple[Key, ...], name: str) -> Key | None:
    """Return the key of this name."""
    return next((key for key in keys if key.name == name), None)
