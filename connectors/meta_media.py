"""Pictures and files of an utterance, in Messenger's and Instagram's requests."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from connectors.meta_files import META_KIND
from connectors.meta_network import Limits
from connectors.reading import obj
from connectors.text import is_link
from runtime.channel import Rendered, Utterance

#: As trainers name them, in our words.
_KIND = {"image": "image", "video": "video", "audio": "audio", "file": "document", "document": "document"}


@dataclass(frozen=True, kw_only=True)
class _Medium:
    """`payload`: an address Meta fetches, Meta's id of a file, or `media`: ours of one that is uploaded first."""

    kind: str
    payload: dict[str, Any]

    @property
    def body(self) -> dict[str, Any]:
        return {"type": META_KIND[self.kind], "payload": self.payload}

    @property
    def joins(self) -> bool:
        return self.kind == "image" and "media" not in self.payload


def media(utterance: Utterance, limits: Limits) -> list[Rendered]:
    """In order; pictures that follow each other go together where the channel takes several in one message."""
    rendered: list[Rendered] = []
    for together, run in itertools.groupby(_found(utterance), key=lambda medium: medium.joins):
        of_run = list(run)
        size = limits.images if together else 1
        rendered += [_rendered(of_run[start : start + size]) for start in range(0, len(of_run), size)]
    return rendered


def image(link: str) -> Rendered:
    return _rendered([_Medium(kind="image", payload={"url": link})])


def uploaded(kind: str, attachment_id: Any) -> Rendered:
    return _rendered([_Medium(kind=kind, payload={"attachment_id": attachment_id})])


def _rendered(group: list[_Medium]) -> Rendered:
    bodies = [medium.body for medium in group]
    message = {"attachment": bodies[0]} if len(bodies) == 1 else {"attachments": bodies}
    return Rendered(kind=group[0].kind, text=None, body={"message": message})


def _found(utterance: Utterance) -> Iterator[_Medium]:
    if is_link(utterance.image):
        yield _Medium(kind="image", payload={"url": utterance.image})
    for attachment in attachments(utterance):
        if isinstance(attachment, dict) and attachment.get("type") != "template":
            yield from _medium(_KIND.get(str(attachment.get("type")), "document"), attachment)
        elif is_link(attachment):
            yield _Medium(kind="document", payload={"url": attachment})


def attachments(utterance: Utterance) -> Iterable[Any]:
    return utterance.attachment if isinstance(utterance.attachment, list) else [utterance.attachment]


def _medium(kind: str, attachment: dict[str, Any]) -> Iterator[_Medium]:
    payload = obj(attachment.get("payload")) or attachment
    link = payload.get("url") or payload.get("src") or payload.get("link")
    for name in ("media", "attachment_id"):
        if payload.get(name):
            yield _Medium(kind=kind, payload={name: payload[name]})
            return
    if is_link(link):
        yield _Medium(kind=kind, payload={"url": link})
