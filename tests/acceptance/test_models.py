"""A model is exchanged under a running product: between turns, no message lost, and never for one that is broken."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance import form_project
from tests.acceptance.product import Product, train_all, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Four trainings of one project: two alike but for their words, one without the form, and a ruin."""
    projects = {
        name: form_project.write(tmp_path_factory.mktemp(name) / "forms", says=f"Hello from {name.upper()}.", form=form)
        for name, form in (("a", True), ("b", True), ("c", False))
    }
    train_all(list(projects.values()))
    made = {}
    for name, project in projects.items():
        (made[name],) = (project / "models").glob("*.tar.gz")
    ruin = made["a"].with_name("ruin.tar.gz")
    whole = made["a"].read_bytes()
    ruin.write_bytes(whole[: len(whole) // 2])
    return {**made, "ruin": ruin}


class Trained(Product):
    """The product with a project whose models are put in by hand, as `rasa train` would."""

    def __init__(self, tree: Path, folder: Path, trained: dict[str, Path]) -> None:
        self._trained, self._folder = trained, folder / "state" / "models" / "forms"
        self._folder.mkdir(parents=True)
        self.project = form_project.write(folder / "forms", says="Hello from A.")
        self.waiting, self.enough = folder / "waiting", folder / "enough"
        self.put("a")
        super().__init__(tree, folder / "state", "--project", str(self.project), whole=True, WAIT_FOLDER=str(folder))

    def put(self, name: str) -> None:
        """Under a name that is not there while it is written, as a slow disk would have it."""
        draft = self._folder / f"{name}.part"
        shutil.copy(self._trained[name], draft)
        os.utime(draft)
        draft.rename(self._folder / f"{name}.tar.gz")

    def remove(self, name: str) -> None:
        (self._folder / f"{name}.tar.gz").unlink()

    def begin_anew(self) -> None:
        for path in self._folder.glob("[!a]*.tar.gz"):
            path.unlink()
        for mark in (self.waiting, self.enough):
            mark.unlink(missing_ok=True)
        assert self.run_cli("model", "use", "--newest").returncode == 0
        self.answers_by("a")
        self.lines.said.clear()

    def model(self) -> dict[str, object]:
        return dict(self.rest("GET", "/health")[1]["model"])

    def answers_by(self, name: str) -> None:
        until(lambda: self.model()["answering"] == name, f"{name} answering, not {self.model()}", within=60)


@pytest.fixture(scope="module")
def running(tree: Path, tmp_path_factory: pytest.TempPathFactory, trained: dict[str, Path]) -> Iterator[Trained]:
    made = Trained(tree, tmp_path_factory.mktemp("models"), trained)
    try:
        made.answering(within=500)
        yield made
    finally:
        made.end()


@pytest.fixture
def product(running: Trained) -> Trained:
    """With `a` alone, and answering."""
    running.begin_anew()
    return running


def test_a_form_goes_on_in_the_new_model_and_ends_at_a_known_point_where_it_is_gone(
    product: Trained, customer: str, another: str
) -> None:
    # given two customers in the middle of a form
    for who in (customer, another):
        assert product.ask_and_hear(who, "order") == ["Which size?"]
        assert product.ask_and_hear(who, "big") == ["Which taste?"]

    # when a new model comes, in which the form is the same
    product.put("b")
    product.saying("The assistant answers by the new model, b.")

    # then the one goes on in it, and its words are the new ones
    assert product.ask_and_hear(customer, "sweet") == ["A big sweet."]
    assert product.ask_and_hear(customer, "hello") == ["Hello from B."]

    # and when one comes without the form, the other goes on from the known point
    product.put("c")
    product.answers_by("c")
    assert product.ask_and_hear(another, "hello") == ["Hello from C."]
    assert product.cli("mail", "list") == []
    assert "Traceback" not in product.lines.text


def test_a_new_model_is_as_silent_while_a_person_has_the_conversation(product: Trained, customer: str) -> None:
    assert product.ask_and_hear(customer, "hello") == ["Hello from A."]
    conversation = product.conversation(customer)["id"]
    product.order(conversation, "take")
    product.put("b")
    product.answers_by("b")
    message = product.handled(customer, "hello")
    assert (message["verdict"], message["reason"]) == ("RECORD", "human_owns")
    assert len(product.answers(customer)) == 1
    product.order(conversation, "release")
    (said,) = product.ask_and_hear(customer, "hello")
    assert said.endswith("Hello from B.")


def test_a_turn_under_way_ends_with_the_model_it_began_with(product: Trained, customer: str, another: str) -> None:
    product.say(customer, "wait")
    until(product.waiting.exists, "the turn under way", within=20)
    product.put("b")
    product.answers_by("b")
    assert product.ask_and_hear(another, "hello") == ["Hello from B."], "new turns go by the new one"
    assert product.answers(customer) == []
    product.enough.touch()
    assert product.answered(customer, 1) == ["Hello from A."]
    assert product.ask_and_hear(customer, "hello") == ["Hello from B."]


def test_messages_that_come_while_a_model_is_loaded_are_accepted_and_answered_once(product: Trained) -> None:
    people, stop = [str(5511981000000 + n) for n in range(400)], threading.Event()
    said: list[str] = []

    def talk() -> None:
        for who in people:
            if stop.is_set():
                return
            product.say(who, "hello")  # fails the test unless the webhook is answered 200
            said.append(who)

    talking = threading.Thread(target=talk)
    talking.start()
    try:
        product.put("b")
        product.answers_by("b")
    finally:
        stop.set()
        talking.join()
    heard = [product.answered(who, 1) for who in said]
    assert all(answers in (["Hello from A."], ["Hello from B."]) for answers in heard)
    assert product.ask_and_hear(people[-1], "hello")[-1] == "Hello from B."
    assert [product.answers(who) for who in said] == heard, "nobody was answered twice"


def test_a_ruin_is_told_and_what_answered_goes_on(product: Trained, customer: str) -> None:
    product.put("ruin")
    product.saying("A model could not be loaded: ruin.")
    until(lambda: product.model()["failed"] == ["ruin"], "the health page", within=10)
    assert product.ask_and_hear(customer, "hello") == ["Hello from A."]
    failed = {line["name"]: line["failed"] for line in product.cli("model", "list")}
    assert failed["a"] is None
    assert failed["ruin"]
    # and it answers after a restart too
    worker = product.pid_of("worker")
    assert worker is not None
    os.kill(worker, 9)
    assert product.ask_and_hear(customer, "hello")[-1] == "Hello from A."


def test_use_back_and_newest(product: Trained, customer: str) -> None:
    # when one is trained, the assistant answers by it; back is back, and forth
    product.put("b")
    product.answers_by("b")
    done = product.run_cli("model", "back")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("a answers; what is trained from now on is not used.")
    assert product.ask_and_hear(customer, "hello") == ["Hello from A."]

    # a pin holds over a training, which is told, and over a restart of the worker
    product.put("c")
    product.saying("c is newer and not used: a is pinned.")
    worker = product.pid_of("worker")
    assert worker is not None
    os.kill(worker, 9)
    until(lambda: product.pid_of("worker") not in (None, worker), "another worker")
    assert product.ask_and_hear(customer, "hello")[-1] == "Hello from A."
    marks = {line["name"]: (line["answering"], line["pinned"]) for line in product.cli("model", "list")}
    assert marks == {"a": (True, True), "b": (False, False), "c": (False, False)}

    # what can't be loaded is not chosen
    product.put("ruin")
    refused = product.run_cli("model", "use", "ruin")
    assert refused.returncode == 1
    assert "ruin can't be loaded" in refused.stderr
    assert "a answers." in refused.stderr
    assert [line["name"] for line in product.cli("model", "list") if line["pinned"]] == ["a"]
    assert product.run_cli("model", "use", "nobody").returncode == 1

    # by name, and the newest again
    assert product.run_cli("model", "use", "b").returncode == 0
    assert product.ask_and_hear(customer, "hello")[-1] == "Hello from B."
    product.remove("ruin")
    newest = product.run_cli("model", "use", "--newest")
    assert newest.stdout == "c answers.\n"
    assert product.ask_and_hear(customer, "hello")[-1] == "Hello from C."


def test_the_memory_of_the_model_before_is_given_back(product: Trained) -> None:
    def resident_mb() -> float:
        worker = product.pid_of("worker")
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{worker}/status").read_text())
        assert found is not None
        return int(found[1]) / 1024

    product.put("b")
    product.answers_by("b")
    first = resident_mb()
    for _ in range(3):
        for name in ("a", "b"):
            assert product.run_cli("model", "use", name).returncode == 0
    assert resident_mb() < first + 120, "six more models, of which one is kept"
