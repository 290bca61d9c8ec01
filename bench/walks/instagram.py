"""Instagram: the inbox, and the page of its accounts."""

from __future__ import annotations

from typing import Any

from bench.walks.group import Group
from bench.walks.walk import Walk, must

_NAME = "Iara do Direct"


async def opens_the_inbox_and_reads_what_was_written(walk: Walk) -> None:
    given = await walk.somebody("instagram", _NAME)
    await walk.goes_to("/inbox/instagram")
    await (await walk.sees(_row(walk))).click()
    await walk.sees(_chat(walk).get_by_text("hello", exact=True))
    talk = await given.get("talk")

    async def read() -> bool:
        return not (await walk.scene.own("GET", f"conversations/{talk}"))["unread"]

    await walk.until(read, "what was opened counts as read")


async def sends_a_text_and_the_customer_has_it(walk: Walk) -> None:
    await walk.page.get_by_placeholder("Digite uma mensagem para responder no Instagram").fill("Oi do Direct")
    await walk.presses("Enviar mensagem")
    await walk.sees(_chat(walk).get_by_text("Oi do Direct"))
    await walk.got(walk.on("instagram"), "Oi do Direct")
    must(await walk.state_of(walk.on("instagram")) == "human", "who answered does not have the conversation")


async def comes_again_and_it_is_there_once(walk: Walk) -> None:
    await walk.answer_to(walk.on("instagram"), "thanks a lot")
    await walk.goes_to("/inbox/instagram")
    await (await walk.sees(_row(walk))).click()
    await walk.sees(_chat(walk).get_by_text("thanks a lot", exact=True))
    await walk.sees(_chat(walk).get_by_text("Oi do Direct"), how_often=1)


async def looks_at_the_templates_and_closes_them(walk: Walk) -> None:
    await walk.titled("Templates").click()
    await walk.sees("Nenhum template oficial")
    await walk.presses("Fechar painel")


async def sees_the_accounts(walk: Walk) -> None:
    await walk.goes_to("/instagram/accounts")
    await walk.sees("Contas Conectadas")
    await walk.sees("seguidores")


async def fetches_an_account_anew(walk: Walk) -> None:
    await walk.presses("Sincronizar")
    await walk.sees("sincronizada")


async def removes_an_account(walk: Walk) -> None:
    account = await walk.on("instagram", "to go").get("spare")
    shown = (await walk.scene.page.ask("GET", f"/instagram/accounts/{account}/")).body
    await walk.goes_to("/instagram/accounts")
    name = walk.page.get_by_role("heading", name=f"@{shown['username']}", exact=True)
    await walk.sees(name)
    place = walk.page.locator("div").filter(has=name).filter(has=walk.page.get_by_role("button", name="Remover")).last
    await walk.presses("Remover", place)
    await walk.presses("Remover", walk.page.get_by_role("dialog"))
    await walk.sees_no_more(name)


def _row(walk: Walk, name: str = _NAME) -> Any:
    return walk.page.get_by_role("button").filter(has_text=name)


def _chat(walk: Walk) -> Any:
    return walk.page.locator(".messages-container")


GROUP = Group(
    name="Instagram",
    steps=(
        opens_the_inbox_and_reads_what_was_written,
        sends_a_text_and_the_customer_has_it,
        comes_again_and_it_is_there_once,
        looks_at_the_templates_and_closes_them,
        sees_the_accounts,
        fetches_an_account_anew,
        removes_an_account,
    ),
)
