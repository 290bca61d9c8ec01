"""The list of all channels, and the window that opens over it."""

from __future__ import annotations

from typing import Any

from bench.walks.group import Group
from bench.walks.walk import Walk, must

_NAMES = {"whatsapp": "Davi de Todas", "instagram": "Iara de Todas", "messenger": "Marta de Todas"}


async def sees_the_customers_of_three_channels_in_one_list(walk: Walk) -> None:
    for channel, name in _NAMES.items():
        await walk.somebody(channel, name)
    await walk.goes_to("/inbox/conversas")
    for name in _NAMES.values():
        await walk.sees(_row(walk, name))


async def opens_the_window_of_a_whatsapp_conversation(walk: Walk) -> None:
    await _row(walk, _NAMES["whatsapp"]).click()
    await walk.sees(_window(walk).get_by_text("hello", exact=True))
    await walk.sees(_window(walk).get_by_text("Equipe", exact=True))


async def writes_a_note(walk: Walk) -> None:
    await _window(walk).get_by_label("Nova nota interna").fill("prefers the terrace")
    await walk.presses("Salvar nota", _window(walk))
    await walk.sees(_window(walk).get_by_label("Notas internas").get_by_text("prefers the terrace"))


async def takes_the_conversation_over(walk: Walk) -> None:
    await walk.presses("Assumir a conversa", _window(walk))
    await walk.sees(_window(walk).get_by_role("button", name="Devolver ao robô"))
    said = await walk.answer_to(walk.on("whatsapp"), "who is there")
    must(said is None, f"the assistant says {said!r}")


async def gives_it_back(walk: Walk) -> None:
    await walk.presses("Devolver ao robô", _window(walk))
    await walk.sees(_window(walk).get_by_role("button", name="Assumir a conversa"))
    must(await walk.state_of(walk.on("whatsapp")) == "bot", "the assistant does not have it")


async def marks_it_as_read(walk: Walk) -> None:
    await walk.presses("Marcar como lida", _window(walk))
    await walk.sees(_window(walk).get_by_text("0 não lida(s)"))


async def resolves_and_opens_again(walk: Walk) -> None:
    await walk.presses("Resolver", _window(walk))
    await walk.presses("Reabrir", _window(walk))
    await walk.sees(_window(walk).get_by_role("button", name="Resolver"))


async def closes_and_opens_again(walk: Walk) -> None:
    await _window(walk).get_by_text("Fechar", exact=True).click()
    await walk.presses("Reabrir", _window(walk))
    await walk.sees(_window(walk).get_by_role("button", name="Resolver"))
    must(
        await walk.answer_to(walk.on("whatsapp"), "the menu please"), "the assistant is silent in what was opened again"
    )


async def goes_on_in_the_inbox(walk: Walk) -> None:
    await walk.presses("Abrir no inbox", _window(walk))
    await walk.path_is(r"/inbox/whatsapp\?conversation=")
    await walk.sees(walk.page.locator(".chat-header").get_by_text(_NAMES["whatsapp"]))


async def opens_an_instagram_conversation_where_it_is_answered(walk: Walk) -> None:
    await walk.goes_to("/inbox/conversas")
    await (await walk.sees(_row(walk, _NAMES["instagram"]))).click()
    await walk.path_is(r"/inbox/instagram\?")
    await walk.sees(walk.page.locator(".chat-header").get_by_text(_NAMES["instagram"]))


async def opens_a_messenger_conversation_where_it_is_answered(walk: Walk) -> None:
    await walk.goes_to("/inbox/conversas")
    await (await walk.sees(_row(walk, _NAMES["messenger"]))).click()
    await walk.path_is(r"/inbox/messenger\?")
    await walk.sees(walk.page.get_by_placeholder("Digite sua mensagem..."))


def _row(walk: Walk, name: str) -> Any:
    return walk.page.get_by_label(f"Abrir conversa com {name}")


def _window(walk: Walk) -> Any:
    return walk.page.get_by_role("dialog")


GROUP = Group(
    name="all channels",
    steps=(
        sees_the_customers_of_three_channels_in_one_list,
        opens_the_window_of_a_whatsapp_conversation,
        writes_a_note,
        takes_the_conversation_over,
        gives_it_back,
        marks_it_as_read,
        resolves_and_opens_again,
        closes_and_opens_again,
        goes_on_in_the_inbox,
        opens_an_instagram_conversation_where_it_is_answered,
        opens_a_messenger_conversation_where_it_is_answered,
    ),
)
