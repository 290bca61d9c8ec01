"""The pages of WhatsApp's numbers, and the one of all connections."""

from __future__ import annotations

from typing import Any

from bench.dashboards.given import SECRET
from bench.walks.group import Group
from bench.walks.walk import Walk, must


async def sees_the_numbers(walk: Walk) -> None:
    walk.left["id"] = await walk.on("whatsapp").get("spare")
    await _has_templates(walk, walk.left["id"])
    walk.left["name"] = f"Spare {walk.on('whatsapp').made['spare_provider'][-4:]}"
    await walk.goes_to("/accounts")
    await walk.sees(_line(walk, walk.left["name"]))


async def opens_one_and_sees_its_templates_and_its_business(walk: Walk) -> None:
    await _line(walk, walk.left["name"]).locator("td").first.click()
    await walk.path_is(f"/accounts/{walk.left['id']}$")
    await walk.sees("pedido_pronto")
    await walk.sees("Mensagens Enviadas")
    await walk.sees("Perfil do Negócio")
    await walk.sees_no_more("Perfil não disponível")


async def fetches_the_templates_anew(walk: Walk) -> None:
    await walk.presses("Sincronizar Templates")
    await walk.sees("3 modelos")


async def changes_the_token(walk: Walk) -> None:
    await walk.presses("Rotacionar Token")
    window = walk.page.get_by_role("dialog")
    await window.locator("input[type=password]").fill(f"{SECRET}-another")
    await walk.presses("Rotacionar Token", window)
    await walk.sees_no_more(window)


async def switches_it_off_and_nobody_is_answered(walk: Walk) -> None:
    await walk.on("whatsapp").get("talk")
    await walk.presses("Desativar")
    await walk.sees(walk.page.get_by_role("button", name="Ativar"))
    said = await walk.answer_to(walk.on("whatsapp"), "anybody")
    must(said is None, f"the number that is off says {said!r}")


async def switches_it_on_from_the_list(walk: Walk) -> None:
    await walk.goes_to("/accounts")
    await walk.presses("Ações", _line(walk, walk.left["name"]))
    await walk.presses("Ativar", _line(walk, walk.left["name"]))
    await walk.sees(_line(walk, walk.left["name"]).get_by_text("active", exact=True))
    must(await walk.answer_to(walk.on("whatsapp"), "the menu please"), "the number that is on is silent")


async def sees_how_many_messages_it_sent(walk: Walk) -> None:
    """As many as the customer of this number got."""
    talk = await walk.on("whatsapp").get("talk")
    listed: list[dict[str, Any]] = []

    async def all_there() -> bool:
        listed[:] = [m for m in await walk.scene.product.operators.messages(talk) if m["direction"] == "outbound"]
        return len(listed) > 1 and all(each["status"] == "delivered" for each in listed)

    await walk.until(all_there, "the customer has them all")
    await walk.goes_to(f"/accounts/{walk.left['id']}")
    tile = walk.page.locator("div").filter(has=walk.page.get_by_text("Mensagens Entregues", exact=True)).last
    await walk.sees(tile.get_by_text(str(len(listed)), exact=True))


async def edits_one(walk: Walk) -> None:
    await walk.goes_to(f"/accounts/{walk.left['id']}/edit")
    await walk.page.get_by_label("Nome da Conta").fill("Loja do Centro")
    await walk.page.get_by_label("Número de Telefone").fill("+55 11 90000-0002")
    await walk.presses("Salvar")
    await walk.path_is("/accounts$")
    await walk.sees(_line(walk, "Loja do Centro"))
    must(
        await walk.answer_to(walk.on("whatsapp"), "when are you open?"),
        "after the edit it is silent: its agent is gone",
    )


async def adds_one(walk: Walk) -> None:
    provider = await walk.on("whatsapp", "new").get("unknown")
    await walk.goes_to("/accounts/new")
    fields = {
        "Nome da Conta": "Loja Nova",
        "Número de Telefone": "+55 11 90000-0001",
        "Phone Number ID (Meta)": provider,
        "WABA ID": "300000000000001",
        "Access Token": f"{SECRET}-new",
        "Webhook Verify Token": "a word",
    }
    for label, value in fields.items():
        await walk.page.get_by_label(label).fill(value)
    await walk.presses("Criar")
    await walk.path_is("/accounts$")
    await walk.sees(_line(walk, "Loja Nova"))
    await walk.sees(provider)


async def removes_one(walk: Walk) -> None:
    await walk.presses("Ações", _line(walk, "Loja Nova"))
    await walk.presses("Excluir", _line(walk, "Loja Nova"))
    await walk.page.get_by_role("button", name="Excluir").last.click()
    await walk.sees_no_more(_line(walk, "Loja Nova"))
    await walk.goes_to("/accounts")
    await walk.sees(_line(walk, "Loja do Centro"))
    must(not await _line(walk, "Loja Nova").count(), "what was removed is in the list")


NUMBERS = Group(
    name="WhatsApp accounts",
    steps=(
        sees_the_numbers,
        opens_one_and_sees_its_templates_and_its_business,
        fetches_the_templates_anew,
        changes_the_token,
        switches_it_off_and_nobody_is_answered,
        switches_it_on_from_the_list,
        sees_how_many_messages_it_sent,
        edits_one,
        adds_one,
        removes_one,
    ),
)


async def sees_all_connections(walk: Walk) -> None:
    for channel in ("whatsapp", "messenger"):
        given = walk.on(channel)
        await given.get("spare")
        walk.left[channel] = f"Spare {given.made['spare_provider'][-4:]}"
        await given.get("talk")
    await walk.goes_to("/connections")
    for channel in ("whatsapp", "messenger"):
        await walk.sees(_card(walk, walk.left[channel]))


async def switches_a_number_off_and_on(walk: Walk) -> None:
    await _switches(walk, "whatsapp")


async def switches_a_page_off_and_on(walk: Walk) -> None:
    await _switches(walk, "messenger")


async def adds_a_page(walk: Walk) -> None:
    provider = await walk.on("messenger", "new").get("unknown")
    await walk.presses("Nova Conexão")
    await walk.page.get_by_text("Conecte sua página do Facebook Messenger").click()
    fields = {
        "Ex: Página Pastita": "Pagina Nova",
        "Ex: 123456789012345": provider,
        "Ex: Pastita Oficial": "Pagina Nova Oficial",
        "Token de acesso da página": f"{SECRET}-page",
    }
    for placeholder, value in fields.items():
        await walk.page.get_by_placeholder(placeholder).fill(value)
    await walk.presses("Criar Conexão")
    await walk.sees(_card(walk, provider))


async def removes_the_page(walk: Walk) -> None:
    provider = walk.on("messenger", "new").made["unknown"]
    walk.page.once("dialog", lambda dialog: dialog.accept())
    await _card(walk, provider).get_by_title("Excluir").click()
    await walk.sees_no_more(_card(walk, provider))


async def asks_for_a_qr_code_and_is_told_that_there_is_none_yet(walk: Walk) -> None:
    """It is refused with 501: the page says that it could not load one."""
    card = _card(walk, walk.left["whatsapp"])
    await _switch(card).click()
    await (await walk.sees(card.get_by_title("Conectar via QR Code"))).click()
    await walk.sees("Erro ao carregar QR Code")
    await walk.page.get_by_text("Fechar", exact=True).click()
    await _switch(card).click()
    await walk.sees_no_more(card.get_by_title("Conectar via QR Code"))


CONNECTIONS = Group(
    name="connections",
    steps=(
        sees_all_connections,
        switches_a_number_off_and_on,
        switches_a_page_off_and_on,
        adds_a_page,
        removes_the_page,
        asks_for_a_qr_code_and_is_told_that_there_is_none_yet,
    ),
)


async def _has_templates(walk: Walk, account: str) -> None:
    """The emulator's number is of the business that our account is said to be of."""
    provider, business = walk.on("whatsapp").made["spare_provider"], walk.scene.provider_id("whatsapp")
    known = {"channel": "whatsapp", "id": provider, "business_id": business}
    await walk.scene.product.emulator.ask("POST", "accounts", known)
    await walk.scene.page.ask("PATCH", f"/whatsapp/accounts/{account}/", {"waba_id": business})


async def _switches(walk: Walk, channel: str) -> None:
    card = _card(walk, walk.left[channel])
    await _switch(card).click()
    await walk.sees(card.get_by_text("Desativado"))
    said = await walk.answer_to(walk.on(channel), "anybody")
    must(said is None, f"what is off says {said!r}")
    await _switch(card).click()
    await walk.sees(card.get_by_text("Conectado"))
    must(await walk.answer_to(walk.on(channel), "the menu please"), "what is on is silent")


def _line(walk: Walk, name: str) -> Any:
    return walk.page.get_by_role("row").filter(has_text=name)


def _card(walk: Walk, text: str) -> Any:
    """The smallest place that names it and can be edited there."""
    return walk.page.locator("div").filter(has_text=text).filter(has=walk.page.get_by_title("Editar")).last


def _switch(card: Any) -> Any:
    """It has no name: of the card's buttons it is the first."""
    return card.get_by_role("button").first
