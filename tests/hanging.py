"""No test holds up a run for ever, and none that hangs stays without a name.

A test that takes too long is ended by pytest-timeout, with a signal, which Python hears between two of its own steps.
Who stands in C does not hear it, what runs in a loop may swallow it, who was stopped so while putting things away may
hang a second time, and of who has failed it lets go. Some time later its process ends here, having written where each
of its threads stood; a parallel run names the test, goes on without it, and says at its end where it stood.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

_ROOT = str(Path(__file__).resolve().parents[1])
#: After a test's own limit, in seconds: for what it started to be put away.
_AFTER_S = 120.0
#: How many frames of a thread are told at the end beside those that are ours, and how many lines in all.
_INNERMOST, _MOST = 3, 60

_told_to = pytest.StashKey[IO[str]]()
#: Where the run's processes write where they stood: a file of each, by its name.
_folder = pytest.StashKey["tempfile.TemporaryDirectory[str]"]()
_stood = pytest.StashKey["list[str]"]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_stood] = []
    given: dict[str, str] = getattr(config, "workerinput", {})
    if "stands" in given:
        config.stash[_told_to] = open(given["stands"], "w")  # noqa: SIM115 - open for as long as we are
        return
    config.stash[_folder] = tempfile.TemporaryDirectory(prefix="baton-stands-")
    assert sys.__stderr__ is not None
    # Our own: while a test runs, the first one leads to what is kept of the test's words.
    config.stash[_told_to] = os.fdopen(os.dup(sys.__stderr__.fileno()), "w")


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_told_to].close()
    if _folder in config.stash:
        config.stash[_folder].cleanup()


def pytest_collection_finish() -> None:
    """On uvloop no test hears its limit; a channel of Rasa's (aiogram) makes it everybody's when it is imported."""
    asyncio.set_event_loop_policy(None)


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


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["stands"] = str(Path(node.config.stash[_folder].name) / node.gateway.id)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Told whole at once; what matters of it again at the end, for a log of which only that is kept."""
    with contextlib.suppress(FileNotFoundError):  # it ended before it began
        if stood := Path(node.workerinput["stands"]).read_text(errors="replace"):
            node.config.stash[_told_to].write(f"\n{node.gateway.id}: {stood}")
            node.config.stash[_told_to].flush()
            node.config.stash[_stood] += [f"{node.gateway.id}:", *_what_matters(stood)]


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if stood := config.stash[_stood]:
        terminalreporter.section("where it hung")
        for line in stood[:_MOST]:
            terminalreporter.write_line(line)


def _what_matters(stood: str) -> Iterator[str]:
    """Of each thread where it stands, and where in what is ours."""
    depth = 0
    for line in stood.splitlines()[1:]:  # the first says that its time is over
        is_frame = line.startswith("  File ")
        depth = depth + 1 if is_frame else 0
        if line and (depth <= _INNERMOST or (_ROOT in line and "site-packages" not in line)):
            yield line.replace(_ROOT + "/", "")


def _limit(config: pytest.Config) -> float:
    given = config.getoption("timeout")
    return float(config.getini("timeout") if given is None else given)


def _end_unless_done(config: pytest.Config, within_s: float) -> None:
    """Counted anew from here, in place of what was said before."""
    if within_s > 0:
        faulthandler.dump_traceback_later(within_s + _AFTER_S, exit=True, file=config.stash[_told_to])
