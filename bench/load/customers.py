"""What many customers write, as the bodies Meta would post: made by the emulator, which then knows the messages."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import random
import re
from collections.abc import Callable, Sequence

from bench.harness.clients import Emulator
from bench.harness.entry import CannotMeasure
from bench.harness.journal import Request
from bench.harness.product import Product
from bench.load.posting import Webhook

#: Each is answered with exactly one message, by a custom action or without one, in both languages.
QUESTIONS = (
    "what are your opening hours?",
    "qual o horário de funcionamento?",
    "thank you",
    "obrigado",
    "where are you located?",
    "qual é o cardápio?",
)
#: What is in the journal and is no answer.
_NO_ANSWER = {"read", "typing", "node", "other", "malformed", "broken"}
_NUMBER = re.compile(r"#(\d+)\b")
_AT_ONCE = 16


async def webhooks(
    emulator: Emulator, account: str, secret: str, *, count: int, customers: int, seed: int, scripted: bool
) -> list[Webhook]:
    """`count` messages of `customers` people in a shuffled order, signed. Nothing is posted yet.

    A scripted dialogue says a message's number back, so that each answer is known exactly; Rasa's is known by its
    customer.
    """
    phones = [f"5511{seed % 1000:03d}{n:06d}" for n in range(customers)]
    dice = random.Random(seed)
    order = [phones[n % customers] for n in range(count)]
    dice.shuffle(order)
    made: list[Webhook | None] = [None] * count
    left = iter(range(count))

    async def prepare() -> None:
        for n in left:
            phone = order[n]
            text = f"message #{seed}{n:07d}" if scripted else QUESTIONS[dice.randrange(len(QUESTIONS))]
            said = await emulator.say(account, phone, text, deliver=False)
            body = said["body"]
            made[n] = Webhook(
                id=said["id"],
                customer=phone,
                key=f"{seed}{n:07d}" if scripted else phone,
                body=body,
                headers={"X-Hub-Signature-256": f"sha256={signature_of(secret, body)}"},
            )

    await asyncio.gather(*(prepare() for _ in range(_AT_ONCE)))
    return [webhook for webhook in made if webhook is not None]


async def check_questions(product: Product, account: str, *, timeout_s: float) -> None:
    """Every question, asked once, gets exactly one message: else answers could not be counted."""
    phones = [f"5521999{n:06d}" for n in range(len(QUESTIONS))]
    for phone, text in zip(phones, QUESTIONS, strict=True):
        # The second one shows that the first one's turn is over, whatever it said.
        for words in (text, text):
            await product.emulator.say(account, phone, words)
    for phone in phones:
        if not await _answers(product, account, phone, 2, timeout_s):
            raise CannotMeasure(f"A question of {QUESTIONS} was not answered; `./baton rasa train` may be due.")
    got = [r.to for r in await product.journal.whole() if is_answer(r)]
    wrong = [text for phone, text in zip(phones, QUESTIONS, strict=True) if got.count(phone) != 2]
    if wrong:
        raise CannotMeasure(f"Not answered with one message each: {wrong}. Answers could not be counted.")


def is_answer(request: Request) -> bool:
    return request.kind not in _NO_ANSWER


def key_of(scripted: bool) -> Callable[[Request], str | None]:
    """What an answer is known by; see `webhooks`."""

    def number(request: Request) -> str | None:
        found = _NUMBER.search(request.text or "")
        return found[1] if found else None

    return number if scripted else lambda request: request.to


async def _answers(product: Product, account: str, phone: str, count: int, timeout_s: float) -> bool:
    seen: set[int] = set()

    def one_more(request: Request) -> bool:
        if request.to == phone and is_answer(request) and request.n not in seen:
            seen.add(request.n)
            return True
        return False

    for _ in range(count):
        if await product.journal.arrived(account, one_more, timeout_s) is None:
            return False
    return True


def signature_of(secret: str, body: str) -> str:
    return hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()


def phones_of(made: Sequence[Webhook]) -> int:
    return len({webhook.customer for webhook in made})
