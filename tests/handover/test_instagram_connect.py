"""An Instagram account is connected by its owner's sign-in: once, in time, by an admin's link alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conversation.account import Account, Channel
from conversation.channel_settings import ChannelSettings, Login
from conversation.errors import SendError
from runtime.abilities import Reach
from runtime.instagram_connecting import InstagramConnecting
from runtime.instagram_sign_in import OwnAccount
from runtime.tokens import FreshToken
from store import account_aliases, accounts, audit, operators, tables, tokens
from tests import services
from tests.handover.conftest import Api
from tests.house import START, Stage

WEBHOOK_ID, APP_SCOPED_ID = "17841400000000001", "2817000000000001"
ME = OwnAccount(webhook_id=WEBHOOK_ID, app_scoped_id=APP_SCOPED_ID, username="cantina", name="Cantina", kind="BUSINESS")
kind = services.kind  # what is asked of a database here is tried on both in tests/store


@dataclass
class Instagram:
    """Satisfies `SignIn` and `Subscription`."""

    emulated: bool = False
    base_url: str = "http://instagram"
    secrets: tuple[str, ...] = ("instagram-canary", "meta-canary")
    me: OwnAccount = ME
    failing: SendError | None = None
    deaf: bool = False
    codes: list[str] = field(default_factory=list)
    subscribed: list[Reach] = field(default_factory=list)

    def page(self, state: str) -> str:
        return f"https://instagram.example.com/authorize?state={state}"

    async def token_for(self, code: str) -> FreshToken:
        self.codes.append(code)
        if self.failing is not None:
            raise self.failing
        return FreshToken(value=f"token-canary-{len(self.codes)}", good_for_s=60 * 86_400.0)

    async def who(self, token: str) -> OwnAccount:
        return self.me

    async def is_on(self, reach: Reach) -> bool:
        return not self.deaf

    async def turn_on(self, reach: Reach) -> None:
        if self.deaf:
            raise SendError("Not yet.", error_code=10)
        self.subscribed.append(reach)


@pytest.fixture
def instagram() -> Instagram:
    return Instagram()


@pytest.fixture
def hidden(stage: Stage, api: Api, instagram: Instagram) -> list[str]:
    """What is kept out of log lines."""
    words: list[str] = []
    api.house.instagram_connecting = InstagramConnecting(
        stage.db, stage.vault, stage.clock, instagram, instagram, words.append
    )
    return words


@pytest.fixture(autouse=True)
def connecting(hidden: list[str]) -> None:
    """Every test has it."""


async def begun(api: Api, by: str = "chefe") -> str:
    status, answer = await api.post("/accounts/instagram/connect", by=by)
    assert status == 200, answer
    (state,) = parse_qs(urlsplit(answer["url"]).query)["state"]
    return state


async def comes_back(api: Api, *, language: str = "en", **query: str) -> tuple[int, str]:
    headers = {"Accept-Language": language}
    url = f"{api.address}/connect/instagram/callback"
    async with api.session.get(url, params=query, headers=headers) as response:
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        return response.status, await response.text()


async def the_account(stage: Stage) -> Account:
    found = await stage.db.read(accounts.by_provider_id, Channel.INSTAGRAM, WEBHOOK_ID)
    assert found is not None
    return found


async def instagram_accounts(stage: Stage) -> int:
    return sum(each.channel is Channel.INSTAGRAM for each in await stage.db.read(accounts.all_of))


class TestASignInThatEndsWell:
    async def test_makes_an_account_that_answers(self, stage: Stage, api: Api, instagram: Instagram) -> None:
        status, page = await comes_back(api, state=await begun(api), code="c1")
        assert (status, "Cantina is connected" in page) == (200, True)
        account = await the_account(stage)
        assert (account.channel_settings.login, account.channel_settings.username) == (Login.INSTAGRAM, "cantina")
        assert (account.provider_id, account.active, account.auto_response) == (WEBHOOK_ID, True, True)
        own = await stage.db.read(accounts.credentials, stage.vault, account.id)
        assert (own.token, own.secrets) == ("token-canary-1", ("instagram-canary", "meta-canary"))
        assert (account.token_expires_at - START).days == 60  # type: ignore[operator]
        (reach,) = instagram.subscribed
        assert (reach.node, reach.base_url, reach.token) == (WEBHOOK_ID, "http://instagram", "token-canary-1")

    async def test_is_the_deed_of_who_began_it(self, stage: Stage, api: Api) -> None:
        await comes_back(api, state=await begun(api), code="c1")
        begun_, done = await stage.db.read(audit.entries)
        assert [(each.by, each.action) for each in (begun_, done)] == [
            ("chefe", "connect_instagram"),
            ("chefe", "instagram_connected"),
        ]
        assert done.facts == {"account_id": (await the_account(stage)).id, "ending": "connected"}

    async def test_one_that_was_removed_comes_back_as_the_same(self, stage: Stage, api: Api) -> None:
        await comes_back(api, state=await begun(api), code="c1")
        first = await the_account(stage)
        await api.house.account_setup.remove(first.id, by="chefe")
        status, page = await comes_back(api, state=await begun(api), code="c2")
        assert (status, "Cantina is connected" in page) == (200, True)
        back = await the_account(stage)
        assert (back.id, back.active, back.removed_at) == (first.id, True, None)
        assert (await stage.db.read(accounts.credentials, stage.vault, back.id)).token == "token-canary-2"

    async def test_webhooks_under_either_of_its_two_ids_find_it(self, stage: Stage, api: Api) -> None:
        await comes_back(api, state=await begun(api), code="c1")
        known = await stage.entrance.secrets("instagram", fresh=True)
        assert set(known) == {WEBHOOK_ID, APP_SCOPED_ID}

    async def test_it_speaks_portuguese_too_and_escapes_what_instagram_says(
        self, stage: Stage, api: Api, instagram: Instagram
    ) -> None:
        instagram.me = replace(ME, name="<script>alert(1)</script>")
        _, page = await comes_back(api, language="pt-BR,en", state=await begun(api), code="c1")
        assert '<html lang="pt-BR">' in page
        assert "está conectada" in page
        assert "<script>" not in page

    async def test_where_the_subscription_fails_it_is_connected_and_says_so(
        self, stage: Stage, api: Api, instagram: Instagram
    ) -> None:
        instagram.deaf = True
        status, page = await comes_back(api, state=await begun(api), code="c1")
        assert (status, "does not tell us of new messages yet" in page) == (200, True)
        assert await instagram_accounts(stage) == 1

    async def test_nothing_secret_is_on_the_page_or_left_in_the_clear(
        self, stage: Stage, api: Api, hidden: list[str]
    ) -> None:
        _, page = await comes_back(api, state=await begun(api), code="code-canary")
        assert "canary" not in page
        assert hidden == ["token-canary-1"]
        rows = await stage.db.read(lambda tx: tx.execute(tables.accounts.select()).all())
        assert "canary" not in str(rows)


class TestAnAccountThatWasThere:
    async def test_is_renewed_and_keeps_its_settings(self, stage: Stage, api: Api) -> None:
        await comes_back(api, state=await begun(api), code="c1")
        account = await the_account(stage)
        await stage.ownership.change_account(account.id, name="Minha loja", auto_response=False)
        await stage.db.write(tokens.drop, account.id, "dead")
        status, page = await comes_back(api, state=await begun(api), code="c2")
        assert (status, "connected again" in page) == (200, True)
        again = await the_account(stage)
        assert (again.id, again.name, again.auto_response, again.fault) == (account.id, "Minha loja", False, None)
        own = await stage.db.read(accounts.credentials, stage.vault, account.id)
        assert own.token == "token-canary-2"

    async def test_is_found_where_somebody_typed_its_other_id(self, stage: Stage, api: Api) -> None:
        await self.added(stage, provider_id=APP_SCOPED_ID, settings=ChannelSettings(login=Login.INSTAGRAM))
        await comes_back(api, state=await begun(api), code="c1")
        assert await instagram_accounts(stage) == 1
        found = await stage.db.read(account_aliases.resolve, Channel.INSTAGRAM, WEBHOOK_ID)
        assert found == "acc_before"

    @pytest.mark.parametrize(
        "given", [{"settings": ChannelSettings(page_id="1")}, {"emulated": True}], ids=["by its Page", "emulated"]
    )
    async def test_by_another_way_stays_as_it_is(self, stage: Stage, api: Api, given: dict[str, Any]) -> None:
        before = await self.added(stage, **{"settings": ChannelSettings(login=Login.INSTAGRAM), **given})
        status, page = await comes_back(api, state=await begun(api), code="c1")
        assert (status, "another way" in page) == (400, True)
        assert await the_account(stage) == before
        assert (await stage.db.read(accounts.credentials, stage.vault, before.id)).token == "before"

    async def added(
        self, stage: Stage, *, provider_id: str = WEBHOOK_ID, settings: ChannelSettings, emulated: bool = False
    ) -> Account:
        made: Any = replace(
            stage.account,
            id="acc_before",  # type: ignore[arg-type]
            channel=Channel.INSTAGRAM,
            provider_id=provider_id,
            channel_settings=settings,
            emulated=emulated,
        )
        await stage.db.write(accounts.add, stage.vault, made, token="before", secrets=(), now=START)
        return await stage.db.read(accounts.get, "acc_before")


class TestASignInThatIsNotOurs:
    async def test_a_link_is_good_once(self, stage: Stage, api: Api, instagram: Instagram) -> None:
        state = await begun(api)
        await comes_back(api, state=state, code="c1")
        status, page = await comes_back(api, state=state, code="c2")
        assert (status, "not good any more" in page) == (400, True)
        assert instagram.codes == ["c1"]

    async def test_a_link_is_good_for_ten_minutes(self, stage: Stage, api: Api, instagram: Instagram) -> None:
        state = await begun(api)
        stage.clock.wind(601)
        assert (await comes_back(api, state=state, code="c1"))[0] == 400
        assert instagram.codes == []

    @pytest.mark.parametrize("touch", ["", "x", "{nonce}.", "{nonce}.{other}", "x{state}", "{state}x"])
    async def test_a_state_that_we_did_not_sign_is_nothing(
        self, stage: Stage, api: Api, instagram: Instagram, touch: str
    ) -> None:
        state, other = await begun(api), await begun(api)
        made = touch.format(state=state, nonce=state.partition(".")[0], other=other.partition(".")[2])
        assert (await comes_back(api, state=made, code="c1"))[0] == 400
        assert instagram.codes == []
        assert (await comes_back(api, state=state, code="c1"))[0] == 200  # and uses up nobody's link

    async def test_whoever_is_no_admin_any_more_connects_nothing(
        self, stage: Stage, api: Api, instagram: Instagram
    ) -> None:
        state = await begun(api)
        await stage.db.write(operators.remove, "chefe")
        assert (await comes_back(api, state=state, code="c1"))[0] == 400
        assert instagram.codes == []

    @pytest.mark.parametrize("by", ["ana", "sonia"])
    async def test_only_an_admin_begins_one(self, api: Api, by: str) -> None:
        assert (await api.post("/accounts/instagram/connect", by=by))[0] == 403


class TestASignInThatEndsBadly:
    async def test_its_owner_says_no(self, stage: Stage, api: Api) -> None:
        status, page = await comes_back(api, state=await begun(api), error="access_denied")
        assert (status, "Nothing was connected" in page) == (200, True)
        assert await instagram_accounts(stage) == 0

    async def test_instagram_does_not_go_along(self, stage: Stage, api: Api, instagram: Instagram) -> None:
        instagram.failing = SendError("Instagram did not take this sign-in (400).")
        status, page = await comes_back(api, state=await begun(api), code="c1")
        assert (status, "did not take this sign-in" in page) == (502, True)
        assert await instagram_accounts(stage) == 0

    async def test_what_breaks_here_shows_nothing_of_what_came(
        self, stage: Stage, api: Api, instagram: Instagram, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def breaks(token: str) -> OwnAccount:
            raise RuntimeError("code-canary")

        monkeypatch.setattr(instagram, "who", breaks)
        status, page = await comes_back(api, state=await begun(api), code="code-canary")
        assert (status, "canary" in page) == (502, False)

    async def test_a_private_account_is_told_what_it_lacks(self, stage: Stage, api: Api, instagram: Instagram) -> None:
        instagram.me = replace(ME, kind="PERSONAL")
        status, page = await comes_back(api, state=await begun(api), code="c1")
        assert (status, "personal account" in page) == (400, True)
        assert await instagram_accounts(stage) == 0

    async def test_where_no_app_is_named_it_says_which_settings_are_missing(self, stage: Stage, api: Api) -> None:
        api.house.instagram_connecting = InstagramConnecting(
            stage.db, stage.vault, stage.clock, None, None, lambda word: None
        )
        status, answer = await api.post("/accounts/instagram/connect", by="chefe")
        assert (status, "INSTAGRAM_APP_ID" in answer["error"]["message"]) == (400, True)
        assert (await comes_back(api, state="x", code="c1"))[0] == 400
