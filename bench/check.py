"""Misconfigurations on a running gateway and the emulator: `account check` names each, and nothing where all is well.

By seed: which of those known, on which number, with which values. Between two the account is looked at again, where
nothing may fail. `named`: the first step that failed is the right one, and says what it is; `wrongly_named`: another
one, or none. `false_alarms`: a step that failed where all was well.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

from app import logs
from bench.checking import seeded, world
from bench.checking.seeded import Wrong
from bench.checking.world import CUSTOMER, Number, View, World
from bench.harness import entry
from bench.harness.entry import Result, say
from conversation.checks import Checked

_NUMBERS = 3


async def named(running: World, wrong: Wrong, number: Number) -> tuple[bool, str]:
    """Whether the check names it; and what it named."""
    house = running.house
    if wrong.here:
        await house.ownership.change_account(number.id, **wrong.here)
    await running.stand(number, **wrong.standing)
    if wrong.deed is not None:
        await wrong.deed(running, number)
    try:
        checked = await running.check(number, wrong.view, to=wrong.to)
    finally:
        if wrong.undo is not None:
            await wrong.undo(running, number)
        await running.stand(number, well=True)
        if wrong.here:
            right = {"active": True, "token": number.token, "secrets": [number.secret]}
            await house.ownership.change_account(number.id, **{name: right[name] for name in wrong.here})
    first = checked.first_failed
    told = "nothing" if first is None else f"{first.place.value}: {first.found}"
    return first is not None and first.place is wrong.place and wrong.says in first.found and bool(first.cure), told


async def bench(chosen: argparse.Namespace) -> Result:
    dice = random.Random(f"check/{chosen.seed}")
    known = seeded.every(dice)
    plan = known if chosen.all else dice.sample(known, min(chosen.times, len(known)))
    wrongly: list[str] = []
    alarms: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        async with world.running(Path(folder), _NUMBERS) as running:
            for wrong in plan:
                number = dice.choice(running.numbers)
                found, told = await named(running, wrong, number)
                say(f"{'named ' if found else 'WRONG '} {wrong.name}: {told}")
                if not found:
                    wrongly.append(f"{wrong.name}: {told}")
                alarms += _alarms(await running.check(number, View()))
            alarms += _alarms(await running.check(running.numbers[0], View(), to=CUSTOMER))
    figures = {
        "named": f"{len(plan) - len(wrongly)}/{len(plan)}",
        "wrongly_named": len(wrongly),
        "false_alarms": len(alarms),
        "seed": chosen.seed,
    }
    broken = [*(f"not named: {each}" for each in wrongly), *(f"all was well: {each}" for each in alarms)]
    return Result(figures=figures, broken=broken)


def _alarms(checked: Checked) -> list[str]:
    first = checked.first_failed
    return [] if first is None else [f"{first.place.value}: {first.found}"]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./baton bench check", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=int, default=20, help="how many of those known (20)")
    parser.add_argument("--all", action="store_true", help="every one that is known")
    chosen = parser.parse_args(arguments)
    logs.set_up("command", level="ERROR")  # the gateway is in this process, and refuses what it has to refuse
    return entry.run(bench(chosen))
