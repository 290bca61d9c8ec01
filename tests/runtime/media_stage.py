"""Files on a stage: a channel that has some and takes some, and the fetcher beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conversation.arrivals import Attachment
from conversation.errors import SendError
from runtime.abilities import FileSource, Reach, StoredFile
from runtime.channel import WayOut
from runtime.media import MediaFetcher
from runtime.media_files import MediaFolder
from store import accounts, conversations, media, tables
from store.media import File
from tests.files import ScriptedFetcher
from tests.house import Stage


@dataclass
class FakeFiles:
    """Satisfies `runtime.abilities.Files`: an id has an address of its own each time it is asked for."""

    asked: list[str] = field(default_factory=list)
    uploaded: list[StoredFile] = field(default_factory=list)
    fails: list[SendError] = field(default_factory=list)

    async def source(self, reach: Reach, attachment: Attachment) -> FileSource:
        self.asked.append(attachment.id or "")
        if self.fails:
            raise self.fails.pop(0)
        return FileSource(url=attachment.url or f"https://cdn.example/{attachment.id}/{len(self.asked)}")

    async def upload(self, reach: Reach, file: StoredFile) -> str:
        self.uploaded.append(file)
        if self.fails:
            raise self.fails.pop(0)
        return f"att.{len(self.uploaded)}"


@dataclass
class Fetching:
    """The fetcher on a stage."""

    stage: Stage
    folder: MediaFolder
    files: FakeFiles = field(default_factory=FakeFiles)
    net: ScriptedFetcher = field(default_factory=ScriptedFetcher)

    def __post_init__(self) -> None:
        stage, ways = self.stage, {"whatsapp": WayOut(channel=self.stage.channel, files=self.files)}
        self.fetcher = MediaFetcher(
            stage.db, stage.vault, ways, self.reach, self.net, self.folder, stage.wake, stage.clock
        )

    async def reach(self, account_id: str) -> Reach:
        account = await self.stage.db.read(accounts.get, account_id)
        return Reach(account=account, node=account.provider_id, base_url="http://127.0.0.1:5006", token="tok")

    async def sent(self, *attachments: Attachment) -> int:
        """A message of the customer's with files; its number."""
        await self.stage.hears(None, kind="image")
        message = (await self.stage.messages(await self.conversation_id()))[-1]
        await self.stage.db.write(
            media.want,
            self.stage.vault,
            self.stage.account.id,
            attachments,
            message_id=message.id,
            now=self.stage.clock.now(),
        )
        return message.id

    async def conversation_id(self) -> Any:
        return (await self.stage.db.read(conversations.listed))[0].conversation.id

    async def look(self, after_s: float = 0) -> None:
        self.stage.clock.wind(after_s)
        await self.fetcher.look()
        await self.fetcher.settled()

    async def file(self, message_id: int) -> File:
        (found,) = await self.stage.db.read(media.of_message, message_id)
        return found

    async def told(self) -> list[dict[str, Any]]:
        return [row.facts for row in await self.stage.rows(tables.notices) if row.kind == "media"]
