"""The desk page in a real browser: a Friday night on a phone, by keyboard, in both languages, with the network gone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest

from app.first_run import DEMO_INSTAGRAM
from tests import browser
from tests.acceptance import desk
from tests.acceptance.desk import DESK_WIDTH, DeskPage
from tests.acceptance.product import Json, Product, ask, until
from tests.files import PNG

pytestmark = pytest.mark.browser
Opens = Callable[..., DeskPage]

#: Meta's number for a contact who can't be reached.
UNREACHABLE = 131026


@pytest.fixture
def opens(shared: Product) -> Iterator[Opens]:
    """Opens a window of the desk, signed in unless told otherwise; no error may show up in any console."""
    wrong: list[str] = []
    with browser.opened() as chromium:

        def open_one(token: str | None = None, *, signed_in: bool = True, **kind: Any) -> DeskPage:
            page = DeskPage(desk.window(chromium, wrong, **kind), shared)
            return page.sign_in(token or shared.token) if signed_in else page

        yield open_one
    assert wrong == []


@pytest.fixture
def joana(shared: Product) -> Iterator[str]:
    """A second operator, who is there; her token."""
    (added,) = shared.cli("operator", "add", "joana")
    token = str(added["token"])
    assert shared.rest("PATCH", "/me", {"presence": "online"}, token=token)[0] == 200
    yield token
    shared.run_cli("operator", "remove", "joana")


@pytest.fixture
def canned(shared: Product) -> Iterator[Json]:
    body = {"shortcut": "atraso", "language": "pt", "text": "Oi {customer}, aqui é {operator}. Seu pedido já sai."}
    status, made = shared.rest("POST", "/canned", body)
    assert status == 200, made
    yield made
    shared.rest("DELETE", f"/canned/{made['id']}")


def conversation_of(shared: Product, customer: str, name: str, text: str = "oi, tudo bem?") -> str:
    """A customer of that name who has written and was answered."""
    shared.emulator("POST", "customers", {"phone": customer, "name": name, "language": "pt-BR"})
    shared.ask_and_hear(customer, text)
    return str(shared.conversation(customer)["id"])


def wanted(shared: Product, conversation: str, priority: str) -> None:
    shared.order(conversation, "request", {"reason": "complaint", "priority": priority})


def times_heard(shared: Product, customer: str, text: str) -> int:
    """How often the phone shows it, once it does; who a person is may stand at its head."""
    until(lambda: [said for said in shared.answers(customer) if text in said], f"{text!r} on the phone")
    return sum(text in said for said in shared.answers(customer))


def is_red(node: Any) -> bool:
    red, green, blue = map(int, re.findall(r"\d+", node.evaluate("node => getComputedStyle(node).color"))[:3])
    return red > 2 * max(green, blue)


def test_a_friday_night_on_a_phone(
    shared: Product, opens: Opens, customer: str, another: str, joana: str, canned: Json
) -> None:
    # given two customers who wait for a person, the one who came later urgently
    ana, ben = conversation_of(shared, customer, "Ana Lima"), conversation_of(shared, another, "Ben Reis")
    wanted(shared, ben, "medium")
    wanted(shared, ana, "urgent")

    # when the owner signs in on her phone, then the urgent one is first, and nothing is wider than the phone
    desk_page = opens()
    desk_page.row(ben).wait_for()
    assert desk_page.order_of(ana, ben) == [ana, ben]
    assert "Urgente" in desk_page.row(ana).inner_text()
    assert desk_page.page.evaluate("document.documentElement.scrollWidth") <= desk.PHONE_WIDTH

    # she takes it, and is told that nothing of the assistant's is on its way
    desk_page.row(ana).click()
    desk_page.shows(ana).command("take").click()
    desk_page.owner_is("human")
    assert desk_page.in_flight().get_attribute("data-count") == "0"
    assert "Nada do assistente" in desk_page.in_flight().inner_text()
    assert desk_page.line("oi, tudo bem?").get_attribute("data-author") == "contact"
    assert desk_page.line("Olá!").get_attribute("data-author") == "bot"

    # what the customer writes shows by itself, with why the assistant was silent
    shared.say(customer, "cadê meu pedido?")
    silence = desk_page.line("cadê meu pedido?").locator('[data-role="silence"]')
    silence.wait_for()
    assert silence.inner_text() == "O assistente ficou calado: uma pessoa cuida da conversa."

    # a reply, the button hit twice: the customer gets it once
    desk_page.box.fill("Oi Ana, já vejo.")
    desk_page.page.locator("#send").dblclick()
    desk_page.sent()
    assert times_heard(shared, customer, "Oi Ana, já vejo.") == 1
    assert desk_page.line("Oi Ana, já vejo.").locator('[data-role="author"]').inner_text() == "Você"

    # a canned reply by `/`, its fields filled in before it is sent
    desk_page.box.press_sequentially("/atr")
    desk_page.says('[data-role="canned"]', "/atraso")
    desk_page.box.press("Enter")
    assert desk_page.box.input_value() == "Oi Ana, aqui é admin. Seu pedido já sai."
    desk_page.box.press("Enter")
    desk_page.sent()
    assert times_heard(shared, customer, "Oi Ana, aqui é admin. Seu pedido já sai.") == 1

    # a note is for the team: it shows, and the phone stays quiet
    desk_page.page.locator('#kinds [data-kind="note"]').click()
    desk_page.write("Já ligou ontem.")
    desk_page.says('[data-role="note"]', "Já ligou ontem.")
    desk_page.page.locator('#kinds [data-kind="reply"]').click()

    # a send that fails is red, says what helps, and can be put back into the box
    shared.emulator("PUT", "faults", {"error": {"code": UNREACHABLE, "times": 1}})
    desk_page.write("Está a caminho.")
    failed = desk_page.line("Está a caminho.")
    failed.locator('[data-role="trouble"]').wait_for()
    assert failed.get_attribute("data-status") == "failed"
    assert "não bloqueou a loja" in failed.locator('[data-role="cure"]').inner_text()
    assert is_red(failed.locator('[data-role="trouble"]'))
    failed.locator('[data-role="put-back"]').click()
    desk_page.box.press("Enter")
    desk_page.sent()
    assert times_heard(shared, customer, "Está a caminho.") == 1
    assert not [said for said in shared.answers(customer) if "ligou ontem" in said]

    # she gives it to Joana, who is told, and has it from then on
    hers = opens(joana, width=DESK_WIDTH)
    desk_page.command("transfer").click()
    desk_page.page.locator('[data-role="whom"][value="joana"]').check()
    desk_page.page.locator('[data-role="transfer-note"]').fill("Ela está com pressa.")
    desk_page.confirm()
    desk_page.says('[data-role="owner"]', "joana")
    assert desk_page.command("take").inner_text() == "Assumir de joana"
    hers.says("#announce", "A conversa com Ana Lima agora é sua")
    hers.tab("mine").row(ana).click()
    hers.shows(ana).owner_is("human")

    # Joana returns it, and the assistant answers what comes next
    hers.command("release").click()
    hers.owner_is("bot")
    shared.say(customer, "qual o endereço de vocês?")
    assert times_heard(shared, customer, "Estamos em") == 1
    assert hers.line("Estamos em").get_attribute("data-author") == "bot"

    # one button silences every assistant; only an operator who may sees it
    assert not hers.page.locator("#silence").is_visible()
    try:
        desk_page.page.locator("#silence").click()
        desk_page.confirm()
        desk_page.says("#silent", "Todos os assistentes estão calados. Nada do assistente está a caminho.")
        assert shared.handled(customer, "qual o horário?")["reason"] == "agent_inactive"
        hers.says("#silent", "Só um administrador os liga de novo.")
    finally:
        desk_page.page.locator('[data-role="wake-up"]').click()
        desk_page.confirm()
    desk_page.page.locator("#silent").wait_for(state="hidden")

    # and goes home: the browser forgets who she was
    desk_page.page.locator("#menu summary").click()
    desk_page.page.locator("#sign-out").click()
    if desk_page.page.locator("dialog").count():
        desk_page.confirm()
    desk_page.page.locator("#sign-in").wait_for()
    assert desk_page.page.evaluate("Object.keys(sessionStorage)") == []


def test_the_desk_by_keyboard_alone(shared: Product, opens: Opens, customer: str) -> None:
    conversation = conversation_of(shared, customer, "Kim", "hello there")
    wanted(shared, conversation, "urgent")
    page = DeskPage(opens(signed_in=False, locale="en-US").page, shared)
    keyboard = page.page.keyboard

    def tab_to(selector: str) -> None:
        """Tab, until the focus is there; every stop on the way can be seen."""
        for _ in range(80):
            keyboard.press("Tab")
            assert page.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            if page.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"Tab never came to {selector}")

    # sign in: the cursor is where the name goes, then where the token does
    page.page.goto(shared.url + "/desk")
    page.page.locator("#name:focus").wait_for()
    tab_to("#other-way")
    keyboard.press("Enter")
    page.page.locator("#token:focus").wait_for()
    keyboard.type(shared.token)
    keyboard.press("Enter")
    page.row(conversation).wait_for()

    # the queue, the conversation, Take
    tab_to(f'[data-conversation="{conversation}"]')
    keyboard.press("Enter")
    page.shows(conversation)
    page.page.locator("#open-name:focus").wait_for()
    tab_to('[data-role="command-take"]')
    keyboard.press("Enter")
    page.owner_is("human")

    # a reply, with its line break
    tab_to("#box")
    keyboard.type("Hello Kim,")
    keyboard.press("Shift+Enter")
    keyboard.type("this is the owner.")
    keyboard.press("Enter")
    page.sent()
    assert times_heard(shared, customer, "Hello Kim,\nthis is the owner.") == 1

    # and Return, which says so
    page.page.locator("#open-name").focus()
    tab_to('[data-role="command-release"]')
    keyboard.press("Enter")
    page.owner_is("bot")
    page.says('[data-role="log"][data-command="release"]', "You returned it to the assistant")


def test_both_languages_and_the_shops_clock(shared: Product, opens: Opens, customer: str) -> None:
    conversation = conversation_of(shared, customer, "Rosa")
    page = opens(locale="en-US", width=DESK_WIDTH).go(conversation)
    assert page.command("take").inner_text() == "Take"
    assert page.page.evaluate("document.documentElement.lang") == "en"

    page.page.locator("#menu summary").click()
    page.page.locator('#menu [data-language="pt-BR"]').click()

    assert page.command("take").inner_text() == "Assumir"
    assert page.page.evaluate("document.documentElement.lang") == "pt-BR"
    page.says("#context", "Idioma do cliente")
    at = datetime.fromisoformat(shared.messages(customer)[0]["at"])
    there = at.astimezone(ZoneInfo("America/Sao_Paulo")).strftime("%H:%M")
    assert page.line("oi, tudo bem?").locator("time").inner_text() == there
    page.page.reload()
    page.shows(conversation)
    assert page.command("take").inner_text() == "Assumir", "the choice is kept"


def test_nothing_typed_is_lost(shared: Product, opens: Opens, customer: str, another: str) -> None:
    ana, ben = conversation_of(shared, customer, "Ana"), conversation_of(shared, another, "Ben")
    page = opens().go(ana)

    # a draft stays with its conversation, over a change of conversation and a reload
    page.box.fill("para a Ana")
    page.go(ben)
    assert page.box.input_value() == ""
    page.box.fill("para o Ben")
    page.go(ana)
    assert page.box.input_value() == "para a Ana"
    page.page.reload()
    page.shows(ana)
    assert page.box.input_value() == "para a Ana"

    # refused: it stays in the box, and why is beside it
    shared.order(ben, "take")
    page.page.route("**/reply", lambda route: route.fulfill(status=503, json={"error": {"code": "unavailable"}}))
    page.box.press("Enter")
    page.says("#box-problem", "Não enviada.")
    assert page.box.input_value() == "para a Ana"
    page.page.unroute("**/reply")

    # without a network the page says so, and keeps what is typed; back again it catches up by itself
    page.page.context.set_offline(True)
    page.says("#offline", "Sem conexão")
    page.box.fill("para a Ana, mais tarde")
    page.box.press("Enter")
    page.says("#box-problem", "não se sabe se a resposta saiu")
    assert page.box.input_value() == "para a Ana, mais tarde"
    shared.say(customer, "ainda estou aqui")
    page.page.context.set_offline(False)
    page.line("ainda estou aqui")
    page.page.locator("#offline").wait_for(state="hidden")
    assert not [said for said in shared.answers(customer) if "mais tarde" in said]

    # the answer to a reply gets lost, the reply does not: it is not left in the box to be sent again
    page.page.route("**/reply", lambda route: (route.fetch(), route.abort()))
    page.box.press("Enter")
    page.sent()
    page.line("para a Ana, mais tarde")
    assert times_heard(shared, customer, "para a Ana, mais tarde") == 1


def test_a_reply_whose_answer_a_reload_cut_off_is_not_left_to_be_sent_again(
    shared: Product, opens: Opens, customer: str
) -> None:
    conversation = conversation_of(shared, customer, "Ivo")
    page = opens().go(conversation)

    # given a reply that reached the server, and a page that was loaded anew before it heard so
    page.page.route("**/reply", lambda route: route.fetch())
    page.write("Só uma vez, por favor.")
    assert times_heard(shared, customer, "Só uma vez, por favor.") == 1
    page.page.reload()

    page.shows(conversation).sent()
    page.line("Só uma vez, por favor.")


def test_an_operators_work(shared: Product, opens: Opens, customer: str, another: str, joana: str) -> None:
    conversation, other = conversation_of(shared, customer, "Duda"), conversation_of(shared, another, "Tom")
    page = opens(width=DESK_WIDTH).go(conversation)

    # tags
    page.page.locator("#new-tag").fill("troca / vip")
    page.page.locator("#new-tag").press("Enter")
    page.says('[data-role="tag"]', "troca / vip").locator("button").click()
    page.page.locator('[data-role="tag"]').wait_for(state="detached")

    # put off, woken, resolved, reopened, closed; each is in the log, with who did it
    page.command("take").click()
    page.owner_is("human")
    page.command("snooze-30").click()
    page.says("#standing", "Adiada até")
    page.command("reopen").click()
    page.says('[data-role="owner"][data-status="open"]', "Você")
    page.command("resolve").click()
    page.says('[data-role="owner"][data-status="resolved"]', "Resolvida")
    page.command("reopen").click()
    page.says('[data-role="owner"][data-status="open"]', "Assistente")
    page.command("close").click()
    page.says('[data-role="owner"][data-status="closed"]', "Encerrada")
    page.says('[data-role="log"]', "Você encerrou")
    page.tab("closed").row(conversation).wait_for()

    # a request turned down, with why; another approved for somebody
    for command, state in (("reject", "bot"), ("approve", "human")):
        wanted(shared, other, "high")
        page.go(other).command(command).click()
        if command == "reject":
            page.page.locator('[data-role="reject-note"]').fill("fora do horário")
        else:
            page.confirm_is_refused("Escolha uma pessoa")
            page.page.locator('[data-role="whom"][value="joana"]').check()
        page.confirm()
        page.owner_is(state)

    # away: others see it
    page.page.locator("#presence").select_option("away")
    until(lambda: shared.rest("GET", "/me")[1]["presence"] == "away", "away")
    page.page.locator("#presence").select_option("online")
    until(lambda: shared.rest("GET", "/me")[1]["presence"] == "online", "online")


def test_who_was_slower_is_told_who_was_quicker(shared: Product, opens: Opens, customer: str, joana: str) -> None:
    conversation = conversation_of(shared, customer, "Leo")
    page = opens(signed_in=False, width=DESK_WIDTH)
    page.page.route_web_socket("**/ws", lambda line: None)  # what she sees is a moment old
    page.sign_in(joana).go(conversation).box.fill("Oi Leo!")
    shared.order(conversation, "take")

    page.page.locator("#send").click()

    page.says("#box-problem", re.compile("Não enviada.*admin"))
    assert page.box.input_value() == "Oi Leo!"
    page.says("#rule", "admin cuida desta conversa")
    assert not [said for said in shared.answers(customer) if "Oi Leo" in said]


def test_who_else_looks_at_a_conversation_and_types_in_it_is_shown(
    shared: Product, opens: Opens, customer: str, joana: str
) -> None:
    conversation = conversation_of(shared, customer, "Nina")
    hers, his = opens(joana).go(conversation), opens().go(conversation)
    his.says("#others-here", "joana está vendo esta conversa")
    hers.box.fill("Oi")
    his.says("#others-here", "joana está digitando aqui")
    hers.page.locator("#back").evaluate("button => button.click()")
    until(lambda: not his.page.locator("#others-here").is_visible(), "she is gone")


def test_where_no_socket_gets_through_the_page_follows_by_long_requests(
    shared: Product, opens: Opens, customer: str, joana: str
) -> None:
    conversation = conversation_of(shared, customer, "Rui")
    page = opens(signed_in=False, width=DESK_WIDTH)
    page.page.route_web_socket("**/ws", lambda line: line.close())
    page.sign_in(joana).go(conversation)
    shared.order(conversation, "take")
    page.owner_is("human")


def test_a_token_that_ends_leads_to_the_door_and_back_to_what_was_typed(
    shared: Product, opens: Opens, customer: str, joana: str
) -> None:
    conversation = conversation_of(shared, customer, "Eva")
    page = opens(joana).go(conversation)
    page.box.fill("quase pronto")

    (renewed,) = shared.cli("operator", "token", "joana")
    shared.say(customer, "oi?")

    page.says("#sign-in-problem", "deixou de ser aceita")
    page.page.locator("#token").fill(str(renewed["token"]))
    page.page.locator("#sign-in-button").click()
    page.shows(conversation)
    assert page.box.input_value() == "quase pronto"


def test_outside_the_window_the_rule_is_named_and_the_box_is_shut(shared: Product, opens: Opens, customer: str) -> None:
    conversation = conversation_of(shared, customer, "Lia")
    page = opens(signed_in=False)
    closed_at = "2026-01-01T12:00:00.000+00:00"

    def yesterday(route: Any) -> None:
        answer = route.fetch()
        conversation_json = answer.json()
        window = {**conversation_json["window"], "closes_at": closed_at}
        route.fulfill(response=answer, json={**conversation_json, "window": window})

    page.page.route(re.compile(rf"/conversations/{conversation}$"), yesterday)
    page.sign_in(shared.token).go(conversation)

    rule = page.page.locator("#rule")
    rule.wait_for()
    assert "24 horas" in rule.inner_text()
    assert "131047" in rule.inner_text()
    assert "Só um modelo aprovado" in rule.inner_text()
    assert page.box.is_disabled()
    assert page.page.locator("#send").is_disabled()
    page.page.locator('#kinds [data-kind="note"]').click()
    page.write("Ligar amanhã.")
    page.says('[data-role="note"]', "Ligar amanhã.")


def test_instagram_with_a_picture_a_comment_and_another_app(
    shared: Product, opens: Opens, customer: str, tmp_path: Path
) -> None:
    # given a customer who sends a picture, and comments under a post
    shared.emulator("POST", "customers", {"phone": customer, "name": "Bia Rocha", "language": "pt-BR"})
    picture = shared.emulator("POST", "say", {"account": DEMO_INSTAGRAM, "customer": customer, "image": {}})
    shared.emulator(
        "POST", "say", {"account": DEMO_INSTAGRAM, "customer": customer, "comment": {"text": "quanto é o bolo?"}}
    )
    (conversation,) = until(lambda: instagram_with(shared, picture["id"]), "the conversation on Instagram")
    page = opens().go(conversation)

    # the channel is named, the picture shown, nothing is wider than the phone
    page.says('#standing [data-channel="instagram"]', "Instagram")
    page.page.locator('[data-role="picture"]').first.wait_for()
    assert page.page.locator('[data-role="picture"]').first.evaluate("node => node.naturalWidth") > 0
    assert page.page.evaluate("document.documentElement.scrollWidth") <= desk.PHONE_WIDTH

    # the comment is answered in private, once
    comment = page.line("quanto é o bolo?")
    assert "Comentário" in comment.locator('[data-role="label"]').inner_text()
    comment.locator('[data-role="private-reply"]').click()
    page.says("#about", "Resposta particular")
    page.write("O bolo é R$ 40.")
    page.sent()
    assert times_heard(shared, customer, "O bolo é R$ 40.") == 1
    page.says('[data-role="line"]', "Respondido em particular")
    assert page.page.locator('[data-role="private-reply"]').count() == 0

    # a file goes with a reply, and its mark says how far it came
    cake = tmp_path / "bolo.png"
    cake.write_bytes(PNG)
    page.page.locator("#file").set_input_files(cake)
    page.says('[data-role="attached"]', "bolo.png")
    page.write("Aqui está.")
    page.sent()
    until(lambda: [i for i in shared.chat(customer) if i["kind"] == "image" and i["by"] == "business"], "the picture")

    # what the customer writes anew has its earlier words on demand; of what they take back only the fact is left
    said = {"account": DEMO_INSTAGRAM, "customer": customer}
    first = shared.emulator("POST", "say", {**said, "text": "busco às 20 horas"})
    gone = shared.emulator("POST", "say", {**said, "text": "meu cartão é 1234"})
    page.line("meu cartão é 1234")
    shared.emulator("POST", "say", {**said, "edit": {"message_id": first["id"], "text": "busco às 21 horas"}})
    shared.emulator("POST", "say", {**said, "unsend": {"message_id": gone["id"]}})
    edited = page.line("busco às 21 horas")
    edited.locator('[data-role="edits"] summary').click()
    assert edited.locator('[data-role="earlier"]').inner_text() == "busco às 20 horas"
    page.says('[data-role="removed"]', "apagada pelo cliente")
    assert page.page.locator('[data-role="line"]', has_text="1234").count() == 0

    # another app has the thread: that stands beside who answers, and it is taken back
    shared.emulator("POST", "thread", {"account": DEMO_INSTAGRAM, "customer": customer, "control": "taken"})
    page.says("#thread", "está com a caixa de entrada")
    page.owner_is("human")
    page.page.locator('[data-role="command-thread-take"]').click()
    page.page.locator("#thread").wait_for(state="hidden")
    page.owner_is("human")


def instagram_with(shared: Product, provider_id: str) -> list[str]:
    """The conversation this message is in."""
    status, found = shared.rest("GET", f"/conversations?account={DEMO_INSTAGRAM}")
    assert status == 200, found
    ids = [str(each["id"]) for each in found["items"]]
    messages = {each: shared.rest("GET", f"/conversations/{each}/messages")[1]["items"] for each in ids}
    return [each for each in ids if any(said["provider_id"] == provider_id for said in messages[each])]


def test_somebody_who_waits_rings_and_tells_no_words(shared: Product, opens: Opens, customer: str) -> None:
    conversation = conversation_of(shared, customer, "Nina Prado")
    page = opens(signed_in=False)
    page.page.add_init_script(
        """window.told = [];
        window.Notification = class { constructor(title, more) { told.push(title + " " + JSON.stringify(more)); } };
        window.Notification.permission = "granted";
        document.hasFocus = () => false;"""
    )
    page.sign_in(shared.token)

    shared.say(customer, "quero falar com uma pessoa")

    page.says("#announce", "Nina Prado espera por uma pessoa")
    page.page.locator('#desk[data-rang="waits"]').wait_for(state="attached")
    page.row(conversation).wait_for()
    (told, *_) = page.page.evaluate("told")
    assert "Nina" in told
    assert "quero falar" not in told
    assert f'"tag":"{conversation}"' in told
    assert "· o cliente pediu uma pessoa" in told
    assert page.page.title().startswith("(")


def test_a_wrong_token_says_so_and_a_right_one_is_kept_in_the_tab_alone(shared: Product, opens: Opens) -> None:
    page = opens(signed_in=False).page
    page.goto(shared.url + "/desk")
    page.locator("#other-way").click()
    assert page.locator("#token").get_attribute("type") == "password"
    page.locator("#token").fill("not-a-token")
    page.locator("#sign-in-button").click()
    page.locator("#sign-in-problem", has_text="não é aceita").wait_for()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.locator("#token").fill(shared.token)
    page.locator("#sign-in-button").click()
    page.locator("#desk").wait_for()

    assert shared.token not in page.url
    assert not [url for url in asked if shared.token in url]
    assert shared.token in page.evaluate("Object.values(sessionStorage)")
    assert shared.token not in page.evaluate("JSON.stringify(localStorage)") + page.evaluate("document.cookie")
    assert page.locator("#token").input_value() == ""


def test_a_name_and_a_password_open_it_and_signing_out_ends_what_they_opened(shared: Product, opens: Opens) -> None:
    status, _ = shared.rest("POST", "/operators", {"name": "Bia", "password": "uma senha bem comprida"})
    assert status == 200
    page = opens(signed_in=False).page
    page.goto(shared.url + "/desk")
    assert page.evaluate("document.documentElement.scrollWidth") <= desk.PHONE_WIDTH
    page.locator("#name").fill("Bia")
    page.locator("#password").fill("uma senha errada")
    page.keyboard.press("Enter")
    page.locator("#sign-in-problem", has_text="O nome ou a senha").wait_for()

    page.locator("#password").fill("uma senha bem comprida")
    page.keyboard.press("Enter")
    page.locator("#desk").wait_for()
    token = page.evaluate("sessionStorage.getItem('baton.token')")
    assert shared.rest("GET", "/me", token=token)[1]["name"] == "Bia"
    page.locator("#menu summary").click()
    page.locator("#sign-out").click()

    page.locator("#name:focus").wait_for()
    assert page.locator("#password").input_value() == ""
    assert page.evaluate("Object.keys(sessionStorage)") == []
    assert shared.rest("GET", "/me", token=token)[0] == 401
    shared.run_cli("operator", "remove", "Bia")


def test_what_a_customer_writes_is_words(shared: Product, opens: Opens, customer: str) -> None:
    name = "<img src=x onerror=alert(1)>"
    conversation = conversation_of(shared, customer, name)
    page = opens().go(conversation)
    page.page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    shared.order(conversation, "take")

    shared.say(customer, "<script>alert(2)</script> javascript:alert(3) https://example.com/a?b=1. fim")

    line = page.line("<script>alert(2)</script>")
    assert page.page.locator("#open-name").inner_text() == name
    links = line.locator("a")
    assert (links.count(), links.first.get_attribute("href")) == (1, "https://example.com/a?b=1")
    assert "noopener" in str(links.first.get_attribute("rel"))
    assert page.page.locator("#transcript script, #transcript img").count() == 0


@pytest.mark.parametrize("path", ["/desk", "/desk/main.js", "/desk/desk.css", "/desk/icon.svg"])
def test_the_page_is_served_so_that_nothing_else_runs_in_it(shared: Product, path: str) -> None:
    with urlopen(shared.url + path, timeout=30) as answer:
        headers = {name.lower(): value for name, value in answer.headers.items()}
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/desk/..%2fauth.py", "/desk/auth.py", "/desk/%2e%2e/desk.py", "/desk/nothing.js"])
def test_only_the_pages_own_files_are_served(shared: Product, path: str) -> None:
    status, answer = ask("GET", shared.url + path)
    assert status == 404, answer


def test_every_text_is_there_in_both_languages(opens: Opens, shared: Product) -> None:
    page = opens(signed_in=False).page
    page.goto(shared.url + "/desk")
    missing = page.evaluate(
        """async () => {
            const [words, more] = await Promise.all([import("/desk/words.js"), import("/desk/explanations.js")]);
            const all = Object.values({ ...words, ...more }).flatMap((part) => Object.entries(part));
            if (all.length < 200) return ["the catalogue"];
            const alike = ([one, other]) => one && other && typeof one === typeof other;
            const whole = (texts) => texts.length === 2 && alike(texts);
            return all.filter(([, texts]) => !whole(texts)).map(([name]) => name);
        }"""
    )
    assert missing == []
