"""Each known misconfiguration, on a gateway and the emulator: a check names its step, and nothing where all is well."""

from __future__ import annotations

import random
from pathlib import Path

from bench import check
from bench.checking import seeded, world
from bench.checking.world import CUSTOMER, View
from connectors.callback_checks import CallbackChecks
from conversation.checks import Callback, Place, Verdict
from tests import touched_up


async def test_a_check_names_every_misconfiguration_and_nothing_where_all_is_well(tmp_path: Path) -> None:
    touched_up.install()
    dice = random.Random(7)
    plan = seeded.every(dice)
    assert len(plan) >= 20
    assert {wrong.place for wrong in plan} == set(Place), "every step has something that only it can name"
    async with world.running(tmp_path, 2) as running:
        wrongly = []
        for wrong in plan:
            found, told = await check.named(running, wrong, dice.choice(running.numbers))
            wrongly += [] if found else [f"{wrong.name}: {told}"]
        here = Callback(
            url=f"{running.gateway}/webhooks/whatsapp/webhook",
            topic="whatsapp_business_account",
            verify_token=world.VERIFY,
            secrets=[running.numbers[0].secret],
            is_public=False,
        )
        at_home = [step.verdict for step in await CallbackChecks().walk(here)]
        well = await running.check(running.numbers[0], View(), to=CUSTOMER)

    assert wrongly == []
    assert at_home == [Verdict.SKIPPED] * 2 + [Verdict.OK] * 3, "an emulated account is not looked for on the internet"
    assert {step.place: step.verdict for step in well.steps} == dict.fromkeys(Place, Verdict.OK)
    assert well.last_webhook_at is not None, "the report of the test message has come"
    assert (well.meta.quality, well.meta.messaging_limit) == ("GREEN", 250)
