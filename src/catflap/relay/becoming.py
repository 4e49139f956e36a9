"""Become another program: execve(2) in the place of this process, as a shell's ``exec`` does."""

from __future__ import annotations

import errno
import os
import signal
from typing import TYPE_CHECKING

from catflap.core.errors import OperationError
from catflap.relay.children import DEFAULT_AGAIN, above
from catflap.relay.children_launcher import STEPS
from catflap.relay.descriptor_limit import as_it_was

if TYPE_CHECKING:
    from typing import NoReturn

    from catflap.relay.children import Order

__all__ = ("become",)


def become(order: Order) -> NoReturn:
    """Execute what is ordered; our handlers of signals and our descriptors go with us.

    Raises:
        OperationError: it cannot be executed. What was done before, stays done: this process is
            to end.
    """
    try:
        if order.session:
            os.setsid()
        elif order.group is not None:
            os.setpgid(0, order.group)
        if order.umask is not None:
            os.umask(order.umask)
        for name, value in order.steps():
            STEPS[name](value)
        for number in DEFAULT_AGAIN:
            signal.signal(number, signal.SIG_DFL)
        with above(order.descriptors) as sources, as_it_was():
            for theirs, ours in sources.items():
                os.dup2(ours, theirs)
            try:
                os.execve(order.executable, order.argv, order.environment)
            except OSError as error:
                if error.errno != errno.ENOEXEC or not order.odd_by_shell:
                    raise
                shell = order.by_shell()
                os.execve(shell.executable, shell.argv, shell.environment)
    except OSError as error:
        message = f"{order.shown} cannot be executed: {error.strerror or error}"
        raise OperationError(message) from error
    raise AssertionError  # pragma: no cover - execve(2) does not return
