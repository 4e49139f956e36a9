"""The entry point: its name, ``-V`` at once, everything else when it is needed."""

from __future__ import annotations

import gc
import os
import signal
import sys

__all__ = ("main", "program_name")

_OURS = "catflap-socat"
_THEIRS = "socat"


def program_name(argv0: str) -> str:
    """Return the name that stands in the log and in front of environment variables.

    It is that of the file, as with the C program; our own command counts as ``socat``, because
    programs ask for SOCAT_PEERADDR.
    """
    name = os.path.basename(argv0)
    return _THEIRS if name in {_OURS, "main.py", ""} else name


def main() -> None:
    """Run, then exit with the status."""
    words = sys.argv[1:]
    if words[:1] and words[0].startswith("-V"):
        from catflap.dropin.features import version_text
        from catflap.dropin.information import tell

        sys.exit(tell(version_text(), program_name(sys.argv[0])))
    # What start-up makes lives as long as the process: looking for garbage in it costs a tenth.
    gc.disable()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # Whoever interrupts a program that only starts wants no traceback.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from catflap.dropin.start import start

    sys.exit(start(words, program_name(sys.argv[0])))


if __name__ == "__main__":
    main()
