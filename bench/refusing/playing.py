"""One error on one account: Ana is to be answered and Meta refuses; Ben writes meanwhile; what becomes of both."""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from dataclasses import dataclass
from typing import Any

from app import settings
from bench.harness.entry import CannotMeasure
from bench.harness.journal import Request
from bench.harness.product import Product
from bench.refusing.books import Books, Sent, Standing
from bench.refusing.expected import Case

ANA, BEN = "ana", "ben"
_PHONES = {ANA: "5511900000001", BEN: "5511900000002"}
_ANSWER_S = 60.0
#: How long somebody who waits is watched before it is believed.
_WATCH_S = 4.0
#: A wait is never shorter than it says, and longer only by its jitter and by what a busy machine takes.
_JITTER, _SLACK_S = 1.25, 30.0


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What followed. `conversation_id`: Ana's, of which people are told."""

    conversation_id: str
    requests: int
    final: str
    waits_s: tuple[float, ...]
    others: str | None
    fault: bool
    mended: bool


async def play(product: Product, books: Books, case: Case, account: str, at_once: asyncio.Semaphore) -> Seen:
    async with at_once:
        await _break(product, case, account)
        await _say(product, account, ANA)
        await _request(product, account, ANA)
        broken = await books.settled(account, ANA, _ANSWER_S)
        if case.by_webhook:
            await _tell_that_it_failed(product, case, account, _answer(broken, ANA, case))
            broken = await books.standing(account)
        refused_ns = time.monotonic_ns()
        if case.follows.others is not None:
            await _say(product, account, BEN)
            if case.follows.others == "go on":
                await product.journal.arrived(account, lambda request: BEN in (request.text or ""), _ANSWER_S)
    if case.token:
        await _watch()
        await _set_token(product, account)
    ended = await _end(books, case, account)
    anas = [each for each in product.journal.so_far(account) if ANA in (each.text or "")]
    bens = [each for each in product.journal.so_far(account) if BEN in (each.text or "")]
    answer = _answer(ended, ANA, case)
    return Seen(
        conversation_id=answer.conversation_id,
        requests=len(anas),
        final=answer.final,
        waits_s=_waits(case, anas, refused_ns, broken),
        others=None if case.follows.others is None else _others(anas, bens),
        fault=broken.fault is not None,
        mended=ended.fault is None,
    )


async def _break(product: Product, case: Case, account: str) -> None:
    if case.by_webhook:
        await product.emulator.faults(account=account, statuses="none")
        return
    error: dict[str, Any] = {"code": case.code}
    for name, value in (("subcode", case.subcode), ("http_status", case.http_status), ("times", case.times)):
        if value:
            error[name] = value
    await product.emulator.faults(account=account, error=error)


async def _say(product: Product, account: str, name: str) -> None:
    answer = await product.emulator.say(account, _PHONES[name], name)
    if answer["status"] != 200:
        raise CannotMeasure(f"A webhook was answered {answer['status']}.")


async def _request(product: Product, account: str, name: str) -> None:
    if await product.journal.arrived(account, lambda request: name in (request.text or ""), _ANSWER_S) is None:
        raise CannotMeasure(f"Nothing was sent on the account {account}.")


def _answer(standing: Standing, name: str, case: Case) -> Sent:
    answer = standing.to(name)
    if answer is None:
        raise CannotMeasure(f"There is no answer to {name} in the case of {case.name}.")
    return answer


async def _tell_that_it_failed(product: Product, case: Case, account: str, answer: Sent) -> None:
    """[WA docs: status messages webhook reference]"""
    status = {
        "id": answer.provider_id,
        "status": "failed",
        "timestamp": str(int(time.time())),
        "recipient_id": _PHONES[ANA],
        "biz_opaque_callback_data": str(answer.row_id),
        "errors": [{"code": case.code, "title": "It failed"}],
    }
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": account}, "statuses": [status]}
    # Twice, as Meta may: the second must change nothing.
    for _ in range(2):
        answered = await product.emulator.ask("POST", "webhook", {"account": account, "value": value})
        if answered["status"] != 200:
            raise CannotMeasure(f"A status was answered {answered['status']}.")


async def _set_token(product: Product, account: str) -> None:
    command = [sys.executable, "-m", "app.cli", "account", "set", account, "--token", "-"]
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=settings.ROOT,
        env=dict(product.starting.env),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate(b"another\n")
    if process.returncode:
        raise CannotMeasure(f"The token could not be set: {told.decode(errors='replace')[-300:]}")


async def _end(books: Books, case: Case, account: str) -> Standing:
    count = 1 if case.follows.others is None else 2
    if case.follows.final == "waiting":
        await _watch()
        return await books.standing(account)
    longest_s = sum(case.follows.waits_s) * _JITTER + _SLACK_S + _ANSWER_S
    await books.ended(account, count, longest_s)
    await _watch()  # for requests too many
    return await books.standing(account)


async def _watch() -> None:
    await asyncio.sleep(_WATCH_S)


def _waits(case: Case, anas: list[Request], refused_ns: int, broken: Standing) -> tuple[float, ...]:
    """Between her requests; one that still goes on, as the product has written it down."""
    if case.token:
        return ()
    if case.follows.final == "waiting":
        answer = _answer(broken, ANA, case)
        until, since = broken.paused_until or answer.not_before, answer.settled_at
        return () if until is None or since is None else (round((until - since).total_seconds(), 1),)
    times = [each.received_ns for each in anas]
    if case.by_webhook:
        times[0:1] = [refused_ns]
    return tuple(round((later - sooner) / 1e9, 1) for sooner, later in itertools.pairwise(times))


def _others(anas: list[Request], bens: list[Request]) -> str:
    """Whether Ben was answered before Ana's message tried again."""
    if not bens:
        return "wait"
    return "wait" if len(anas) > 1 and bens[0].received_ns > anas[1].received_ns else "go on"


def differences(case: Case, seen: Seen, told: list[str]) -> list[str]:
    wanted = case.follows
    fits = {
        "requests": seen.requests == wanted.requests,
        "final": seen.final == wanted.final,
        "wait_s": len(seen.waits_s) == len(wanted.waits_s)
        and all(_is_long_enough(got, want) for got, want in zip(seen.waits_s, wanted.waits_s, strict=True)),
        "others": seen.others == wanted.others,
        "fault": seen.fault == wanted.fault,
        "mended": seen.mended,
        "alert": told == ([wanted.alert] if wanted.alert else []),
    }
    return [name for name, fit in fits.items() if not fit]


def _is_long_enough(got_s: float, wanted_s: float) -> bool:
    return wanted_s - 1.0 <= got_s <= wanted_s * _JITTER + _SLACK_S
