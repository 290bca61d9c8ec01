"""Plays a scenario by the emulator's own control API, step by step, and stops at the first that fails."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import aiohttp

from emulator import scenario_steps as steps
from emulator.fields import Faulty, Fields, Json
from emulator.people import digits
from emulator.scenario_files import Scenario, Step, scenario_from, shipped

if TYPE_CHECKING:
    from emulator.server import Emulator

_LOOKS_EVERY_S = 0.02
_DEADLINE_S = 10.0
_SETTLES_S = 1.0


class Failed(Exception):
    """A step did not go as it was to go; the text is what was seen."""


class Scenarios:
    """One is played at a time. What it changed of faults and settings is put back after it; time is not."""

    def __init__(self, emulator: Emulator, http: aiohttp.ClientSession) -> None:
        self._e = emulator
        self._http = http
        self._playing = ""
        self._task: asyncio.Task[Json] | None = None

    def stop(self) -> None:
        """The one that is being played, if any."""
        if self._task is not None:
            self._task.cancel()

    def all(self) -> list[Json]:
        return [scenario.shown() for scenario in shipped()]

    async def run(self, raw: object) -> Json:
        """`{name}` of one that is here, or `{steps}`; `account`; `patience` makes silences shorter or longer."""
        fields = Fields(raw)
        given = {key: fields.any(key) for key in ("name", "title", "about", "channel", "steps")}
        patience = fields.number("patience", 1.0, high=100.0)
        account = fields.text("account", "")
        fields.finish()
        if self._playing:
            raise Faulty([f"{self._playing} is being played; wait until it is over"])
        scenario = _chosen({key: value for key, value in given.items() if value is not None})
        account = account or self._account_on(scenario.channel)
        play = _Play(self._ask, self._e.feed.tell, scenario, account, self._names(), patience)
        settings, self._playing = self._e.settings, scenario.name
        self._task = asyncio.create_task(play.whole())
        try:
            return await self._task
        except asyncio.CancelledError:
            if not self._task.cancelled():
                raise  # it is this request that came to its end
            raise Faulty([f"{scenario.name} was stopped"]) from None
        finally:
            self._playing = ""
            self._task.cancel()
            self._e.settings = settings
            if any(step.verb == "faults" for step in scenario.steps):
                self._e.faults.clear()

    async def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        headers = {"Content-Type": "application/json"}
        data = None if method == "GET" else json.dumps(body or {})
        url = f"{self._e.origin}/emulator/{path}"
        async with self._http.request(method, url, data=data, headers=headers) as response:
            answer: Json = await response.json()
            if response.status != 200:
                raise Failed(f"refused: {answer.get('error', {}).get('message', response.status)}")
            return answer

    def _account_on(self, channel: str) -> str:
        for account in self._e.people.accounts.values():
            if account.channel == channel:
                return account.id
        raise Faulty([f"there is no account on {channel} here"])

    def _names(self) -> dict[str, str]:
        return {customer.name.casefold(): customer.phone for customer in self._e.people.customers.values()}


def _chosen(given: Json) -> Scenario:
    if "steps" in given:
        return scenario_from(given)
    for scenario in shipped():
        if scenario.name == given.get("name"):
            return scenario
    raise Faulty(["name must be one of: " + ", ".join(scenario.name for scenario in shipped())])


class _Play:
    """One run. `_marks` are the numbers of the journal and the log of webhooks from which on a step looks."""

    def __init__(
        self, ask: Any, tell: Callable[[str, Json], None], scenario: Scenario, account: str, names: Any, patience: float
    ) -> None:
        self._ask, self._tell = ask, tell
        self._scenario, self._account, self._names, self._patience = scenario, account, names, patience
        self._marks: dict[str, tuple[int, int]] = {}

    async def whole(self) -> Json:
        self._marks["start"] = self._marks[""] = await self._now()
        results: list[Json] = []
        for n, step in enumerate(self._scenario.steps):
            started = time.monotonic()
            result: Json = {"n": n + 1, "step": step.told, "ok": True, "seen": ""}
            try:
                result["seen"] = await self._one(step)
            except Failed as failed:
                result.update(ok=False, seen=str(failed))
            result["ms"] = round((time.monotonic() - started) * 1000)
            results.append(result)
            self._tell("scenario", {"name": self._scenario.name, "of": len(self._scenario.steps), **result})
            if not result["ok"]:
                break
        passed = all(result["ok"] for result in results)
        return {"name": self._scenario.name, "passed": passed, "steps": results, "of": len(self._scenario.steps)}

    async def _now(self) -> tuple[int, int]:
        requests, webhooks = await self._ask("GET", "requests?limit=1&after=999999999999"), await self._webhooks(10**12)
        return requests["last"], webhooks["last"]

    async def _webhooks(self, after: int) -> Json:
        found: Json = await self._ask("GET", f"webhooks?after={after}")
        return found

    async def _one(self, step: Step) -> str:
        if step.verb == "note":
            return ""
        if step.verb == "wait_s":
            await asyncio.sleep(float(step.what))
            return ""
        if step.verb in steps.DEEDS:
            mark = await self._now()
            self._marks[""] = mark
            if step.label:
                self._marks[step.label] = mark
            return await self._do(step)
        if step.verb == "silence":
            return await self._silence(step.what)
        if step.verb == "health":
            return await self._health(step.what)
        return await self._counted(step.verb, step.what)

    async def _do(self, step: Step) -> str:
        method, path = steps.DEEDS[step.verb]
        what = dict(step.what) if isinstance(step.what, dict) else {}
        if step.verb in steps.WITH_ACCOUNT:
            what.setdefault("account", self._account)
        if "customer" in what:
            what["customer"] = self._phone(what["customer"])
        if step.verb == "crowd":
            return await self._crowd(what)
        if step.verb == "batch":
            what["messages"] = [{**one, "customer": self._phone(one["customer"])} for one in what.get("messages", [])]
        answer = await self._ask(method, path, what)
        return ", ".join(f"{key} {answer[key]}" for key in ("status", "problem", "due", "now_ms") if answer.get(key))

    async def _crowd(self, what: Json) -> str:
        dice = random.Random(what.get("seed", 1))
        phones = [f"55119{dice.randrange(10**8):08}" for _ in range(int(what.get("customers", 10)))]

        async def one(phone: str) -> int:
            problems = 0
            for text in what.get("texts", ["Oi!"]):
                asked = {"account": what["account"], "customer": phone, "text": text}
                problems += (await self._ask("POST", "say", asked))["status"] != 200
            return problems

        refused = sum(await asyncio.gather(*(one(phone) for phone in phones)))
        return f"{len(phones)} customers" + (f", {refused} messages not taken at once" if refused else "")

    async def _counted(self, verb: str, what: Json) -> str:
        count = steps.count_of(what)
        found = await self._until(verb, what, lambda entries: count.enough(len(entries)))
        if not count.enough(len(found)) or count.too_many(len(found)):
            raise Failed(f"wanted {count.told()}, {await self._told(verb, what, found)}")
        if count.high is not None:
            await asyncio.sleep(float(what.get("settle_s", _SETTLES_S)) * self._patience)
            found = await self._found(verb, what)
            if count.too_many(len(found)):
                raise Failed(f"wanted {count.told()}, {await self._told(verb, what, found)}")
        return steps.seen(found)

    async def _silence(self, what: Json) -> str:
        deadline = time.monotonic() + float(what.get("for_s", 2.0)) * self._patience
        while True:
            found = await self._found("answer", what)
            if found:
                raise Failed(f"wanted silence, found {steps.seen(found)}")
            if time.monotonic() >= deadline:
                return ""
            await asyncio.sleep(_LOOKS_EVERY_S)

    async def _health(self, what: Json) -> str:
        wanted = {key: value for key, value in what.items() if key != "within_s"}
        deadline = time.monotonic() + float(what.get("within_s", _DEADLINE_S))
        while True:
            health = await self._ask("GET", "health")
            figures = {key: health[key] for key in wanted}
            if figures == wanted:
                return str(figures)
            if time.monotonic() >= deadline:
                raise Failed(f"wanted {wanted}, found {figures}")
            await asyncio.sleep(_LOOKS_EVERY_S)

    async def _until(self, verb: str, what: Json, enough: Callable[[list[Json]], bool]) -> list[Json]:
        deadline = time.monotonic() + float(what.get("within_s", _DEADLINE_S))
        while True:
            found = await self._found(verb, what)
            if enough(found) or time.monotonic() >= deadline:
                return found
            await asyncio.sleep(_LOOKS_EVERY_S)

    async def _found(self, verb: str, what: Json) -> list[Json]:
        customer = self._phone(what["customer"]) if "customer" in what else None
        entries = await self._entries(verb, what)
        if verb == "webhooks":
            return steps.webhooks(what, entries)
        return (steps.answers if verb == "answer" else steps.requests)(what, entries, customer)

    async def _entries(self, verb: str, what: Json) -> list[Json]:
        requests_after, webhooks_after = self._marks[what.get("since", "")]
        if verb == "webhooks":
            items: list[Json] = (await self._webhooks(webhooks_after))["items"]
        else:
            items = (await self._ask("GET", f"requests?after={requests_after}&account={self._account}"))["items"]
        return items

    async def _told(self, verb: str, what: Json, found: list[Json]) -> str:
        """What was found, or, of nothing, what there was instead."""
        if found:
            return f"found {steps.seen(found)}"
        return f"found none; there were {steps.seen(await self._entries(verb, what))}"

    def _phone(self, customer: object) -> str:
        phone = self._names.get(str(customer).casefold()) or digits(str(customer))
        if not phone:
            raise Failed(f"{customer} is nobody here")
        return phone
