"""One trained copy of the project for all, and one running product for most."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import models
from tests.acceptance import odd_project
from tests.acceptance import product as given
from tests.acceptance.product import Product, Start
from tests.made_once import made_once

_numbers = given.unused_number()


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as cloned, with a model of its own: trained at most once, never in the working copy."""
    return made_once(tmp_path_factory, "baton", _make_tree)


def _make_tree(tree: Path) -> None:
    given.copy_of_the_project(tree)
    _give_model(tree)


def _give_model(tree: Path) -> None:
    """The working copy's model where it is current; else a training, as `./baton rasa train` does it."""
    folder = tree / "models"
    folder.mkdir()
    found = models.newest(given.ROOT / "models")
    if found is not None:
        shutil.copy2(found.path, folder)
    if not models.is_stale(tree, folder):
        return
    given.train(tree)
    newest = models.newest(folder)
    assert newest is not None
    newest.path.touch()  # an old file is left where nothing that counts has changed


@pytest.fixture(scope="session")
def odd_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the odd project, trained once."""
    project = made_once(tmp_path_factory, "odd-trained", lambda project: given.train(odd_project.write(project)))
    (model,) = (project / "models").glob("*.tar.gz")
    return model


@pytest.fixture(scope="session")
def shared(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product that runs for the whole session. Whoever changes more than a conversation puts it back."""
    product = Product(tree, tmp_path_factory.mktemp("shared") / "state")
    try:
        yield product.answering()
    finally:
        product.end()


@pytest.fixture
def start(tree: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts products for one test; ends them with it."""
    started: list[Product] = []

    def run(*arguments: str, home: Path | None = None, tree: Path = tree, **env: str) -> Product:
        started.append(Product(tree, home or tmp_path / "state", *arguments, **env))
        return started[-1]

    yield run
    for product in started:
        product.end()


@pytest.fixture
def customer() -> str:
    """Somebody new."""
    return next(_numbers)


@pytest.fixture
def another() -> str:
    """Somebody else who is new."""
    return next(_numbers)
