"""The worker's model is the one that is wanted: loaded aside, exchanged between turns, kept if the new one fails."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import hashlib
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from app import light, model_choice, model_report, models
from app.model_choice import Choice
from app.model_report import Report
from app.models import Found
from conversation.errors import BadInput
from store import notices

if TYPE_CHECKING:
    from app.wiring import House
    from runtime.rasa_dialogue import RasaDialogue

log = structlog.get_logger()

_STEP_S = 0.5
#: While nothing answers yet.
_HURRIED_STEP_S = 0.1
#: What is as old as this nobody is writing; what is younger must look the same twice.
_OLD_S = 10.0


class ModelFollower:
    """`announce` tells our parent. `actions`: the package whose custom actions run in this process, if any."""

    def __init__(
        self, house: House, dialogue: RasaDialogue, *, actions: str | None, announce: Callable[[str], None]
    ) -> None:
        self._house, self._dialogue, self._actions, self._announce = house, dialogue, actions, announce
        self._home, self._folder = house.settings.home, house.settings.models
        self._loaded: Found | None = None
        self._digest = b""
        self._choice = Choice()
        self._failed: dict[Found, str] = {}
        self._seen: Sequence[Found] = ()
        self._unreadable = False
        self._report = self._begun_from(model_report.read(self._home))

    def _begun_from(self, former: Report) -> Report:
        """What answered in an earlier run is where `model back` goes."""
        fresh = Report(folder=str(self._folder), pid=os.getpid())
        same = former.folder == fresh.folder
        return dataclasses.replace(fresh, last=former.last, before=former.before) if same else fresh

    async def run(self) -> None:
        """Until cancelled."""
        self._tell()
        while True:
            await self._look()
            await asyncio.sleep(_STEP_S if self._loaded else _HURRIED_STEP_S)

    async def _look(self) -> None:
        found = models.all_of(self._folder)
        self._take_choice()
        wanted = model_choice.wanted(found, self._choice, failed=self._failed, anything=self._loaded is None)
        if wanted is not None and wanted != self._loaded and self._is_whole(wanted):
            await self._exchange(wanted)
        self._note_unused(model_choice.unused(found, self._choice))
        self._seen = found

    def _take_choice(self) -> None:
        try:
            choice = model_choice.read(self._home, self._folder)
        except BadInput as error:
            if not self._unreadable:
                log.error("model_choice_unreadable", why=str(error))
            self._unreadable = True
            return
        self._unreadable = False
        if choice != self._choice:
            self._choice = choice
            self._failed.clear()
            self._tell(number=choice.number, failed={})

    def _is_whole(self, wanted: Found) -> bool:
        return time.time() - wanted.written_at > _OLD_S or (wanted in self._seen and wanted.settled())

    async def _exchange(self, wanted: Found) -> None:
        self._tell(loading=wanted.name)
        began = time.monotonic()
        try:
            digest = await asyncio.to_thread(_digest_of, wanted.path)
            if digest == self._digest:  # the same again, touched or under another name
                self._settle_on(wanted, digest)
                return
            await asyncio.to_thread(light.check, wanted.path)
            endpoints = self._house.settings.project / "endpoints.yml"
            ready = await asyncio.to_thread(
                self._dialogue.prepare, wanted.path, endpoints if endpoints.exists() else None, self._actions
            )
        except (Exception, SystemExit) as error:
            await self._give_up(wanted, error)
            return
        self._dialogue.switch(ready)
        del ready
        self._settle_on(wanted, digest)
        log.info("model_answers", model=wanted.name, seconds=round(time.monotonic() - began, 1))
        self._announce(f"ready {wanted.name}")
        self._house.wake.ring()
        await self._notice(wanted, "answering")
        await asyncio.to_thread(gc.collect)  # the model before is a knot of cycles, and large

    def _settle_on(self, wanted: Found, digest: bytes) -> None:
        self._loaded, self._digest = wanted, digest
        self._failed = {each: why for each, why in self._failed.items() if each.name != wanted.name}
        before = self._report.last if self._report.last != wanted.name else self._report.before
        self._tell(answering=wanted.name, last=wanted.name, before=before, loading=None)

    async def _give_up(self, wanted: Found, error: BaseException) -> None:
        self._failed[wanted] = _in_one_line(error)
        self._tell(loading=None)
        log.error("model_not_loaded", model=wanted.name, still=self._report.answering, exc_info=error)
        self._announce(f"model_failed {wanted.name}")
        self._house.wake.ring()
        await self._notice(wanted, "failed")

    def _note_unused(self, newer: Found | None) -> None:
        name = newer.name if newer is not None else None
        if name != self._report.unused:
            self._tell(unused=name)
            if name is not None:
                log.warning("model_not_used", model=name, pinned=self._choice.pinned)
                self._announce(f"model_unused {name} {self._choice.pinned}")

    def _tell(self, **what: object) -> None:
        failed = {found.name: why for found, why in self._failed.items()}
        self._report = dataclasses.replace(self._report, **{"failed": failed, **what})  # type: ignore[arg-type]
        try:
            model_report.write(self._home, self._report)
        except OSError as error:  # a full disk must not cost the model
            log.warning("model_report_not_written", why=error.strerror)

    async def _notice(self, model: Found, state: str) -> None:
        facts = {"model": model.name, "state": state}
        try:
            await self._house.db.write(notices.add, "model", None, facts, self._house.clock.now())
        except Exception as error:  # a database that is away must not cost the model
            log.warning("notice_not_written", why=type(error).__name__)


def _digest_of(path: Path) -> bytes:
    with open(path, "rb") as file:
        digest = hashlib.blake2b()
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.digest()


def _in_one_line(error: BaseException) -> str:
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said}"[:300] if said else type(error).__name__
