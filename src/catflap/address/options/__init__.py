"""The options, one table a family of groups."""

from __future__ import annotations

from typing import Final

from catflap.address.options import (
    application,
    descriptor,
    editing,
    interface,
    ip4,
    ip6,
    listen,
    named,
    opening,
    ours,
    posixmq,
    process,
    proxy,
    pty,
    regular,
    resolver,
    sockets,
    tcp,
    termios_characters,
    termios_fields,
    termios_flags,
    termios_speeds,
    termios_whole,
    tls,
    transports,
    unix,
)

__all__ = ("TABLES",)

TABLES: Final = (
    application.OPTIONS,
    descriptor.OPTIONS,
    editing.OPTIONS,
    interface.OPTIONS,
    ip4.OPTIONS,
    ip6.OPTIONS,
    listen.OPTIONS,
    named.OPTIONS,
    opening.OPTIONS,
    ours.OPTIONS,
    posixmq.OPTIONS,
    process.OPTIONS,
    proxy.OPTIONS,
    pty.OPTIONS,
    regular.OPTIONS,
    resolver.OPTIONS,
    sockets.OPTIONS,
    tcp.OPTIONS,
    termios_characters.OPTIONS,
    termios_fields.OPTIONS,
    termios_flags.OPTIONS,
    termios_speeds.OPTIONS,
    termios_whole.OPTIONS,
    tls.OPTIONS,
    transports.OPTIONS,
    unix.OPTIONS,
)
