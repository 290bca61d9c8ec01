"""A copy of the project with a model of its own, for every test that asks the assistant as it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app import models
from tests.acceptance import product
from tests.made_once import made_once


@pytest.fixture(scope="session")
def trained_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as cloned: trained at most once, never in the working copy."""
    return made_once(tmp_path_factory, "baton", _make)


def _make(tree: Path) -> None:
    """With the working copy's model where it is current; else by a training, as `./baton rasa train` does it."""
    product.copy_of_the_project(tree)
    folder = tree / "models"
    folder.mkdir()
    found = models.newest(product.ROOT / "models")
    if found is not None:
        shutil.copy2(found.path, folder)
    if not models.is_stale(tree, folder):
        return
    product.train(tree)
    newest = models.newest(folder)
    assert newest is not None
    newest.path.touch()  # an old file is left where nothing that counts has changed
