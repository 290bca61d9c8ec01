"""How long the operators' list of conversations takes: all of it, by filter, and by search, in a large shop.

The shop is written straight into a new database: so many contacts with a conversation each, and so many messages among
them. Each question is asked as the API asks it, one after the other, in rounds; figures are milliseconds of the
database's and our own work, without HTTP.

Breaks (exit 1): a search that does not find who it was made for, or finds anybody by words that nobody said.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from bench.harness import entry
from bench.harness.entry import Result, say
from bench.services import postgres
from conversation.account import Account, AccountId, Channel
from conversation.conversation import HandoverState
from store import accounts, agents, listing, migrations, tables, vault
from store.database import Database, sqlite_url
from store.listing import Place, Wanted

_NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
_WORDS = ("quero", "uma", "pizza", "de", "calabresa", "sem", "cebola", "obrigada", "até", "amanhã", "não", "está", "já")
_NAMES = ["Ana", "João", "Conceição", "Zé", "Luísa", "Antônio", "Márcia", "Rui", "Inês", "Flávio"]
_ROWS = 5_000
_LIMIT = 50


def measure(chosen: argparse.Namespace) -> Result:
    with tempfile.TemporaryDirectory() as folder, postgres.wanted(chosen.database) as url:
        database = Database(url or sqlite_url(Path(folder) / "shop.db"))
        try:
            migrations.upgrade(database)
            say(f"Writing {chosen.messages} messages of {chosen.contacts} contacts …")
            database.write_now(_fill, chosen)
            return _asked(database, chosen)
        finally:
            database.close()


def _asked(database: Database, chosen: argparse.Namespace) -> Result:
    middle = Place(_NOW - timedelta(seconds=chosen.contacts // 2), "")
    questions: dict[str, tuple[Wanted, Place | None, int | None]] = {
        "all": (Wanted(), None, _LIMIT),
        "all_from_the_middle": (Wanted(), middle, _LIMIT),
        "pending": (Wanted(state=HandoverState.PENDING), None, None),
        "search_name": (Wanted(search="conceicao 77"), None, None),
        "search_number": (Wanted(search=f"11 9{77:08}"), None, 1),
        "search_recent_words": (Wanted(search="palavra raríssima"), None, 1),
        "search_nothing": (Wanted(search="ninguém disse isto"), None, 0),
    }
    times: dict[str, list[float]] = {name: [] for name in questions}
    broken = []
    for _ in range(chosen.rounds):
        for name, (wanted, after, count) in questions.items():
            began = time.perf_counter()
            found = database.read_now(listing.page, wanted, _NOW, after=after, limit=_LIMIT)
            times[name].append((time.perf_counter() - began) * 1000)
            if (count is not None and len(found) != count) or (count is None and not found):
                broken.append(f"{name} found {len(found)}")
    shown = {
        name: {"median_ms": round(statistics.median(each), 1), "worst_ms": round(max(each), 1)}
        for name, each in times.items()
    }
    figures: dict[str, Any] = {
        "bench": "lists",
        "database": "sqlite" if chosen.database == "sqlite" else "postgresql",
        "contacts": chosen.contacts,
        "messages": chosen.messages,
        "rounds": chosen.rounds,
        **shown,
    }
    return Result(figures=figures, broken=sorted(set(broken)))


def _fill(tx: Connection, chosen: argparse.Namespace) -> None:
    chance = random.Random(chosen.seed)
    agent = agents.ensure_default(tx, _NOW)
    made = Account(
        id=AccountId("acc_1"),
        channel=Channel.WHATSAPP,
        provider_id="1",
        name="Cantina",
        agent_id=agent.id,
        emulated=True,
    )
    account = accounts.add(tx, vault.Vault(vault.new_key()), made, token=None, secrets=[], now=_NOW)
    for first in range(0, chosen.contacts, _ROWS):
        numbers = range(first, min(first + _ROWS, chosen.contacts))
        tx.execute(tables.contacts.insert(), [_contact(account, n) for n in numbers])
        tx.execute(tables.addresses.insert(), [_address(account, n) for n in numbers])
        tx.execute(tables.conversations.insert(), [_conversation(account, n, chance) for n in numbers])
    for first in range(0, chosen.messages, _ROWS):
        last = min(first + _ROWS, chosen.messages)
        tx.execute(tables.messages.insert(), [_message(n, chosen, chance) for n in range(first, last)])


def _contact(account: Account, n: int) -> dict[str, Any]:
    name = f"{_NAMES[n % len(_NAMES)]} {n}"
    return {"id": f"con_{n}", "account_id": account.id, "name": name, "created_at": _NOW}


def _address(account: Account, n: int) -> dict[str, Any]:
    return {"account_id": account.id, "kind": "phone", "value": f"55119{n:08}", "contact_id": f"con_{n}"}


def _conversation(account: Account, n: int, chance: random.Random) -> dict[str, Any]:
    return {
        "id": f"cnv_{n}",
        "account_id": account.id,
        "contact_id": f"con_{n}",
        "state": "pending" if chance.random() < 0.005 else "bot",
        "return_due": False,
        "last_inbound_at": _NOW - timedelta(seconds=n),
        "created_at": _NOW - timedelta(days=90),
    }


def _message(n: int, chosen: argparse.Namespace, chance: random.Random) -> dict[str, Any]:
    text = " ".join(chance.choices(_WORDS, k=12))
    if n == chosen.messages - 1_000:
        text = f"{text} palavra raríssima"
    return {
        "conversation_id": f"cnv_{chance.randrange(chosen.contacts)}",
        "direction": "inbound",
        "author": "contact",
        "kind": "text",
        "text": text,
        "content": {},
        "status": "received",
        "at": _NOW,
    }


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="./baton bench lists", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--messages", type=int, default=100_000)
    options.add_argument("--contacts", type=int, default=20_000)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--database", default="sqlite", help="sqlite, postgres (one of its own), or a URL")
    return options


def main(arguments: Sequence[str]) -> int:
    chosen = _options().parse_args(arguments)

    async def work() -> Result:
        return measure(chosen)

    return entry.run(work())
