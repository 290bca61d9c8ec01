"""A contact who has left something in every table that can hold anything of them, beside one who must not notice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from conversation.account import Channel
from conversation.arrivals import Attachment, Echo, EchoSource, Edited, Unfamiliar
from conversation.conversation import ConversationId
from conversation.message import Author
from conversation.people import Role
from runtime.bus import LocalBus
from runtime.erasing import Erasing
from runtime.media_files import MediaFolder
from store import (
    buttons,
    leases,
    media,
    notes,
    ratings,
    snapshots,
    tables,
    tags,
    timers,
    tracing,
    webhook_events,
)
from store.buttons import Button
from store.deeds import Deed, doing
from store.snapshots import Snapshot
from store.tracing import Sought
from tests.files import PNG, upload
from tests.house import ANA, BEN, NUMBER, Stage, eventually
from tests.runtime.media_stage import Fetching

NAME, THEIR_WORDS = "Joana Prado Seixas", "meu pedido é o 4711, rua das Acácias"
OWN_FILE, SHARED_FILE = PNG + b"own", PNG + b"shared"


@dataclass
class Life:
    stage: Stage
    home: Path
    folder: MediaFolder
    erasing: Erasing
    contact: str
    conversation: ConversationId
    other: ConversationId
    sought: Sought

    async def traces(self) -> tracing.Traces:
        return await self.stage.db.read(tracing.search, self.sought)

    async def erase(self) -> None:
        await self.erasing.erase(self.contact, by="chefe")

    async def everything_of_the_other(self) -> dict[str, list[Any]]:
        """As it stands in the tables."""
        return await self.stage.db.read(rows_of, self.other)


def rows_of(tx: Any, conversation_id: str) -> dict[str, list[Any]]:
    from store import personal

    return {
        name: tx.execute(column.table.select().where(column == conversation_id)).all()
        for name, column in personal.OF_CONVERSATION.items()
    }


def webhook(*people: str) -> str:
    words = {ANA: THEIR_WORDS, BEN: "bom dia"}
    said = [{"from": each, "id": f"wamid.raw.{each}", "text": {"body": words[each]}} for each in people]
    known = [{"wa_id": each, "profile": {"name": NAME if each == ANA else "Ben"}} for each in people]
    value = {"metadata": {"phone_number_id": NUMBER}, "contacts": known, "messages": said}
    return json.dumps({"entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]})


async def lived(stage: Stage, home: Path) -> Life:
    folder = MediaFolder(home / "media", max_mb=1)
    now, db = stage.clock.now(), stage.db
    await stage.operator("ana", role=Role.ADMIN)
    conversation = await stage.asks_for_a_person(phone=ANA)
    contact = (await stage.conversation(conversation)).contact_id
    other = await stage.hears("quero o mesmo, por favor", phone=BEN, name="Benedito Alves")
    await stage.all_turns(other)
    await stage.hears(THEIR_WORDS, phone=ANA, name=NAME)
    await stage.all_turns(conversation)
    await stage.ownership.take(conversation, by="ana", force=True)
    with doing(Deed(by="ana", action="reply", at=now, conversation=conversation, words="Olá, Joana")):
        await stage.ownership.reply(conversation, "Olá, Joana, já vejo o seu pedido", by="ana")

    async def the_reply_is_sent() -> bool:
        replies = [m for m in await stage.messages(conversation) if m.author is Author.OPERATOR]
        return bool(replies) and replies[-1].provider_id is not None

    async with stage.delivering():
        await eventually(the_reply_is_sent)
    await stage.accept(
        Edited(
            account=NUMBER,
            addresses=stage.inbound().addresses,
            provider_id=(await stage.messages(conversation))[0].provider_id or "",
            text="quero falar com a gerente, por favor",
            at=now,
        )
    )
    await _with_files(stage, folder, conversation, other)

    def what_the_rest_would_leave(tx: Any) -> None:
        notes.add(tx, conversation, "cliente da rua das Acácias", by="ana", now=now)
        tags.put(tx, conversation, "acácias", by="ana", now=now)
        buttons.add(tx, conversation, [Button(token="b_joana", title="Pedido da Joana", payload="/x")], now)
        timers.put(tx, conversation, "reminder", now + timedelta(days=1), {"entities": [THEIR_WORDS]})
        ratings.ask(tx, conversation, "ana", now)
        leases.take(tx, conversation, stage.holder, now=now, ttl_s=60)
        snapshots.put(tx, conversation, Snapshot(seq=1, model="m", domain="d", body={"slots": THEIR_WORDS}))
        held = msgspec.to_builtins(
            Echo(
                account=NUMBER,
                addresses=stage.inbound().addresses,
                provider_id="wamid.held",
                source=EchoSource.PHONE,
                kind="text",
                sent_at=now,
                text="Joana, aqui é da loja",
            )
        )
        tx.execute(
            tables.held_echoes.insert(),
            {"account_id": stage.account.id, "conversation_id": conversation, "echo": held, "at": now},
        )
        tx.execute(
            tables.idempotency_keys.insert(),
            {"operator": "ana", "key": "k", "request": "h", "conversation_id": conversation, "answer": {}, "at": now},
        )
        tx.execute(
            tables.deadlines.insert(), {"conversation_id": conversation, "kind": "x", "due_at": now + timedelta(days=9)}
        )
        call = {"agent_id": stage.agent.id, "model": "m", "outcome": "answered", "ms": 9, "at": now}
        tx.execute(tables.llm_calls.insert(), {**call, "conversation_id": conversation})
        pace = {"name": f"pair:{conversation}", "conversation_id": conversation, "level": 1.0, "at": now}
        tx.execute(tables.paces.delete().where(tables.paces.c.name == pace["name"]))
        tx.execute(tables.paces.insert(), pace)
        first = {"conversation_id": conversation, "account_id": stage.account.id, "at": now}
        tx.execute(tables.initiations.insert(), first)
        rule = {"id": "rul_1", "operator": "ana", "means": "webhook", "target": b"x", "settings": {}, "created_at": now}
        tx.execute(tables.alert_rules.insert(), rule)
        alert = {"rule_id": "rul_1", "conversation_id": conversation, "event": "x", "facts": {"contact": NAME}}
        tx.execute(tables.alerts.insert(), {**alert, "state": "told", "due_at": now, "created_at": now})
        for people in ((ANA,), (ANA, BEN), (BEN,)):
            raw = {"channel": "whatsapp", "accounts": [stage.account.id], "kinds": ["message"], "state": "processed"}
            tx.execute(tables.webhooks.insert(), {**raw, "body": webhook(*people), "received_at": now})
        for who in (ANA, BEN):
            event = Unfamiliar(account=NUMBER, kind="odd", body={"from": who, "text": "?"}, key=None)
            webhook_events.add(tx, Channel.WHATSAPP, event, now)

    await db.write(what_the_rest_would_leave)
    erasing = Erasing(db, folder, LocalBus(), stage.clock, stage.settings)
    sought = await db.read(tracing.known_of, contact)
    return Life(stage, home, folder, erasing, contact, conversation, other, sought)


async def _with_files(stage: Stage, folder: MediaFolder, conversation: Any, other: Any) -> None:
    """One of theirs alone, one that the other was sent too, and their picture, still to be fetched."""
    fetching = Fetching(stage, folder)
    fetching.net.at = {"https://cdn.example/one/1": OWN_FILE}
    for who, mine in ((conversation, True), (other, False)):
        message = (await stage.messages(who))[0].id

        def put(tx: Any, message: int = message, mine: bool = mine) -> None:
            if mine:
                wanted = [Attachment(kind="image", id="one", name="acácias.png")]
                media.want(tx, stage.vault, stage.account.id, wanted, message_id=message, now=stage.clock.now())
            file = upload(tx, folder, stage.account.id, SHARED_FILE)
            media.goes_with(tx, file.id, message)

        await stage.db.write(put)
    await fetching.look()

    def picture(tx: Any) -> None:
        contact_id = (
            tx.execute(tables.conversations.select().where(tables.conversations.c.id == conversation)).one().contact_id
        )
        wanted = [Attachment(kind="picture", url="https://cdn.example/joana.png")]
        media.want(tx, stage.vault, stage.account.id, wanted, contact_id=contact_id, now=stage.clock.now())

    await stage.db.write(picture)
