"""Sets the demo up and takes it down again: files, API, tap and three bridges."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from catflap.core import clock
from catflap.prove.attempt import Witness
from catflap.prove.certificates import Authority, Credential, Purpose, Validity
from catflap.prove.children import ApiProcess, BridgeProcess, running_api, running_bridge
from catflap.prove.scene import ME, SERVER_NAME, Scene
from catflap.prove.tap import Tap

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from catflap.prove.eventfeed import EventFeed

__all__ = ("STRANGER", "Stage", "server_words", "set_up")

STRANGER = "127.0.0.66"
_SOURCE = "127.0.0.1"
_SOCKET = "api.sock"
_HANDSHAKE_SECONDS = "2"
_FILES = "cafile=ca.pem"
_OTHER_NAME = "billing.demo"


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs.

    Args:
        server: the bridge under attack.
        client: the bridge that leads good requests to it.
        mistaken: a client bridge that expects another server.
        api: what they protect.
        scene: what attempts act upon.
    """

    server: BridgeProcess
    client: BridgeProcess
    mistaken: BridgeProcess
    api: ApiProcess
    scene: Scene

    @property
    def witnesses(self) -> Mapping[Witness, EventFeed]:
        """Whose events tell why."""
        return {Witness.SERVER: self.server.feed, Witness.CLIENT: self.mistaken.feed}


@asynccontextmanager
async def set_up() -> AsyncIterator[Stage]:
    """Set everything up; whatever happens, take it all down again.

    Raises:
        OperationError: a part did not come up.
    """
    async with AsyncExitStack() as stack:
        # mkdtemp makes it 0700: nobody else reads the keys or reaches the API's socket.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="catflap-demo-")))
        now = clock.now()
        authority = Authority("catflap demo CA", now)
        validity = Validity.ten_minutes(now)
        server_leaf = authority.issue("server", (SERVER_NAME,), Purpose.SERVER, validity)
        friend = authority.issue(ME, (ME,), Purpose.CLIENT, validity)
        _write_files(folder, authority, server_leaf, friend)

        api = await stack.enter_async_context(running_api(folder, _SOCKET))
        server = await stack.enter_async_context(running_bridge(folder, *server_words()))
        tap = await stack.enter_async_context(Tap(server.address))
        client = await stack.enter_async_context(
            running_bridge(folder, *_client_words(tap.address.port))
        )
        mistaken = await stack.enter_async_context(
            running_bridge(folder, *_client_words(server.address.port, _OTHER_NAME))
        )
        scene = Scene(
            target=server.address,
            source=_SOURCE,
            stranger=STRANGER,
            authority=authority,
            friend=friend,
            server=server_leaf,
            entrance=client.address,
            mistaken=mistaken.address,
            tap=tap,
            word=f"catnip-{secrets.token_hex(4)}",
        )
        yield Stage(server, client, mistaken, api, scene)


def _write_files(
    folder: Path, authority: Authority, server: Credential, friend: Credential
) -> None:
    """Write what the bridges read; the CA's key and the attackers' stay in memory."""
    _write(folder / "ca.pem", authority.pem())
    _write(folder / "server.pem", server.pem())
    _write(folder / "client.pem", friend.pem())


def _write(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)


def server_words() -> tuple[str, ...]:
    """Return what follows ``catflap run``; in range the first match decides: exceptions first."""
    allowed = f"range=[!{STRANGER}/32,127.0.0.0/8]"
    listener = f"TLS-LISTEN:0,bind=127.0.0.1,{allowed},cert=server.pem,{_FILES}"
    return ("--handshake-timeout", _HANDSHAKE_SECONDS, listener, f"UNIX:{_SOCKET}")


def _client_words(port: int, expects: str = "") -> tuple[str, ...]:
    name = f",commonname={expects}" if expects else ""
    server = f"TLS:{SERVER_NAME}:{port}{name},cert=client.pem,{_FILES}"
    return ("TCP-LISTEN:0,bind=127.0.0.1", server)
