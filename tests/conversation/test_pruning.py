"""Taking one person out of a webhook that tells of several."""

from __future__ import annotations

from typing import Any

from conversation.pruning import NOTHING, parted

ANA, BEN = "5511988887777", "5511977776666"


def whatsapp(*values: dict[str, Any]) -> dict[str, Any]:
    changes = [{"field": "messages", "value": {"metadata": {"phone_number_id": "1"}, **value}} for value in values]
    return {"object": "whatsapp_business_account", "entry": [{"id": "9", "changes": changes}]}


def said(who: str, text: str) -> dict[str, Any]:
    return {"contacts": [{"wa_id": who}], "messages": [{"from": who, "text": {"body": text}}]}


def test_a_body_that_does_not_name_them_is_left_as_it_is() -> None:
    body = whatsapp(said(BEN, f"call {ANA}"))  # a text that mentions somebody is not about them
    assert parted(body, {ANA}) == (body, [])


def test_a_body_that_is_all_theirs_leaves_nothing() -> None:
    rest, theirs = parted(whatsapp(said(ANA, "oi")), {ANA})
    assert rest is NOTHING
    assert theirs == [{"wa_id": ANA}, {"from": ANA, "text": {"body": "oi"}}]


def test_others_items_of_the_same_list_stay() -> None:
    both = {"contacts": [{"wa_id": ANA}, {"wa_id": BEN}], "messages": [{"from": BEN}, {"from": ANA}]}
    rest, _ = parted(whatsapp(both), {ANA})
    assert rest == whatsapp({"contacts": [{"wa_id": BEN}], "messages": [{"from": BEN}]})


def test_others_changes_of_the_same_entry_stay_whole() -> None:
    rest, _ = parted(whatsapp(said(ANA, "oi"), said(BEN, "bom dia")), {ANA})
    assert rest == whatsapp(said(BEN, "bom dia"))


def test_what_a_message_is_known_by_names_its_reports() -> None:
    body = whatsapp({"statuses": [{"id": "wamid.1", "status": "read"}, {"id": "wamid.2", "status": "read"}]})
    rest, _ = parted(body, {"wamid.1"})
    assert rest == whatsapp({"statuses": [{"id": "wamid.2", "status": "read"}]})


def test_an_item_that_names_them_deep_inside_goes_whole() -> None:
    page = {"id": "7", "messaging": [{"sender": {"id": ANA}, "message": {"text": "oi"}}, {"sender": {"id": BEN}}]}
    rest, theirs = parted({"object": "page", "entry": [page]}, {ANA})
    assert rest["entry"][0]["messaging"] == [{"sender": {"id": BEN}}]
    assert theirs == [{"sender": {"id": ANA}, "message": {"text": "oi"}}]


def test_a_number_names_them_as_its_text_does() -> None:
    rest, _ = parted({"entry": [{"from": {"id": int(ANA)}}]}, {ANA})
    assert rest is NOTHING


def test_a_body_that_nobody_can_read_is_theirs_where_it_mentions_them() -> None:
    assert parted(f'{{"from": "{ANA}"', {ANA})[0] is NOTHING
    assert parted('{"from": ', {ANA}) == ('{"from": ', [])


def test_one_event_that_names_them_is_all_theirs() -> None:
    event = {"sender": {"id": ANA}, "what": "new"}
    assert parted(event, {ANA}) == (NOTHING, [event])
