"""No test holds up a run for ever, and none that hangs stays without a name.

A test that takes too long is ended by pytest-timeout, with a signal, which Python hears between two of its own steps.
Who stands in C does not hear it, what runs in a loop may swallow it, who was stopped so while putting things away may
hang a second time, and of who has failed it lets go. Some time later its process ends here, having written where each
of its threads stood; a parallel run names the test and goes on without it.
"""

from __future__ import annotations

import faulthandler
import os
import sys
from collections.abc import Iterator
from typing import IO

import pytest

#: After a test's own limit, in seconds: for what it started to be put away.
_AFTER_S = 120.0

_stderr = pytest.StashKey[IO[str]]()


def pytest_configure(config: pytest.Config) -> None:
    assert sys.__stderr__ is not None
    # Our own: while a test runs, the first one leads to what is kept of the test's words.
    config.stash[_stderr] = os.fdopen(os.dup(sys.__stderr__.fileno()), "w")


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_stderr].close()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Iterator[None]:
    """Between two tests too, where a process of a parallel run waits to be told of the next one."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        _end_unless_done(session.config, _limit(session.config))
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    own = item.get_closest_marker("timeout")
    _end_unless_done(item.config, float(own.args[0]) if own else _limit(item.config))
    try:
        return (yield)
    finally:
        _end_unless_done(item.config, _limit(item.config))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Anew: when a test fails, both pytest and pytest-timeout let go of it, for whoever looks around there."""
    _end_unless_done(item.config, _limit(item.config))
    return (yield)


def _limit(config: pytest.Config) -> float:
    given = config.getoption("timeout")
    return float(config.getini("timeout") if given is None else given)


def _end_unless_done(config: pytest.Config, within_s: float) -> None:
    """Counted anew from here, in place of what was said before."""
    if within_s > 0:
        faulthandler.dump_traceback_later(within_s + _AFTER_S, exit=True, file=config.stash[_stderr])
