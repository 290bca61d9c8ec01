"""Each bench is seen in the suite to find one guard that is taken out; `./baton bench guards` takes out the others."""

from __future__ import annotations

import pytest

MARK = "another_guard"


def another_guard(*values: object) -> object:
    """A case of a `parametrize` that only `./baton bench guards` runs."""
    return pytest.param(*values, marks=pytest.mark.another_guard)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "guard" in config.option.markexpr or config.option.keyword or any("::" in named for named in config.args):
        return  # whoever names tests gets those
    others = [item for item in items if item.get_closest_marker(MARK)]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if not item.get_closest_marker(MARK)]
