"""Fixes of UNIX sockets, FIFOs and files: where they are, and who may use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.model import written_parameters
from catflap.address.rows import ParameterType, Transport
from catflap.audit.fix.proposal import NotFixableError, Placeholder, Proposal
from catflap.bridge.effective import Dialect
from catflap.rules.exposure import far_sides

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.fix.site import Site
    from catflap.bridge.side import Side

__all__ = ("close_to_others", "listen_on_path", "make_narrow", "name_path", "open_to_read")

_SOCKET = Placeholder(
    "/run/CHANGE-ME.sock", "a path in a directory that only the clients' account can enter"
)
_OTHERS = 0o007
_ALL = 0o777
_MODES = ("perm-late", "perm", "perm-early")
_KEPT = frozenset({"fork", "max-children", "unlink-early", "idle-timeout"})
_MAKES_FILES = frozenset({"EXEC", "SYSTEM", "SHELL", "GOPEN", "CREATE", "PIPE"})


def listen_on_path(site: Site) -> Iterator[Proposal]:
    """Put a UNIX socket in the place of a port: what stands behind it belongs to its owner."""
    side = site.side
    if not (side.listens and side.is_internet):
        found = [each for each in far_sides(site.bridge, side) if each.listens and each.is_internet]
        if len(found) != 1:
            raise NotFixableError("it is not reached through a port of this command")
        side = found[0]
    if side.kind.transport is not Transport.TCP:
        raise NotFixableError("only a TCP port has a UNIX socket for its equal")
    kept = [option for option in side.address.options if option.canonical in _KEPT]
    if any(not option.name.known for option in side.address.options):
        raise NotFixableError("a variable may hold further options")
    options = [side.source[option.span.start : option.span.end] for option in kept]
    text = ",".join([f"UNIX-LISTEN:{_SOCKET.name}", *options, "mode=0600"])
    change = site.replace(side.address.span, text)
    title = "a UNIX socket lets its owner in, and nobody else"
    yield Proposal(title, (change,), placeholders=(_SOCKET,))


def name_path(site: Site) -> Iterator[Proposal]:
    """Give an abstract socket a path, and so an owner and a mode."""
    side = site.side
    words = written_parameters(side.address)
    if len(words) != 1:
        raise NotFixableError("its name is not written here")
    changes = (
        site.replace_word(side.address.keyword, "UNIX-LISTEN"),
        site.replace_word(words[0], _SOCKET.name),
    )
    title = "a path has an owner and a mode; its clients need the new name"
    yield Proposal(title, changes, placeholders=(_SOCKET,))


def close_to_others(site: Site) -> Iterator[Proposal]:
    """Take the rights of all others away; owner and group keep theirs."""
    side = site.side
    if not any(side.last(name) for name in (*_MODES, "umask")):
        side = next((far for far in far_sides(site.bridge, side) if far.listens), side)
    for name in _MODES:
        option, mode = side.last(name), side.value(name).value
        if option is not None and option.value is not None and isinstance(mode, int):
            change = site.replace_word(option.value, f"{mode & ~_OTHERS:04o}")
            yield Proposal(f"mode={mode & ~_OTHERS:04o} keeps others out", (change,))
            return
    option, mask = side.last("umask"), side.value("umask").value
    if option is None or option.value is None or not isinstance(mask, int):
        raise NotFixableError("its mode is not written here")
    change = site.replace_word(option.value, f"{mask | _OTHERS:04o}")
    yield Proposal(f"umask={mask | _OTHERS:04o} keeps others out", (change,))


def make_narrow(site: Site) -> Iterator[Proposal]:
    """Make a file under the umask of its mode, so that it is never open for longer.

    socat keeps the umask, so it is safe only where the other side makes no file.
    """
    side = site.side
    found = (side.value(name).value for name in ("perm-late", "perm", "mode"))
    mode = next((value for value in found if isinstance(value, int)), 0o600)
    change = site.add_option(side, f"umask={_ALL & ~mode:04o}")
    safe = not any(_makes_files(far) for far in far_sides(site.bridge, side))
    title = f"umask={_ALL & ~mode:04o} holds from the first moment"
    yield Proposal(title, (change,), safe=safe)


def _makes_files(side: Side) -> bool:
    return side.kind.name in _MAKES_FILES or side.last("o-creat") is not None


def open_to_read(site: Site) -> Iterator[Proposal]:
    """Open a file that must be there; never safe, for the path may be a socket's."""
    side = site.side
    if side.dialect is not Dialect.SOCAT:
        raise NotFixableError("catflap makes no file in order to read")
    path = side.word(ParameterType.PATH) or side.address.keyword
    if written_parameters(side.address):
        changes = (
            site.replace_word(side.address.keyword, "OPEN"),
            site.add_option(side, "rdonly"),
        )
    else:
        first = site.replace_word(path, f"OPEN:{path.text}")
        changes = (first, site.add_option(side, "rdonly"))
    yield Proposal("OPEN fails when the file is missing; it takes no socket", changes)
