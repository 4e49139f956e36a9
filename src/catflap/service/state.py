"""Where a service keeps its control socket: a directory that is its owner's alone."""

from __future__ import annotations

import os
import stat

from catflap.core.errors import OperationError
from catflap.core.spans import printable

__all__ = ("control_path", "make_state_directory", "state_directory")

_SOCKET = "control.sock"
_OURS = frozenset({_SOCKET, "lock"})
_LONGEST = 107
"""Bytes of sun_path besides the closing zero (unix(7))."""


def state_directory(said: str = "") -> str:
    """Return the directory: what was said, $STATE_DIRECTORY, or the usual one of this user."""
    if said:
        return os.path.abspath(said)
    given = os.environ.get("STATE_DIRECTORY", "")
    if given:
        # systemd.exec(5): several are separated by colons.
        return given.split(":")[0]
    if os.geteuid() == 0:
        return "/var/lib/catflap"
    home = os.environ.get("XDG_STATE_HOME", "")
    if not home.startswith("/"):
        home = os.path.expanduser("~/.local/state")
    return os.path.join(home, "catflap")


def control_path(directory: str) -> str:
    """Return the path of the control socket.

    Raises:
        OperationError: it is too long for a socket.
    """
    path = os.path.join(directory, _SOCKET)
    if len(os.fsencode(path)) > _LONGEST:
        message = f"{printable(path)} is longer than the {_LONGEST} bytes that a socket's path has"
        raise OperationError(message, "--state DIR names a shorter directory")
    return path


def make_state_directory(path: str) -> None:
    """Make the directory, mode 0700, or see that the one that is there is ours alone.

    Raises:
        OperationError: it cannot be made, is another user's, or others may enter it.
    """
    try:
        os.makedirs(os.path.dirname(path) or "/", exist_ok=True)
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            _check(path)
    except OSError as error:
        message = f"the state directory {printable(path)} cannot be made: {error.strerror}"
        raise OperationError(message, "--state DIR names another") from error


def _check(path: str) -> None:
    found = os.lstat(path)
    if stat.S_ISLNK(found.st_mode):
        # systemd's StateDirectory= of a dynamic user is a link to a directory of that user.
        found = os.stat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise OperationError(f"{printable(path)} is no directory", "--state DIR names another")
    if found.st_uid != os.geteuid():
        message = f"the state directory {printable(path)} belongs to the uid {found.st_uid}"
        raise OperationError(message, "--state DIR names another")
    if stat.S_IMODE(found.st_mode) & 0o077:
        _check_own(path, found.st_mode)
        try:
            os.chmod(path, 0o700)
        except OSError as error:
            message = f"others may enter the state directory {printable(path)}"
            raise OperationError(message, f"chmod 700 {printable(path)}") from error


def _check_own(path: str, mode: int) -> None:
    """See that nobody else's way is barred when the directory becomes its owner's alone.

    What systemd made for the service with StateDirectory= is the service's, whatever is in it.
    """
    if path in os.environ.get("STATE_DIRECTORY", "").split(":"):
        return
    if mode & stat.S_ISVTX or set(os.listdir(path)) - _OURS:
        message = f"others may enter {printable(path)}, and it holds more than the service's state"
        raise OperationError(message, "--state DIR names a directory of the service's own")
