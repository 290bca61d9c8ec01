"""Files that went through here: what customers send, what the business uploads; and their addresses, which expire."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import mimetypes
import random
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from emulator.clock import clock
from emulator.fields import Fields, Json
from emulator.file_kinds import BIGGEST
from emulator.people import Customer
from emulator.pictures import is_made_up, picture
from emulator.settings import Settings

FOLDER = "/emulator/media"
_KEPT = 512 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class File:
    """One file. `type` is what is said of it, whatever the bytes are; the rest is how it is served."""

    id: str
    name: str
    type: str
    content: bytes = dataclasses.field(repr=False)
    account: str | None = None  # whose upload it is
    redirect_to: str = ""
    slow_ms: int = 0  # between each two bytes
    endless: bool = False

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def sha256_base64(self) -> str:
        """As webhooks have it [WA docs: messages webhook reference]."""
        return base64.b64encode(hashlib.sha256(self.content).digest()).decode()


class Files:
    """Keeps them while there is room; the oldest go first."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._files: OrderedDict[str, File] = OrderedDict()
        self._bytes = 0

    def add(self, *, name: str, type: str, content: bytes, account: str | None = None) -> File:
        return self._keep(File(id=_new_id(), name=name, type=type, content=content, account=account))

    def add_by_script(self, raw: Json) -> File:
        return self._keep(_by_script(Fields(raw)))

    def get(self, file_id: str) -> File | None:
        """Portraits, and customers' pictures for which nobody gave a file, are made when they are asked for."""
        if is_made_up(file_id):
            return _made_up(file_id)
        return self._files.get(file_id)

    def remove(self, file_id: str) -> None:
        file = self._files.pop(file_id, None)
        self._bytes -= len(file.content) if file else 0

    def all(self) -> list[File]:
        return list(self._files.values())

    def clear(self) -> None:
        self._files.clear()
        self._bytes = 0

    def open_url(self, file: File, origin: str) -> str:
        """As a content network's: whoever has the address has the file, for a while."""
        return f"{origin}{FOLDER}/{_name(file)}?ext={_in_ms(self._settings().cdn_url_ms)}"

    def private_url(self, file: File, origin: str) -> str:
        """As WhatsApp's: with a token only, for five minutes [WA docs: media]."""
        return f"{origin}{FOLDER}/{_name(file)}?ext={_in_ms(self._settings().media_url_ms)}&private=1"

    def _keep(self, file: File) -> File:
        self._files[file.id] = file
        self._bytes += len(file.content)
        while self._bytes > _KEPT:
            self.remove(next(iter(self._files)))
        return file


def id_in(name: str) -> str:
    """Of the last part of an address."""
    return name.partition(".")[0]


def portrait_of(customer: Customer) -> File:
    """Somebody's profile picture."""
    return _made_up(id_in(customer.picture))


def shown(file: File) -> Json:
    return {
        "id": file.id,
        "name": file.name,
        "mime_type": file.type,
        "file_size": len(file.content),
        "sha256": file.sha256,
        "sha256_base64": file.sha256_base64,
        "account": file.account,
    }


def is_past(stamp: str) -> bool:
    return not stamp.isdigit() or int(stamp) <= clock.now_ms()


def _by_script(fields: Fields) -> File:
    """`base64`, or `size` bytes made up by a seed, or a picture."""
    name, kind = fields.text("name", "file.png"), fields.text("type", "")
    kind = kind or mimetypes.guess_type(name)[0] or "application/octet-stream"
    declared = fields.text("declared_type", kind)
    given, size = fields.text("base64", ""), fields.whole("size", 0, high=2 * BIGGEST)
    redirect_to, slow_ms = fields.text("redirect_to", ""), fields.whole("slow_ms", 0)
    endless = fields.flag("endless", False)
    content = b""
    try:
        content = base64.b64decode(given, validate=True)
    except ValueError:
        fields.fault("base64", "must be base64")
    fields.finish()
    if not given:
        content = random.Random(size).randbytes(size) if size else picture(name)
    return File(
        id=_new_id(),
        name=name,
        type=declared,
        content=content,
        redirect_to=redirect_to,
        slow_ms=slow_ms,
        endless=endless,
    )


def _made_up(file_id: str) -> File:
    return File(id=file_id, name=f"{file_id}.png", type="image/png", content=picture(file_id))


def _name(file: File) -> str:
    ending = PurePosixPath(file.name).suffix
    return f"{file.id}{ending if ending[1:].isalnum() and ending.isascii() else ''}"


def _in_ms(ms: int) -> int:
    return clock.now_ms() + ms


def _new_id() -> str:
    """Never one of those that are made up."""
    return f"1{secrets.randbelow(10**15):015}"
