"""A dialogue without a model: it says back what it was told. In place of Rasa's, so that a bench is quick and exact.

The customer's own words direct it: `think=250` makes it await 250 ms, `say=2` makes two messages, `die` ends the
process as `kill -9` would, while the file BENCH_POISON is there. Each reply is `bot: <words> | asked <ns>`, where ns is
`time.monotonic_ns()` when the turn was begun, so that a reader of the journal knows which answer is old. Its events go
to the tracker as Rasa's would. Where BENCH_ACTS names a file it acts outside the database too: each turn adds a line
there with its `turn_key` and the message's id, on the disk before the dialogue goes on.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conversation.agent import Agent
from conversation.conversation import ConversationId
from conversation.sent import NO_INTENTS
from runtime.channel import Utterance
from runtime.dialogue import Question, Reply
from runtime.settings import RuntimeSettings
from runtime.trying_out import Tried
from store import trackers
from store.database import Database

BOT = "bot: "
ACTS_VARIABLE, POISON_VARIABLE = "BENCH_ACTS", "BENCH_POISON"
ASKED = re.compile(r"\| asked (\d+)")


class ScriptedDialogue:
    """Satisfies `runtime.dialogue.Dialogue`, and stands where the worker expects `RasaDialogue`."""

    ready = True
    vocabulary = NO_INTENTS

    def __init__(self, db: Database, settings: RuntimeSettings, thinker: object = None) -> None:
        """`thinker`: what language models would be asked by; here nobody asks them."""
        self._db = db
        print("ready", flush=True)

    def prepare(self, model: Path, endpoints_file: Path | None, actions: str | None) -> None:
        """There is nothing to load."""

    def switch(self, prepared: None) -> None:
        """There is nothing to exchange."""

    async def answer(self, question: Question) -> Reply:
        asked_ns = time.monotonic_ns()
        _act(question)
        _die_of(question)
        position = await self._db.read(trackers.position, question.mail.conversation_id)
        if think_ms := _directive(question.text, "think", 0):
            await asyncio.sleep(think_ms / 1000)
        said = [f"{BOT}{question.text} | asked {asked_ns} | {n}" for n in range(_directive(question.text, "say", 1))]
        return Reply(
            base_seq=position.seq,
            events=list(_events(question, said)),
            utterances=[Utterance(text=text) for text in said],
            timers=[],
            intent="scripted",
            confidence=1.0,
        )

    async def remind(self, question: Question) -> Reply:
        return await self.answer(question)

    async def try_out(self, agent: Agent, session: str, text: str, account_ids: Any = None) -> Tried:
        return Tried(texts=(f"{BOT}{text}",), tokens=None, ms=0, by="scripted")

    def committed(self, conversation_id: ConversationId, seq: int) -> None:
        """Nothing is kept in memory."""

    def forget(self, conversation_id: ConversationId) -> None:
        """Nothing is kept in memory."""


def install() -> None:
    """Before the worker imports Rasa's: TensorFlow is then never loaded."""
    _stand_in("runtime.rasa_dialogue", RasaDialogue=ScriptedDialogue)
    _stand_in("runtime.custom_actions", stuck=lambda: 0, THREADS=2)


def _stand_in(name: str, **what: Any) -> None:
    module = types.ModuleType(name)
    vars(module).update(what)
    sys.modules[name] = module


def _directive(text: str, name: str, default: int) -> int:
    found = re.search(rf"\b{name}=(\d+)", text)
    return int(found[1]) if found else default


def _act(question: Question) -> None:
    """Something done in the world: no transaction takes it back."""
    path = os.environ.get(ACTS_VARIABLE)
    if not path:
        return
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(file, f"{question.metadata['turn_key']} {question.mail.provider_id}\n".encode())
        os.fsync(file)
    finally:
        os.close(file)


def _die_of(question: Question) -> None:
    if "die" in question.text.split() and os.path.exists(os.environ.get(POISON_VARIABLE, "")):
        os.kill(os.getpid(), signal.SIGKILL)


def _events(question: Question, said: list[str]) -> Iterator[dict[str, Any]]:
    """What Rasa would have put into the tracker, in little."""
    now = time.time()
    if question.return_due:
        yield {"event": "session_started", "timestamp": now}
    intent = {"name": "scripted", "confidence": 1.0}
    yield {
        "event": "user",
        "timestamp": now,
        "text": question.text,
        "parse_data": {"intent": intent, "entities": [], "text": question.text},
        "input_channel": question.channel,
        "metadata": dict(question.metadata),
    }
    for text in said:
        yield {"event": "action", "timestamp": now, "name": "utter_scripted", "policy": None, "confidence": 1.0}
        yield {"event": "bot", "timestamp": now, "text": text, "data": {}, "metadata": {}}
    yield {"event": "action", "timestamp": now, "name": "action_listen", "policy": None, "confidence": 1.0}
