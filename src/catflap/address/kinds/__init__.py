"""The address kinds, one table a family."""

from __future__ import annotations

from typing import Final

from catflap.address.kinds import (
    abstract,
    dccp,
    files,
    generic,
    link,
    posixmq,
    programs,
    proxies,
    rawip,
    sctp,
    streams,
    tcp,
    terminals,
    text,
    tls,
    udp,
    udplite,
    unix,
    vsock,
)

__all__ = ("TABLES",)

TABLES: Final = (
    abstract.KINDS,
    dccp.KINDS,
    files.KINDS,
    generic.KINDS,
    link.KINDS,
    posixmq.KINDS,
    programs.KINDS,
    proxies.KINDS,
    rawip.KINDS,
    sctp.KINDS,
    streams.KINDS,
    tcp.KINDS,
    terminals.KINDS,
    text.KINDS,
    tls.KINDS,
    udp.KINDS,
    udplite.KINDS,
    unix.KINDS,
    vsock.KINDS,
)
