"""The inbox of WhatsApp: what comes is there at once, the buttons give and take the conversation, sends have ticks."""

from __future__ import annotations

from typing import Any

from bench.walks.group import Group
from bench.walks.walk import Walk, must

_NAME = "Ana do Inbox"
_TO_WRITE = "Digite uma mensagem"


async def opens_the_inbox_and_it_is_live(walk: Walk) -> None:
    await walk.goes_to("/inbox/whatsapp")
    await walk.sees("Ao vivo")


async def somebody_new_writes_and_their_row_appears(walk: Walk) -> None:
    await walk.somebody("whatsapp", _NAME)
    row = await walk.sees(_row(walk))
    talk = await walk.on("whatsapp").get("talk")
    said = (await walk.scene.product.operators.messages(talk))[-1]["text"]
    await walk.until(lambda: _has(row, str(said)[:20]), "the row says what was said last")


async def opens_the_chat_and_reads_both_sides(walk: Walk) -> None:
    await _row(walk).click()
    await walk.sees(_bubbles(walk, "inbound").filter(has_text="hello"))
    await walk.sees(_bubbles(walk, "outbound"))
    must(not await walk.page.get_by_text("--:--").count(), "a message does not say when it was")
    given = walk.on("whatsapp")
    talk = await given.get("talk")
    await walk.until(lambda: _is_read(walk, talk), "what was opened counts as read")


async def the_customer_writes_on_and_the_answer_is_seen_at_once(walk: Walk) -> None:
    answer = await walk.answer_to(walk.on("whatsapp"), "are you open today")
    must(answer, "the assistant is silent although nobody took the conversation")
    await walk.sees(_bubbles(walk, "inbound").filter(has_text="are you open today"))
    await walk.sees(_bubbles(walk, "outbound").filter(has_text=_first_line(answer)))


async def a_picture_comes_and_is_shown(walk: Walk) -> None:
    customer = await walk.on("whatsapp").get("customer")
    said = {"account": customer.number, "customer": customer.phone, "image": {"caption": "my photo"}}
    await walk.scene.product.emulator.ask("POST", "say", said)
    picture = await walk.sees(_bubbles(walk, "inbound").locator("img"))
    await walk.until(
        lambda: picture.evaluate("image => image.complete && image.naturalWidth > 0"), "the picture can be seen"
    )
    await walk.sees(_bubbles(walk, "inbound").filter(has_text="my photo"))


async def presses_human_and_the_assistant_is_silent(walk: Walk) -> None:
    await walk.presses("Humano", _modes(walk))
    await _mode_is(walk, "Humano")
    must(await walk.state_of(walk.on("whatsapp")) == "human", "the conversation is not with a person")
    said = await walk.answer_to(walk.on("whatsapp"), "is anybody there")
    must(said is None, f"the assistant says {said!r} after Humano")
    await walk.sees(_bubbles(walk, "inbound").filter(has_text="is anybody there"))


async def presses_bot_and_the_assistant_answers_again(walk: Walk) -> None:
    await walk.presses("Bot", _modes(walk))
    await _mode_is(walk, "Bot")
    must(await walk.answer_to(walk.on("whatsapp"), "the menu please"), "the assistant is silent after Bot")


async def a_colleague_takes_it_elsewhere_and_the_buttons_follow(walk: Walk) -> None:
    talk = await walk.on("whatsapp").get("talk")
    await walk.scene.own("POST", f"conversations/{talk}/take", {})
    await _mode_is(walk, "Humano")
    await walk.scene.own("POST", f"conversations/{talk}/release", {})
    await _mode_is(walk, "Bot")


async def sends_a_text_and_follows_its_ticks(walk: Walk) -> None:
    given = walk.on("whatsapp")
    await _writes(walk, "Bom dia da Ana")
    await walk.got(given, "Bom dia da Ana")
    await walk.sees(_bubbles(walk, "outbound").filter(has_text="Bom dia da Ana"), how_often=1)
    bubble = _bubbles(walk, "outbound").filter(has_text="Bom dia da Ana")
    await walk.sees(walk.titled("Entregue", bubble))
    customer = await given.get("customer")
    await walk.scene.product.emulator.ask("POST", "read", {"account": customer.number, "customer": customer.phone})
    await walk.sees(walk.titled("Lido", bubble))
    await _mode_is(walk, "Humano")


async def writes_a_note_behind_a_slash_and_the_customer_gets_nothing(walk: Walk) -> None:
    await _writes(walk, "/nota the customer likes olives")
    talk = await walk.on("whatsapp").get("talk")
    await walk.until(lambda: _has_note(walk, talk, "olives"), "the note is written down")
    heard = [r.text for r in await walk.scene.product.journal.whole() if "olives" in (r.text or "")]
    must(not heard, "the note went to the customer")


async def orders_the_bot_off_and_on_behind_a_slash(walk: Walk) -> None:
    await _writes(walk, "/bot on")
    await _mode_is(walk, "Bot")
    await _writes(walk, "/bot off")
    await _mode_is(walk, "Humano")


async def sends_a_template_from_the_panel(walk: Walk) -> None:
    await walk.titled("Templates").click()
    await walk.presses("pedido_pronto")
    await walk.page.get_by_placeholder("{{1}}").fill("Ana")
    await walk.page.get_by_placeholder("{{2}}").fill("1042")
    await walk.presses("Enviar template oficial")
    await walk.sees(_bubbles(walk, "outbound").filter(has_text="pedido_pronto").filter(has_text="1042"))
    customer = await walk.on("whatsapp").get("customer")
    arrived = await walk.scene.product.journal.arrived(
        customer.number, lambda r: r.to == customer.address and r.kind == "template" and r.accepted, 10.0
    )
    must(arrived, "no template reached the customer")


async def searches_for_a_word_of_a_chat_and_finds_whose_it_is(walk: Walk) -> None:
    other = await walk.somebody("whatsapp", "Bruno da Busca", "searched")
    await walk.answer_to(other, "pamonha de milho verde")
    await walk.sees(_row(walk, "Bruno da Busca"))
    await walk.page.get_by_placeholder("Buscar conversa...").fill("pamonha")
    await walk.sees_no_more(_row(walk))
    await walk.sees(_row(walk, "Bruno da Busca"))
    await walk.page.get_by_placeholder("Buscar conversa...").fill("")
    await walk.sees(_row(walk))


async def scrolls_to_the_beginning_of_a_long_chat(walk: Walk) -> None:
    """A page of a chat has 100 messages: these are more."""
    given = await walk.somebody("whatsapp", "Carla de Longe", "long")
    customer = await given.get("customer")
    many = [{"customer": customer.phone, "text": f"line {n:03}"} for n in range(55)]
    await walk.scene.product.emulator.batch(customer.number, many)
    await customer.settle(walk.scene.product, 40.0)
    await walk.goes_to("/inbox/whatsapp")
    await (await walk.sees(_row(walk, "Carla de Longe"))).click()
    await walk.sees(_bubbles(walk, "inbound").filter(has_text="line 054"))
    must(await _bubbles(walk, "inbound").filter(has_text="line 000").count() == 0, "the whole chat is loaded at once")
    box = walk.page.locator(".messages-container")

    async def is_there() -> bool:
        await box.evaluate("box => { box.scrollTop = 0; box.dispatchEvent(new Event('scroll')); }")
        return bool(await _bubbles(walk, "inbound").filter(has_text="line 000").count())

    await walk.until(is_there, "the first words of the chat are there")
    await walk.sees(_bubbles(walk, "inbound").filter(has_text="line 054"), how_often=1)


async def scrolls_down_to_the_older_conversations(walk: Walk) -> None:
    """A page of the list has 30: these are more."""
    number = walk.scene.accounts["whatsapp"][1]
    many = [{"customer": walk.scene.phone(), "text": "hello"} for _ in range(34)]
    await walk.scene.product.emulator.batch(number, many)

    async def all_answered() -> bool:
        """While they are, the order of the list moves."""
        heard = {request.to for request in await walk.scene.product.journal.whole() if request.text}
        return heard >= {each["customer"] for each in many}

    await walk.until(all_answered, "all of them are answered")
    await walk.goes_to("/inbox/whatsapp")
    await walk.sees(walk.page.locator(".conversation-item"))
    rows, box = walk.page.locator(".conversation-item"), walk.page.locator(".conversations-list")

    async def to_the_end() -> bool:
        await box.evaluate("box => { box.scrollTop = box.scrollHeight; box.dispatchEvent(new Event('scroll')); }")
        return bool(await rows.count() > 34)

    await walk.until(to_the_end, "more than one page of conversations is there")
    names = await rows.evaluate_all("rows => rows.map(row => row.querySelector('h3').innerText)")
    must(len(set(names)) == len(names), "a conversation is in the list twice")


def _row(walk: Walk, name: str = _NAME) -> Any:
    return walk.page.locator(".conversation-item").filter(has_text=name)


def _bubbles(walk: Walk, direction: str) -> Any:
    return walk.page.locator(f".chat-msg-{direction}")


def _modes(walk: Walk) -> Any:
    return walk.page.get_by_role("group", name="Modo de atendimento")


async def _mode_is(walk: Walk, name: str) -> None:
    button = _modes(walk).get_by_role("button", name=name)
    await walk.until(lambda: _has_class(button, "active"), f"the button {name} is the one that is pressed")


async def _has_class(place: Any, name: str) -> bool:
    return name in (await place.get_attribute("class") or "").split()


async def _writes(walk: Walk, text: str) -> None:
    await walk.page.get_by_placeholder(_TO_WRITE).fill(text)
    await walk.page.keyboard.press("Escape")
    await walk.presses("Enviar mensagem")


async def _has(place: Any, text: str) -> bool:
    return text in await place.inner_text()


async def _is_read(walk: Walk, talk: str) -> bool:
    return not (await walk.scene.own("GET", f"conversations/{talk}"))["unread"]


async def _has_note(walk: Walk, talk: str, word: str) -> bool:
    listed = (await walk.scene.page.ask("GET", f"/conversations/{talk}/notes/")).body
    return any(word in each["content"] for each in listed)


def _first_line(text: str | None) -> str:
    return (text or "").splitlines()[-1].partition(" | ")[0]


GROUP = Group(
    name="WhatsApp inbox",
    steps=(
        opens_the_inbox_and_it_is_live,
        somebody_new_writes_and_their_row_appears,
        opens_the_chat_and_reads_both_sides,
        the_customer_writes_on_and_the_answer_is_seen_at_once,
        a_picture_comes_and_is_shown,
        presses_human_and_the_assistant_is_silent,
        presses_bot_and_the_assistant_answers_again,
        a_colleague_takes_it_elsewhere_and_the_buttons_follow,
        sends_a_text_and_follows_its_ticks,
        writes_a_note_behind_a_slash_and_the_customer_gets_nothing,
        orders_the_bot_off_and_on_behind_a_slash,
        sends_a_template_from_the_panel,
        searches_for_a_word_of_a_chat_and_finds_whose_it_is,
        scrolls_to_the_beginning_of_a_long_chat,
        scrolls_down_to_the_older_conversations,
    ),
)
