"""Becomes another program after what posix_spawn(3) cannot do: chroot, users, directory.

Run as ``python -I -S children_launcher.py ORDER... -- EXECUTABLE ARGV...``; it imports nothing of
catflap. Orders are ``name=value``. A failure is written to the descriptor ``status``, which closes
by itself once the program runs.
"""

import errno
import os
import signal
import sys

_FAILED = 126


def main(words: list[str]) -> None:
    """Follow the orders, then execute."""
    split = words.index("--")
    orders = dict(word.split("=", 1) for word in words[:split])
    status = int(orders["status"])
    executable, argv = words[split + 1], words[split + 2 :]
    what = executable
    try:
        os.set_inheritable(status, False)
        for what, act in STEPS.items():
            if what in orders:
                act(orders[what])
        what = executable
        # Python ignores these two at its start, and what is ignored stays so over exec.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        environment = _environment(orders["locale"])
        try:
            os.execve(executable, argv, environment)
        except OSError as error:
            if error.errno != errno.ENOEXEC or not orders["odd"]:
                raise
            os.execve(orders["odd"], ["sh", executable, *argv[1:]], environment)
    except OSError as error:
        shown = what if what == executable else f"{what}={orders[what]}"
        os.write(status, f"{shown}: {error.strerror}".encode(errors="replace"))
    os._exit(_FAILED)


def _chroot(folder: str) -> None:
    os.chroot(folder)
    # A directory outside would be a way out.
    os.chdir("/")


def _groups(numbers: str) -> None:
    os.setgroups([int(number) for number in numbers.split(",") if number])


def _gid(number: str) -> None:
    os.setresgid(int(number), int(number), int(number))


def _uid(number: str) -> None:
    uid = int(number)
    os.setresuid(uid, uid, uid)
    if uid == 0:
        return
    try:
        os.setuid(0)
    except PermissionError:
        return
    raise PermissionError(1, "root could be regained")


STEPS = {
    "chroot": _chroot,
    "chdir": os.chdir,
    "groups": _groups,
    "gid": _gid,
    "uid": _uid,
}
"""In the order in which they must happen: each needs rights that a later one gives up."""


def _environment(locale: str) -> dict[str, str]:
    """Return the environment without what Python adds to it where the locale is C (PEP 538)."""
    found = dict(os.environ)
    if locale:
        found["LC_CTYPE"] = locale
    else:
        found.pop("LC_CTYPE", None)
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
