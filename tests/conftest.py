"""Fixtures that tests share; the work is done in tests/support."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.certificates import Certificates, make_certificates
from tests.support.peers import needs
from tests.support.ports import free_port as find_free_port
from tests.support.profiles import load_profile
from tests.support.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


collect_ignore = ["corpus"]
"""What the auditor is fed: some of it looks like tests."""


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of our marker, and hypothesis of how much to try."""
    load_profile()
    # Programs inherit what is ignored (nohup, a job in the background): each test begins as on a
    # terminal, however pytest was started.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line(
        "markers", "needs(program, ...): skip without these programs, or fail when CI=true"
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Look for the programs that a test needs."""
    for marker in item.iter_markers("needs"):
        for program in marker.args:
            needs(program)


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Return what finds a free port on both loopback addresses."""
    return find_free_port


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Return certificates good and bad, made for this run."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def catflap() -> Iterator[Callable[..., Service]]:
    """Return what starts ``catflap run FIRST SECOND``; see :class:`Service` for the arguments.

    It waits for the event ``until`` ("listening"; nothing where it is empty), and ends every
    process when the test is over.
    """
    with ExitStack() as stack:

        def start(
            first: str, second: str, *arguments: str, until: str = "listening", **settings: Any
        ) -> Service:
            service = Service(first, second, *arguments, **settings)
            stack.callback(service.close)
            if until:
                service.wait_for(until)
            return service

        yield start
