"""A name and a password for a session: what is told, what shuts a name out, and what is written down of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from argon2 import PasswordHasher

from conversation.people import Role
from runtime.limits import LocalLimits, Rate
from runtime.signing_in import _network
from store import audit, operator_tokens, operators, sign_ins
from tests import services
from tests.handover.conftest import Api
from tests.house import START, Stage

GOOD, WRONG = "uma senha bem comprida", "uma senha bem errada"
HOUR = 3600


@pytest.fixture
async def ana(api: Api, stage: Stage) -> str:
    """Who has a password, which an admin gave her."""
    hashed = await api.house.sign_ins.hash(GOOD, "ana")
    await stage.db.write(sign_ins.set_password, "ana", hashed)
    return "ana"


async def tries(api: Api, name: str, password: str = WRONG) -> tuple[int, str]:
    status, body = await api.post("/sign-in", by=None, body={"name": name, "password": password})
    return status, body["error"]["code"] if status != 200 else body["token"]


async def deeds(stage: Stage) -> list[tuple[str, str, dict[str, Any]]]:
    """What the log says of signing in."""
    found = await stage.db.read(audit.entries)
    return [(each.by, each.action, dict(each.facts)) for each in found]


class TestSigningIn:
    async def test_a_session_is_good_until_it_ends_by_itself(self, stage: Stage, api: Api, ana: str) -> None:
        status, made = await api.post("/sign-in", by=None, body={"name": ana, "password": GOOD})
        assert (status, made["operator"]["name"], made["operator"]["role"]) == (200, "ana", "operator")
        assert made["expires_at"] == "2026-03-03T00:00:00.000+00:00"
        word = made["token"]
        assert (await api.get("/me", by=word))[1]["name"] == "ana"
        (shown,) = [each for each in (await api.get("/me/tokens", by=word))[1]["items"] if each["is_this"]]
        assert (shown["id"], shown["kind"], shown["expires_at"]) == (made["token_id"], "session", made["expires_at"])
        stage.clock.wind(12 * HOUR - 1)
        assert (await api.get("/me", by=word))[0] == 200
        stage.clock.wind(1)
        assert (await api.get("/me", by=word))[0] == 401

    @services.sqlite_only
    async def test_it_is_the_same_password_however_it_was_typed(self, stage: Stage, api: Api) -> None:
        await stage.db.write(sign_ins.set_password, "ana", await api.house.sign_ins.hash("maçã verde crua", "ana"))
        assert (await tries(api, "ana", "mac\u0327a\u0303 verde crua"))[0] == 200

    async def test_whatever_is_wrong_is_told_alike(self, api: Api, ana: str) -> None:
        answers = [
            await api.post("/sign-in", by=None, body={"name": name, "password": password})
            for name, password in ((ana, WRONG), ("ben", GOOD), ("nobody-here", GOOD))
        ]
        assert [status for status, _ in answers] == [401, 401, 401]
        assert answers[0] == answers[1] == answers[2]

    @services.sqlite_only
    async def test_a_wrong_name_costs_the_same_hashing(
        self, api: Api, ana: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        passwords = api.house.sign_ins._passwords
        checked: list[str] = []

        def fits(kept: str, password: str) -> bool:
            checked.append(kept)
            return True

        monkeypatch.setattr(passwords, "_fits", fits)
        for name in (ana, "ben", "nobody-here"):
            await tries(api, name)
        assert len(checked) == 3 and all(kept.startswith("$argon2id$") for kept in checked)

    @services.sqlite_only
    async def test_a_hash_that_was_made_more_cheaply_is_made_anew(
        self, stage: Stage, api: Api, ana: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = (await stage.db.read(sign_ins.of, sign_ins.Tried(name=ana, hash=""))).password_hash
        dearer = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
        monkeypatch.setattr(api.house.sign_ins._passwords, "_hasher", dearer)
        for _ in range(2):
            assert (await tries(api, ana, GOOD))[0] == 200
        after = (await stage.db.read(sign_ins.of, sign_ins.Tried(name=ana, hash=""))).password_hash
        assert after != before and "t=2" in str(after)

    async def test_signing_out_ends_it_and_tells_what_was_opened_with_it(
        self, stage: Stage, api: Api, ana: str
    ) -> None:
        _, word = await tries(api, ana, GOOD)
        told: list[Any] = []
        with api.house.bus.listening("revoked", told.append):
            assert await api.post("/sign-out", by=word) == (200, {"signed_out": True})
        assert (await api.get("/me", by=word))[0] == 401
        ((_, _, began), (by, action, _)) = await deeds(stage)
        assert (by, action, told) == ("ana", "sign_out", [{"token": began["token"]}])


class TestBeingShutOut:
    @pytest.mark.parametrize("name", ["ana", "nobody-here"])
    async def test_after_five_in_a_row_longer_each_time_whoever_has_the_name(
        self, stage: Stage, api: Api, ana: str, name: str
    ) -> None:
        assert [await tries(api, name) for _ in range(5)] == [(401, "wrong_sign_in")] * 5
        for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
            assert await tries(api, name, GOOD) == (429, "locked")
            stage.clock.wind(minutes * 60 - 1)
            assert await tries(api, name, GOOD) == (429, "locked")
            stage.clock.wind(1)
            assert await tries(api, name) == (401, "wrong_sign_in")

    async def test_it_is_told_how_long_in_the_readers_language(self, api: Api, ana: str) -> None:
        for _ in range(5):
            await tries(api, ana)
        body = {"name": ana, "password": GOOD}
        headers = {"Accept-Language": "pt-BR"}
        async with api.session.post(api.address + "/api/v1/sign-in", json=body, headers=headers) as response:
            told = (await response.json())["error"]["message"]
            assert (response.headers["Retry-After"], told) == ("60", "Senhas erradas demais: tente de novo em 60 s.")

    async def test_a_good_one_begins_the_count_anew(self, stage: Stage, api: Api, ana: str) -> None:
        for _ in range(2):
            assert [(await tries(api, ana))[0] for _ in range(4)] == [401] * 4
            assert (await tries(api, ana, GOOD))[0] == 200

    @services.sqlite_only
    async def test_a_day_later_nothing_is_remembered(self, stage: Stage, api: Api, ana: str) -> None:
        for name in (ana, "nobody-here"):
            for _ in range(4):
                await tries(api, name)
        stage.clock.wind(24 * HOUR)
        for name in (ana, "nobody-here"):
            assert [(await tries(api, name))[0] for _ in range(6)] == [401] * 5 + [429]

    async def test_many_at_once_have_five_tries_between_them(self, stage: Stage, api: Api, ana: str) -> None:
        answers = await asyncio.gather(*(tries(api, ana) for _ in range(12)))
        assert sorted(answers) == [(401, "wrong_sign_in")] * 5 + [(429, "locked")] * 7
        assert await tries(api, ana, GOOD) == (429, "locked")

    async def test_a_new_password_lets_them_in(self, stage: Stage, api: Api, ana: str) -> None:
        for _ in range(5):
            await tries(api, ana)
        body = {"password": "outra senha comprida"}
        assert (await api.call("PATCH", "/api/v1/operators/ana", by="chefe", body=body))[0] == 200
        assert (await tries(api, ana, "outra senha comprida"))[0] == 200

    @services.sqlite_only
    async def test_one_address_tries_so_often_whatever_the_names(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[str] = []
        limits = LocalLimits(Rate(burst=1, per_s=1), now=lambda: 0.0)
        take = limits.take

        async def taking(who: str, **given: Any) -> None:
            seen.append(who)
            await take(who, **given)

        monkeypatch.setattr(limits, "take", taking)
        api.house.sign_ins._limits = limits
        answers = [await tries(api, f"name {i}") for i in range(31)]
        assert answers == [(401, "wrong_sign_in")] * 30 + [(429, "too_many_requests")]
        assert len(set(seen)) == 1 and "127.0.0.1" not in seen[0]

    @services.sqlite_only
    async def test_a_clients_header_does_not_make_it_another_address(self, api: Api) -> None:
        found: list[str] = []
        api.house.sign_ins._limits = None

        async def sign(name: str, password: str, *, address: str) -> Any:
            found.append(address)
            raise AssertionError

        api.house.sign_ins.sign_in = sign
        headers = {"X-Forwarded-For": "203.0.113.7", "X-Real-IP": "203.0.113.7", "Forwarded": "for=203.0.113.7"}
        body = {"name": "ana", "password": GOOD}
        async with api.session.post(api.address + "/api/v1/sign-in", json=body, headers=headers) as response:
            assert (response.status, found) == (500, ["127.0.0.1"])


class TestWhatIsWrittenDown:
    async def test_who_signed_in_who_failed_and_who_was_shut_out(self, stage: Stage, api: Api, ana: str) -> None:
        for _ in range(5):
            await tries(api, ana)
        await tries(api, ana)  # while shut out: nothing more is written
        stage.clock.wind(60)
        await tries(api, ana, GOOD)
        await tries(api, "nobody-here")
        *failed, shut_out, signed_in, unknown = await deeds(stage)
        assert failed == [("ana", "sign_in_failed", {"in_a_row": n}) for n in range(1, 5)]
        assert shut_out == ("ana", "sign_in_failed", {"in_a_row": 5, "locked_s": 60})
        assert signed_in[:2] == ("ana", "sign_in")
        assert unknown == ("nobody", "sign_in_failed", {"in_a_row": 1})
        assert (await stage.db.read(audit.verify)).broken_at is None

    @services.sqlite_only
    async def test_neither_password_nor_a_name_nobody_has(self, stage: Stage, api: Api, ana: str) -> None:
        await tries(api, GOOD, "ana")  # in the wrong fields
        await tries(api, ana, WRONG)
        await tries(api, ana, GOOD)
        kept = str(await stage.db.read(lambda tx: [list(tx.connection.connection.iterdump())]))
        assert "argon2id" in kept
        assert GOOD not in kept and WRONG not in kept


class TestOnesOwnPassword:
    NEW = "uma senha mais nova"

    async def change(self, api: Api, by: str, old: str, new: str = NEW) -> tuple[int, Any]:
        return await api.post("/me/password", by=by, body={"old": old, "new": new})

    async def test_it_ends_every_other_session_and_no_key(self, stage: Stage, api: Api, ana: str) -> None:
        (_, here), (_, there) = [await tries(api, ana, GOOD) for _ in range(2)]
        told: list[Any] = []
        with api.house.bus.listening("revoked", told.append):
            assert await self.change(api, here, GOOD) == (200, {"revoked": 1})
        assert len(told) == 1
        assert [(await api.get("/me", by=by))[0] for by in (here, there, "ana")] == [200, 401, 200]
        assert [(await tries(api, ana, each))[0] for each in (GOOD, self.NEW)] == [401, 200]
        assert [action for _, action, _ in await deeds(stage)][2] == "change_my_password"

    async def test_a_wrong_old_one_counts_as_a_failed_sign_in(self, stage: Stage, api: Api, ana: str) -> None:
        for _ in range(5):
            status, body = await self.change(api, ana, WRONG)
            assert (status, body["error"]["code"]) == (409, "wrong_password")
        assert (await self.change(api, ana, GOOD))[1]["error"]["code"] == "locked"
        assert await tries(api, ana, GOOD) == (429, "locked")
        assert {action for _, action, _ in await deeds(stage)} == {"change_my_password_failed"}

    @services.sqlite_only
    @pytest.mark.parametrize("new", ["curta", "x" * 201, "maria da penha"])
    async def test_it_is_long_enough_and_not_the_name(self, stage: Stage, api: Api, new: str) -> None:
        name = "Maria da Penha"
        token = await stage.db.write(operators.add, name, Role.OPERATOR, START)
        await stage.db.write(sign_ins.set_password, name, await api.house.sign_ins.hash(GOOD, name))
        assert (await self.change(api, token, GOOD, new))[0] == 400
        assert (await tries(api, name, GOOD))[0] == 200

    @services.sqlite_only
    async def test_the_first_one_is_given_by_an_admin(self, api: Api) -> None:
        status, body = await self.change(api, "ben", WRONG)
        assert (status, body["error"]["code"]) == (409, "no_password")


@services.sqlite_only
async def test_a_password_changed_between_is_not_signed_in_with(
    stage: Stage, api: Api, ana: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits = api.house.sign_ins._passwords.fits

    async def slowly(kept: str | None, password: str) -> bool:
        found: bool = await fits(kept, password)
        await stage.db.write(sign_ins.set_password, ana, await api.house.sign_ins.hash("uma outra senha", ana))
        return found

    monkeypatch.setattr(api.house.sign_ins._passwords, "fits", slowly)
    assert await tries(api, ana, GOOD) == (401, "wrong_sign_in")
    assert [each.kind.value for each in await stage.db.read(operator_tokens.of_operator, ana)] == ["key"]


def test_an_address_of_ipv6_is_its_network() -> None:
    assert _network("2001:db8::1") == _network("2001:db8::ffff") == "2001:db8::/64"
    assert _network("::ffff:203.0.113.7") == _network("203.0.113.7") == "203.0.113.7"
    assert _network("fe80::1%eth0") == "fe80::/64"
    assert _network("") == ""
