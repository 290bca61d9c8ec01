"""The pages in docs say what the kept figures say, and a run that broke its promise is not shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.settings import ROOT
from bench.published import kept, numbers, pages, readme, tables

STEP = {"at_once": 32, "accepted_per_s": 1234.5, "raw_per_s": 2469.0, "ratio_to_raw": 0.5, "gateway_cpu_ms": 0.71}
ACCEPT = {
    "bench": "accept",
    "database": "sqlite",
    "steps": [{**STEP, "ack_ms": {"p50": 7.43, "p99": 31.9}}],
    "with_worker": None,
    "broken": [],
}


def test_every_page_is_what_the_kept_figures_say() -> None:
    found = kept.read()

    for page, made in pages.made(found).items():
        text = page.read_text("utf-8")
        assert pages.filled(text, made) == text, f"{page.name}: run `./baton bench plots`"


def test_each_table_has_its_place() -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")

    assert [name for name in tables.TABLES if f"<!-- {name} -->" not in page] == []


def test_a_table_is_put_between_its_marks_and_again_changes_nothing() -> None:
    page = "before\n<!-- accept -->\nold\n<!-- /accept -->\nbetween\n<!-- stock -->\nkept\n<!-- /stock -->\n"

    once = pages.filled(page, tables.all_of({"accept": ACCEPT}))

    assert "| 32 | **1,234** | 7.4 / 32 | 0.71 | 2,469 | 0.50 |" in once
    assert "old" not in once and "kept" in once
    assert pages.filled(once, tables.all_of({"accept": ACCEPT})) == once


def test_the_same_figure_is_written_as_each_language_writes_numbers() -> None:
    found = {"accept": ACCEPT}

    assert "1,234 a second (a bare server with one row: 2,469)" in readme.table(found, numbers.ENGLISH)
    assert "1.234 por segundo (um servidor mínimo com uma linha: 2.469)" in readme.table(found, numbers.PORTUGUESE)


@pytest.mark.parametrize("fault", [{"broken": ["3 messages were lost"]}, {"error": "no model"}])
def test_a_run_that_broke_its_promise_is_not_shown(tmp_path: Path, fault: dict[str, object]) -> None:
    (tmp_path / "accept.json").write_text("a line before\n" + json.dumps({**ACCEPT, **fault}))

    with pytest.raises(ValueError, match="accept"):
        kept.read(tmp_path)
