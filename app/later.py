"""Modules of Rasa's that are imported and seldom used: run when something of them is asked for, not before.

Whoever imports `InputChannel` gets the clients of fifteen channels with it, and a command line's questions: more than
half of what a gateway's start costs, and a good part of its memory.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import threading
from collections.abc import Sequence
from types import ModuleType
from typing import Any

#: Rasa's own channels, beside `rasa.core.channels.channel`; and what that writes buttons to a terminal with.
_LATER = {"rasa.core.channels", "rasa.cli.utils"}
_one_at_a_time = threading.RLock()


class _Waiting(ModuleType):
    """A module that has not run. What is imported from below it is there as ever."""

    _runs = False

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # only asked about; its own are there
            raise AttributeError(name)
        with _one_at_a_time:
            if type(self) is _Waiting:
                if self._runs:  # it asks itself for what it does not have yet
                    raise AttributeError(name)
                self._run()
        return getattr(self, name)

    def _run(self) -> None:
        assert self.__spec__ is not None and isinstance(self.__spec__.loader, _Loader)
        self._runs = True
        try:
            self.__spec__.loader.real.exec_module(self)
        finally:
            del self._runs
        self.__class__ = ModuleType  # type: ignore[assignment]  # from here on it is like any other


class _Loader(importlib.abc.Loader):
    def __init__(self, real: importlib.abc.Loader) -> None:
        self.real = real

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Waiting(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Not yet."""


class _Finder(importlib.abc.MetaPathFinder):
    """Asked before any other where a module is."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in _LATER:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


def install() -> None:
    """Before Rasa is imported; what is there already stays as it is."""
    sys.meta_path.insert(0, _Finder())
