"""What an agent that is tried out knows of a shop: no more than whoever tries it."""

from __future__ import annotations

from runtime.llm.brief import of_a_trial
from tests.house import OTHER_NUMBER, Stage, add_account


async def test_it_knows_a_shop_that_whoever_tries_it_sees_and_no_other(stage: Stage) -> None:
    await stage.ownership.change_account(stage.account.id, shop={"address": "Rua das Flores, 120"})
    other = await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    await stage.ownership.change_account(other.id, shop={"address": "Rua do Porto, 7"})

    async def address(account_ids: list[str] | None) -> object:
        brief = await stage.db.read(of_a_trial, stage.agent, 10.0, account_ids)
        return brief.shop.get("address")

    assert await address([stage.account.id]) == "Rua das Flores, 120"
    assert await address([other.id]) == "Rua do Porto, 7"
    assert await address(None) in ("Rua das Flores, 120", "Rua do Porto, 7")
    assert await address([]) is None
