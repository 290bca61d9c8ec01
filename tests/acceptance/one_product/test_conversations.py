"""A customer writes, the assistant answers, a person takes over and gives back."""

from __future__ import annotations

import json
import sqlite3

import pytest

from tests.acceptance.product import ACCOUNT, Json, Product, until


def tracker_texts(product: Product, conversation: str) -> list[str]:
    """What the customer said, as the tracker in our database has it."""
    database = sqlite3.connect(product.home / "baton.db")
    try:
        rows = database.execute(
            "SELECT event FROM tracker_events WHERE sender_id = ? ORDER BY seq", (conversation,)
        ).fetchall()
    finally:
        database.close()
    events: list[Json] = [json.loads(event) for (event,) in rows]
    return [event["text"] for event in events if event["event"] == "user"]


@pytest.mark.parametrize(
    ("written", "answer"),
    [("oi, tudo bem?", "Olá!"), ("hello there", "Hello!"), ("qual o endereço de vocês?", "Estamos em")],
)
def test_a_customer_is_answered_in_their_language(shared: Product, customer: str, written: str, answer: str) -> None:
    (said,) = shared.ask_and_hear(customer, written)
    assert said.startswith(answer)


def test_a_message_shows_what_was_understood(shared: Product, customer: str) -> None:
    message = shared.handled(customer, "where are you located?")
    assert (message["intent"], message["verdict"], message["reason"]) == ("ask_address", "ANSWER", "may_answer")
    assert message["confidence"] > 0.5
    assert message["author"] == "contact"


def test_a_button_does_what_it_says(shared: Product, customer: str) -> None:
    shared.ask_and_hear(customer, "hello there")
    buttons = shared.chat(customer)[-1]["view"]["buttons"]
    assert [button["title"] for button in buttons] == ["Opening hours", "Menu", "My order"]

    (said,) = shared.ask_and_hear(customer, None, button=buttons[1])

    assert said.startswith("Our menu")


def test_a_button_that_was_never_sent_is_only_its_words(shared: Product, customer: str, another: str) -> None:
    shared.ask_and_hear(customer, "hello there")
    theirs = shared.chat(customer)[-1]["view"]["buttons"][1]
    told = shared.say(another, button={"id": theirs["id"], "title": "hello there"})
    assert shared.decided(another, told["id"])["intent"] == "greet"
    told = shared.say(another, button={"id": "/ask_human", "title": "hello there"})
    assert shared.decided(another, told["id"])["intent"] == "greet"
    assert shared.conversation(another)["state"] == "bot"


@pytest.mark.parametrize("typed", ["/ask_human", "/restart", '/inform{"language": "en"}', "  /session_start"])
def test_typed_text_is_words_even_where_it_looks_like_a_payload(shared: Product, customer: str, typed: str) -> None:
    shared.ask_and_hear(customer, "oi, tudo bem?")
    message = shared.handled(customer, typed)
    assert message["text"] == typed
    assert message["confidence"] < 0.99, "only a shortcut to an intent is certain"
    assert message["intent"] not in ("restart", "inform", "session_start")

    (said,) = shared.ask_and_hear(customer, "qual o endereço de vocês?", after=2)

    assert said.startswith("Estamos em")
    conversation = shared.conversation(customer)["id"]
    # Rasa takes the spaces off, and its fallback repeats what was understood at last.
    texts = list(dict.fromkeys(tracker_texts(shared, conversation)))
    assert texts == ["oi, tudo bem?", typed.strip(), "qual o endereço de vocês?"], "nothing was restarted"


def test_an_answer_gets_its_ticks(shared: Product, customer: str) -> None:
    shared.ask_and_hear(customer, "hello there")
    shared.emulator("POST", "read", {"account": ACCOUNT, "customer": customer})

    def read() -> bool:
        return any(m["direction"] == "outbound" and m["status"] == "read" for m in shared.messages(customer))

    until(read, "the answer read", within=15)
    theirs = next(item for item in shared.chat(customer) if item["by"] == "customer")
    assert theirs["status"] == "read", "the customer sees that we have read theirs"


# --- a person


def test_a_person_takes_writes_and_gives_back_by_rest(shared: Product, customer: str) -> None:
    # given a conversation in English, in the middle of the order form
    shared.ask_and_hear(customer, "where is my order?")
    conversation = shared.conversation(customer)["id"]

    # when a person takes it
    taken = shared.order(conversation, "take")
    assert (taken["state"], taken["in_flight"], taken["owner"]) == ("human", 0, "admin")
    before = shared.answers(customer)
    message = shared.handled(customer, "and what is your address?")

    # then the assistant is silent, and what was said is kept for people and for itself
    assert (message["verdict"], message["reason"]) == ("RECORD", "human_owns")
    assert "and what is your address?" in tracker_texts(shared, conversation)
    assert shared.conversation(customer)["unread"] >= 1

    # and what the person writes arrives
    answer = shared.order(conversation, "reply", {"text": "I am looking into it."})
    assert (answer["state"], len(answer["messages"])) == ("human", 1)
    assert shared.answered(customer, len(before) + 1) == [
        *before,
        "This is Admin from the team.\n\nI am looking into it.",
    ]

    # when it is given back
    released = shared.order(conversation, "release")
    assert released["state"] == "bot"

    # then the next message is answered, in the language that was heard before, and nothing older is
    order, _ = shared.ask_and_hear(customer, "1042", count=2)
    assert order.startswith("The virtual assistant is back.\n\nOrder 1042 is being prepared.")
    assert len(shared.answers(customer)) == len(before) + 3


def test_context_is_kept_over_a_take(shared: Product, customer: str) -> None:
    """A bare button carries no language: what comes after the release is in the language heard before the take."""
    shared.ask_and_hear(customer, "hello there")
    menu = shared.chat(customer)[-1]["view"]["buttons"][1]
    conversation = shared.conversation(customer)["id"]
    shared.order(conversation, "take")
    shared.order(conversation, "release")
    (said,) = shared.ask_and_hear(customer, None, button=menu)
    assert said.startswith("The virtual assistant is back.\n\nOur menu")


def test_a_person_takes_writes_and_gives_back_by_the_command_line(shared: Product, customer: str) -> None:
    shared.ask_and_hear(customer, "oi, tudo bem?")
    (listed,) = [
        each
        for each in shared.cli("conversation", "list")
        if customer in [address["value"] for address in each["contact"]["addresses"]]
    ]
    assert (listed["state"], listed["account"]) == ("bot", ACCOUNT)

    (taken,) = shared.cli("conversation", "take", listed["id"], "--as", "marina")
    assert (taken["state"], taken["in_flight"], taken["owner"]) == ("human", 0, "marina")
    shared.handled(customer, "qual o horário?")
    (answer,) = shared.cli("conversation", "reply", listed["id"], "--as", "marina", "Já vejo isso.")
    assert (answer["state"], answer["in_flight"]) == ("human", 0)
    assert shared.answered(customer, 2)[1] == "Aqui é Marina, da equipe.\n\nJá vejo isso."
    (released,) = shared.cli("conversation", "release", listed["id"], "--as", "marina")
    assert (released["state"], released["in_flight"]) == ("bot", 0)

    (said,) = shared.ask_and_hear(customer, "qual o endereço de vocês?")
    assert said.startswith("A assistente virtual está de volta.\n\nEstamos em")
    shown = shared.cli("conversation", "show", listed["id"])
    assert [(m["author"], m["verdict"]) for m in shown] == [
        ("contact", "ANSWER"),
        ("bot", None),
        ("contact", "RECORD"),
        ("operator", None),
        ("contact", "ANSWER"),
        ("bot", None),
    ]
    assert {"provider_id", "direction", "kind", "text", "intent", "confidence", "reason", "status", "at"} <= set(
        shown[0]
    )


def test_a_reply_takes_the_conversation_where_nobody_has_it(shared: Product, customer: str) -> None:
    shared.ask_and_hear(customer, "hello there")
    conversation = shared.conversation(customer)["id"]
    answer = shared.order(conversation, "reply", {"text": "This is Marina."})
    assert (answer["state"], answer["owner"]) == ("human", "admin")
    assert shared.handled(customer, "hello again")["reason"] == "human_owns"


def test_somebody_elses_conversation_is_theirs(shared: Product, customer: str) -> None:
    shared.ask_and_hear(customer, "hello there")
    conversation = shared.conversation(customer)["id"]
    shared.cli("conversation", "take", conversation, "--as", "marina")
    status, answer = shared.rest("POST", f"/conversations/{conversation}/take", {})
    assert (status, answer["error"]["owner"]) == (409, "marina")
    refused = shared.run_cli("conversation", "reply", conversation, "--as", "joana", "Oi", "--json")
    assert refused.returncode == 1
    assert "marina" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_customer_asks_for_a_person_and_one_comes(shared: Product, customer: str) -> None:
    (said,) = shared.ask_and_hear(customer, "I want to talk to a person")
    assert said.startswith("All right, I have called someone")
    assert shared.conversation(customer)["state"] == "pending"
    taken = shared.order(shared.conversation(customer)["id"], "take")
    assert (taken["state"], taken["in_flight"]) == ("human", 0)


@pytest.mark.parametrize("command", ["take", "release", "reply"])
def test_commands_need_an_operators_token(shared: Product, customer: str, command: str) -> None:
    shared.ask_and_hear(customer, "hello there")
    path = f"/conversations/{shared.conversation(customer)['id']}/{command}"
    status, answer = shared.rest("POST", path, {"text": "hi"}, token="not-a-token")
    assert (status, answer["error"]["code"]) == (401, "unauthorized")
    assert shared.conversation(customer)["state"] == "bot"


# --- the switch


def test_an_inactive_agent_says_nothing_and_forgets_nothing(shared: Product, customer: str) -> None:
    # given a conversation, and the agent switched off
    shared.ask_and_hear(customer, "hello there")
    conversation = shared.conversation(customer)
    (agent,) = shared.cli("agent", "list")
    try:
        (off,) = shared.cli("agent", "set", agent["name"], "--status", "inactive")
        assert (off["status"], off["in_flight"]) == ("inactive", 0)

        # when the customer writes
        message = shared.handled(customer, "what is your address?")

        # then it is recorded, for people and in the tracker, and not answered
        assert (message["verdict"], message["reason"]) == ("RECORD", "agent_inactive")
        assert shared.conversation(customer)["unread"] == conversation["unread"] + 1
        assert "what is your address?" in tracker_texts(shared, conversation["id"])
        # and a person is asked for, and the customer told so, once
        assert shared.conversation(customer)["state"] == "pending"
        assert shared.answered(customer, 2)[1].startswith("We have your message")
    finally:
        shared.cli("agent", "set", agent["name"], "--status", "active")

    # and switched on again it answers what is new, and nothing of before
    (said,) = shared.ask_and_hear(customer, "send me the menu please")
    assert said.startswith("Our menu")
    assert len(shared.answers(customer)) == 3


def test_an_account_can_be_silent_by_itself(shared: Product, customer: str) -> None:
    try:
        (off,) = shared.cli("account", "set", ACCOUNT, "--auto-response", "off")
        assert (off["auto_response"], off["in_flight"]) == (False, 0)
        assert shared.handled(customer, "hello there")["reason"] == "auto_response_off"
        shared.answered(customer, 1)  # that a person will see it
    finally:
        shared.cli("account", "set", ACCOUNT, "--auto-response", "on")
    assert len(shared.ask_and_hear(customer, "hello there")) == 1
