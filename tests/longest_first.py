"""In a parallel run the files that take minutes come first: no process is left with one when the others are done.

A file stays in one process, and so does a folder whose tests share a running product. What is not named here is short,
and comes in its usual order.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

#: Folders that one process has whole.
_TOGETHER = ("tests/acceptance/one_product/",)
#: By the processor time they were measured to take, the longest first. A folder is all that is below it.
_LONG = (
    "tests/acceptance/test_projects.py",
    "tests/bench/test_crash_bench.py",
    "tests/acceptance/test_lifecycle.py",
    "tests/bench/test_handover_benches.py",
    "tests/bench/test_takeover_bench.py",
    "tests/acceptance/one_product/",
    "tests/acceptance/test_models.py",
    "tests/acceptance/test_trainers.py",
    "tests/bench/test_same_and_history.py",
    "tests/acceptance/test_plain_rasa.py",
    "tests/bench/",
    "tests/acceptance/",
    "tests/runtime/rasa/",
    "tests/actions/test_whole_assistant.py",
    "tests/app/test_model_choice.py",
    "tests/connectors/test_new_channel.py",
    "tests/handover/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=_rank)


class _Scheduling(LoadFileScheduling):
    assigned_work: dict[Any, dict[str, dict[str, bool]]]

    def _split_scope(self, nodeid: str) -> str:
        together = (folder for folder in _TOGETHER if nodeid.startswith(folder))
        return next(together, super()._split_scope(nodeid))

    def add_node_collection(self, node: Any, collection: Sequence[str]) -> None:
        """xdist gives no work to one that found other tests than the first ones did, and does not end it either."""
        super().add_node_collection(node, collection)
        if node not in self.registered_collections:
            differing = sorted({*collection} ^ {*(self.collection or ())})
            pytest.exit(f"A process found other tests than the one whose place it took: {differing[:4]}", returncode=1)

    def _reschedule(self, node: Any) -> None:
        """A process begins a test when it has been told of the next, or that there is none: one that takes the place of
        another which ended is given as much, or it would wait for ever; and nothing before it knows the tests."""
        if node not in self.registered_collections:
            return
        super()._reschedule(node)
        while not node.shutting_down and self._pending_of(self.assigned_work[node]) < 2:
            super()._reschedule(node)

    def remove_node(self, node: Any) -> str | None:
        """A test that ended its process has failed, and is not given to the next process to end that too."""
        others = {other: work for other, work in self.assigned_work.items() if other is not node}
        self.assigned_work = {node: self.assigned_work[node]}  # nobody is given any of it before it is looked through
        failed: str | None = super().remove_node(node)
        self.assigned_work = others
        if failed is not None:
            self.workqueue[self._split_scope(failed)][failed] = True
        for scope in [scope for scope, tests in self.workqueue.items() if all(tests.values())]:
            del self.workqueue[scope]
        for other in others:
            self._reschedule(other)
        return failed


@pytest.hookimpl(optionalhook=True)  # where xdist is turned off
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Scheduling | None:
    """In place of xdist's own `loadfile`; whoever asks for another gets that."""
    return _Scheduling(config, log) if config.getoption("dist") == "loadfile" else None


def _rank(item: pytest.Item) -> int:
    return next((rank for rank, path in enumerate(_LONG) if item.nodeid.startswith(path)), len(_LONG))
