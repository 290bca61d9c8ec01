"""One trained copy of the project for all, and products that are started for one test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance import odd_project
from tests.acceptance import product as given
from tests.acceptance.product import Product, Start
from tests.made_once import made_once

_numbers = given.unused_number()


@pytest.fixture(scope="session")
def tree(trained_project: Path) -> Path:
    """The project as cloned, with a model of its own."""
    return trained_project


@pytest.fixture(scope="session")
def odd_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the odd project, trained once."""
    project = made_once(tmp_path_factory, "odd-trained", lambda project: given.train(odd_project.write(project)))
    (model,) = (project / "models").glob("*.tar.gz")
    return model


@pytest.fixture
def start(tree: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts products for one test; ends them with it."""
    started: list[Product] = []

    def run(*arguments: str, home: Path | None = None, tree: Path = tree, whole: bool = False, **env: str) -> Product:
        started.append(Product(tree, home or tmp_path / "state", *arguments, whole=whole, **env))
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
