"""The whole product on PostgreSQL, as processes: the same doors, the same words, and nothing in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bench.services import postgres
from tests.acceptance.product import Start


@pytest.fixture
def database_url(server_url: str) -> Iterator[str]:
    with postgres.scratch(server_url) as url:
        yield url


def test_talk_takeover_release_a_command_and_a_crash(start: Start, customer: str, database_url: str) -> None:
    product = start(DATABASE_URL=database_url).answering()
    assert product.ask_and_hear(customer, "hello there")[0].startswith("Hello!")
    conversation = product.conversation(customer)["id"]

    assert product.order(conversation, "take")["in_flight"] == 0
    assert product.handled(customer, "where are you located?")["reason"] == "human_owns"
    product.order(conversation, "reply", {"text": "Marina here."})
    assert product.answered(customer, 2)[1] == "This is Admin from the team.\n\nMarina here."
    product.order(conversation, "release")
    (menu,) = product.ask_and_hear(customer, "send me the menu please")
    assert menu.startswith("The virtual assistant is back.\n\nOur menu")

    (agent,) = product.cli("agent", "list")
    product.cli("agent", "set", agent["name"], "--status", "inactive")
    assert product.handled(customer, "hello there")["reason"] == "agent_inactive"
    assert product.answered(customer, 4)[3].startswith("We have your message")
    product.cli("agent", "set", agent["name"], "--status", "active")

    product.kill()
    product.end()
    again = start(home=product.home, DATABASE_URL=database_url).answering()
    again._token = product.token
    assert again.conversation(customer)["id"] == conversation
    again.say(customer, "where are you located?")
    assert again.answered(customer, 1)[0].startswith("We are at")  # the phone is new: it came with the emulator
    assert not (again.home / "baton.db").exists()


def test_a_database_that_is_not_there_is_one_clear_sentence(start: Start) -> None:
    product = start(DATABASE_URL="postgresql://baton:secret-word@127.0.0.1:1/baton")
    assert product.ended() == 1
    assert re.search(r"The database can't be reached: .*refused", product.lines.text)
    assert "Traceback" not in product.lines.text
    assert "secret-word" not in product.lines.text
