"""docs/go-live.md is walked from its first command to its last on a gateway and the emulator; what it and the files for
containers name is there, in both languages."""

from __future__ import annotations

import asyncio
import io
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from app import cli
from app.settings import ROOT
from bench.checking import proxy, world
from bench.checking.world import CUSTOMER, HOST, Number, World
from connectors import callback_checks
from conversation.checks import Place
from tests import touched_up

PAGES = [ROOT / "docs" / name for name in ("go-live.md", "go-live.pt-BR.md")]
page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
PIN = "123456"


def blocks(page: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page.read_text(), re.DOTALL)


def commands(page: Path) -> list[list[str]]:
    lines = [line for block in blocks(page, "sh") for line in block.splitlines() if line.startswith("./baton")]
    return [shlex.split(line, comments=True)[1:] for line in lines]


@page
def test_its_commands_are_words_that_the_command_line_knows(page: Path) -> None:
    found = commands(page)
    assert len(found) == 8
    for words in found:
        assert cli.parser().parse_args(words).command in ("run", "account", "backup")


def test_both_languages_say_the_same() -> None:
    def shape(page: Path) -> Any:
        headings = len(re.findall(r"^(?:#+ |[|]|\d[.] |\*\*)", page.read_text(), re.MULTILINE))
        return commands(page), headings, blocks(page, "text")

    english, portuguese = map(shape, PAGES)
    assert english == portuguese


@page
def test_its_steps_are_those_of_the_check(page: Path) -> None:
    rows = re.findall(r"^[|] (`[^|]*) [|]", page.read_text(), re.MULTILINE)
    assert [name for row in rows for name in re.findall(r"`(\w+)`", row)] == [place.value for place in Place]


async def test_who_follows_it_has_a_number_for_which_all_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    touched_up.install()
    async with world.running(tmp_path, 1, known_here=False) as running:
        (number,) = running.numbers
        await running.stand(number, registered=False, only_to=[CUSTOMER])
        await running.ask("DELETE", f"{number.waba}/subscribed_apps", number.token)
        async with proxy.before(running.gateway, running.certificates.servers[""]) as port:
            await as_the_admin_sets_it(running, monkeypatch, tmp_path, f"https://{HOST}:{port}")
            said = []
            for words in commands(PAGES[0]):
                if words[0] == "account":
                    code = await followed(words, number, monkeypatch)
                    said.append((words[1], code, capsys.readouterr().out))

    assert [(word, code) for word, code, _ in said] == [
        ("add", 0),
        ("register", 0),
        ("subscribe", 0),
        ("check", 0),
        ("check", 0),
    ], said
    assert all(out.splitlines()[-1] == "All is well." for word, _, out in said if word == "check")
    assert "A message left, and its report came back." in said[-1][2]
    assert "quality: GREEN" in said[-1][2]
    assert not any(secret in out for _, _, out in said for secret in (number.token, number.secret, PIN))


async def as_the_admin_sets_it(running: World, monkeypatch: pytest.MonkeyPatch, folder: Path, public_url: str) -> None:
    for name, value in {
        "BATON_HOME": str(folder / "home"),
        "BATON_PUBLIC_URL": public_url,
        "GRAPH_URL": running.emulator,
        "META_VERIFY_TOKEN": world.VERIFY,
        "META_APP_SECRET": world.COMMON,
        "SSL_CERT_FILE": str(folder / "ca.pem"),
    }.items():
        monkeypatch.setenv(name, value)

    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    monkeypatch.setattr(callback_checks, "_resolve", here)
    (number,) = running.numbers
    # What is entered in the app's pages; that the address answers is what the check finds out.
    await running.stand(number, callback_url=f"{public_url}/webhooks/whatsapp/webhook")


async def followed(words: list[str], number: Number, monkeypatch: pytest.MonkeyPatch) -> int:
    names = {"PHONE_NUMBER_ID": number.id, "WABA_ID": number.waba, "APP_ID": number.app}
    typed = [PIN] if "register" in words else [number.token, number.secret]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(typed) + "\n"))
    try:
        return await asyncio.to_thread(cli.main, [names.get(word, word) for word in words])
    except SystemExit as left:
        return int(left.code or 0)


class TestContainers:
    COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
    DOCKERFILE = (ROOT / "Dockerfile").read_text()

    def test_their_commands_are_words_that_the_command_line_knows(self) -> None:
        ours = [service for service in self.COMPOSE["services"].values() if service["image"] == "baton"]
        found = [service["command"] for service in ours] + [yaml.safe_load(self.DOCKERFILE.split("CMD ")[1])]
        assert [words[0] for words in found] == ["./baton"] * 3
        assert [cli.parser().parse_args(words[1:]).command for words in found] == ["gateway", "worker", "run"]

    def test_the_settings_they_give_are_settings(self) -> None:
        given = {name for service in self.COMPOSE["services"].values() for name in service.get("environment", {})}
        given |= set(re.findall(r"\b([A-Z_]+)=", self.DOCKERFILE))
        ours = "\n".join(path.read_text() for path in [*ROOT.glob("app/*.py"), *ROOT.glob("docs/operations.md")])
        assert [name for name in given if not name.startswith("POSTGRES_") and f'"{name}"' not in ours] == [
            name for name in ("SANIC_PROXIES_COUNT",) if name in given
        ]
        assert "SANIC_PROXIES_COUNT" in ours

    def test_what_must_be_in_the_file_of_secrets_is_named_by_the_guide(self) -> None:
        wanted = set(re.findall(r"\$\{(\w+):\?\}", (ROOT / "compose.yaml").read_text()))
        for guide in PAGES:
            assert wanted == set(re.findall(r"`(\w+)`", guide.read_text().split("`.env`")[1].split("\n")[0]))

    def test_nobody_is_root_and_what_is_kept_has_a_place(self) -> None:
        assert self.DOCKERFILE.index("USER baton") < self.DOCKERFILE.index("COPY")
        mounted = [v for s in self.COMPOSE["services"].values() for v in s.get("volumes", [])]
        assert {volume.split(":")[0] for volume in mounted} == set(self.COMPOSE["volumes"])
        made = self.DOCKERFILE.split("mkdir")[1].split("\\\n")[0].split()
        ours = {volume.split(":")[1] for volume in mounted if "postgresql" not in volume}
        assert ours <= set(made)

    def test_whoever_is_waited_for_says_when_it_is_ready(self) -> None:
        services = self.COMPOSE["services"]
        for service in services.values():
            assert all("healthcheck" in services[name] for name in service.get("depends_on", {}))
        assert "/api/v1/health" in services["gateway"]["healthcheck"]["test"][-1]
