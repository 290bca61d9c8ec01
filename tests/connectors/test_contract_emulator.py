"""Every channel and the emulator mean the same: what the one writes the other reads, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from app import emulation
from conversation import sent, window
from conversation.account import Channel as ChannelName
from conversation.arrivals import Echo, EchoSource, Edited, Inbound, Removed, ThreadControl, Unfamiliar
from conversation.conversation import ConversationId
from conversation.errors import SendError
from conversation.message import Author, MessageStatus
from emulator import channel as network
from emulator.chats import Item, now_ms
from runtime.channel import Utterance
from runtime.settings import RuntimeSettings
from store.database import Database
from store.vault import Vault
from tests.connectors.contract import Contract, of
from tests.connectors.emulated import EMULATED, PHONE, Emulated
from tests.house import HOLDER, ScriptedDialogue, Stage, WoundClock, eventually, set_up

PICTURE = {"url": "http://127.0.0.1:9/emulator/media/p.png"}
#: What somebody can do, as the emulator's phones do it.
DEEDS: dict[str, dict[str, Any]] = {
    "text": {"text": "Oi"},
    "button": {"choice": {"id": "t1", "title": "Bolo"}},
    "list": {"choice": {"id": "t1", "title": "Bolo", "description": "de milho"}},
    "quick_reply": {"choice": {"id": "t1", "title": "Bolo"}},
    "postback": {"choice": {"id": "t1", "title": "Bolo"}},
    "reaction": {"target": "m1", "text": "❤️"},
    "image": {"raw": PICTURE},
    "sticker": {"raw": PICTURE},
    "attachment": {"raw": {"attachments": [{"type": "video", "payload": PICTURE}]}},
    "story_reply": {"text": "Que lindo!", "raw": PICTURE},
    "story_mention": {"raw": PICTURE},
    "unsupported": {"text": "poll"},
    "edit": {"target": "m1", "text": "Olá"},
    "unsend": {"target": "m1"},
    "comment": {"text": "Quanto custa?"},
    "referral": {"text": "Oi! Vi o anúncio.", "raw": {"ref": "cartaz", "source": "SHORTLINK", "type": "OPEN_THREAD"}},
    "optin": {"raw": {"ref": "caixa", "user_ref": "ref-1"}},
    **{kind: {"raw": {"id": "9"}} for kind in ("video", "audio", "voice", "document")},
    "location": {"raw": {"latitude": -23.5, "longitude": -46.6}},
    "contacts": {"raw": {"contacts": [{"name": {"formatted_name": "Bia"}}]}},
    "order": {"raw": {"catalog_id": "600", "product_items": []}},
    "flow": {"raw": {"response": {"guests": 4}}, "text": "Sent"},
    "call_permission": {"raw": {"response": "reject"}},
    "template_button": {"text": "Confirmar", "raw": {"payload": "c1"}},
    "forwarded": {"text": "Olha", "raw": {"often": True}},
    "product": {"text": "Tem?", "raw": {"catalog_id": "600", "product_retailer_id": "x1"}},
    "number_change": {"raw": {"wa_id": "5511966660000"}},
    "id_change": {"raw": {"user_id": "BR.1077"}},
    "identity_change": {},
    "unknown": {"raw": {"type": "hologram", "depth": 3}},
    "linking": {"raw": {"status": "linked", "authorization_code": "c1"}},
}


def test_the_product_tells_the_emulator_of_what_it_speaks() -> None:
    assert {channel.value for channel in emulation.NETWORKS} == {contract.name for contract in EMULATED}


each_deed = pytest.mark.parametrize(
    ("contract", "kind"),
    [
        pytest.param(contract, kind, id=f"{contract.name}-{kind}")
        for contract in EMULATED
        for kind in sorted(Emulated(contract).network.inbound_kinds - {"raw", "group"})
    ],
)


@each_deed
def test_what_a_phone_does_is_read_whole(contract: Contract, kind: str) -> None:
    emulated = Emulated(contract)
    (arrival,) = emulated.writes(kind, **DEEDS[kind])
    if kind in contract.kept_only:
        assert isinstance(arrival, Unfamiliar) and arrival.account == emulated.account.id
        return
    assert isinstance(arrival, (Inbound, Edited, Removed))
    assert type(arrival) is {"edit": Edited, "unsend": Removed}.get(kind, Inbound)
    assert arrival.account == emulated.account.id and set(arrival.addresses) & set(emulated.addresses)
    if isinstance(arrival, Inbound):
        assert arrival.text in (None, DEEDS[kind].get("text"), "Bolo", "love") or kind == "unsupported"
        assert arrival.opens_window is (kind in emulated.network.window_kinds)


def _read(kind: str, **what: Any) -> Inbound:
    (arrival,) = Emulated(next(each for each in EMULATED if each.name == "whatsapp")).writes(kind, **what)
    assert isinstance(arrival, Inbound)
    return arrival


def test_what_is_written_in_a_group_of_the_emulators_is_the_groups() -> None:
    found = _read("group", text="oi, gente", raw={"group_id": "g-9"})
    assert (found.group, found.addresses[0].value, found.text) == (True, "g-9", "oi, gente")


@pytest.mark.parametrize("kind", ["number_change", "id_change"])
def test_another_number_or_id_in_the_emulator_is_told_of_the_one_before(kind: str) -> None:
    found = _read(kind, **DEEDS[kind])
    assert [each.value for each in found.becomes] == list(DEEDS[kind]["raw"].values())


@pytest.mark.parametrize(
    ("kind", "intent"),
    [
        ("voice", "sent_voice"),
        ("flow", "sent_flow"),
        ("call_permission", "sent_call_permission"),
        ("order", "sent_order"),
        ("unknown", "sent_unsupported"),
    ],
)
def test_what_a_phone_does_has_the_intent_of_its_kind(kind: str, intent: str) -> None:
    found = _read(kind, **DEEDS[kind])
    assert sent.intents(found.kind, found.content)[0] == intent


def test_an_advertisement_a_product_and_a_forward_are_told_to_actions() -> None:
    told = [_read(kind, **DEEDS.get(kind, {})) for kind in ("product", "forwarded", "template_button")]
    advert = _read("referral", raw={"text": "Oi", "headline": "Pizza"})
    metadata = [sent.metadata(each.kind, each.content, None) for each in [*told, advert]]
    assert metadata[0] == {"product": {"catalog_id": "600", "product_retailer_id": "x1"}}
    assert metadata[1:3] == [{"forwarded": "often"}, {"button_payload": "c1"}]
    assert (advert.text, metadata[3]["referral"]["headline"]) == ("Oi", "Pizza")


def said(emulated: Emulated, **what: Any) -> network.Said:
    return network.Said(id=emulated.network.new_id(), at_s=1_790_000_000, kind="text", text="Oi", **what)


@of(EMULATED)
def test_what_a_person_writes_on_our_side_is_an_echo_to_the_customer(contract: Contract) -> None:
    emulated = Emulated(contract)
    told = emulated.network.phone_echo(emulated.account, emulated.customer, said(emulated))
    (echo,) = emulated.parse(told)
    assert isinstance(echo, Echo)
    assert (echo.source, echo.text, echo.opaque) == (EchoSource.PHONE, "Oi", None)
    assert set(echo.addresses) & set(emulated.addresses)


@of(EMULATED)
def test_what_we_sent_is_known_for_ours_when_it_is_echoed(contract: Contract) -> None:
    emulated = Emulated(contract)
    (request,) = emulated.channel.render(Utterance(text="Olá!"), lambda: "t")
    emulated.send(request.body, opaque="41")
    told = emulated.network.own_echo(emulated.account, emulated.customer, emulated.sent[0])
    if told is None:
        return
    (echo,) = emulated.parse(told)
    assert isinstance(echo, Echo) and echo.may_be_ours
    assert echo.provider_id == emulated.sent[0].id and echo.opaque in ("41", None)


@of(EMULATED)
def test_what_is_said_while_another_app_may_write_is_only_heard(contract: Contract) -> None:
    emulated = Emulated(contract)
    ends = (emulated.account, emulated.customer)
    (heard,) = emulated.parse(emulated.network.standby_message(*ends, said(emulated)))
    assert isinstance(heard, Inbound) and heard.standby and not heard.ours and heard.text == "Oi"
    (echo,) = emulated.parse(emulated.network.standby_echo(*ends, said(emulated)))
    assert isinstance(echo, Echo) and echo.source is EchoSource.APP and echo.text == "Oi"


@of(EMULATED)
def test_who_may_write_is_read(contract: Contract) -> None:
    emulated = Emulated(contract)
    holders = {}
    for passed in (True, False):
        order = network.ThreadControl(at_s=1_790_000_000, passed=passed, app_id="600000000000001", role="partner")
        control, *_ = emulated.parse(emulated.network.thread_control(emulated.account, emulated.customer, order))
        assert isinstance(control, ThreadControl) and set(control.addresses) & set(emulated.addresses)
        holders[passed] = control.holder
    assert holders[True] is None and holders[False]


@of(EMULATED)
def test_signals_are_taken_and_make_no_message(contract: Contract) -> None:
    emulated = Emulated(contract)
    heard = an_item(emulated).id
    for typing in (False, True):
        for signal in emulated.channel.signals(heard, typing=typing, author=Author.BOT):
            assert emulated.send(signal) is None
    assert emulated.sent == []


def an_item(emulated: Emulated, *, by: str = "customer", id_: str = "in.1") -> Item:
    """A message that the emulator has."""
    item = Item(id=id_, account=emulated.account.id, customer=PHONE, by=by, kind="text", text="Oi", at_ms=now_ms())
    emulated.desk.chats.add(item)
    return item


@of(EMULATED)
def test_outside_the_window_the_rule_is_the_emulators(contract: Contract) -> None:
    emulated = Emulated(contract)
    (request,) = emulated.channel.render(Utterance(text="Olá!"), lambda: "t")
    emulated.desk.chats.close_window(emulated.account.id, PHONE)
    rule = window.rule(ChannelName(contract.name))
    for window_open in (True, False):  # as we see it: the channel sees more, and may be asked all the same
        with pytest.raises(SendError) as caught:
            emulated.send(request.body, window_open=window_open)
        assert (caught.value.error_code, caught.value.subcode) == (rule.error_code, rule.subcode)
        assert not caught.value.retryable and not caught.value.unknown


@of(EMULATED)
def test_what_a_person_may_write_for_longer_is_taken(contract: Contract) -> None:
    emulated = Emulated(contract)
    (request,) = emulated.channel.render(Utterance(text="Olá!"), lambda: "t")
    emulated.desk.chats.close_window(emulated.account.id, PHONE)
    late: dict[str, Any] = {"author": Author.OPERATOR, "window_open": False, "human_agent": True}
    if "human_agent" in window.rule(ChannelName(contract.name)).may_send:
        assert emulated.send(request.body, **late) == emulated.sent[0].id
    else:
        with pytest.raises(SendError):
            emulated.send(request.body, **late)


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "the other way round"])
@of(EMULATED)
async def test_reports_in_any_order_never_lower_a_status(
    contract: Contract, turned: bool, db: Database, vault: Vault, clock: WoundClock, settings: RuntimeSettings
) -> None:
    emulated, name = Emulated(contract), ChannelName(contract.name)
    account, agent = set_up(db, vault, clock, name)
    stage = Stage(
        db=db, clock=clock, vault=vault, settings=settings, account=account, agent=agent, holder=HOLDER,
        dialogue=ScriptedDialogue(db),
    )  # fmt: skip
    conversation_id = await stage.hears(addresses=emulated.addresses, phone=emulated.addresses[0].value)
    await stage.all_turns(conversation_id)
    async with stage.delivering():
        await stage.sent(1)
        await eventually(lambda: statuses(stage, conversation_id, MessageStatus.ACCEPTED))
    (_, ours) = await stage.messages(conversation_id)
    item = an_item(emulated, by="business", id_=str(ours.provider_id))
    steps = [MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.READ]
    told = [(step, found) for step in steps if (found := emulated.reports(item, step.value))]
    assert told
    for _, found in reversed(told) if turned else told:
        await stage.accept(*found)
    assert await statuses(stage, conversation_id, told[-1][0])


async def statuses(stage: Stage, conversation_id: ConversationId, wanted: MessageStatus) -> bool:
    (_, ours) = await stage.messages(conversation_id)
    return ours.status is wanted
