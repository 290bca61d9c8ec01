""" "She got two answers, from two of us, and they were not the same." """

from __future__ import annotations

import asyncio

from conversation.message import Author
from tests.house import Stage


async def test_of_fifty_who_answer_one_does(stage: Stage) -> None:
    conversation_id = await stage.asks_for_a_person()
    names = [f"operadora {n}" for n in range(50)]
    answers = (stage.ownership.reply(conversation_id, f"sou a {name}", by=name) for name in names)
    results = await asyncio.gather(*answers, return_exceptions=True)
    (winner,) = [name for name, result in zip(names, results, strict=True) if not isinstance(result, Exception)]
    assert len(await stage.texts(conversation_id, Author.OPERATOR)) == 1
    assert (await stage.conversation(conversation_id)).owner == winner
    assert {str(result) for result in results if isinstance(result, Exception)} == {f"{winner} has this conversation."}
