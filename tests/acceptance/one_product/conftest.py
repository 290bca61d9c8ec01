"""One running product for all that is asked of it here: one process of a parallel run has the whole folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.product import Product


@pytest.fixture(scope="package")
def shared(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Whoever changes more than a conversation puts it back."""
    product = Product(tree, tmp_path_factory.mktemp("shared") / "state", whole=True)
    try:
        yield product.answering()
    finally:
        product.end()
