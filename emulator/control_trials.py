"""The part of the control API for trials: the clock, what was not taken, what a phone can do, scenarios."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from aiohttp import web

from emulator import examples
from emulator.clock import clock
from emulator.control_answers import Answer, answering, json_of
from emulator.fields import Faulty, Fields, Json

if TYPE_CHECKING:
    from emulator.server import Emulator


class Trials:
    """One method for each route, as in `control.py`."""

    def __init__(self, emulator: Emulator) -> None:
        self._e = emulator

    def routes(self) -> list[web.RouteDef]:
        table: list[tuple[str, str, Answer]] = [
            ("GET", "clock", self.clock),
            ("POST", "clock", self.move_clock),
            ("GET", "undelivered", self.undelivered),
            ("POST", "resend", self.resend),
            ("GET", "kinds", self.kinds),
            ("GET", "scenarios", self.scenarios),
            ("POST", "scenarios", self.run_scenario),
        ]
        return [web.route(method, f"/emulator/{name}", answering(answer)) for method, name, answer in table]

    async def clock(self, request: web.Request) -> Json:
        return _time()

    async def move_clock(self, request: web.Request) -> Json:
        """Onwards by `advance_s`, or to the moment `at`; what is due by then is done before this answers."""
        fields = Fields(await json_of(request))
        seconds = fields.number("advance_s", 0.0, high=366 * 86_400)
        at = fields.any("at")
        if (at is None) == (not fields.has("advance_s")):
            fields.fault("advance_s", "or at must be given, not both")
        if at is not None:
            seconds = _seconds_until(fields, at)
        fields.finish()
        due = await clock.advance(seconds)
        self._e.feed.tell("clock", _time())
        return {**_time(), "due": due}

    async def undelivered(self, request: web.Request) -> Json:
        """What is to be brought again, and what was given up after seven days."""
        return {"waiting": self._e.webhooks.waiting(), "given_up": self._e.webhooks.given_up()}

    async def resend(self, request: web.Request) -> Json:
        """The body that the log of webhooks has under `n`, once more."""
        fields = Fields(await json_of(request))
        n = fields.whole("n", 0, high=10**15)
        fields.finish()
        outcome = await self._e.webhooks.again(n)
        if outcome is None:
            raise Faulty(["n is no number of the log of webhooks"])
        return {"status": outcome.status, "ms": outcome.ms, "problem": outcome.problem}

    async def kinds(self, request: web.Request) -> Json:
        """What customers can do on each network, with an example of each."""
        return {"networks": {name: examples.of(c.inbound_kinds, name) for name, c in self._e.channels.items()}}

    async def scenarios(self, request: web.Request) -> Json:
        return {"items": self._e.scenarios.all()}

    async def run_scenario(self, request: web.Request) -> Json:
        return await self._e.scenarios.run(await json_of(request))


def _time() -> Json:
    return {"now_ms": clock.now_ms(), "ahead_s": round(clock.ahead_s, 3)}


def _seconds_until(fields: Fields, at: object) -> float:
    """`at` is a moment as text (ISO 8601, UTC if it says nothing else) or in milliseconds; never one that is over."""
    moment = 0.0
    if isinstance(at, str):
        try:
            given = datetime.fromisoformat(at.replace("Z", "+00:00"))
            moment = (given if given.tzinfo else given.replace(tzinfo=timezone.utc)).timestamp()
        except ValueError:
            fields.fault("at", "must be a moment such as 2026-11-24T18:00:00Z, or milliseconds")
            return 0.0
    elif isinstance(at, int) and not isinstance(at, bool):
        moment = at / 1000
    left = moment - clock.time()
    if not 0 <= left <= 366 * 86_400:
        fields.fault("at", "must be a moment within a year from now: the clock does not go back, except by a reset")
    return left
