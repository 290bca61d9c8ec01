"""What a file is, told by how it begins. What others say it is counts for nothing: it decides how it may be shown."""

from __future__ import annotations

from collections.abc import Callable

UNKNOWN = "application/octet-stream"
OPUS = "audio/ogg; codecs=opus"

#: What a browser may show as it is: no text among them, which could be a page.
SHOWN = frozenset(
    {
        *("image/jpeg", "image/png", "image/gif", "image/webp"),
        *("video/mp4", "video/3gpp", "video/quicktime", "video/webm", "video/ogg"),
        *("audio/mpeg", "audio/mp4", "audio/aac", "audio/amr", "audio/wav", "audio/ogg", OPUS),
        "application/pdf",
    }
)

_ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/avif": "avif",
    "video/mp4": "mp4",
    "video/3gpp": "3gp",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/ogg": "ogv",
    "video/x-msvideo": "avi",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/amr": "amr",
    "audio/wav": "wav",
    "audio/ogg": "ogg",
    OPUS: "ogg",
    "audio/flac": "flac",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/x-ole-storage": "doc",
    "text/plain": "txt",
}


def of_content(head: bytes) -> str:
    """The type of a file that begins so; `UNKNOWN` where it is none of those we know."""
    for signature, told in _SIGNATURES:
        if head.startswith(signature):
            found = told if isinstance(told, str) else told(head)
            if found:
                return found
    if head[4:8] == b"ftyp":
        return _brand(head)
    return "text/plain" if _is_text(head) else UNKNOWN


def kind_of(type: str) -> str:
    """How it is sent: image, video, audio, document."""
    first = type.partition("/")[0]
    return first if first in ("image", "video", "audio") else "document"


def ending_of(type: str) -> str | None:
    """What the name of such a file ends in."""
    return _ENDINGS.get(type)


def _riff(head: bytes) -> str | None:
    return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(head[8:12])


def _ogg(head: bytes) -> str:
    if b"OpusHead" in head[:512]:
        return OPUS
    return "video/ogg" if b"\x80theora" in head[:512] else "audio/ogg"


def _matroska(head: bytes) -> str | None:
    return "video/webm" if b"webm" in head[:128] else None


def _zip(head: bytes) -> str:
    """Office's files are zips, known by what is in them; an OpenDocument's first member says what it is."""
    if head[30:38] == b"mimetype":
        named = head[38:120].split(b"PK", 1)[0].decode("ascii", "replace")
        if named in _ENDINGS:
            return named
    if b"[Content_Types].xml" in head or b"_rels/.rels" in head:
        for folder, told in ((b"word/", "wordprocessingml.document"), (b"xl/", "spreadsheetml.sheet"),
                             (b"ppt/", "presentationml.presentation")):  # fmt: skip
            if folder in head:
                return f"application/vnd.openxmlformats-officedocument.{told}"
    return "application/zip"


def _mpeg_audio(head: bytes) -> str | None:
    """A frame's header: eleven bits set, and then what version and layer it is of. AAC has layer 0."""
    if len(head) < 3 or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    if layer == 0:
        return "audio/aac" if head[1] & 0xF0 == 0xF0 else None
    plain = version != 1 and head[2] >> 4 not in (0, 15) and head[2] >> 2 & 3 != 3
    return "audio/mpeg" if plain else None


def _brand(head: bytes) -> str:
    """ISO media: the brand says what it is."""
    brand = head[8:12]
    if brand[:3] in (b"3gp", b"3g2"):
        return "video/3gpp"
    if brand in (b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis"):
        return "image/heic"
    return {b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"qt  ": "video/quicktime", b"avif": "image/avif"}.get(
        brand, "video/mp4"
    )


def _is_text(head: bytes) -> bool:
    if not head or b"\x00" in head:
        return False
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # else a character is cut off at the end
            return False
        text = head[: error.start].decode("utf-8")
    return all(sign.isprintable() or sign.isspace() or sign == "\ufeff" for sign in text)


_SIGNATURES: tuple[tuple[bytes, str | Callable[[bytes], str | None]], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"RIFF", _riff),
    (b"%PDF-", "application/pdf"),
    (b"OggS", _ogg),
    (b"\x1aE\xdf\xa3", _matroska),
    (b"ID3", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"fLaC", "audio/flac"),
    (b"PK\x03\x04", _zip),
    (b"PK\x05\x06", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\xff", _mpeg_audio),
)
