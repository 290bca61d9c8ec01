"""Puts the emulator together; read this to learn the whole."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from emulator import guard, page
from emulator.access import AccessPath
from emulator.assets import Assets
from emulator.channel import Channel
from emulator.chats import Chats, Item
from emulator.clock import clock
from emulator.control import Control
from emulator.control_trials import Trials
from emulator.demo import DemoDesk
from emulator.echoes import Echoes
from emulator.elsewhere import Elsewhere
from emulator.faults import FaultBook
from emulator.feed import Feed
from emulator.fields import Json
from emulator.file_serving import FileServer
from emulator.graph import Graph
from emulator.graph_path import GraphPath
from emulator.graph_paths import GraphPaths
from emulator.journal import Journal
from emulator.llm import Llm
from emulator.login_page import LoginPage
from emulator.networks import networks
from emulator.news import News
from emulator.openings import Openings
from emulator.outage import Outage
from emulator.people import People
from emulator.pictures import made_up_id
from emulator.saying import Saying
from emulator.scenario_running import Scenarios
from emulator.settings import Settings, Start, changed
from emulator.statuses import Statuses
from emulator.subscriptions import Subscriptions
from emulator.threads import ThreadPath, Threads
from emulator.webhooks import Webhooks

HOST = "127.0.0.1"
_BIGGEST_BODY = 4 * 1024 * 1024


class Emulator:
    """Everything that lives as long as the server does."""

    def __init__(self, start: Start, http: aiohttp.ClientSession) -> None:
        self._start = start
        self.origin = ""  # once it listens
        self.settings = start.settings
        self.channels: dict[str, Channel] = networks()
        self.people = People()
        self.feed = Feed()
        self.chats = Chats(self._chat_changed)
        self.faults = FaultBook()
        self.journal = Journal(self.settings.journal_limit)
        self.subscriptions = Subscriptions(self._settings)
        self.webhooks = Webhooks(http, self._settings, self.subscriptions, self._webhook_posted, self.faults)
        self.statuses = Statuses(self.channels, self.people, self.chats, self.webhooks, self.faults, self._settings)
        self.echoes = Echoes(self.channels, self.people, self.webhooks, self.faults, self._settings)
        self.threads, self.assets, self.openings = Threads(), Assets(), Openings()
        self.saying = Saying(
            self.channels, self.people, self.chats, self.webhooks, self.faults, self.openings, self._picture_url
        )
        self.elsewhere = Elsewhere(self.channels, self.chats, self.saying, self.threads)
        self.demo = DemoDesk(http, self._settings)
        self.beside = GraphPaths(
            self.people, self.chats, self.assets, self.subscriptions, self._settings, self.webhooks.bring_late
        )
        self.news = News(self.people, self.webhooks, self.beside.businesses)
        self.file_server = FileServer(self.beside.files, self.journal)
        self.llm = Llm()
        self.login_page = LoginPage(self.beside.logins, self.people)
        self.outage = Outage(self.channels, self.people, self.chats, self.saying, self.webhooks, self.subscriptions)
        barred = AccessPath(self.faults.gate, self.people, self.faults.managed)
        self.paths: list[GraphPath] = [barred, ThreadPath(self.people, self.threads), *self.beside.all]
        self.graph = Graph(
            self.channels,
            self.people,
            self.chats,
            self.journal,
            self.faults,
            self.statuses,
            self.echoes,
            self.feed,
            self._settings,
            self.threads,
            self.assets,
            self.openings,
            self.paths,
        )
        self.graph.templates = lambda account: self.beside.businesses.templates.of(account.business_id)
        self.scenarios = Scenarios(self, http)
        self._fill()

    def change_settings(self, raw: object) -> None:
        self.settings = changed(self.settings, raw)
        self.journal.resize(self.settings.journal_limit)

    def reset(self, *, people: bool) -> None:
        self.scenarios.stop()
        self.statuses.stop()
        self.echoes.stop()
        self.webhooks.clear()
        self.faults.clear()
        clock.reset()
        self.journal.clear(renumber=True)
        self.chats.clear()
        for memory in (self.news, self.threads, self.assets, self.openings, self.beside, self.llm):
            memory.clear()
        self.people.forget_made_up()
        if people:
            self.people.clear()
            self._fill()
        self.feed.tell("reload", {})

    def stop(self) -> None:
        """Nothing may keep a request or a page waiting."""
        self.scenarios.stop()
        self.faults.clear()
        self.feed.close()
        self.llm.stop()
        self.news.clear()
        self.statuses.stop()
        self.echoes.stop()
        self.webhooks.stop()
        clock.reset()

    def _picture_url(self) -> str:
        picture = self.beside.files.get(made_up_id())
        return self.beside.files.open_url(picture, self.origin) if picture is not None else self.origin

    def _settings(self) -> Settings:
        return self.settings

    def _webhook_posted(self, entry: Json) -> None:
        if self.feed.anybody:
            self.feed.tell("webhook", entry)

    def _chat_changed(self, item: Item) -> None:
        self.feed.tell("item", item.shown())

    def _fill(self) -> None:
        for account in self._start.accounts:
            self.people.add_account(account)
        for customer in self._start.customers:
            self.people.add_customer(customer)


def application(emulator: Emulator) -> web.Application:
    """All routes: the emulator's own, the page, and Graph API for everything else."""
    app = web.Application(
        middlewares=[guard.stamp, page.safe_headers, guard.own_pages_only], client_max_size=_BIGGEST_BODY
    )
    app.add_routes([*Control(emulator).routes(), *Trials(emulator).routes(), *emulator.llm.routes()])
    app.add_routes(
        [
            web.get("/", page.index),
            web.get("/emulator/static/{name}", page.asset),
            web.get("/emulator/feed", emulator.feed.serve),
            web.get("/emulator/media/{name}", emulator.file_server.serve),
            web.get("/oauth/authorize", emulator.login_page.serve),
            web.route("*", "/emulator/{rest:.*}", _no_such_path),
            web.route("*", "/{rest:.*}", emulator.graph.serve),
        ]
    )
    return app


@contextlib.asynccontextmanager
async def running(start: Start, port: int) -> AsyncIterator[int]:
    """The server, listening; gives the port, which is a free one if `port` is 0."""
    # trust_env stays off: a proxy would take traffic off this machine.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=500)) as http:
        emulator = Emulator(start, http)
        runner = web.AppRunner(application(emulator), access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, port).start()
            actual_port = int(runner.addresses[0][1])
            emulator.origin = f"http://{HOST}:{actual_port}"
            yield actual_port
        finally:
            emulator.stop()
            await runner.cleanup()


async def _no_such_path(request: web.Request) -> web.StreamResponse:
    error = {"code": "not_found", "message": f"There is no {request.method} {request.path} here."}
    return web.json_response({"error": error}, status=404)
