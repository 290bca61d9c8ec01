"""The page of those who wait for a person."""

from __future__ import annotations

from typing import Any

from bench.walks.group import Group
from bench.walks.walk import Walk, must


async def sees_who_asked_for_a_person(walk: Walk) -> None:
    for mark in ("wanted", "unwanted"):
        given = await walk.somebody("whatsapp", f"Quem espera {mark}", mark)
        talk = await given.get("talk")
        await walk.scene.own("POST", f"conversations/{talk}/request", {"reason": f"a complaint, {mark}"})
    await walk.goes_to(walk.queue_at)
    for mark in ("wanted", "unwanted"):
        await walk.sees(await _asked(walk, mark))
    must(await walk.state_of(walk.on("whatsapp", "wanted")) == "pending", "the request is not waiting")


async def approves_and_a_person_has_it(walk: Walk) -> None:
    await walk.presses("Aprovar", await _asked(walk, "wanted"))
    await walk.until(lambda: _is(walk, "wanted", "human"), "the conversation is with a person")
    said = await walk.answer_to(walk.on("whatsapp", "wanted"), "thank you")
    must(said is None, f"the assistant says {said!r} although it was approved")


async def rejects_and_the_assistant_has_it_again(walk: Walk) -> None:
    await walk.presses("Rejeitar", await _asked(walk, "unwanted"))
    await walk.until(lambda: _is(walk, "unwanted", "bot"), "the conversation is with the assistant")
    must(await walk.answer_to(walk.on("whatsapp", "unwanted"), "when are you open?"), "the assistant is silent")


async def sees_both_among_what_was_decided_when_coming_again(walk: Walk) -> None:
    await walk.goes_to(walk.queue_at)
    await walk.sees("Histórico Recente")
    for mark in ("wanted", "unwanted"):
        talk = await walk.on("whatsapp", mark).get("talk")
        await walk.sees(walk.page.get_by_text(str(talk)))
        must(not await (await _asked(walk, mark)).count(), "what was decided still waits")


async def _asked(walk: Walk, mark: str) -> Any:
    """The smallest place with this request's conversation and its buttons."""
    talk = await walk.on("whatsapp", mark).get("talk")
    waiting = walk.page.locator("div").filter(has_text=str(talk))
    return waiting.filter(has=walk.page.get_by_role("button", name="Aprovar")).last


async def _is(walk: Walk, mark: str, state: str) -> bool:
    return await walk.state_of(walk.on("whatsapp", mark)) == state


GROUP = Group(
    name="handover queue",
    steps=(
        sees_who_asked_for_a_person,
        approves_and_a_person_has_it,
        rejects_and_the_assistant_has_it_again,
        sees_both_among_what_was_decided_when_coming_again,
    ),
)
