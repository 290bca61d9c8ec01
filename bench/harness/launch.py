"""Runs one of the product's modules as `__main__`, with places to stop at, a guard removed, or a scripted dialogue.

    python -m bench.harness.launch --points SOCKET --sabotage NAME --dialogue scripted -- app.gateway

The product knows nothing of this: it is patched from outside, here, and only in a bench.
"""

from __future__ import annotations

import argparse
import runpy
import sys

from app import lifeline
from bench.harness import sabotage


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.harness.launch")
    parser.add_argument("--points", metavar="SOCKET")
    parser.add_argument("--sabotage", choices=sorted(sabotage.SABOTAGES))
    parser.add_argument("--dialogue", choices=("scripted", "rasa"), default="rasa")
    parser.add_argument("module")
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    chosen = parser.parse_args()
    lifeline.hold()  # for the emulator too, which does not know of it
    if chosen.points:
        from bench.harness import asking

        asking.install(chosen.points)
        if chosen.module == "app.gateway":
            from bench.harness import waiting

            waiting.install()
    if chosen.sabotage:
        sabotage.SABOTAGES[chosen.sabotage]()
    if chosen.dialogue == "scripted":
        from bench.harness import scripted

        scripted.install()
    sys.argv = [chosen.module, *chosen.rest]
    runpy.run_module(chosen.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
