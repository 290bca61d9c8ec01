"""What files the networks take: kinds, types and sizes, and whether the bytes are what they are said to be."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.graph_errors import GraphError

KB, MB = 1024, 1024 * 1024
BIGGEST = 100 * MB

# [WA docs: supported media types]
_WHATSAPP = {
    "image": ({"image/jpeg", "image/png"}, 5 * MB),
    "video": ({"video/mp4", "video/3gpp"}, 16 * MB),
    "audio": ({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg; codecs=opus"}, 16 * MB),
    "sticker": ({"image/webp"}, 500 * KB),
}
_STILL_STICKER = 100 * KB
# [IG docs: send messages]; Messenger names sizes only [MSG docs: saving assets].
_INSTAGRAM = {
    "image": {"image/png", "image/jpeg", "image/gif"},
    "audio": {"audio/aac", "audio/mp4", "audio/x-m4a", "audio/m4a", "audio/wav", "audio/x-wav", "audio/wave"},
    "video": {"video/mp4", "video/ogg", "video/x-msvideo", "video/avi", "video/quicktime", "video/webm"},
    "file": {"application/pdf"},
}
_ATTACHMENT = 25 * MB
_IMAGE = 8 * MB
ATTACHMENT_KINDS = ("image", "audio", "video", "file")

_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"PK\x03\x04", "application/zip"),
)
_SNIFFED = {kind for _, kind in _STARTS} | {"image/webp", "audio/wav"}


@dataclass(frozen=True, kw_only=True)
class Given:
    """A file as it was handed in."""

    type: str
    content: bytes

    @property
    def plain_type(self) -> str:
        return self.type.partition(";")[0].strip().lower()


def sniffed(content: bytes) -> str | None:
    """The type that the first bytes tell; None where they tell none that is known here."""
    if content[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(content[8:12])
    return next((kind for start, kind in _STARTS if content.startswith(start)), None)


def check_whatsapp(given: Given) -> None:
    """Type, size, and that the bytes match the type; else 131053 [WA docs: media]."""
    kind = next((kind for kind, (types, _) in _WHATSAPP.items() if _named_so(given, types)), None)
    if kind is None and given.plain_type.split("/")[0] in ("image", "video", "audio"):
        raise GraphError(131053, f"Files of type {given.type} are not supported.")
    limit = _WHATSAPP[kind][1] if kind else BIGGEST
    if kind == "sticker" and b"ANMF" not in given.content:
        limit = _STILL_STICKER
    if len(given.content) > limit:
        raise GraphError(131053, f"The file may have at most {limit} bytes, not {len(given.content)}.")
    if not _is_what_it_says(given):
        raise GraphError(131053, f"The file is not of type {given.type}.")


def check_attachment(network: str, kind: str, given: Given, *, by_url: bool = False) -> None:
    """[MSG docs: saving assets; IG docs: send messages] Too big is 2018109, otherwise useless 2018047."""
    limit = _IMAGE if kind == "image" and (by_url or network == "instagram") else _ATTACHMENT
    if len(given.content) > limit:
        raise GraphError(100, f"The file may have at most {limit} bytes, not {len(given.content)}.", subcode=2018109)
    if network == "instagram" and given.plain_type not in _INSTAGRAM[kind]:
        raise GraphError(100, f"{given.type} is not supported as {kind}.", subcode=2018047)
    if kind != "file" and given.plain_type.split("/")[0] != kind:
        raise GraphError(100, f"{given.type} is not a type of {kind}.", subcode=2018047)
    if not _is_what_it_says(given):
        raise GraphError(100, f"The file is not of type {given.type}.", subcode=2018047)


def _named_so(given: Given, types: set[str]) -> bool:
    """Ogg is taken with its codec only: the plain name is refused."""
    exact = given.type.replace(" ", "").lower()
    return any(exact == known.replace(" ", "") or (";" not in known and given.plain_type == known) for known in types)


def _is_what_it_says(given: Given) -> bool:
    real = sniffed(given.content)
    said = {"audio/x-wav": "audio/wav", "audio/wave": "audio/wav"}.get(given.plain_type, given.plain_type)
    if said in _SNIFFED:
        return real == said
    # An office document is a zip; what nobody knows by its bytes is believed.
    return real is None or real == "application/zip" or said == "application/octet-stream"
