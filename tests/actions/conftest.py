"""What an action is given: a dispatcher that keeps what was said, and a shop."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk.executor import CollectingDispatcher

from tests.actions.given import ROOT


@pytest.fixture
def dispatcher() -> CollectingDispatcher:
    return CollectingDispatcher()


@pytest.fixture
def shop_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Writes a shop file over the sample one and makes it the shop; facts given as None are left out."""

    def write(**facts: Any) -> Path:
        sample = yaml.safe_load((ROOT / "shop.yml").read_text(encoding="utf-8"))
        merged = {key: value for key, value in {**sample, **facts}.items() if value is not None}
        path = tmp_path / "shop.yml"
        path.write_text(json.dumps(merged), encoding="utf-8")
        monkeypatch.setenv("SHOP_FILE", str(path))
        return path

    return write
