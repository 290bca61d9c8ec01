"""Two gateways and a worker, each started by its command with a home of its own, on one PostgreSQL and one Redis."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.services import postgres, redis_server
from store.vault import new_key
from tests.acceptance.product import ACCOUNT, Product, Program, environment, free_port


class Several(Product):
    """Customers come in by the gateway `a`; operators are on `b`, which is what `url` and the commands lead to."""

    def __init__(self, tree: Path, folder: Path, **env: str) -> None:
        self.tree, self.home = tree, folder / "b"
        self.first_port, self.port, self.emulator_port = free_port(), free_port(), free_port()
        self.common = {
            "BATON_LIGHT": "1",
            "BATON_KEY": new_key(),
            "BATON_MEDIA": str(folder / "media"),
            "META_APP_SECRET": "the-same-everywhere",
            "META_VERIFY_TOKEN": "a-word-for-meta",
            "EMULATOR_PORT": str(self.emulator_port),
            **env,
        }
        self.env = environment(self.home, PORT=str(self.port), **self.common)
        self.cli("account", "add", "--channel", "whatsapp", "--id", ACCOUNT)
        (made,) = self.cli("operator", "add", "marina", "--role", "admin")
        self._token = made["token"]
        told = {
            "webhook_base": f"http://127.0.0.1:{self.first_port}",
            "app_secret": self.common["META_APP_SECRET"],
            "verify_token": self.common["META_VERIFY_TOKEN"],
            "accounts": [{"id": ACCOUNT, "name": "Cantina"}],
        }
        (folder / "emulator.json").write_text(json.dumps(told))
        emulator = ["--port", str(self.emulator_port), "--settings", str(folder / "emulator.json")]
        self.parts = {
            "a": self._part(folder / "a", "-m", "app.cli", "gateway", "--port", str(self.first_port)),
            "b": self._part(self.home, "-m", "app.cli", "gateway", "--port", str(self.port)),
            "worker": self._part(folder / "worker", "-m", "app.cli", "worker"),
            "emulator": self._part(folder / "emulator", "-m", "emulator", *emulator),
        }

    def _part(self, home: Path, *command: str) -> Program:
        env = environment(home, PORT=str(self.port), **self.common)
        return Program([sys.executable, *command], cwd=self.tree, env=env)

    def end(self) -> None:
        for part in self.parts.values():
            part.end()


@pytest.fixture
def several(tree: Path, tmp_path: Path, server_url: str, own_redis: redis_server.Server) -> Iterator[Several]:
    with postgres.scratch(server_url) as url:
        product = Several(tree, tmp_path, DATABASE_URL=url, REDIS_URL=own_redis.url)
        try:
            for name in ("a", "b", "worker"):
                product.parts[name].saying("ready: ")
            product.parts["emulator"].saying("Emulator: ")
            yield product
        finally:
            product.end()


@pytest.mark.slow
def test_what_comes_in_by_one_is_seen_and_ordered_on_the_other_and_redis_may_die(
    several: Several, own_redis: redis_server.Server, customer: str, another: str
) -> None:
    assert several.ask_and_hear(customer, "hello there")[0].startswith("Hello!")
    assert [m["author"] for m in several.messages(customer)] == ["contact", "bot"]
    conversation = several.conversation(customer)["id"]
    assert several.order(conversation, "take")["in_flight"] == 0
    assert several.handled(customer, "where are you located?")["reason"] == "human_owns"

    own_redis.kill()
    assert several.ask_and_hear(another, "hello there")[0].startswith("Hello!")
    several.order(conversation, "release")
    several.order(several.conversation(another)["id"], "take")
    assert several.handled(another, "where are you located?")["reason"] == "human_owns"
    for name in ("a", "b", "worker"):
        several.parts[name].saying("redis_lost")

    for name in ("worker", "a", "b"):
        several.parts[name].process.send_signal(signal.SIGTERM)
        assert several.parts[name].ended() == 0
        assert "Traceback" not in several.parts[name].lines.text
