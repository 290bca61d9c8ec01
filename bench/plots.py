"""Not a measurement: draws the plots and fills in the tables of the pages, from the figures kept in docs/figures.

    ./baton bench NAME … | tail -1 > docs/figures/NAME.json      # for each that is to be shown
    ./baton bench plots

Plots go to docs/picture/NAME.svg; tables to docs/benchmarks.md and both READMEs, each between its two marks. Of what
there are no figures nothing is changed. With --check nothing is written, and it ends with 1 where a page is not what
its figures say."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

from app.settings import ROOT
from bench.harness import entry
from bench.harness.entry import CannotMeasure, Result
from bench.published import kept, pages


async def publish(chosen: argparse.Namespace) -> Result:
    try:
        found = kept.read()
    except ValueError as problem:
        raise CannotMeasure(str(problem)) from None
    changed = await asyncio.to_thread(_fill, found, write=not chosen.check)
    drawn: list[str] = []
    if not chosen.check:
        from bench.published import drawing  # matplotlib is for this alone

        drawn = await asyncio.to_thread(drawing.draw, found, ROOT / "docs" / "picture")
    figures = {"bench": "plots", "figures": sorted(found), "drawn": drawn, "changed": changed}
    broken = [f"{page} is not what docs/figures say" for page in changed] if chosen.check else []
    return Result(figures=figures, broken=broken)


def _fill(found: dict[str, kept.Figures], *, write: bool) -> list[str]:
    changed = []
    for page, tables in pages.made(found).items():
        text = page.read_text("utf-8")
        anew = pages.filled(text, tables)
        if anew != text:
            changed.append(page.name)
            if write:
                page.write_text(anew, "utf-8")
    return changed


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(
        prog="./baton bench plots", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--check", action="store_true", help="write nothing; say which pages are out of date")
    return entry.run(publish(made.parse_args(argv)))
