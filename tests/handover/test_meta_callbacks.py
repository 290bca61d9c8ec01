"""What Meta posts to an app: access taken away, data to be deleted. Only what an app of ours signed counts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest

from conversation.account import Account, Channel
from conversation.contact import Address, AddressKind
from runtime.erasing import Erasing
from runtime.meta_requests import MetaRequests
from store import account_aliases, accounts, audit, contacts, deletion_requests, tables, webhook_events
from tests import services
from tests.handover.conftest import Api
from tests.house import START, Stage

kind = services.kind
ENGLISH = {"Accept-Language": "en"}
COMMON, OWN = "common-secret", "own-secret"
APP_SCOPED_ID = "2817000000000001"
PERSON = "9900000000000007"


def signed(user_id: str = APP_SCOPED_ID, secret: str = OWN) -> str:
    facts = {"user_id": user_id, "algorithm": "HMAC-SHA256", "issued_at": 1767225600}
    text = base64.urlsafe_b64encode(json.dumps(facts).encode()).decode().rstrip("=")
    made = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=") + "." + text


@pytest.fixture(autouse=True)
def callbacks(stage: Stage, api: Api) -> None:
    erasing = Erasing(stage.db, api.house.media_folder, api.house.bus, stage.clock, stage.settings)
    api.house.meta_requests = MetaRequests(
        stage.db, stage.vault, stage.clock, [COMMON], "https://baton.example.com", erasing
    )


@pytest.fixture
async def account(stage: Stage) -> Account:
    """An Instagram account, known by its app-scoped id too."""

    def add(tx: Any) -> Account:
        made: Any = replace(
            stage.account,
            id="acc_instagram",  # type: ignore[arg-type]
            channel=Channel.INSTAGRAM,
            provider_id="17841400000000001",
        )
        added = accounts.add(tx, stage.vault, made, token="tok", secrets=[OWN], now=START)
        account_aliases.add(tx, Channel.INSTAGRAM, APP_SCOPED_ID, added.id)
        return added

    return await stage.db.write(add)


async def contact_of(stage: Stage, account_id: Any) -> str:
    """Somebody on this account whom Instagram knows by that id."""
    known_by = [Address(kind=AddressKind.IGSID, value=PERSON)]
    return await stage.db.write(contacts.find_or_add, account_id, known_by, "Joana", START)


async def posted(api: Api, path: str, signed_request: str) -> tuple[int, Any]:
    async with api.session.post(f"{api.address}/meta/{path}", data={"signed_request": signed_request}) as response:
        return response.status, await response.json()


async def token_of(stage: Stage, account: Account) -> str | None:
    return (await stage.db.read(accounts.credentials, stage.vault, account.id)).token


class TestAccessTakenAway:
    async def test_its_token_is_dropped_and_the_account_says_why(
        self, stage: Stage, api: Api, account: Account
    ) -> None:
        assert (await posted(api, "deauthorize", signed()))[0] == 200
        assert await token_of(stage, account) is None
        fault = (await stage.db.read(accounts.get, account.id)).fault
        assert fault is not None
        assert "taken away" in fault
        (event,) = await stage.db.read(webhook_events.latest)
        assert (event["kind"], event["body"]["accounts"]) == ("deauthorize", [account.id])

    @pytest.mark.parametrize("secret", [COMMON, "s1"], ids=["of the settings", "of another account's app"])
    async def test_another_apps_word_drops_nothing(self, stage: Stage, api: Api, account: Account, secret: str) -> None:
        assert (await posted(api, "deauthorize", signed(secret=secret)))[0] == 200
        assert await token_of(stage, account) == "tok"

    async def test_of_somebody_we_do_not_know_by_that_id_it_is_kept(
        self, stage: Stage, api: Api, account: Account
    ) -> None:
        assert (await posted(api, "deauthorize", signed(user_id="5")))[0] == 200
        assert await token_of(stage, account) == "tok"
        (event,) = await stage.db.read(webhook_events.latest)
        assert event["body"] == {"user_id": "5", "accounts": []}


class TestDataToBeDeleted:
    async def test_it_is_kept_and_its_state_can_be_seen(self, stage: Stage, api: Api) -> None:
        status, answer = await posted(api, "data-deletion", signed(secret=COMMON))
        code = answer["confirmation_code"]
        assert (status, answer["url"]) == (200, f"https://baton.example.com/meta/data-deletion/{code}")
        (event,) = await stage.db.read(webhook_events.latest)
        assert (event["kind"], event["body"]["user_id"]) == ("data_deletion", APP_SCOPED_ID)
        assert APP_SCOPED_ID not in code
        status, page = await self.page(api, code)
        assert (status, "received on 2026-03-02" in page) == (200, True)
        assert "by 2026-04-01. It is not done yet" in page

    async def test_it_says_so_when_it_was_done(self, stage: Stage, api: Api) -> None:
        _, answer = await posted(api, "data-deletion", signed(secret=COMMON))
        done = {"proof": answer["confirmation_code"].partition("-")[2], "done_at": "2026-03-09T10:00:00+00:00"}
        await stage.db.write(lambda tx: tx.execute(tables.webhook_events.update().values(body=done)))
        _, page = await self.page(api, answer["confirmation_code"])
        assert "deleted on 2026-03-09" in page
        assert "not done" not in page

    @pytest.mark.parametrize("touched", ["1", "1-", "1-" + "0" * 24, "2-{proof}", "x", "{code}x"])
    async def test_a_code_that_was_guessed_shows_nothing(self, stage: Stage, api: Api, touched: str) -> None:
        _, answer = await posted(api, "data-deletion", signed(secret=COMMON))
        code = answer["confirmation_code"]
        status, page = await self.page(api, touched.format(code=code, proof=code.partition("-")[2]))
        assert (status, "There is no request" in page, "2026" in page) == (404, True, False)

    async def test_only_wishes_for_deletion_are_shown(self, stage: Stage, api: Api) -> None:
        await posted(api, "deauthorize", signed("5", COMMON))
        assert await stage.db.read(deletion_requests.find, "1-" + "0" * 24) is None

    async def test_whom_we_know_by_that_id_is_erased_and_the_page_says_so(
        self, stage: Stage, api: Api, account: Account
    ) -> None:
        theirs, others = await contact_of(stage, account.id), await contact_of(stage, stage.account.id)
        _, answer = await posted(api, "data-deletion", signed(PERSON))
        await api.house.meta_requests._erasing.look()
        left = await stage.db.read(lambda tx: tx.execute(tables.contacts.select()).scalars().all())
        assert (theirs in left, others in left) == (False, True)  # another app's word does not count
        _, page = await self.page(api, answer["confirmation_code"])
        assert "deleted on 2026-03-02" in page
        (kept,) = await stage.rows(tables.webhook_events)
        assert kept.body["user_id"] is None
        (erased,) = await stage.db.read(audit.entries)
        assert (erased.by, erased.action) == ("meta", "contact_erased")

    async def page(self, api: Api, code: str) -> tuple[int, str]:
        async with api.session.get(f"{api.address}/meta/data-deletion/{code}", headers=ENGLISH) as response:
            return response.status, await response.text()


@pytest.mark.parametrize("path", ["deauthorize", "data-deletion"])
@pytest.mark.parametrize("text", ["", "x.y", signed(secret="another"), signed()[1:], signed() + "x"])
async def test_what_is_not_signed_by_an_app_of_ours_is_refused(
    stage: Stage, api: Api, account: Account, path: str, text: str
) -> None:
    status, answer = await posted(api, path, text)
    assert (status, answer["error"]["code"]) == (403, "forbidden")
    assert await token_of(stage, account) == "tok"
    assert await stage.rows(tables.webhook_events) == []
