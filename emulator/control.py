"""The control API under /emulator/: everything the page and the scripts can do."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from emulator import files
from emulator.demo import ACTIONS, DemoFailed
from emulator.fields import Faulty, Fields, Json
from emulator.people import Account, account_from, customer_from, digits

if TYPE_CHECKING:
    from emulator.server import Emulator

Answer = Callable[[web.Request], Awaitable[Json]]
_MOST_ENTRIES = 10_000


class Control:
    """One method for each route; each gives the JSON to answer with."""

    def __init__(self, emulator: Emulator) -> None:
        self._e = emulator

    def routes(self) -> list[web.RouteDef]:
        table: list[tuple[str, str, Answer]] = [
            ("GET", "health", self.health),
            ("GET", "settings", self.settings),
            ("PUT", "settings", self.change_settings),
            ("GET", "accounts", self.accounts),
            ("POST", "accounts", self.add_account),
            ("GET", "customers", self.customers),
            ("POST", "customers", self.add_customer),
            ("GET", "chat", self.chat),
            ("POST", "read", self.read),
            ("POST", "window", self.window),
            ("POST", "say", self.say),
            ("POST", "batch", self.batch),
            ("POST", "phone", self.phone),
            ("POST", "standby", self.standby),
            ("POST", "thread", self.thread),
            ("POST", "webhook", self.webhook),
            ("POST", "handshake", self.handshake),
            ("GET", "webhooks", self.webhooks),
            ("GET", "requests", self.requests),
            ("DELETE", "requests", self.clear_requests),
            ("GET", "faults", self.faults),
            ("PUT", "faults", self.change_faults),
            ("GET", "media", self.media),
            ("POST", "media", self.add_media),
            ("POST", "outage", self.outage),
            ("POST", "tokens", self.age_tokens),
            ("GET", "llm", self.llm),
            ("POST", "llm", self.script_llm),
            ("GET", "llm/requests", self.llm_requests),
            ("POST", "demo", self.demo),
            ("POST", "reset", self.reset),
        ]
        return [web.route(method, f"/emulator/{name}", _answering(answer)) for method, name, answer in table]

    async def health(self, request: web.Request) -> Json:
        journal = self._e.journal
        return {
            "ok": True,
            "accounts": len(self._e.people.accounts),
            "requests": journal.last,
            "reading": journal.reading,
            "unanswered": journal.unanswered,
            "retrying": self._e.webhooks.pending,
            "undelivered": self._e.webhooks.undelivered,
            "statuses_pending": self._e.statuses.pending,
            "echoes_pending": self._e.echoes.pending,
            "demo": self._e.settings.demo is not None,
            "feed": self._e.feed.cursor,
        }

    async def settings(self, request: web.Request) -> Json:
        return self._e.settings.shown()

    async def change_settings(self, request: web.Request) -> Json:
        self._e.change_settings(await _json(request))
        return self._e.settings.shown()

    async def accounts(self, request: web.Request) -> Json:
        return {"items": [account.shown() for account in self._e.people.accounts.values()]}

    async def add_account(self, request: web.Request) -> Json:
        account = account_from(await _json(request), list(self._e.channels))
        self._e.people.add_account(account)
        self._e.feed.tell("people", {})
        return account.shown()

    async def customers(self, request: web.Request) -> Json:
        """Those with a phone on the page; `?all=1` adds the ones made up on the fly.

        With `?account=` comes what that account knows each of them by."""
        everyone = request.query.get("all") == "1"
        found = [c for c in self._e.people.customers.values() if c.shown or everyone]
        account = self._e.people.accounts.get(request.query.get("account", ""))
        if account is None:
            return {"items": [vars(c) for c in found]}
        channel = self._e.channels[account.channel]
        return {"items": [{**vars(c), "address": channel.address(account, c)} for c in found]}

    async def add_customer(self, request: web.Request) -> Json:
        customer = customer_from(await _json(request))
        self._e.people.add_customer(customer)
        self._e.feed.tell("people", {})
        return dict(vars(customer))

    async def chat(self, request: web.Request) -> Json:
        """All of `?customer=`, with every account; `feed` is where live events go on from."""
        phone = digits(request.query.get("customer", ""))
        feed = self._e.feed.cursor
        items = [item.shown() for account in self._e.people.accounts for item in self._e.chats.of(account, phone)]
        return {"items": items, "feed": feed}

    async def read(self, request: web.Request) -> Json:
        account, phone = self._whose(Fields(await _json(request)))
        return {"read": self._e.statuses.read(account, phone)}

    async def window(self, request: web.Request) -> Json:
        """`{"open": false}` closes the 24 h window of a chat, `true` opens it.

        With `hours_ago` the customer's last message was then."""
        fields = Fields(await _json(request))
        is_open = fields.flag("open", True)
        hours_ago = fields.number("hours_ago", 0.0)
        account, phone = self._whose(fields)
        if is_open or hours_ago:
            self._e.chats.customer_wrote(account.id, phone, hours_ago)
        else:
            self._e.chats.close_window(account.id, phone)
        return {"open": self._e.chats.window_open(account.id, phone)}

    async def say(self, request: web.Request) -> Json:
        return await self._e.saying.say(await _json(request))

    async def batch(self, request: web.Request) -> Json:
        return await self._e.saying.batch(await _json(request))

    async def phone(self, request: web.Request) -> Json:
        return await self._e.elsewhere.phone(await _json(request))

    async def standby(self, request: web.Request) -> Json:
        return await self._e.elsewhere.standby(await _json(request))

    async def thread(self, request: web.Request) -> Json:
        return await self._e.elsewhere.thread(await _json(request))

    async def webhook(self, request: web.Request) -> Json:
        return await self._e.saying.webhook(await _json(request))

    async def handshake(self, request: web.Request) -> Json:
        """Asks the product as Meta does when a callback is saved. `token` stands in for the right one."""
        fields = Fields(await _json(request))
        account = self._account(fields)
        token = fields.text("token", "") if fields.has("token") else fields.any("token")
        fields.finish()
        challenge = str(secrets.randbelow(10**10))
        outcome = await self._e.webhooks.handshake(account, challenge, token)
        return {
            "ok": outcome.status == 200 and outcome.answer == challenge,
            "challenge": challenge,
            "status": outcome.status,
            "answer": outcome.answer[:1000],
            "problem": outcome.problem,
        }

    async def webhooks(self, request: web.Request) -> Json:
        """The log of what was posted, attempt by attempt."""
        return {
            "items": self._e.webhooks.log(_number(request, "after", 10**15)),
            "last": self._e.webhooks.last,
            "retrying": self._e.webhooks.pending,
        }

    async def requests(self, request: web.Request) -> Json:
        """The journal: `after`, `wait_ms` (up to 60 s), `kind` (several with commas), `account`, `limit`."""
        journal = self._e.journal
        kinds = frozenset(kind for kind in request.query.get("kind", "").split(",") if kind)
        found = await journal.wait_after(
            _number(request, "after", 10**15),
            kinds,
            request.query.get("account"),
            _number(request, "wait_ms", 60_000),
        )
        limit = _number(request, "limit", _MOST_ENTRIES) or _MOST_ENTRIES
        return {
            "items": [entry.shown() for entry in found[:limit]],
            "more": len(found) > limit,
            "last": journal.last,
            "dropped": journal.dropped,
            "reading": journal.reading,
            "unanswered": journal.unanswered,
        }

    async def clear_requests(self, request: web.Request) -> Json:
        self._e.journal.clear()
        return {"last": self._e.journal.last}

    async def faults(self, request: web.Request) -> Json:
        return self._e.faults.shown()

    async def change_faults(self, request: web.Request) -> Json:
        self._e.faults.change(await _json(request))
        await asyncio.sleep(0)  # so that what was released no longer counts as held
        return self._e.faults.shown()

    async def media(self, request: web.Request) -> Json:
        """All files that are kept: given by a script, or uploaded by the product."""
        return {"items": [files.shown(file) for file in self._e.beside.files.all()]}

    async def add_media(self, request: web.Request) -> Json:
        file = self._e.beside.files.add_by_script(await _json(request))
        return {**files.shown(file), "url": self._e.beside.files.open_url(file, f"http://{request.host}")}

    async def outage(self, request: web.Request) -> Json:
        return await self._e.outage.happens(await _json(request))

    async def age_tokens(self, request: web.Request) -> Json:
        """Makes the tokens that an account was given by login `days` older."""
        fields = Fields(await _json(request))
        account, days = self._account(fields), fields.number("days", 1.0, high=1000)
        fields.finish()
        return {"aged": self._e.beside.tokens.age(account.id, days * 86_400)}

    async def llm(self, request: web.Request) -> Json:
        return {"steps": self._e.llm.script.shown()}

    async def script_llm(self, request: web.Request) -> Json:
        return self._e.llm.told(await _json(request))

    async def llm_requests(self, request: web.Request) -> Json:
        return self._e.llm.requests(_number(request, "after", 10**15))

    async def demo(self, request: web.Request) -> Json:
        fields = Fields(await _json(request))
        action, text = fields.text("action"), fields.text("text", "")
        if action not in ACTIONS:
            fields.fault("action", f"must be one of: {', '.join(sorted(ACTIONS))}")
        if action == "reply" and not text:
            fields.fault("text", "must be given for a reply")
        account, phone = self._whose(fields)
        address = self._e.channels[account.channel].address(account, self._e.people.customer(phone))
        answer = await self._e.demo.do(account.id, address, action, text)
        if action != "state":
            self._e.feed.tell("demo", {"account": account.id, "customer": phone})
        return answer

    async def reset(self, request: web.Request) -> Json:
        """Forgets what happened and all faults. Accounts and customers stay, unless `{"people": true}`."""
        fields = Fields(await _json(request))
        people = fields.flag("people", False)
        fields.finish()
        self._e.reset(people=people)
        return {"ok": True}

    def _whose(self, fields: Fields) -> tuple[Account, str]:
        account = self._account(fields)
        phone = digits(fields.text("customer"))
        fields.finish()
        return account, phone

    def _account(self, fields: Fields) -> Account:
        account = self._e.people.accounts.get(fields.text("account"))
        if account is None:
            raise Faulty(["account is not one of the accounts here", *fields.problems])
        return account


def _answering(answer: Answer) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def respond(request: web.Request) -> web.StreamResponse:
        try:
            return web.json_response(await answer(request), headers={"Cache-Control": "no-store"})
        except Faulty as faulty:
            error: Json = {"code": "invalid", "message": str(faulty), "problems": faulty.problems}
            return web.json_response({"error": error}, status=400)
        except DemoFailed as failed:
            error = {"code": failed.code, "message": str(failed)}
            return web.json_response({"error": error}, status=failed.http_status)

    return respond


async def _json(request: web.Request) -> Any:
    raw = await request.read()
    try:
        return json.loads(raw) if raw else {}
    except ValueError:
        raise Faulty(["the body is not JSON"]) from None


def _number(request: web.Request, name: str, high: int) -> int:
    value = request.query.get(name, "0")
    if not value.isdigit():
        raise Faulty([f"{name} must be a whole number"])
    return min(int(value), high)
