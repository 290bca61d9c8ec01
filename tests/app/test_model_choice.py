"""Which model is to answer, and what the worker does about it, with a dialogue that only says what it was given."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app import model_choice, model_report, models
from app.follow_models import ModelFollower
from app.model_choice import Choice
from app.models import Found
from conversation.errors import BadInput, NotFound
from runtime.clock import SystemClock
from store import notices
from store.database import Database
from tests.house import eventually


def found(*names: str) -> list[Found]:
    """The newest first."""
    return [Found(path=Path(f"{name}.tar.gz"), written_at=1000.0 - number, size=1) for number, name in enumerate(names)]


NEW, MIDDLE, OLD = ALL = found("20261103-new", "20261102-middle", "20261101-old")


@pytest.mark.parametrize(
    ("pinned", "failed", "anything", "expected"),
    [
        (None, [], False, NEW),
        (None, [NEW], False, None),  # what answers goes on
        (None, [NEW], True, MIDDLE),  # nothing answers yet: the next best
        (OLD, [], False, OLD),
        (OLD, [OLD], False, None),
        (OLD, [OLD], True, NEW),
        (None, ALL, True, None),
    ],
)
def test_the_pinned_one_else_the_newest_and_the_next_best_only_where_nothing_answers(
    pinned: Found | None, failed: list[Found], anything: bool, expected: Found | None
) -> None:
    choice = Choice(pinned=pinned.name if pinned else None)
    assert model_choice.wanted(ALL, choice, failed=failed, anything=anything) == expected


def test_a_pin_on_what_is_gone_is_none() -> None:
    assert model_choice.wanted(ALL, Choice(pinned="gone")) == NEW
    assert model_choice.wanted([], Choice(pinned="gone")) is None
    assert model_choice.unused(ALL, Choice(pinned="gone")) is None
    assert model_choice.unused(ALL, Choice(pinned=OLD.name)) == NEW
    assert model_choice.unused(ALL, Choice(pinned=NEW.name)) is None


def test_a_model_is_named_by_its_name_its_file_or_a_clear_beginning() -> None:
    for text in ("20261102-middle", "20261102-middle.tar.gz", "models/20261102-middle.tar.gz", "20261102"):
        assert model_choice.named(ALL, text) == MIDDLE
    with pytest.raises(BadInput, match="may be each of"):
        model_choice.named(ALL, "2026")
    with pytest.raises(NotFound):
        model_choice.named(ALL, "x")


def test_a_choice_among_another_projects_models_is_none(tmp_path: Path) -> None:
    model_choice.write(tmp_path, tmp_path / "a", "one")
    assert model_choice.read(tmp_path, tmp_path / "a").pinned == "one"
    assert model_choice.read(tmp_path, tmp_path / "b") == Choice()
    (tmp_path / model_choice.NAME).write_text("{")
    with pytest.raises(BadInput, match="can't be read"):
        model_choice.read(tmp_path, tmp_path / "a")


class Dialogue:
    """Loads what is whole; says what answers."""

    def __init__(self) -> None:
        self.prepared: list[str] = []
        self.answering: str | None = None

    def prepare(self, model: Path, endpoints_file: Path | None, actions: str | None) -> str:
        words = model.read_text()
        self.prepared.append(model.name.partition(".")[0])
        if words.startswith("broken"):
            raise RuntimeError("this is no model\nof ours")
        return words

    def switch(self, ready: str) -> None:
        self.answering = ready


class Desk:
    """A worker's corner: a folder with models, what is followed, what is announced."""

    def __init__(self, folder: Path, db: Database) -> None:
        self.home, self.models = folder / "home", folder / "models"
        self.home.mkdir(exist_ok=True)
        self.models.mkdir(exist_ok=True)
        self.db = db
        self.dialogue, self.said = Dialogue(), list[str]()

    def put(self, name: str, words: str, *, age_s: float = 100.0) -> Path:
        path = self.models / f"{name}.tar.gz"
        path.write_text(words)
        os.utime(path, (time.time() - age_s,) * 2)
        return path

    def pin(self, name: str | None) -> None:
        model_choice.write(self.home, self.models, name)

    @property
    def report(self) -> model_report.Report:
        return model_report.read(self.home)

    def told(self) -> list[dict[str, str]]:
        return [notice["facts"] for notice in self.db.read_now(notices.after, 0)]

    @contextlib.asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        house: Any = SimpleNamespace(
            settings=SimpleNamespace(home=self.home, models=self.models, project=self.home),
            db=self.db,
            clock=SystemClock(),
            wake=SimpleNamespace(ring=lambda: None),
        )
        dialogue: Any = self.dialogue
        task = asyncio.create_task(ModelFollower(house, dialogue, actions=None, announce=self.said.append).run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def answers(self, words: str) -> None:
        await eventually(
            lambda: self.dialogue.answering == words and self.report.loading is None,
            f"{words!r} answering; {self.report}, {self.said}",
        )


@pytest.fixture
def desk(tmp_path: Path, db: Database) -> Desk:
    return Desk(tmp_path, db)


async def test_the_newest_answers_and_a_newer_one_takes_its_place(desk: Desk) -> None:
    desk.put("a", "A")
    async with desk.following():
        await desk.answers("A")
        desk.put("b", "B", age_s=50)
        await desk.answers("B")
        assert (desk.report.answering, desk.report.before) == ("b", "a")
        assert desk.said == ["ready a", "ready b"]
        await eventually(lambda: len(desk.told()) == 2, "the notices")
    assert desk.told() == [{"model": "a", "state": "answering"}, {"model": "b", "state": "answering"}]


async def test_one_that_does_not_load_leaves_the_one_before_answering_and_is_told(desk: Desk) -> None:
    desk.put("a", "A")
    async with desk.following():
        await desk.answers("A")
        desk.put("b", "broken", age_s=50)
        await eventually(lambda: "model_failed b" in desk.said, "that it failed")
        await eventually(lambda: desk.report.failed != {}, "the report")
        assert desk.dialogue.answering == "A"
        assert desk.report.failed == {"b": "RuntimeError: this is no model of ours"}
        assert model_report.shown(desk.home) == {"answering": "a", "loading": None, "failed": ["b"]}
        # when it is trained anew
        desk.put("b", "B", age_s=40)
        await desk.answers("B")
        assert desk.report.failed == {}
    assert desk.dialogue.prepared == ["a", "b", "b"], "what failed is not tried again and again"


async def test_at_a_start_with_a_broken_newest_model_the_one_before_answers(desk: Desk) -> None:
    desk.put("a", "A", age_s=200)
    desk.put("b", "broken")
    async with desk.following():
        await desk.answers("A")
    assert list(desk.report.failed) == ["b"]


async def test_a_file_that_still_grows_is_not_touched(desk: Desk) -> None:
    desk.put("a", "A")
    async with desk.following():
        await desk.answers("A")
        path = desk.put("b", "broken: half of it", age_s=0)
        for _ in range(6):  # a slow disk
            await asyncio.sleep(0.25)
            path.write_text(path.read_text() + ".")
        path.write_text("B")
        await desk.answers("B")
    assert desk.dialogue.prepared == ["a", "b"]


async def test_the_same_model_touched_or_copied_is_not_loaded_again(desk: Desk) -> None:
    path = desk.put("a", "A")
    async with desk.following():
        await desk.answers("A")
        os.utime(path, (time.time() - 60,) * 2)
        desk.put("copy", "A", age_s=50)
        await eventually(lambda: desk.report.answering == "copy", "the new name")
    assert desk.dialogue.prepared == ["a"]


async def test_a_pin_holds_over_a_newer_training_and_a_restart_until_it_is_taken_back(desk: Desk) -> None:
    desk.put("a", "A", age_s=200)
    desk.put("b", "B")
    async with desk.following():
        await desk.answers("B")
        desk.pin("a")
        await desk.answers("A")
        desk.put("c", "C", age_s=50)
        await eventually(lambda: "model_unused c a" in desk.said, "that c is not used")
    desk.dialogue = Dialogue()
    async with desk.following():
        await desk.answers("A")
        await eventually(lambda: desk.report.unused == "c", "that c is not used")
        assert desk.report.before == "b"
        desk.pin(None)
        await desk.answers("C")
        await eventually(lambda: desk.report.unused is None, "that c is used")


async def test_choosing_again_tries_what_failed_again(desk: Desk) -> None:
    path = desk.put("a", "broken", age_s=200)
    desk.put("b", "B")
    async with desk.following():
        await desk.answers("B")
        desk.pin("a")
        await eventually(lambda: "a" in desk.report.failed, "that a failed")
        times = path.stat()
        path.write_text("Afixed")  # as long as before, at the same time: only a new choice tells
        os.utime(path, (times.st_atime, times.st_mtime))
        desk.pin("a")
        await desk.answers("Afixed")


def test_what_a_worker_that_is_gone_told_is_not_shown_as_if_it_were_so(tmp_path: Path) -> None:
    model_report.write(tmp_path, model_report.Report(pid=2**22 + 1, answering="a"))
    assert model_report.shown(tmp_path) == {"answering": None, "loading": None, "failed": []}
    assert model_report.read(tmp_path / "nowhere") == model_report.Report()


def test_all_models_of_a_folder_the_newest_first(tmp_path: Path) -> None:
    for number, name in enumerate(("a", "b", "c")):
        path = tmp_path / f"{name}.tar.gz"
        path.write_text("x")
        os.utime(path, (number, number))
    assert [each.name for each in models.all_of(tmp_path)] == ["c", "b", "a"]
