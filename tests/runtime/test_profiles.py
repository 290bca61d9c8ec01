"""Who contacts are: asked beside everything else, again after a week, never again where it is refused for good."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import Any

import pytest

from conversation import channel_settings
from conversation.contact import Contact
from conversation.errors import SendError
from runtime.abilities import Profile
from store import accounts, contacts, media, tables
from tests.house import Stage, eventually
from tests.runtime.remembering import RITA, SAUL, Remembering, answered, wrote

WEEK_S = 7 * 24 * 3600.0
RITA_IS = Profile(name="Rita Lima", username="ritinha", facts={"first_name": "Rita"})


@pytest.fixture
async def shop(stage: Stage) -> Remembering:
    """Rita has written."""
    made = Remembering(stage)
    made.memory.profiles[RITA] = RITA_IS
    await made.accept(wrote(RITA, "m_1", "oi", made.clock.now()))
    return made


async def contact(shop: Remembering, who: str = RITA) -> Contact:
    conversation = await shop.stage.conversation(await shop.conversation_of(who))
    return await shop.db.read(contacts.get, conversation.contact_id)


def asked(shop: Remembering) -> int:
    return len(shop.memory.asked)


async def later(shop: Remembering, seconds: float) -> None:
    shop.clock.wind(seconds)
    await shop.profiles.look()


async def test_a_new_contact_is_asked_about_once_and_again_after_a_week(shop: Remembering) -> None:
    await shop.profiles.look()
    rita = await contact(shop)
    assert (rita.name, rita.username, rita.profile["first_name"]) == ("Rita Lima", "ritinha", "Rita")
    await later(shop, WEEK_S - 1)
    assert asked(shop) == 1
    shop.memory.profiles[RITA] = Profile(name="Rita Souza", username="rita.souza")
    await later(shop, 1)
    rita = await contact(shop)
    assert (rita.name, rita.username) == ("Rita Souza", "rita.souza")


async def test_people_are_told_to_look_again(shop: Remembering) -> None:
    await shop.profiles.look()
    notices = await shop.stage.rows(tables.notices)
    assert (notices[-1].kind, notices[-1].conversation_id) == ("contact", await shop.conversation_of(RITA))


async def test_a_name_that_a_webhook_told_stays(shop: Remembering) -> None:
    await shop.accept(wrote(SAUL, "m_2", "oi", shop.clock.now(), name="Saul do bairro"))
    shop.memory.profiles[SAUL] = Profile(name="Saul Reis", username="saul")
    await shop.profiles.look()
    saul = await contact(shop, SAUL)
    assert (saul.name, saul.username) == ("Saul do bairro", "saul")


async def test_a_picture_is_wanted_and_where_it_is_stays_sealed(shop: Remembering) -> None:
    shop.memory.profiles[RITA] = Profile(name="Rita Lima", picture_url="https://cdn.example/rita.jpg?key=1")
    await shop.profiles.look()
    (row,) = await shop.stage.rows(tables.media)
    assert (row.kind, row.contact_id, row.state) == (media.PICTURE, (await contact(shop)).id, "wanted")
    assert b"cdn.example" not in row.source


async def test_refused_for_good_is_never_asked_again(shop: Remembering) -> None:
    shop.memory.profiles[RITA] = None
    await shop.profiles.look()
    await later(shop, 100 * WEEK_S)
    assert asked(shop) == 1 and (await contact(shop)).name is None


async def test_somebody_who_has_not_written_yet_may_do_so(shop: Remembering) -> None:
    await shop.accept(answered(SAUL, "m_2", "bom dia", shop.clock.now(), recovered=False))
    await shop.profiles.look()
    shop.memory.profiles[SAUL] = Profile(name="Saul Reis")
    await later(shop, WEEK_S)
    assert (await contact(shop, SAUL)).name == "Saul Reis"


async def test_a_passing_trouble_is_waited_for_longer_each_time(shop: Remembering) -> None:
    shop.memory.profiles[RITA] = SendError("Away.", retryable=True)
    await shop.profiles.look()
    await later(shop, 59)
    assert asked(shop) == 1
    await later(shop, 20)
    assert asked(shop) == 2
    await later(shop, 4 * 60 - 1)
    assert asked(shop) == 2
    shop.memory.profiles[RITA] = RITA_IS
    await later(shop, 61)
    assert (await contact(shop)).name == "Rita Lima"


async def test_what_is_not_permitted_is_asked_once_a_day(shop: Remembering) -> None:
    shop.memory.profiles[RITA] = SendError("The token may not do this.")
    await shop.profiles.look()
    await later(shop, 24 * 3600 - 1)
    assert asked(shop) == 1
    await later(shop, 7 * 3600)
    assert asked(shop) == 2


async def test_a_throttle_quiets_the_whole_account(shop: Remembering) -> None:
    shop.memory.profiles[RITA] = SendError("Too many.", retryable=True, retry_after_s=600)
    await shop.profiles.look()
    shop.memory.profiles |= {RITA: RITA_IS, SAUL: Profile(name="Saul Reis")}
    await shop.accept(wrote(SAUL, "m_2", "oi", shop.clock.now()))
    await later(shop, 599)
    assert asked(shop) == 1
    await later(shop, 200)
    assert (await contact(shop)).name == "Rita Lima" and (await contact(shop, SAUL)).name == "Saul Reis"


async def test_nobody_is_asked_about_where_the_account_says_so(shop: Remembering) -> None:
    await _set(shop, {"profiles": False})
    await shop.profiles.look()
    assert asked(shop) == 0
    await _set(shop, {})
    await later(shop, WEEK_S)
    assert (await contact(shop)).name == "Rita Lima"


async def _set(shop: Remembering, facts: dict[str, Any]) -> None:
    def change(tx: Any) -> None:
        plain = channel_settings.plain(channel_settings.read(facts))
        tx.execute(
            tables.accounts.update().where(tables.accounts.c.id == shop.account.id).values(channel_settings=plain)
        )

    await shop.db.write(change)


@pytest.mark.parametrize("change", [{"active": False}, {"fault": "The token is dead."}])
async def test_accounts_out_of_use_or_broken_are_not_asked(shop: Remembering, change: dict[str, Any]) -> None:
    await shop.db.write(accounts.change, shop.stage.vault, shop.account.id, **change)
    await shop.profiles.look()
    assert asked(shop) == 0


async def test_two_who_ask_at_once_ask_once(shop: Remembering) -> None:
    await asyncio.gather(shop.profiles.look(), shop.profiles.look())
    assert asked(shop) == 1


async def test_a_process_that_vanished_while_it_asked_is_replaced(shop: Remembering) -> None:
    async def vanish(what: str) -> None:
        raise asyncio.CancelledError

    shop.memory.during = vanish
    with contextlib.suppress(asyncio.CancelledError):
        await shop.profiles.look()
    shop.memory.during = None
    await later(shop, 60)
    assert asked(shop) == 1
    await later(shop, timedelta(minutes=5).total_seconds())
    assert (await contact(shop)).name == "Rita Lima"


async def test_the_runner_asks(shop: Remembering) -> None:
    task = asyncio.create_task(shop.profiles.run())

    async def known() -> bool:
        return (await contact(shop)).name is not None

    await eventually(known, "the name")
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
