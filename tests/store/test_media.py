"""Files in the database: wanted, claimed by one, stored, given up, taken back. On both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from conversation.arrivals import Attachment
from conversation.errors import NotFound
from store import contacts, media, messages, uploads
from store.media import File, FileState
from store.tables import media as table
from store.vault import Vault, new_key
from tests.house import START, Stage
from tests.store.conftest import Shelf

SECRET_URL = "https://cdn.example/file?signature=secret"
LATER = START + timedelta(minutes=5)
SHA = "ab" * 32


def message(shelf: Shelf) -> int:
    return messages.add_inbound(
        shelf.tx,
        shelf.conversation.id,
        provider_id="mid.1",
        kind="image",
        text=None,
        content={},
        reply_to=None,
        at=START,
    )


def want(shelf: Shelf, *attachments: Attachment, **of: Any) -> list[int]:
    before = set(media.due(shelf.tx, START, limit=100))
    media.want(shelf.tx, shelf.vault, shelf.account.id, attachments, now=START, **of)
    return [each for each in media.due(shelf.tx, START, limit=100) if each not in before]


def keep(shelf: Shelf, file_id: int, sha256: str = SHA) -> File | None:
    kept = media.stored(
        shelf.tx, file_id, type="image/png", size=10, sha256=sha256, now=START, name="a.png", keep=lambda: None
    )
    return kept


def claim(shelf: Shelf, file_id: int) -> media.Claimed | None:
    return media.claim(shelf.tx, shelf.vault, file_id, now=START, until=LATER)


def test_what_is_wanted_is_due_and_its_address_is_sealed(shelf: Shelf) -> None:
    # given
    of = message(shelf)
    wanted = Attachment(kind="image", url=SECRET_URL, declared_type="image/jpeg")
    # when
    (file_id,) = want(shelf, wanted, message_id=of)
    # then
    row = shelf.tx.execute(table.select()).one()
    assert b"secret" not in row.source and row.state == "wanted"
    claimed = claim(shelf, file_id)
    assert claimed is not None and claimed.source == wanted
    assert (claimed.file.state, claimed.file.message_id, claimed.file.attempts) == (FileState.WANTED, of, 1)


def test_a_claimed_file_is_nobody_elses_until_the_claim_is_over(shelf: Shelf) -> None:
    (file_id,) = want(shelf, Attachment(kind="image", id="1"), message_id=message(shelf))
    assert claim(shelf, file_id) is not None
    assert claim(shelf, file_id) is None and media.due(shelf.tx, START, limit=9) == []
    again = media.claim(shelf.tx, shelf.vault, file_id, now=LATER, until=LATER + timedelta(minutes=5))
    assert again is not None and again.file.attempts == 2


def test_a_stored_file_tells_what_it_is_and_where_it_was_had_is_gone(shelf: Shelf) -> None:
    of = message(shelf)
    first, second = want(shelf, Attachment(kind="image", id="1"), Attachment(kind="video", id="2"), message_id=of)
    keep(shelf, second, "cd" * 32)
    kept = keep(shelf, first)
    assert kept is not None
    assert (kept.state, kept.type, kept.size, kept.sha256) == (FileState.STORED, "image/png", 10, SHA)
    assert [each.id for each in media.of_message(shelf.tx, of)] == [first, second]
    assert {row.source for row in shelf.tx.execute(table.select())} == {None}
    assert keep(shelf, first) is None, "it is stored once"


def test_a_failure_is_tried_again_or_shown(shelf: Shelf) -> None:
    (file_id,) = want(shelf, Attachment(kind="image", id="1"), message_id=message(shelf))
    later = media.failed(shelf.tx, file_id, "slow", again_at=LATER)
    assert later is not None and later.state is FileState.WANTED
    assert media.due(shelf.tx, START, limit=9) == [] and media.due(shelf.tx, LATER, limit=9) == [file_id]
    given_up = media.failed(shelf.tx, file_id, "gone", again_at=None)
    assert given_up is not None and (given_up.state, given_up.error) == (FileState.FAILED, "gone")
    assert media.due(shelf.tx, LATER, limit=9) == []
    assert shelf.tx.execute(table.select()).one().source is None


def test_what_is_taken_back_is_shown_as_removed_and_its_bytes_are_erased(shelf: Shelf) -> None:
    # given
    of = message(shelf)
    forgotten: list[str] = []
    (file_id,) = want(shelf, Attachment(kind="image", id="1"), message_id=of)
    keep(shelf, file_id)
    # when
    media.remove_of_message(shelf.tx, of, START)
    # then it is not shown from that moment on, and the fetcher finds what is to be done
    assert [each.state for each in media.of_message(shelf.tx, of)] == [FileState.REMOVED]
    assert media.due(shelf.tx, START, limit=9) == [file_id]
    claimed = claim(shelf, file_id)
    assert claimed is not None and claimed.source is None
    media.erase(shelf.tx, file_id, forget=forgotten.append)
    assert forgotten == [SHA]
    row = shelf.tx.execute(table.select()).one()
    assert (row.state, row.sha256, row.name) == ("removed", None, None)
    media.erase(shelf.tx, file_id, forget=forgotten.append)
    media.remove_of_message(shelf.tx, of, START)
    assert forgotten == [SHA] and media.due(shelf.tx, START, limit=9) == []


def test_bytes_that_another_file_has_too_are_not_erased(shelf: Shelf) -> None:
    of, other = message(shelf), message(shelf)
    forgotten: list[str] = []
    for each in (of, other):
        (file_id,) = want(shelf, Attachment(kind="image", id="1"), message_id=each)
        keep(shelf, file_id)
    for each, so_far in ((of, []), (other, [SHA])):
        media.remove_of_message(shelf.tx, each, START)
        (file_id,) = media.due(shelf.tx, START, limit=9)
        media.erase(shelf.tx, file_id, forget=forgotten.append)
        assert forgotten == so_far


def test_what_was_taken_back_while_it_was_fetched_is_not_kept(shelf: Shelf) -> None:
    of = message(shelf)
    kept: list[int] = []
    (file_id,) = want(shelf, Attachment(kind="image", id="1"), message_id=of)
    claim(shelf, file_id)
    media.remove_of_message(shelf.tx, of, START)
    stored = media.stored(
        shelf.tx, file_id, type="image/png", size=1, sha256=SHA, now=START, keep=lambda: kept.append(1)
    )
    assert stored is None and kept == []
    assert media.failed(shelf.tx, file_id, "slow", again_at=LATER) is None


def test_a_new_picture_takes_the_place_of_the_old_one(shelf: Shelf) -> None:
    contact = shelf.conversation.contact_id
    old, new = (want(shelf, Attachment(kind="picture", url=url), contact_id=contact)[0] for url in ("a", "b"))
    keep(shelf, old)
    assert contacts.get(shelf.tx, contact).picture_id == old
    keep(shelf, new, "cd" * 32)
    assert contacts.get(shelf.tx, contact).picture_id == new
    assert media.get(shelf.tx, old).state is FileState.REMOVED
    assert media.conversation_of(shelf.tx, media.get(shelf.tx, new)) == shelf.conversation.id


def test_an_uploaded_file_goes_with_each_message_it_is_sent_in(shelf: Shelf) -> None:
    made: dict[str, Any] = dict(kind="image", type="image/png", size=1, sha256=SHA, name="a.png", by="ana", now=START)
    file = media.uploaded(shelf.tx, shelf.account.id, **made, keep=lambda: None)
    first, second = message(shelf), message(shelf)
    for each in (first, second):
        media.goes_with(shelf.tx, file.id, each)
    found = media.of_messages(shelf.tx, [first, second])
    assert [found[first][0].id, found[second][0].sha256] == [file.id, SHA]
    assert found[second][0].id != file.id and found[second][0].state is FileState.STORED


def test_there_is_no_file_that_nobody_sent(shelf: Shelf) -> None:
    with pytest.raises(NotFound):
        media.get(shelf.tx, 12345)
    assert media.claim(shelf.tx, shelf.vault, 12345, now=START, until=LATER) is None


def test_sources_are_sealed_anew_with_the_newest_key(shelf: Shelf) -> None:
    old, new = new_key(), new_key()
    media.want(shelf.tx, Vault(old), shelf.account.id, [Attachment(kind="image", url=SECRET_URL)], now=START)
    assert media.sealed_with(shelf.tx, Vault(new, old)) == {old: 1}
    assert media.reseal(shelf.tx, Vault(new, old)) == 1
    assert media.sealed_with(shelf.tx, Vault(new)) == {new: 1}


def test_a_source_whose_key_is_missing_is_looked_at_again_later(shelf: Shelf) -> None:
    (file_id,) = want(shelf, Attachment(kind="image", id="1"))
    assert media.claim(shelf.tx, Vault(new_key()), file_id, now=START, until=LATER) is None
    assert media.due(shelf.tx, START, limit=9) == [] and media.due(shelf.tx, LATER, limit=9) == [file_id]
    assert media.claim(shelf.tx, shelf.vault, file_id, now=LATER, until=LATER) is not None


def test_an_upload_is_known_as_long_as_it_is_good(shelf: Shelf) -> None:
    account, key = shelf.account.id, uploads.key_of("image", SHA)
    assert uploads.find(shelf.tx, account, key, START) is None
    uploads.keep(shelf.tx, account, key, "att.1", LATER)
    uploads.keep(shelf.tx, account, key, "att.2", LATER)
    assert uploads.find(shelf.tx, account, key, START) == "att.2"
    assert uploads.find(shelf.tx, account, key, LATER) is None
    uploads.forget(shelf.tx, account, key)
    assert uploads.find(shelf.tx, account, key, START) is None


async def test_of_those_who_claim_at_once_one_has_it(stage: Stage) -> None:
    await stage.db.write(media.want, stage.vault, stage.account.id, [Attachment(kind="image", id="1")], now=START)
    (file_id,) = await stage.db.read(media.due, START, limit=9)
    claims = [stage.db.write(media.claim, stage.vault, file_id, now=START, until=LATER) for _ in range(6)]
    assert len([each for each in await asyncio.gather(*claims) if each is not None]) == 1
