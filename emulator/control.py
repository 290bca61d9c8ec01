"""The control API under /emulator/: everything the page and the scripts can do."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from aiohttp import web

from emulator import files
from emulator.clock import clock
from emulator.control_answers import Answer, answering, json_of, number_of
from emulator.demo import ACTIONS
from emulator.fields import Faulty, Fields, Json
from emulator.people import Account, account_from, customer_from, digits

if TYPE_CHECKING:
    from emulator.server import Emulator

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
            ("POST", "standing", self.change_standing),
            ("POST", "news", self.news),
            ("POST", "templates", self.change_template),
            ("GET", "llm", self.llm),
            ("POST", "llm", self.script_llm),
            ("GET", "llm/requests", self.llm_requests),
            ("POST", "demo", self.demo),
            ("POST", "reset", self.reset),
        ]
        return [web.route(method, f"/emulator/{name}", answering(answer)) for method, name, answer in table]

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
            "given_up": len(self._e.webhooks.given_up()),
            "ahead_s": clock.ahead_s,
            "demo": self._e.settings.demo is not None,
            "feed": self._e.feed.cursor,
        }

    async def settings(self, request: web.Request) -> Json:
        return self._e.settings.shown()

    async def change_settings(self, request: web.Request) -> Json:
        self._e.change_settings(await json_of(request))
        return self._e.settings.shown()

    async def accounts(self, request: web.Request) -> Json:
        return {"items": [account.shown() for account in self._e.people.accounts.values()]}

    async def add_account(self, request: web.Request) -> Json:
        account = account_from(await json_of(request), list(self._e.channels))
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
        customer = customer_from(await json_of(request))
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
        account, phone = self._whose(Fields(await json_of(request)))
        return {"read": self._e.statuses.read(account, phone)}

    async def window(self, request: web.Request) -> Json:
        """`{"open": false}` closes the 24 h window of a chat, `true` opens it.

        With `hours_ago` the customer's last message was then."""
        fields = Fields(await json_of(request))
        is_open = fields.flag("open", True)
        hours_ago = fields.number("hours_ago", 0.0)
        account, phone = self._whose(fields)
        if is_open or hours_ago:
            self._e.chats.customer_wrote(account.id, phone, hours_ago)
        else:
            self._e.chats.close_window(account.id, phone)
        return {"open": self._e.chats.window_open(account.id, phone)}

    async def say(self, request: web.Request) -> Json:
        return await self._e.saying.say(await json_of(request))

    async def batch(self, request: web.Request) -> Json:
        return await self._e.saying.batch(await json_of(request))

    async def phone(self, request: web.Request) -> Json:
        return await self._e.elsewhere.phone(await json_of(request))

    async def standby(self, request: web.Request) -> Json:
        return await self._e.elsewhere.standby(await json_of(request))

    async def thread(self, request: web.Request) -> Json:
        return await self._e.elsewhere.thread(await json_of(request))

    async def webhook(self, request: web.Request) -> Json:
        return await self._e.saying.webhook(await json_of(request))

    async def handshake(self, request: web.Request) -> Json:
        """Asks the product as Meta does when a callback is saved. `token` stands in for the right one."""
        fields = Fields(await json_of(request))
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
            "items": self._e.webhooks.log(number_of(request, "after", 10**15)),
            "last": self._e.webhooks.last,
            "retrying": self._e.webhooks.pending,
        }

    async def requests(self, request: web.Request) -> Json:
        """The journal: `after`, `wait_ms` (up to 60 s), `kind` (several with commas), `account`, `limit`, `answers`."""
        journal = self._e.journal
        kinds = frozenset(kind for kind in request.query.get("kind", "").split(",") if kind)
        found = await journal.wait_after(
            number_of(request, "after", 10**15),
            kinds,
            request.query.get("account"),
            number_of(request, "wait_ms", 60_000),
        )
        limit = number_of(request, "limit", _MOST_ENTRIES) or _MOST_ENTRIES
        whole = request.query.get("answers") == "1"
        return {
            "items": [entry.shown(whole=whole) for entry in found[:limit]],
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
        self._e.faults.change(await json_of(request))
        self._e.feed.tell("faults", self._e.faults.shown())
        await asyncio.sleep(0)  # so that what was released no longer counts as held
        return self._e.faults.shown()

    async def media(self, request: web.Request) -> Json:
        """All files that are kept: given by a script, or uploaded by the product."""
        return {"items": [files.shown(file) for file in self._e.beside.files.all()]}

    async def add_media(self, request: web.Request) -> Json:
        file = self._e.beside.files.add_by_script(await json_of(request))
        return {**files.shown(file), "url": self._e.beside.files.open_url(file, f"http://{request.host}")}

    async def outage(self, request: web.Request) -> Json:
        return await self._e.outage.happens(await json_of(request))

    async def age_tokens(self, request: web.Request) -> Json:
        """Makes the tokens that an account was given by login `days` older."""
        fields = Fields(await json_of(request))
        account, days = self._account(fields), fields.number("days", 1.0, high=1000)
        fields.finish()
        return {"aged": self._e.beside.tokens.age(account.id, days * 86_400)}

    async def change_standing(self, request: web.Request) -> Json:
        """How an account stands with Meta: what is named is changed."""
        raw = await json_of(request)
        account = self._account(Fields({"account": raw.get("account")} if isinstance(raw, dict) else raw))
        rest = {key: value for key, value in raw.items() if key != "account"}
        return self._e.beside.standings.told(account, rest).shown()

    async def news(self, request: web.Request) -> Json:
        return await self._e.news.tell(await json_of(request))

    async def change_template(self, request: web.Request) -> Json:
        return await self._e.news.change_template(await json_of(request))

    async def llm(self, request: web.Request) -> Json:
        return {"steps": self._e.llm.script.shown()}

    async def script_llm(self, request: web.Request) -> Json:
        return self._e.llm.told(await json_of(request))

    async def llm_requests(self, request: web.Request) -> Json:
        return self._e.llm.requests(number_of(request, "after", 10**15))

    async def demo(self, request: web.Request) -> Json:
        fields = Fields(await json_of(request))
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
        fields = Fields(await json_of(request))
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
