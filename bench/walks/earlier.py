"""Instagram and Messenger as the pages of February 2026 have them: other paths, other shapes."""

from __future__ import annotations

from typing import Any

from bench.dashboards.given import SECRET
from bench.walks.group import Group
from bench.walks.walk import WAIT_MS, Walk

_INSTAGRAM, _MESSENGER = "Iara de Fevereiro", "Marta de Fevereiro"


async def opens_the_instagram_inbox_and_reads(walk: Walk) -> None:
    """These rows say who it is by their user name."""
    talk = await (await walk.somebody("instagram", _INSTAGRAM)).get("talk")
    shown = (await walk.scene.page.ask("GET", "/instagram/conversations/")).results
    name = next(each["participant_username"] for each in shown if each["id"] == talk)
    await walk.goes_to(f"{walk.earlier_at}/instagram/inbox")
    await (await walk.sees(_row(walk, f"@{name}"))).click()
    await walk.sees(_bubble(walk, "hello"))


async def sends_on_instagram_and_the_customer_has_it(walk: Walk) -> None:
    await _sends(walk, "Oi de Fevereiro")
    await walk.sees(_bubble(walk, "Oi de Fevereiro"), how_often=1)
    await walk.got(walk.on("instagram"), "Oi de Fevereiro")


async def sees_the_instagram_accounts_and_fetches_them_anew(walk: Walk) -> None:
    await walk.goes_to(f"{walk.earlier_at}/instagram/accounts")
    await walk.sees("Seguidores:")
    await walk.page.get_by_label("Sincronizar Conversas").first.click()
    await walk.sees("conversas encontradas")
    # The page says nothing when the profile was fetched, but draws the accounts anew.
    async with walk.page.expect_response("**/instagram/accounts/", timeout=WAIT_MS):
        await walk.page.get_by_label("Sincronizar Perfil").first.click()
    await walk.sees("Seguidores:")
    await walk.sees_no_more(walk.page.locator(".MuiAlert-standardError"))


async def opens_the_messenger_inbox_and_reads(walk: Walk) -> None:
    await walk.somebody("messenger", _MESSENGER)
    await walk.goes_to(f"{walk.earlier_at}/messenger/inbox")
    await (await walk.sees(_row(walk, _MESSENGER))).click()
    await walk.sees(_bubble(walk, "hello"))


async def sends_on_messenger_and_the_customer_has_it(walk: Walk) -> None:
    await _sends(walk, "Oi da Pagina de Fevereiro")
    await walk.sees(_bubble(walk, "Oi da Pagina de Fevereiro"), how_often=1)
    await walk.got(walk.on("messenger"), "Oi da Pagina de Fevereiro")


async def adds_a_page(walk: Walk) -> None:
    provider = walk.left["page"] = await walk.on("messenger", "new").get("unknown")
    await walk.goes_to(f"{walk.earlier_at}/messenger/accounts")
    await walk.presses("Adicionar Conta")
    fields = {
        "Nome da Conta": "Pagina Tres",
        "Page ID": provider,
        "Nome da Página": "Pagina Tres",
        "Page Access Token": f"{SECRET}-page",
    }
    for label, value in fields.items():
        await walk.page.get_by_role("dialog").get_by_label(label).fill(value)
    await walk.page.get_by_role("dialog").get_by_role("button").last.click()
    await walk.sees(walk.page.get_by_text(provider))


async def has_its_webhook_verified(walk: Walk) -> None:
    card = walk.page.locator(".MuiCard-root").filter(has_text=walk.left["page"])
    if await card.get_by_role("button", name="Verificar Webhook").count():
        await walk.presses("Verificar Webhook", card)
    await walk.sees(card.get_by_text("Webhook OK"))


async def removes_it(walk: Walk) -> None:
    walk.page.once("dialog", lambda dialog: dialog.accept())
    card = walk.page.locator(".MuiCard-root").filter(has_text=walk.left["page"])
    await card.get_by_label("Excluir").click()
    await walk.sees_no_more(card)


def _row(walk: Walk, name: str) -> Any:
    return walk.page.locator(".MuiListItemButton-root").filter(has_text=name)


def _bubble(walk: Walk, text: str) -> Any:
    return walk.page.locator(".MuiTypography-body2:not(.MuiListItemText-root *)").get_by_text(text)


async def _sends(walk: Walk, text: str) -> None:
    await walk.page.get_by_placeholder("Digite uma mensagem...").fill(text)
    await walk.page.keyboard.press("Enter")


GROUP = Group(
    name="earlier pages",
    earlier=True,
    steps=(
        opens_the_instagram_inbox_and_reads,
        sends_on_instagram_and_the_customer_has_it,
        sees_the_instagram_accounts_and_fetches_them_anew,
        opens_the_messenger_inbox_and_reads,
        sends_on_messenger_and_the_customer_has_it,
        adds_a_page,
        has_its_webhook_verified,
        removes_it,
    ),
)
