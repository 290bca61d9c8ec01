"""Templates as Meta last told of them: lists and news in any order, and what is gone is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from conversation.errors import NotFound
from store import templates
from store.templates import Template
from tests.house import START
from tests.store.conftest import Shelf

BUSINESS = "300000000000001"
LATER = START + timedelta(minutes=10)


def template(name: str = "pedido", at: datetime = START, **given: Any) -> Template:
    facts: dict[str, Any] = {"id": "9001", "language": "pt_BR", "category": "UTILITY", "status": "PENDING", **given}
    components = [{"type": "BODY", "text": "Olá, {{1}}!"}]
    return Template(business_id=BUSINESS, name=name, components=components, updated_at=at, **facts)


def test_one_survives_the_trip_and_is_of_one_business(shelf: Shelf) -> None:
    whole = template(quality="GREEN", reason="INVALID_FORMAT")
    assert templates.put_all(shelf.tx, BUSINESS, [whole], START).added == 1
    found = templates.get(shelf.tx, BUSINESS, "pedido", "pt_BR")
    assert found is not None and list(found.components) == list(whole.components)
    assert (found.quality, found.reason, found.id) == ("GREEN", "INVALID_FORMAT", "9001")
    assert templates.get(shelf.tx, "300000000000002", "pedido", "pt_BR") is None
    assert templates.of_business(shelf.tx, "300000000000002") == []
    with pytest.raises(NotFound):
        templates.known(shelf.tx, "300000000000002", "pedido")


def test_what_a_list_no_longer_has_is_kept_and_marked(shelf: Shelf) -> None:
    both = [template(), template("novidades", id="9002")]
    templates.put_all(shelf.tx, BUSINESS, both, START)
    done = templates.put_all(shelf.tx, BUSINESS, [template(at=LATER, status="APPROVED")], LATER)
    assert (done.count, done.added, done.changed, done.missing) == (1, 0, 1, 1)
    gone = templates.get(shelf.tx, BUSINESS, "novidades", "pt_BR")
    assert gone is not None and gone.missing_since == LATER and gone.components
    again = templates.put_all(shelf.tx, BUSINESS, [template("novidades", at=LATER, id="9002")], LATER)
    back = templates.get(shelf.tx, BUSINESS, "novidades", "pt_BR")
    assert (again.missing, back is not None and back.missing_since) == (1, None)


def test_older_news_undo_nothing_and_a_list_asked_for_before_the_news_does_not_either(shelf: Shelf) -> None:
    templates.put_all(shelf.tx, BUSINESS, [template()], START)
    assert templates.note(shelf.tx, BUSINESS, "9001", LATER, status="APPROVED") is not None
    assert templates.note(shelf.tx, BUSINESS, "9001", START, status="REJECTED", reason="SCAM") is None
    templates.put_all(shelf.tx, BUSINESS, [template(at=START, status="PENDING")], START)
    templates.put_all(shelf.tx, BUSINESS, [], START)
    found = templates.get(shelf.tx, BUSINESS, "pedido", "pt_BR")
    assert found is not None
    assert (found.status, found.reason, found.missing_since) == ("APPROVED", None, None)
    assert templates.note(shelf.tx, BUSINESS, "unknown", LATER, status="APPROVED") is None


def test_why_one_is_paused_is_not_forgotten_by_a_list_which_never_says(shelf: Shelf) -> None:
    templates.put_all(shelf.tx, BUSINESS, [template(status="APPROVED")], START)
    templates.note(shelf.tx, BUSINESS, "9001", START, status="PAUSED", reason="FIRST_PAUSE")
    templates.put_all(shelf.tx, BUSINESS, [template(at=LATER, status="PAUSED")], LATER)
    found = templates.get(shelf.tx, BUSINESS, "pedido", "pt_BR")
    assert found is not None and found.reason == "FIRST_PAUSE"
    templates.put_all(shelf.tx, BUSINESS, [template(at=LATER, status="APPROVED")], LATER)
    found = templates.get(shelf.tx, BUSINESS, "pedido", "pt_BR")
    assert found is not None and found.reason is None


def test_a_part_of_them_goes_on_after_the_last_one(shelf: Shelf) -> None:
    several = [template(name, id=f"{name}{language}", language=language) for name in "abc" for language in ("en", "pt")]
    templates.put_all(shelf.tx, BUSINESS, several, START)
    first = templates.of_business(shelf.tx, BUSINESS, limit=3)
    rest = templates.of_business(shelf.tx, BUSINESS, after=(first[-1].name, first[-1].language))
    assert [each.id for each in (*first, *rest)] == ["aen", "apt", "ben", "bpt", "cen", "cpt"]
    assert [each.id for each in templates.of_business(shelf.tx, BUSINESS, language="pt", name="b")] == ["bpt"]
    assert templates.of_business(shelf.tx, BUSINESS, status="APPROVED") == []
    assert templates.gone(shelf.tx, BUSINESS, "b", LATER) == 2
