"""Each bench once more for every guard of ours that can be taken out of the product: what it protects must break.

The suite takes one guard from each bench, so that it ends in time; here are all of them, those too, a short seeded run
each (`tests/bench`). `seen`: guards whose absence was reported, with the figure that stands for it and exit 1; anything
less than all is broken. About four minutes on two processors.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

from bench.harness import entry
from bench.harness.entry import CannotMeasure, Result, say

ROOT = Path(__file__).resolve().parents[1]


async def bench(chosen: argparse.Namespace) -> Result:
    with tempfile.TemporaryDirectory(prefix="baton-guards-") as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-m", "guard", "-n", str(chosen.at_once), "-q"]
        tests = await asyncio.create_subprocess_exec(
            *command, "--dist", "load", f"--junit-xml={report}", "tests/bench", cwd=ROOT, stdout=sys.stderr
        )
        try:
            await tests.wait()
        finally:
            if tests.returncode is None:
                tests.terminate()
        if not report.exists():
            raise CannotMeasure("The runs did not end; what they said is above.")
        cases = list(ElementTree.parse(report).iter("testcase"))
    unseen = [_name(case) for case in cases if len(case)]  # a child tells of a failure, an error or a skip
    for case in cases:
        say(f"{'not seen' if len(case) else 'seen':8}  {_name(case)}")
    if not cases:
        raise CannotMeasure("No guard was found.")
    figures = {"guards": len(cases), "seen": len(cases) - len(unseen), "not_seen": unseen}
    return Result(figures=figures, broken=[f"{name} was taken out, and nothing was seen" for name in unseen])


def _name(case: ElementTree.Element) -> str:
    file = case.get("classname", "").rpartition(".")[2].removeprefix("test_")
    test, _, values = case.get("name", "").partition("[")
    return f"{file}: {values.rstrip(']') or test}"


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./baton bench guards", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--at-once", type=int, default=2, metavar="N", help="processes that run them (2)")
    return entry.run(bench(parser.parse_args(argv)))
