"""Models that do not load, turns that hang, actions that fail: customers are seen, and people can answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance import odd_project
from tests.acceptance.product import Product, Start, until


@pytest.fixture(scope="module")
def odd(tree: Path, odd_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Another project's bot, its actions run in process."""
    project = odd_project.write(tmp_path_factory.mktemp("troubles") / "odd")
    untouched = odd_project.fingerprint(project)
    odd_project.give_model(project.parent / "state", odd_model)
    product = Product(tree, project.parent / "state", "--project", str(project))
    try:
        yield product.answering()
        assert odd_project.fingerprint(project) == untouched, "the project's folder was written to"
    finally:
        product.end()


def seen_within_a_second(product: Product, customer: str, text: str) -> None:
    """By the command line, as somebody at the desk would look. Its own start is not the message's delay."""
    shown = product.cli("conversation", "show", product.conversation(customer)["id"])
    assert text in [message["text"] for message in shown]
    (message,) = [m for m in product.messages(customer) if m["text"] == text]
    assert message["direction"] == "inbound"


def a_person_can_help(product: Product, customer: str) -> None:
    conversation = product.conversation(customer)["id"]
    taken = product.order(conversation, "take")
    assert (taken["state"], taken["in_flight"]) == ("human", 0)
    product.order(conversation, "reply", {"text": "A person here."})
    until(lambda: "A person here." in product.answers(customer), "the reply on the phone", within=5)


def test_with_a_model_that_does_not_load_people_see_and_answer(start: Start, tmp_path: Path, customer: str) -> None:
    project = odd_project.write(tmp_path / "odd")
    (tmp_path / "broken.tar.gz").write_bytes(b"this is no model")
    odd_project.give_model(tmp_path / "state", tmp_path / "broken.tar.gz")
    product = start("--project", str(project)).accepting()
    product.saying("A model could not be loaded")

    product.say(customer, "hello")

    until(lambda: product.find(customer) is not None, "the conversation", within=1)
    seen_within_a_second(product, customer, "hello")
    a_person_can_help(product, customer)
    assert product.answers(customer) == ["A person here."]


def test_an_action_of_another_project_runs_in_process_and_keeps_its_slots(odd: Product, customer: str) -> None:
    assert odd.ask_and_hear(customer, "count") == ["That makes 1."]
    odd.order(odd.conversation(customer)["id"], "take")
    odd.order(odd.conversation(customer)["id"], "release")
    assert odd.ask_and_hear(customer, "count") == ["That makes 2."]


@pytest.mark.parametrize("word", ["sleep", "wait"])
def test_while_a_turn_hangs_its_customer_is_seen_and_helped_and_others_are_answered(
    odd: Product, customer: str, another: str, word: str
) -> None:
    odd.say(customer, word)
    until(lambda: odd.find(customer) is not None, "the conversation", within=1)
    seen_within_a_second(odd, customer, word)
    assert odd.ask_and_hear(another, "hello") == ["Hello yourself."]

    a_person_can_help(odd, customer)

    odd.say(customer, "thank you")
    until(lambda: len(odd.messages(customer)) == 3, "what was written to the person", within=1)
    assert odd.answers(customer) == ["A person here."]


@pytest.mark.slow
def test_an_action_that_fails_again_and_again_leaves_the_message_to_people(odd: Product, customer: str) -> None:
    began = time.monotonic()
    message = odd.handled(customer, "fail")
    assert (message["verdict"], message["reason"]) == ("RECORD", "parked")
    assert time.monotonic() - began > 5, "it was tried again first"
    assert odd.answers(customer) == []
    assert odd.ask_and_hear(customer, "hello") == ["Hello yourself."]
