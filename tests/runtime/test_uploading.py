"""Files of ours on their way to a customer: a reply with files, uploaded once, sent by the channel's own id."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors import whatsapp_render
from conversation.course import Course
from conversation.errors import BadInput, NotFound, SendError
from conversation.message import Author, MessageStatus
from runtime.channel import Outgoing, Rendered, Utterance, WayOut
from runtime.deliver import Delivery
from runtime.media_files import MediaFolder
from runtime.uploading import Uploading, media_of
from store import agents, media
from tests.files import PNG, upload
from tests.house import OTHER_NUMBER, THIS_IS_ANA, FakeChannel, Stage, add_account, eventually
from tests.runtime.media_stage import Fetching


class WhatsAppLike(FakeChannel):
    """Renders as WhatsApp does."""

    def render(self, utterance: Utterance, new_token: Callable[[], str]) -> list[Rendered]:
        return whatsapp_render.render(utterance, new_token)

    async def send(self, outgoing: Outgoing) -> str | None:
        return None if "status" in outgoing.body else await super().send(outgoing)


@pytest.fixture
def sending(stage: Stage, tmp_path: Path) -> Fetching:
    """A stage whose channel takes files."""
    stage.channel = WhatsAppLike()
    stage.__post_init__()
    made = Fetching(stage, MediaFolder(tmp_path / "media", max_mb=100))
    ways = {"whatsapp": WayOut(channel=stage.channel, files=made.files)}
    uploading = Uploading(stage.db, ways, made.reach, made.folder, stage.clock)
    channels: dict[str, Any] = {"whatsapp": stage.channel}
    stage.delivery = Delivery(
        stage.db, stage.vault, channels, stage.wake, stage.clock, stage.settings, stage.holder, uploading
    )
    return made


async def uploaded(sending: Fetching, content: bytes = PNG, *, name: str = "cardápio.png") -> int:
    file = await sending.stage.db.write(upload, sending.folder, sending.stage.account.id, content, name=name)
    return file.id


async def test_a_reply_with_a_file_is_one_message_with_the_channels_id(sending: Fetching) -> None:
    # given
    stage = sending.stage
    conversation_id, file_id = await stage.hears(), await uploaded(sending)
    # when
    done = await stage.ownership.reply(conversation_id, "O cardápio", by="ana", media=[file_id])
    async with stage.delivering():
        await eventually(lambda: stage.channel.sent, "the send")
    # then
    (outgoing,) = stage.channel.sent
    assert outgoing.body["image"] == {"id": "att.1", "caption": THIS_IS_ANA + "O cardápio"}
    (file,) = await stage.db.read(media.of_message, done.message_ids[0])
    assert (file.id, file.name) == (file_id, "cardápio.png")
    (told,) = sending.files.uploaded
    assert (told.kind, told.type, told.path.read_bytes()) == ("image", "image/png", PNG)


async def test_the_same_content_is_uploaded_once(sending: Fetching) -> None:
    stage = sending.stage
    conversation_id = await stage.hears()
    for _ in range(2):
        await stage.ownership.reply(conversation_id, "", by="ana", media=[await uploaded(sending)])
    async with stage.delivering():
        await eventually(lambda: len(stage.channel.sent) == 2, "both")
    assert len(sending.files.uploaded) == 1
    assert {outgoing.body["image"]["id"] for outgoing in stage.channel.sent} == {"att.1"}


async def test_an_upload_that_fails_is_tried_again_before_anything_is_sent(sending: Fetching) -> None:
    stage = sending.stage
    sending.files.fails.append(SendError("busy", retryable=True))
    conversation_id = await stage.hears()
    await stage.ownership.reply(conversation_id, "", by="ana", media=[await uploaded(sending)])
    async with stage.delivering():
        await eventually(lambda: len(sending.files.uploaded) == 1, "the first try")
        assert stage.channel.sent == []

        async def sent_later() -> bool:
            stage.clock.wind(1)
            return bool(stage.channel.sent)

        await eventually(sent_later, "the second try")
    assert stage.channel.sent[0].body["image"]["id"] == "att.2"


async def test_a_file_that_was_removed_is_not_sent_and_shown_so(sending: Fetching) -> None:
    stage = sending.stage
    conversation_id, file_id = await stage.hears(), await uploaded(sending)
    done = await stage.ownership.reply(conversation_id, "", by="ana", media=[file_id])
    await stage.db.write(media.remove_of_message, done.message_ids[0], stage.clock.now())

    async def status() -> MessageStatus:
        (message,) = [each for each in await stage.messages(conversation_id) if each.author is Author.OPERATOR]
        return message.status

    async with stage.delivering():
        await eventually(lambda: _is(status, MessageStatus.FAILED), "the refusal")
    assert stage.channel.sent == [] and sending.files.uploaded == []


async def _is(read: Callable[[], Any], wanted: Any) -> bool:
    return bool(await read() is wanted)


async def test_only_what_was_uploaded_for_this_account_is_sent(sending: Fetching) -> None:
    stage = sending.stage
    conversation_id = await stage.hears()

    def another(tx: Any) -> int:
        account = add_account(tx, stage.vault, agents.get(tx, stage.agent.id), OTHER_NUMBER)
        return upload(tx, sending.folder, account.id, PNG).id

    for file_id in (await stage.db.write(another), 999):
        with pytest.raises(NotFound):
            await stage.ownership.reply(conversation_id, "oi", by="ana", media=[file_id])
    assert (await stage.conversation(conversation_id)).owner is None, "nothing was taken, either"


async def test_a_reply_needs_a_text_or_a_file(sending: Fetching) -> None:
    conversation_id = await sending.stage.hears()
    with pytest.raises(BadInput):
        await sending.stage.ownership.reply(conversation_id, " ", by="ana")
    with pytest.raises(BadInput):
        await sending.stage.ownership.reply(conversation_id, "oi", by="ana", media=list(range(11)))


async def test_messengers_shape_is_resolved_as_well(sending: Fetching) -> None:
    stage, file_id = sending.stage, await uploaded(sending)
    uploading = Uploading(
        stage.db, {"whatsapp": WayOut(channel=stage.channel, files=sending.files)}, sending.reach, sending.folder,
        stage.clock,
    )  # fmt: skip
    body = {"message": {"attachment": {"type": "file", "payload": {"media": file_id}}}}
    assert await uploading.ready(stage.account.id, body) == {
        "message": {"attachment": {"type": "file", "payload": {"attachment_id": "att.1"}}}
    }
    assert sending.files.uploaded[0].kind == "document"
    assert media_of(body) == file_id, "what is queued stays as it is"


@pytest.mark.parametrize(
    "body",
    [{}, {"type": "text", "text": {"body": "1"}}, {"message": {"text": "x"}}, {"type": "image", "image": {"id": "1"}}],
)
def test_a_request_without_a_file_of_ours_names_none(body: dict[str, Any]) -> None:
    assert media_of(body) is None


def test_whatsapp_takes_as_a_document_what_is_no_picture_to_it() -> None:
    def kind(type: str, size: int, of: str) -> str:
        payload = {"media": 7, "type": type, "size": size, "name": "a"}
        (rendered,) = whatsapp_render.render(Utterance(attachment={"type": of, "payload": payload}), lambda: "t")
        return rendered.kind

    assert kind("image/png", 10, "image") == "image"
    assert kind("image/png", 6 * 1024 * 1024, "image") == "document"
    assert kind("image/webp", 10, "image") == "document"
    assert kind("audio/ogg; codecs=opus", 10, "audio") == "audio"
    assert kind("audio/ogg", 10, "audio") == "document"
    assert kind("video/quicktime", 10, "video") == "document"
    assert kind("application/pdf", 10, "document") == "document"


async def test_what_the_channel_could_not_use_is_uploaded_anew_before_it_goes_out_once_more(sending: Fetching) -> None:
    # given
    stage = sending.stage
    conversation_id, file_id = await stage.hears(), await uploaded(sending)
    stage.channel.answers.append(SendError("no (131053)", error_code=131053, course=Course.ONCE_MORE))
    # when
    await stage.ownership.reply(conversation_id, "O cardápio", by="ana", media=[file_id])
    async with stage.delivering():
        await eventually(lambda: len(stage.channel.started) == 1, "the first try")

        async def tried() -> bool:
            (row,) = await stage.outbox()
            return bool(row.state == "queued" and row.error)

        await eventually(tried)
        stage.clock.wind(2)
        await eventually(lambda: stage.channel.sent, "the second try")
    # then
    assert [outgoing.body["image"]["id"] for outgoing in stage.channel.started] == ["att.1", "att.2"]
