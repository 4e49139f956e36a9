"""One address under a dialect, answering in effective values."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from catflap.address.model import Dual, Literal, arguments, options_named
from catflap.address.networks import NetworkRule, numeric_host, split_host_port
from catflap.address.rows import Group, ParameterType, Role, Transport
from catflap.address.values import ValueProblem, read_named
from catflap.address.via import DEEPEST_VIA, PROXY_PORT, SOCKS_PORT, is_proxied, through
from catflap.bridge.effective import Dialect, Effective, default, said, unknown
from catflap.core.surroundings import NOWHERE, Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.address.model import Address, Option, Word
    from catflap.address.rows import Kind
    from catflap.address.values import Value
    from catflap.core.spans import Span

__all__ = ("FILE_OPTIONS", "Side", "is_loopback", "split_host_port")

_INTERNET = frozenset(
    {
        Transport.TCP,
        Transport.TLS,
        Transport.UDP,
        Transport.DTLS,
        Transport.UDPLITE,
        Transport.SCTP,
        Transport.DCCP,
    }
)
FILE_OPTIONS = frozenset(
    {
        "openssl-certificate",
        "openssl-key",
        "openssl-cafile",
        "openssl-capath",
        "openssl-dhparam",
        "lockfile",
        "waitlock",
        "history-file",
        "symbolic-link",
        "proxy-authorization-file",
        "tcpwrap-etc",
        "tcpwrap-hosts-allow-table",
        "tcpwrap-hosts-deny-table",
    }
)
"""Options that name a file, which ``chdir`` moves."""

_ENCRYPTED = frozenset({Transport.TLS, Transport.DTLS})


@dataclass(frozen=True, slots=True)
class Side:
    """One address, the text it was written in, the dialect whose defaults hold, and where."""

    address: Address
    dialect: Dialect
    source: str = field(default="", compare=False)
    surroundings: Surroundings = field(default=NOWHERE, compare=False)

    @property
    def kind(self) -> Kind:
        """The row of its kind.

        Raises:
            ValueError: the keyword is unknown; a checked address never has that.
        """
        if self.address.kind is None:
            message = f"{self.address.keyword.text} is not an address kind"
            raise ValueError(message)
        return self.address.kind

    @property
    def listens(self) -> bool:
        """Whether it waits for peers."""
        return self.address.kind is not None and self.address.kind.listens

    @property
    def serves_streams(self) -> bool:
        """Whether it accepts connections."""
        return self.address.kind is not None and self.address.kind.role is Role.LISTEN

    @property
    def serves_messages(self) -> bool:
        """Whether each message that comes is a session of its own, one after the other.

        The C program does so when ``fork`` is said; our own dialect unless ``fork=0`` is.
        """
        kind = self.address.kind
        if kind is None or kind.role is not Role.RECEIVE or Group.CHILD not in kind.groups:
            return False
        return self.flag("fork", otherwise=self.dialect is Dialect.CATFLAP).value

    @property
    def is_internet(self) -> bool:
        """Whether its peers may be on other hosts."""
        return self.address.kind is not None and self.address.kind.transport in _INTERNET

    @property
    def is_encrypted(self) -> bool:
        """Whether it speaks TLS or DTLS."""
        return self.address.kind is not None and self.address.kind.transport in _ENCRYPTED

    @property
    def is_tls_server(self) -> bool:
        """Whether it is the server's end of TLS or DTLS."""
        kind = self.address.kind
        serves = kind is not None and (kind.listens or kind.role is Role.SERVE)
        return self.is_encrypted and serves

    @property
    def span(self) -> Span:
        """The place of the whole address."""
        return self.address.span

    def argument(self, name: str) -> Word | None:
        """Return the parameter of this name in the kind's row, when it is given."""
        found = arguments(self.address).get(name)
        return found[1] if found is not None else None

    def word(self, type_: ParameterType) -> Word | None:
        """Return the first parameter of a type."""
        return next(iter(self._words(type_)), None)

    def _words(self, type_: ParameterType) -> list[Word]:
        given = arguments(self.address).values()
        return [word for parameter, word in given if parameter.type is type_]

    def parameter(self, type_: ParameterType) -> str:
        """Return the text of the first parameter of a type, or nothing."""
        word = self.word(type_)
        text = word.text if word is not None else ""
        return self.path(text) if type_ is ParameterType.PATH else text

    def path(self, text: str) -> str:
        """Return a path as this process sees it: below ``chdir``, where that is said."""
        folder = self.text("chdir").value if text and self._has_paths else ""
        return os.path.join(folder, text) if folder else text

    @property
    def _has_paths(self) -> bool:
        """Whether its names are of the file system: abstract ones are in no directory."""
        kind = self.address.kind
        return kind is None or kind.transport is not Transport.ABSTRACT

    def options(self, name: str) -> Iterator[Option]:
        """Yield the options with this canonical name, in the order of writing."""
        return options_named(self.address, name)

    def last(self, name: str) -> Option | None:
        """Return the last option of this name: the one that counts."""
        found = None
        for option in self.options(name):
            found = option
        return found

    def value(self, name: str, otherwise: Value = None) -> Effective[Value]:
        """Return what the option ``name`` says, else ``otherwise``."""
        option = self.last(name)
        if option is None or option.row is None:
            return default(otherwise)
        if option.value is not None and not option.value.known:
            return unknown(otherwise, option.span)
        text = option.value.literal if option.value is not None else None
        try:
            return said(read_named(option.row.name, option.row.type, text), option.span)
        except ValueProblem:
            return unknown(otherwise, option.span)

    def text(self, name: str, otherwise: str = "") -> Effective[str]:
        """Return a textual option."""
        found = self.value(name)
        text = otherwise if found.value is None else str(found.value)
        if found.value is not None and name in FILE_OPTIONS:
            text = self.path(text)
        return Effective(text, found.origin, found.span)

    def flag(self, name: str, *, otherwise: bool = False) -> Effective[bool]:
        """Return a boolean option; what a variable adds after its digit are further options."""
        option = self.last(name)
        if option is not None and option.value is not None and not option.value.known:
            first = option.value.parts[0]
            if isinstance(first, Literal) and first.text in {"0", "1"}:
                return said(first.text == "1", option.span)
        found = self.value(name, otherwise)
        return Effective(bool(found.value), found.origin, found.span)

    def number(self, name: str, otherwise: int = 0) -> Effective[int]:
        """Return a whole-number option."""
        found = self.value(name)
        number = found.value if isinstance(found.value, int) else otherwise
        return Effective(number, found.origin, found.span)

    def seconds(self, name: str, otherwise: float = 0.0) -> Effective[float]:
        """Return a duration option in seconds."""
        found = self.value(name)
        seconds = float(found.value) if isinstance(found.value, int | float) else otherwise
        return Effective(seconds, found.origin, found.span)

    @property
    def via(self) -> Side | None:
        """The address that it goes through (``via=``), its target filled in."""
        parsed = through(self.address, self.source)
        if parsed is None or isinstance(parsed.endpoint, Dual) or parsed.endpoint.kind is None:
            return None
        return replace(self, address=parsed.endpoint)

    @property
    def chain(self) -> tuple[Side, ...]:
        """All that it goes through, the nearest to it first."""
        found: list[Side] = []
        inner = self.via
        while inner is not None and len(found) < DEEPEST_VIA:
            found.append(inner)
            inner = inner.via
        return tuple(found)

    @property
    def _first_hop(self) -> Side:
        """The proxy that is connected to before all others; itself where there is none."""
        hop = self
        for inner in self.chain:
            if not is_proxied(inner.kind):
                break
            hop = inner
        return hop

    @property
    def host(self) -> Effective[str]:
        """The host it connects to: the proxy, where there is one between."""
        return self._first_hop.own_host

    @property
    def port(self) -> Effective[str]:
        """The port or service it connects to or listens on: the proxy's, where there is one."""
        return self._first_hop.own_port

    @property
    def own_host(self) -> Effective[str]:
        """The first host among its own words, whatever it goes through."""
        return _host(self.word(ParameterType.HOST))

    @property
    def own_port(self) -> Effective[str]:
        """The port that belongs to its own first host, whatever it goes through."""
        if Group.HTTP in self.kind.groups:
            return self.text("proxyport", PROXY_PORT)
        if Group.SOCKS in self.kind.groups:
            word = self.argument("socks-port")
            return _port(word) if word is not None else self.text("socksport", SOCKS_PORT)
        return _port(self.word(ParameterType.PORT))

    @property
    def target_host(self) -> Effective[str]:
        """The host it reaches in the end: behind the proxy, where there is one."""
        words = self._words(ParameterType.HOST)
        return _host(words[-1] if words else None)

    @property
    def target_port(self) -> Effective[str]:
        """The port it reaches in the end: behind the proxy, where there is one."""
        words = self._words(ParameterType.PORT)
        return _port(words[-1] if words else None)

    @property
    def family(self) -> str:
        """The IP version it is held to: ``4``, ``6`` or nothing."""
        if self.kind.family:
            return self.kind.family
        return str(self.value("protocol-family", "").value or "")

    @property
    def bind_hosts(self) -> Effective[tuple[str, ...]]:
        """The local addresses a listener opens; a client's is empty unless said."""
        option = self.last("bind")
        if option is not None and option.value is not None:
            if not option.value.known:
                return unknown(self._default_hosts(), option.span)
            host, _ = split_host_port(option.value.text)
            return said((host,) if host else self._default_hosts(), option.span)
        return default(self._default_hosts())

    def _default_hosts(self) -> tuple[str, ...]:
        if not (self.listens and self.is_internet):
            return ()
        family = self.family
        safe = self.dialect is not Dialect.SOCAT
        if self.flag("ai-passive", otherwise=not safe).value:
            if safe and not family:
                return ("0.0.0.0", "::")  # noqa: S104 - ai-passive asks for it, and a rule looks
            return ("::",) if family == "6" else ("0.0.0.0",)  # noqa: S104 - socat's own default
        loopback = {"4": ("127.0.0.1",), "6": ("::1",)}
        return loopback.get(family, ("127.0.0.1", "::1"))

    @property
    def networks(self) -> Effective[tuple[NetworkRule, ...] | None]:
        """The allowlist of peers, or ``None`` where there is none."""
        found = self.value("range")
        rules = None
        if isinstance(found.value, tuple):
            rules = tuple(rule for rule in found.value if isinstance(rule, NetworkRule))
        return Effective(rules, found.origin, found.span)

    @property
    def verifies(self) -> Effective[bool]:
        """Whether the TLS peer must prove itself."""
        return self.flag("openssl-verify", otherwise=True)

    @property
    def minimum_protocol(self) -> Effective[str]:
        """The oldest TLS version taken; nothing where the library decides."""
        otherwise = ""
        if self.dialect is Dialect.CATFLAP and self.is_encrypted:
            otherwise = "DTLS1.2" if self.kind.transport is Transport.DTLS else "TLS1.3"
        return self.text("openssl-min-proto-version", otherwise)

    @property
    def is_loopback_only(self) -> bool:
        """Whether a listener's addresses, or a client's host, stay on this host."""
        if self.listens:
            return all(is_loopback(host) for host in self.bind_hosts.value)
        return is_loopback(self.host.value)


def _host(word: Word | None) -> Effective[str]:
    if word is None:
        return default("")
    if not word.known:
        return unknown(word.text, word.span)
    text = word.text
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    return said(bare, word.span)


def _port(word: Word | None) -> Effective[str]:
    if word is None:
        return default("")
    return said(word.text, word.span) if word.known else unknown(word.text, word.span)


def is_loopback(host: str) -> bool:
    """Whether a host is this one: ``localhost``, 127.0.0.0/8 or ::1."""
    if host.lower().rstrip(".") == "localhost":
        return True
    number = numeric_host(host)
    if number is None:
        return False
    bits, value = number
    return value >> 24 == 127 if bits == 32 else value == 1
