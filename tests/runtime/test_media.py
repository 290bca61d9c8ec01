"""Files that contacts send: fetched at once, beside everything else; tried again, given up, taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from conversation.arrivals import Attachment
from conversation.errors import SendError
from runtime.fetcher import FetchFailed
from runtime.media_files import MediaFolder
from store import contacts, media, tables
from store.media import FileState
from tests.files import PAGE, PNG
from tests.house import Stage, eventually
from tests.runtime.media_stage import Fetching

URL = "https://cdn.example/1"


@pytest.fixture
def fetching(stage: Stage, tmp_path: Path) -> Fetching:
    return Fetching(stage, MediaFolder(tmp_path / "media", max_mb=100))


async def test_a_file_is_fetched_and_is_what_its_content_says(fetching: Fetching) -> None:
    # given a page that is said to be a picture
    of = await fetching.sent(Attachment(kind="image", url=URL, declared_type="image/jpeg", name="gato.jpg"))
    fetching.net.at[URL] = PAGE
    # when
    await fetching.look()
    # then
    file = await fetching.file(of)
    assert (file.state, file.type, file.name, file.size) == (FileState.STORED, "text/plain", "gato.jpg", len(PAGE))
    assert fetching.folder.path_of(file.sha256 or "").read_bytes() == PAGE
    assert await fetching.told() == [{"media": file.id, "message": of, "kind": "image", "state": "stored"}]


async def test_a_new_address_is_asked_for_at_each_try(fetching: Fetching) -> None:
    of = await fetching.sent(Attachment(kind="image", id="77"))
    for number in (1, 2):
        fetching.net.at[f"https://cdn.example/77/{number}"] = FetchFailed("gone", gone=True)
    fetching.net.at["https://cdn.example/77/3"] = PNG
    for after_s in (0, 2, 10):
        await fetching.look(after_s)
    assert fetching.files.asked == ["77"] * 3
    assert (await fetching.file(of)).state is FileState.STORED


async def test_what_is_gone_from_the_one_address_it_had_is_given_up(fetching: Fetching) -> None:
    of = await fetching.sent(Attachment(kind="image", url=URL))
    fetching.net.at[URL] = FetchFailed("The channel does not have it there any more (404).", gone=True)
    await fetching.look()
    file = await fetching.file(of)
    assert (file.state, file.error) == (FileState.FAILED, "The channel does not have it there any more (404).")
    assert [each["state"] for each in await fetching.told()] == ["failed"]


async def test_it_is_tried_for_hours_and_then_given_up(fetching: Fetching) -> None:
    of = await fetching.sent(Attachment(kind="image", url=URL))
    fetching.net.at[URL] = FetchFailed("slow", retryable=True)
    for after_s in (0, 1, 1, 9, 1, 60, 300, 1_800, 7_200, 21_600):
        await fetching.look(after_s)
    assert len(fetching.net.asked) == 8, "not before it is due"
    assert (await fetching.file(of)).state is FileState.FAILED
    await fetching.look(100_000)
    assert len(fetching.net.asked) == 8


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (SendError("busy", retryable=True), True),
        (SendError("the token is over", account_fault=True), True),
        (SendError("no such file"), False),
    ],
)
async def test_the_channels_own_refusal_says_whether_to_ask_again(
    fetching: Fetching, error: SendError, again: bool
) -> None:
    of = await fetching.sent(Attachment(kind="image", id="77"))
    fetching.files.fails.append(error)
    await fetching.look()
    assert (await fetching.file(of)).state is (FileState.WANTED if again else FileState.FAILED)


async def test_a_fault_of_ours_is_tried_again_and_keeps_nobody(fetching: Fetching) -> None:
    of = await fetching.sent(Attachment(kind="image", url="https://cdn.example/unknown"))  # a KeyError
    other = await fetching.sent(Attachment(kind="image", url=URL))
    fetching.net.at[URL] = PNG
    await fetching.look()
    assert (await fetching.file(other)).state is FileState.STORED
    assert (await fetching.file(of)).error == "It failed here (KeyError)."
    assert (await fetching.file(of)).state is FileState.WANTED


async def test_each_kind_has_its_limit_and_only_the_emulators_accounts_reach_this_machine(fetching: Fetching) -> None:
    fetching.net.at[URL] = PNG
    for kind in ("document", "story", "sticker"):
        await fetching.sent(Attachment(kind=kind, url=URL))
    await fetching.look()
    assert sorted(fetching.net.asked, key=lambda each: each[1]) == [
        (URL, 8_000_000, None),
        (URL, 50_000_000, None),
        (URL, 100_000_000, None),
    ]


async def test_an_emulated_account_may_be_fetched_for_from_the_emulator(fetching: Fetching) -> None:
    emulated = tables.accounts.update().values(emulated=True)
    await fetching.stage.db.write(lambda tx: tx.execute(emulated))
    fetching.net.at[URL] = PNG
    await fetching.sent(Attachment(kind="image", url=URL))
    await fetching.look()
    assert fetching.net.asked == [(URL, 100_000_000, "http://127.0.0.1:5006")]


async def test_where_files_are_not_wanted_none_is_asked_for(fetching: Fetching) -> None:
    off = tables.accounts.update().values(channel_settings={"fetch_media": False})
    await fetching.stage.db.write(lambda tx: tx.execute(off))
    of = await fetching.sent(Attachment(kind="image", url=URL))
    await fetching.look()
    assert fetching.net.asked == [] and (await fetching.file(of)).state is FileState.FAILED


async def test_what_is_taken_back_is_gone_from_the_disk(fetching: Fetching) -> None:
    # given two messages with the same picture
    fetching.net.at[URL] = PNG
    first, second = [await fetching.sent(Attachment(kind="image", url=URL)) for _ in range(2)]
    await fetching.look()
    path = fetching.folder.path_of((await fetching.file(first)).sha256 or "")
    # when one is taken back
    await fetching.stage.db.write(media.remove_of_message, first, fetching.stage.clock.now())
    assert (await fetching.file(first)).state is FileState.REMOVED
    await fetching.look()
    # then the other still has it; and nobody has, once that is taken back too
    assert path.exists()
    await fetching.stage.db.write(media.remove_of_message, second, fetching.stage.clock.now())
    await fetching.look()
    assert not path.exists()


async def test_what_is_taken_back_while_it_is_fetched_is_not_kept(fetching: Fetching, tmp_path: Path) -> None:
    of = await fetching.sent(Attachment(kind="image", url=URL))
    fetched = fetching.net.fetch

    async def slow(*given: Any, **more: Any) -> None:
        await fetching.stage.db.write(media.remove_of_message, of, fetching.stage.clock.now())
        await fetched(*given, **more)

    fetching.net.at[URL], fetching.net.fetch = PNG, slow  # type: ignore[method-assign]
    await fetching.look()
    await fetching.look()
    assert (await fetching.file(of)).state is FileState.REMOVED
    assert not [each for each in (tmp_path / "media").rglob("*") if each.is_file()]


async def test_a_picture_of_a_contact_is_shown_with_them(fetching: Fetching) -> None:
    conversation_id = await fetching.stage.hears()
    contact = (await fetching.stage.conversation(conversation_id)).contact_id
    fetching.net.at[URL] = PNG
    wanted = [Attachment(kind=media.PICTURE, url=URL)]
    args = (fetching.stage.vault, fetching.stage.account.id, wanted)
    await fetching.stage.db.write(media.want, *args, contact_id=contact, now=fetching.stage.clock.now())
    await fetching.look()
    picture = (await fetching.stage.db.read(contacts.get, contact)).picture_id
    assert picture is not None
    assert [each["media"] for each in await fetching.told()] == [picture]


@pytest.fixture
async def running(fetching: Fetching) -> AsyncIterator[Fetching]:
    async with fetching.stage.wake.watching():
        task = asyncio.create_task(fetching.fetcher.run())
        yield fetching
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_it_runs_by_itself_and_no_turn_waits_for_it(running: Fetching) -> None:
    # given a file that does not come
    never = asyncio.Event()

    async def hang(*given: Any, **more: Any) -> None:
        await never.wait()

    running.net.fetch = hang  # type: ignore[method-assign]
    for _ in range(6):  # more than are fetched at once
        of = await running.sent(Attachment(kind="image", url=URL))
    await eventually(lambda: len(running.fetcher._tasks) == 4, "four at once")
    # when the customer writes, then the assistant answers
    conversation_id = await running.stage.hears("oi")
    await running.stage.all_turns(conversation_id)
    assert "Olá!" in str(await running.stage.texts(conversation_id))
    # and what was begun ends with the process, and is fetched by the next one
    assert (await running.file(of)).state is FileState.WANTED
