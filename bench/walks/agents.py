"""The pages of agents: the switch is believed when the assistant is silent."""

from __future__ import annotations

from typing import Any

from bench.walks.group import Group
from bench.walks.walk import WAIT_MS, Walk, must


async def sees_the_agents(walk: Walk) -> None:
    given = walk.on("whatsapp")
    agent = await given.get("agent")
    walk.left["name"] = (await walk.scene.own("GET", f"agents/{agent}"))["name"]
    await walk.goes_to("/agents")
    await walk.sees(_card(walk))


async def switches_one_off_and_it_is_silent(walk: Walk) -> None:
    await _card(walk).get_by_title("Desativar").click()
    await walk.sees(_card(walk).get_by_text("Inativo", exact=True))
    said = await walk.answer_to(walk.on("whatsapp"), "are you awake")
    must(said is None, f"the assistant that is off says {said!r}")


async def switches_it_on_and_it_answers(walk: Walk) -> None:
    await _card(walk).get_by_title("Ativar").click()
    await walk.sees(_card(walk).get_by_text("Ativo", exact=True))
    must(await walk.answer_to(walk.on("whatsapp"), "the menu please"), "the assistant that is on is silent")


async def opens_one_and_sees_its_figures(walk: Walk) -> None:
    await walk.goes_to(f"/agents/{await walk.on('whatsapp').get('agent')}")
    await walk.sees(walk.page.get_by_role("heading", name=walk.left["name"]))
    await walk.sees("Configuração do Modelo")


async def switches_it_off_and_on_there(walk: Walk) -> None:
    await walk.presses("Desativar")
    await walk.sees(walk.page.get_by_role("button", name="Ativar"))
    said = await walk.answer_to(walk.on("whatsapp"), "still awake")
    must(said is None, f"the assistant that is off says {said!r}")
    await walk.presses("Ativar")
    await walk.sees(walk.page.get_by_role("button", name="Desativar"))


async def looks_at_its_talks(walk: Walk) -> None:
    await walk.presses("Conversas")
    await walk.sees("Conversas (1)")


async def tries_it_out(walk: Walk) -> None:
    await walk.presses("Testar")
    await _asks_it(walk, "que horas abrem")


async def tries_it_out_on_the_page_for_it(walk: Walk) -> None:
    await walk.goes_to(f"/agents/{await walk.on('whatsapp').get('agent')}/test")
    await _asks_it(walk, "e no domingo")


async def edits_the_trained_one_and_it_answers_as_before(walk: Walk) -> None:
    """The form wants a prompt of every agent, of one that needs none too."""
    await walk.goes_to(f"/agents/{await walk.on('whatsapp').get('agent')}")
    await walk.presses("Editar")
    await walk.page.get_by_placeholder("Descreva a função").fill("the trained one")
    await walk.presses("Prompts")
    await walk.page.get_by_placeholder("Você é um assistente...").fill("none")
    await walk.presses("Salvar")
    await walk.sees("the trained one")
    must(await walk.answer_to(walk.on("whatsapp"), "when are you open?"), "after the edit it is silent")


async def makes_a_new_one(walk: Walk) -> None:
    walk.left["new"] = name = f"Atendente {walk.scene.number()}"
    await walk.goes_to("/agents/new")
    await walk.page.get_by_placeholder("Ex: Assistente de Vendas").fill(name)
    await walk.page.get_by_placeholder("Descreva a função").fill("answers about orders")
    await walk.presses("Modelo")
    await walk.presses("OpenAI")
    await walk.presses("Prompts")
    await walk.page.get_by_placeholder("Você é um assistente...").fill("Be kind and brief.")
    await walk.presses("Contas")
    await walk.sees(walk.page.get_by_role("checkbox"))
    await walk.presses("Criar Agente")
    await walk.path_is(r"/agents/agt_")
    await walk.sees(walk.page.get_by_role("heading", name=name))
    await walk.sees("OPENAI")
    await walk.sees("Be kind and brief.")


async def edits_it(walk: Walk) -> None:
    await walk.presses("Editar")
    await walk.page.get_by_placeholder("Descreva a função").fill("answers about deliveries")
    await walk.presses("Salvar")
    await walk.sees("answers about deliveries")


async def copies_it(walk: Walk) -> None:
    before = walk.page.url
    await walk.presses("Duplicar")
    await walk.sees(walk.page.get_by_role("heading", name=f"{walk.left['new']} (cópia)"))
    must(walk.page.url != before, "the copy's page does not open")
    await walk.sees("Rascunho")


async def removes_the_copy(walk: Walk) -> None:
    walk.page.once("dialog", lambda dialog: dialog.accept())
    await walk.presses("Excluir")
    await walk.path_is("/agents$")
    await walk.sees(walk.page.get_by_role("heading", name=walk.left["new"], exact=True))
    await walk.sees_no_more(f"{walk.left['new']} (cópia)")


def _card(walk: Walk) -> Any:
    """The smallest place with this agent's name and its buttons."""
    name = walk.page.get_by_role("heading", name=walk.left["name"], exact=True)
    return walk.page.locator("div").filter(has=name).filter(has=walk.page.get_by_title("Testar agente")).last


async def _asks_it(walk: Walk, text: str) -> None:
    await walk.page.get_by_placeholder("Digite sua mensagem...").fill(text)
    async with walk.page.expect_response("**/process/", timeout=WAIT_MS) as answered:
        await walk.presses("Enviar mensagem")
    answer = await (await answered.value).json()
    must(answer.get("response"), f"it is answered {answer}")
    await walk.sees(walk.page.get_by_text(answer["response"].splitlines()[0]))


GROUP = Group(
    name="agents",
    steps=(
        sees_the_agents,
        switches_one_off_and_it_is_silent,
        switches_it_on_and_it_answers,
        opens_one_and_sees_its_figures,
        switches_it_off_and_on_there,
        looks_at_its_talks,
        tries_it_out,
        tries_it_out_on_the_page_for_it,
        edits_the_trained_one_and_it_answers_as_before,
        makes_a_new_one,
        edits_it,
        copies_it,
        removes_the_copy,
    ),
)
