"""A project that is not ours is only read: Python keeps no compiled copy beside its modules.

Only for its folder. To keep compiled copies of everything elsewhere (PYTHONPYCACHEPREFIX) would have each state folder
compile Rasa and TensorFlow anew, for longer than it takes to start them. No module of ours: `lifeline.py` imports it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
)
from pathlib import Path
from typing import Any

#: The folder, for a process that is started with it.
VARIABLE = "BATON_LEAVE_ALONE"


class _Reader(SourceFileLoader):
    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:
        """What Python would keep is not written."""


def install(folder: Path) -> None:
    """Modules that are imported from the folder, or from below it, leave nothing there."""
    sys.path_hooks.insert(0, _hook(folder.resolve()))
    sys.path_importer_cache.clear()


def _hook(folder: Path) -> Callable[[str], FileFinder]:
    def finder(path: str) -> FileFinder:
        found = Path(path or ".").resolve()
        if found != folder and folder not in found.parents:
            raise ImportError
        return FileFinder(path, (ExtensionFileLoader, EXTENSION_SUFFIXES), (_Reader, SOURCE_SUFFIXES))

    return finder
