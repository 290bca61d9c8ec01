"""`./baton template` and `./baton account facts | profile`, with the emulator as Meta."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import cli
from emulator import server
from emulator.settings import start_from

NUMBER, BUSINESS = "100000000000009", "300000000000009"


@pytest.fixture
def meta() -> Iterator[int]:
    """The emulator, on a loop of its own: commands bring theirs."""
    loop, ready, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    port: list[int] = []

    async def serve() -> None:
        account = {"id": NUMBER, "channel": "whatsapp", "name": "Cantina", "business_id": BUSINESS}
        async with server.running(start_from({"accounts": [account]}), 0) as listening:
            port.append(listening)
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    yield port[0]
    loop.call_soon_threadsafe(over.set)
    thread.join(10)
    loop.close()


@pytest.fixture
def run(meta: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setenv("BATON_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("EMULATOR_PORT", str(meta))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert cli.main(["account", "add", "--channel", "whatsapp", "--id", NUMBER, "--waba-id", BUSINESS]) == 0
    capsys.readouterr()

    def ran(*arguments: str) -> list[Any]:
        assert cli.main([*arguments, "--json"]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return ran


def test_templates_are_synced_listed_made_and_taken_away(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("template", "list", NUMBER) == []
    assert run("template", "sync", NUMBER) == [{"count": 3, "added": 3, "changed": 0, "missing": 0}]
    (only,) = run("template", "list", NUMBER, "--status", "PENDING")
    assert (only["name"], only["text"]) == ("novidades", "Temos pratos novos no cardápio. Venha provar!")
    made = ("aviso", "--language", "pt_BR", "--category", "UTILITY", "--body", "Olá, {{1}}!", "--example", "Ana")
    (aviso,) = run("template", "create", NUMBER, *made)
    assert (aviso["status"], aviso["components"][0]["example"]) == ("PENDING", {"body_text": [["Ana"]]})
    assert run("template", "show", NUMBER, "aviso")[0]["text"] == "Olá, {{1}}!"
    assert run("template", "remove", NUMBER, "aviso") == [{"name": "aviso", "count": 1}]
    assert cli.main(["template", "show", NUMBER, "nada"]) == 1
    assert "no template nada" in capsys.readouterr().err


def test_what_meta_says_of_the_number_is_kept_and_the_profile_is_changed(run: Any) -> None:
    assert run("account", "facts", NUMBER, "--kept")[0]["quality"] is None
    assert run("account", "facts", NUMBER)[0]["quality"] == "GREEN"
    assert run("account", "facts", NUMBER, "--kept")[0]["messaging_limit"] == 250
    (profile,) = run("account", "profile", NUMBER, "--about", "Aberto", "--website", "")
    assert (profile["about"], "websites" in profile) == ("Aberto", False)
