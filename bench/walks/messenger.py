"""Messenger: the inbox, and the page of its accounts."""

from __future__ import annotations

from typing import Any

from bench.dashboards.given import SECRET
from bench.walks.group import Group
from bench.walks.walk import Walk, must

_NAME = "Marta da Pagina"


async def opens_the_inbox_and_reads_what_was_written(walk: Walk) -> None:
    await walk.somebody("messenger", _NAME)
    await walk.goes_to("/inbox/messenger")
    await (await walk.sees(_row(walk))).click()
    await walk.sees(walk.page.get_by_text("hello", exact=True))


async def sends_a_text_and_the_customer_has_it(walk: Walk) -> None:
    await walk.page.get_by_placeholder("Digite sua mensagem...").fill("Oi da Pagina")
    await walk.page.keyboard.press("Enter")
    await walk.sees(walk.page.locator("p.whitespace-pre-wrap").get_by_text("Oi da Pagina"))
    await walk.got(walk.on("messenger"), "Oi da Pagina")
    must(await walk.state_of(walk.on("messenger")) == "human", "who answered does not have the conversation")


async def comes_again_and_reads_what_is_new(walk: Walk) -> None:
    await walk.answer_to(walk.on("messenger"), "thanks a lot")
    await walk.goes_to("/inbox/messenger")
    row = await walk.sees(_row(walk))
    must("thanks a lot" in await row.inner_text(), "the row does not say what was said last")
    await row.click()
    await walk.sees(walk.page.locator("p.whitespace-pre-wrap").get_by_text("thanks a lot", exact=True))
    await walk.sees(walk.page.locator("p.whitespace-pre-wrap").get_by_text("Oi da Pagina"), how_often=1)
    talk = await walk.on("messenger").get("talk")

    async def read() -> bool:
        return not (await walk.scene.own("GET", f"conversations/{talk}"))["unread"]

    await walk.until(read, "what was opened counts as read")


async def sees_the_accounts(walk: Walk) -> None:
    await walk.goes_to("/messenger/accounts")
    await walk.sees(walk.page.get_by_title("Editar conta"))


async def adds_one(walk: Walk) -> None:
    provider = await walk.on("messenger", "new").get("unknown")
    await walk.presses("Adicionar Conta")
    fields = {
        "Nome da conta": "Pagina Dois",
        "ID da página": provider,
        "Nome da página": "Pagina Dois Oficial",
        "Token de acesso da página": f"{SECRET}-page",
    }
    for label, value in fields.items():
        await walk.page.get_by_role("dialog").get_by_label(label, exact=True).fill(value)
    await walk.presses("Salvar")
    await walk.sees(f"ID: {provider}")


async def edits_it(walk: Walk) -> None:
    await walk.page.get_by_role("button", name="Editar conta Pagina Dois").click()
    window = walk.page.get_by_role("dialog")
    await window.get_by_label("Nome da conta", exact=True).fill("Pagina Dois B")
    await window.get_by_label("Nome da página", exact=True).fill("Pagina Dois B")
    await window.get_by_label("Token de acesso da página", exact=True).fill(f"{SECRET}-page-b")
    await walk.presses("Salvar", window)
    await walk.sees(walk.page.get_by_role("button", name="Editar conta Pagina Dois B"))


async def removes_it(walk: Walk) -> None:
    await walk.page.get_by_role("button", name="Excluir conta Pagina Dois B").click()
    await walk.page.get_by_role("dialog").get_by_role("button").last.click()
    await walk.sees_no_more(walk.page.get_by_role("button", name="Excluir conta Pagina Dois B"))


def _row(walk: Walk) -> Any:
    return walk.page.get_by_role("button").filter(has_text=_NAME)


GROUP = Group(
    name="Messenger",
    steps=(
        opens_the_inbox_and_reads_what_was_written,
        sends_a_text_and_the_customer_has_it,
        comes_again_and_reads_what_is_new,
        sees_the_accounts,
        adds_one,
        edits_it,
        removes_it,
    ),
)
