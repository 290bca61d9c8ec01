"""What one turn costs, ours against stock Rasa's, and turns a second with both saturated.

One turn: with and without a custom action, at a given length of history. Both in this process, on the same model, taken
alternately (ABAB, who begins alternates too), so that a noisy machine is noisy for both. Ours is the whole turn the
worker takes: read the situation, ask the gate, Rasa by our processor and tracker store, actions in-process, and the one
transaction with answer and outbox, on SQLite with `synchronous=FULL`. Accepting the message before and sending the
answer after are left out. Stock's is `Agent.handle_message` with its SQL tracker store on SQLite and its action server
over HTTP in another process, as people run it; Rasa's channel and its Graph calls are left out.

Under load: the whole product against `rasa run` with its own `facebook` channel and an action server, as processes, in
turn, on the same kind of store; always more messages under way than can be answered, half of them with a custom action,
each of a new customer. Meta's stand-in answers at once.

What bounds the figures: NLU and policies, the same in both, are about half of our turn. Ours keeps live
trackers in memory, as the worker does; stock loads each time, as it does. Under load everything shares the machine, and
only ours also accepts durably and settles each send. Not measured: DIET and TED.

Breaks (exit 1): the two made different decisions (the actions of whole conversations are compared); under load an
accepted message of ours was not answered exactly once.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import logging
import statistics
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import logs, models, settings, wiring
from bench.harness import entry, state
from bench.harness.entry import CannotMeasure, Result, say
from bench.harness.state import Cast
from bench.load import saturated
from conversation.arrivals import TEXT, Inbound
from conversation.contact import Address, AddressKind
from conversation.conversation import ConversationId
from conversation.sent import Vocabulary
from runtime.dialogue import Dialogue, Question, Reply
from runtime.turn import Step, Turns
from store import conversations, trackers

if TYPE_CHECKING:
    from bench.stock_rasa.agent import StockAgent

TARGET_WITH_ACTION = 0.45
#: What is said for each kind of turn; the model must know both.
TEXTS = {"plain": "thank you", "with_action": "what are your opening hours?"}
#: Turns measured in a conversation before a new one is begun, so that its history stays about as long as asked.
_MEASURED_IN_ONE = 6
#: A turn leaves about this many events.
_EVENTS_A_TURN = 5


@dataclass(kw_only=True)
class Samples:
    ours: list[float] = field(default_factory=list)
    thinking: list[float] = field(default_factory=list)  # the part of ours that is Rasa and the actions
    stock: list[float] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        ours, stock = statistics.median(self.ours), statistics.median(self.stock)
        pairs = [a / b for a, b in zip(self.ours, self.stock, strict=True)]
        return {
            "turns": len(self.ours),
            "ours_ms": round(ours, 2),
            "of_it_thinking_ms": round(statistics.median(self.thinking), 2),
            "stock_ms": round(stock, 2),
            "ratio": round(ours / stock, 3),
            "median_of_pairs": round(statistics.median(pairs), 3),
        }


class Timed:
    """A dialogue that notes how long the last answer took."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self.ms = 0.0

    @property
    def ready(self) -> bool:
        return self._dialogue.ready

    @property
    def vocabulary(self) -> Vocabulary:
        return self._dialogue.vocabulary

    async def answer(self, question: Question) -> Reply:
        began = time.perf_counter()
        reply = await self._dialogue.answer(question)
        self.ms = (time.perf_counter() - began) * 1000
        return reply

    async def remind(self, question: Question) -> Reply:
        return await self._dialogue.remind(question)

    def committed(self, conversation_id: ConversationId, seq: int) -> None:
        self._dialogue.committed(conversation_id, seq)

    def forget(self, conversation_id: ConversationId) -> None:
        self._dialogue.forget(conversation_id)


class Ours:
    """The worker's turn, in this process."""

    def __init__(self, house: wiring.House, turns: Turns, dialogue: Timed, account: str) -> None:
        self._house, self._turns, self._account = house, turns, account
        self.dialogue = dialogue

    async def accept(self, customer: str, text: str) -> ConversationId:
        arrival = Inbound(
            account=self._account,
            addresses=(Address(kind=AddressKind.PHONE, value=customer),),
            provider_id=f"wamid.{uuid.uuid4().hex}",
            kind=TEXT,
            sent_at=self._house.clock.now(),
            text=text,
        )
        await self._house.entrance.accept("whatsapp", [arrival])
        return await self._house.db.read(_conversation_of, customer)

    async def turn(self, conversation_id: ConversationId) -> None:
        if await self._turns.take(conversation_id) is not Step.TAKEN:
            raise CannotMeasure("A turn of ours was not taken.")

    async def actions(self, conversation_id: ConversationId) -> Sequence[str]:
        stored = await self._house.db.read(trackers.events_after, conversation_id, 0)
        return [event["name"] for event in stored if event["event"] == "action"]


async def measure(chosen: argparse.Namespace) -> Result:
    model = models.newest(settings.ROOT / "models")
    if model is None:
        raise CannotMeasure("There is no model in models/. `./baton rasa train` makes one.")
    by_history, different = {}, 0
    texts = list(TEXTS.values())
    load, broken = await saturated.measure(
        model.path,
        texts,
        messages=chosen.messages,
        at_once=chosen.at_once,
        rounds=chosen.rounds,
        database=chosen.database,
    )
    async with _both(model.path) as (ours, stock):
        for history in chosen.history:
            say(f"{chosen.turns} turns of each kind after {history} events …")
            samples, differed = await _measure_at(ours, stock, history, chosen.turns)
            by_history[str(history)] = {kind: each.as_json() for kind, each in samples.items()}
            different += differed
    figures = {
        "bench": "turns",
        "turns": chosen.turns,
        "history": by_history,
        "target_ratio_with_action": TARGET_WITH_ACTION,
        "decided_differently": different,
        "under_load": load,
    }
    broken += [f"{different} conversations went otherwise than with stock Rasa"] if different else []
    return Result(figures=figures, broken=broken)


async def _measure_at(ours: Ours, stock: StockAgent, history: int, turns: int) -> tuple[dict[str, Samples], int]:
    """Conversations one after the other: each grown to `history` events, then measured."""
    samples = {kind: Samples() for kind in TEXTS}
    different = 0
    while any(len(each.ours) < turns for each in samples.values()):
        customer = f"55{uuid.uuid4().int % 10**11:011d}"
        for n in range(-(-history // _EVENTS_A_TURN)):
            await _pair(ours, stock, customer, list(TEXTS.values())[n % len(TEXTS)], ours_first=True)
        conversation_id: ConversationId | None = None
        for n in range(_MEASURED_IN_ONE):
            for kind, text in TEXTS.items():
                ms, stock_ms, conversation_id = await _pair(ours, stock, customer, text, ours_first=n % 2 == 0)
                samples[kind].ours.append(ms)
                samples[kind].thinking.append(ours.dialogue.ms)
                samples[kind].stock.append(stock_ms)
        assert conversation_id is not None
        mine, theirs = await ours.actions(conversation_id), await stock.actions(customer)
        if mine != theirs:
            different += 1
            say(f"Ours did {mine}, stock {theirs}.")
    return samples, different


async def _pair(
    ours: Ours, stock: StockAgent, customer: str, text: str, *, ours_first: bool
) -> tuple[float, float, ConversationId]:
    """The same words to both; milliseconds of ours and of stock's."""
    conversation_id = await ours.accept(customer, text)

    async def mine() -> float:
        began = time.perf_counter()
        await ours.turn(conversation_id)
        return (time.perf_counter() - began) * 1000

    async def theirs() -> float:
        began = time.perf_counter()
        await stock.turn(customer, text)
        return (time.perf_counter() - began) * 1000

    if ours_first:
        first = await mine()
        return first, await theirs(), conversation_id
    second = await theirs()
    return await mine(), second, conversation_id


@contextlib.asynccontextmanager
async def _both(model: Path) -> AsyncIterator[tuple[Ours, StockAgent]]:
    say("Loading the model twice, and starting an action server …")
    from bench.stock_rasa import facebook
    from bench.stock_rasa.agent import StockAgent
    from runtime.rasa_dialogue import RasaDialogue

    logs.set_up("bench", level="ERROR")
    for name in ("rasa", "rasa_sdk"):
        logging.getLogger(name).setLevel(logging.ERROR)
    async with contextlib.AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="baton-bench-")))
        chosen = settings.read({"BATON_HOME": str(home)})
        await asyncio.to_thread(state.prepare, chosen, Cast())
        actions_url = await stack.enter_async_context(facebook.action_server(home))
        house = await stack.enter_async_context(wiring.opened(chosen))
        dialogue = RasaDialogue(house.db, chosen.runtime)
        await asyncio.to_thread(dialogue.load, model, None, "actions")
        timed = Timed(dialogue)
        turns = Turns(house.db, timed, house.channels, house.clock, chosen.runtime, house.holder)
        stock = StockAgent(home, model, actions_url)
        yield Ours(house, turns, timed, Cast().numbers[0].provider_id), stock


def _conversation_of(tx: Any, customer: str) -> ConversationId:
    return conversations.listed(tx, address=customer, limit=1)[0].conversation.id


def _lengths(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 10,100") from None


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(
        prog="./baton bench turns", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--turns", type=int, default=100, help="of each kind, at each length of history")
    made.add_argument("--history", type=_lengths, default=[10, 100], metavar="LIST", help="events, as 10,100")
    made.add_argument("--messages", type=int, default=300, help="under load, in each round")
    made.add_argument("--at-once", type=int, default=32, help="under load")
    made.add_argument("--rounds", type=int, default=4, help="under load, of each")
    made.add_argument("--database", default="sqlite", help="under load: sqlite, postgres (one is started), or a URL")
    chosen = made.parse_args(argv)
    # Rasa brings Sanic, which changes asyncio's policy: not while a loop runs. And --help need not wait for TensorFlow.
    importlib.import_module("runtime.rasa_dialogue")
    return entry.run(measure(chosen))
