"""The figures that pages are made of: `docs/figures/NAME.json`, each the last line that a bench printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.settings import ROOT

FOLDER = ROOT / "docs" / "figures"

Figures = dict[str, Any]


def read(folder: Path = FOLDER) -> dict[str, Figures]:
    """Each by its file's name; one that broke a promise or could not measure is not fit to be shown."""
    found = {path.stem: json.loads(path.read_text().splitlines()[-1]) for path in sorted(folder.glob("*.json"))}
    unfit = [name for name, figures in found.items() if figures.get("error") or figures.get("broken")]
    if unfit:
        raise ValueError(f"Not fit to be shown: {', '.join(unfit)}. Run the bench again, or take the file away.")
    return found
