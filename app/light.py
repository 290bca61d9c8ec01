"""A worker without TensorFlow, for models that never use it: `BATON_LIGHT=1`. It takes a third of the memory.

Rasa imports TensorFlow for components that a light pipeline does not have. Here it is stood in for by classes that can
be inherited from and named, and that say so when somebody computes with them. A model with a component that needs the
real thing is refused before it is loaded.
"""

from __future__ import annotations

import abc
import functools
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from conversation.errors import BadInput

VARIABLE = "BATON_LIGHT"
_STOOD_IN_FOR = {"tensorflow", "keras", "tensorflow_hub", "tensorflow_text", "tensorflow_addons"}
#: Draws the figures of a training's tests, with matplotlib: a worker has no use for either.
_STOOD_IN_FOR_TOO = {"rasa.utils.plotting"}
#: Where a model says what it is made of, in its archive.
_METADATA = "metadata.json"


class NeedsTensorFlow(BadInput):
    """TensorFlow is not here, because BATON_LIGHT is set, and it is needed."""


class _Missing(abc.ABCMeta):
    """The class of stand-ins: each attribute of one is another, and may be a base class, an annotation, a decorator."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _missing(f"{cls.__module__}.{cls.__name__}", name)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and callable(args[0]):  # a decorator: @tf.function
            return args[0]
        raise NeedsTensorFlow(f"{cls.__module__}.{cls.__name__} needs TensorFlow: start without {VARIABLE}.")


@functools.cache  # the same thing twice is the same thing
def _missing(module: str, name: str) -> Any:
    return _Missing(name, (), {"__module__": module})


class _StandIn(ModuleType):
    """A module in which everything is there, and nothing works."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _missing(self.__name__, name)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Asked before any other where a module is."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] not in _STOOD_IN_FOR and fullname not in _STOOD_IN_FOR_TOO:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


def wanted() -> bool:
    return os.environ.get(VARIABLE, "").lower() in ("1", "true", "yes")


def install() -> None:
    """Before Rasa is imported. Again: nothing."""
    if not installed():
        sys.meta_path.insert(0, _Finder())


def installed() -> bool:
    return any(isinstance(finder, _Finder) for finder in sys.meta_path)


def check(model: Path) -> None:
    """Refuses a model that TensorFlow is needed for. Where the real one is here, any model will do."""
    if not installed():
        return
    needing = sorted({component for component in _components(model) if _needs_tensorflow(component)})
    if needing:
        raise NeedsTensorFlow(
            f"{model.name} needs TensorFlow, for {', '.join(needing)}."
            f" Start without {VARIABLE}, or train with a light pipeline such as the one in config.yml."
        )


def _components(model: Path) -> set[str]:
    """The classes a model's answers are made by, as it names them."""
    with tarfile.open(model) as archive:
        file = archive.extractfile(_METADATA)
        assert file is not None
        nodes = json.load(file)["predict_schema"]["nodes"]
    return {node["uses"] for node in nodes.values()}


def _needs_tensorflow(component: str) -> bool:
    """Whether the class, or one it is made from, lives in a module that imports what is stood in for."""
    module, _, name = component.rpartition(".")
    made_from = getattr(importlib.import_module(module), name).__mro__
    return any(_imports_a_stand_in(sys.modules[each.__module__]) for each in made_from)


def _imports_a_stand_in(module: ModuleType) -> bool:
    return any(isinstance(value, (_StandIn, _Missing)) for value in list(vars(module).values()))
