"""Looks orders up: at ORDERS_URL when it is set, else in the sample file beside this one."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

SAMPLE_FILE = Path(__file__).resolve().with_name("sample_orders.json")
TIMEOUT_S = 5.0
# The same rule as data/patterns.yml, for what is typed into the form. A "#" or "nº" may stand before it.
NUMBER = re.compile(r"(?<!\d)\d{3,8}(?!\d)")


class OrdersUnreachable(Exception):
    """The shop's orders could not be asked, or gave no answer that makes sense."""


@dataclass(frozen=True, kw_only=True)
class Order:
    number: str
    status: str
    eta_minutes: int | None = None
    sample: bool = False


def number_in(text: str) -> str | None:
    """The order number in a text; "10 42" and "10.42" are read as 1042 when nothing else is there."""
    found = NUMBER.search(text)
    if found:
        return found.group()
    joined = re.sub(r"[\s.#-]", "", text)
    return joined if NUMBER.fullmatch(joined) else None


async def find(number: str) -> Order | None:
    """The order with this number, or None when nobody knows it."""
    url = os.environ.get("ORDERS_URL")
    return await ask(url, number) if url else sample(number)


def sample(number: str) -> Order | None:
    facts = json.loads(SAMPLE_FILE.read_text(encoding="utf-8")).get(number)
    return order_from(facts, number, sample=True) if facts else None


async def ask(url: str, number: str) -> Order | None:
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{url.rstrip('/')}/{number}") as answer,
        ):
            if answer.status == 404:
                return None
            answer.raise_for_status()
            return order_from(await answer.json(content_type=None), number)
    # ValueError: not JSON, or not a URL at all.
    except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as fault:
        raise OrdersUnreachable(type(fault).__name__) from fault


def order_from(facts: Any, number: str, *, sample: bool = False) -> Order:
    if not isinstance(facts, Mapping) or not isinstance(facts.get("status"), str):
        raise OrdersUnreachable("the answer has no status")
    eta = facts.get("eta_minutes")
    # A bool is an int to Python, and no number of minutes.
    minutes = round(eta) if isinstance(eta, (int, float)) and not isinstance(eta, bool) else None
    return Order(number=number, status=facts["status"], eta_minutes=minutes, sample=sample)
