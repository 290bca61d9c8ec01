"""What a file is, by how it begins; and the folder that files are kept in."""

from __future__ import annotations

import stat
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from runtime import media_types
from runtime.media_files import MediaFolder
from tests.files import PAGE, PNG, written

_OOXML = "application/vnd.openxmlformats-officedocument."


def zipped(*names: str, first: bytes = b"x") -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, first)
    return packed.getvalue()


def ogg(codec: bytes) -> bytes:
    return b"OggS\x00\x02" + bytes(20) + b"\x01\x13" + codec + bytes(40)


@pytest.mark.parametrize(
    ("content", "type"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "image/jpeg"),
        (PNG, "image/png"),
        (b"GIF89a\x01\x00\x01\x00", "image/gif"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isom", "video/mp4"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isom", "video/mp4"),
        (b"\x00\x00\x00\x18ftyp3gp4\x00\x00\x00\x00", "video/3gpp"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00", "video/quicktime"),
        (b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00", "audio/mp4"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "image/heic"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "video/webm"),
        (ogg(b"OpusHead"), "audio/ogg; codecs=opus"),
        (ogg(b"\x01vorbis"), "audio/ogg"),
        (b"ID3\x04\x00\x00", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"#!AMR\n<", "audio/amr"),
        (b"%PDF-1.7\n", "application/pdf"),
        (zipped("a.txt"), "application/zip"),
        (zipped("[Content_Types].xml", "word/document.xml"), _OOXML + "wordprocessingml.document"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), _OOXML + "spreadsheetml.sheet"),
        (
            zipped("mimetype", first=b"application/vnd.oasis.opendocument.text"),
            "application/vnd.oasis.opendocument.text",
        ),
        ("Olá, tudo bem?\n".encode(), "text/plain"),
        (("a" * 15 + "ã").encode()[:16], "text/plain"),
        (PAGE, "text/plain"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "text/plain"),
        (b"MZ\x90\x00\x03\x00", "application/octet-stream"),
        (b"\x7fELF\x02", "application/octet-stream"),
        (b"\xff\xff\xff\xff", "application/octet-stream"),
        (b"\xfe\xfe\xe1\xe2 not text", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
    ids=lambda each: each if isinstance(each, str) else f"{len(each)} bytes",  # zipped, they hold the time
)
def test_the_type_is_told_by_the_content(content: bytes, type: str) -> None:
    assert media_types.of_content(content) == type


def test_nothing_that_could_be_a_page_is_shown_as_it_is() -> None:
    for type in media_types.SHOWN:
        assert type.split("/")[0] in ("image", "video", "audio") or type == "application/pdf"
        assert "svg" not in type and "xml" not in type


def test_a_file_is_kept_once_and_is_ours_alone(tmp_path: Path) -> None:
    folder = MediaFolder(tmp_path / "media", max_mb=1)
    one, again = written(folder, PNG), written(folder, PNG)
    path = folder.path_of(one.sha256)
    assert one.sha256 == again.sha256 and path.read_bytes() == PNG
    assert (path.parent.name, stat.S_IMODE(path.stat().st_mode)) == (one.sha256[:2], 0o600)
    assert stat.S_IMODE((tmp_path / "media").stat().st_mode) == 0o700
    assert [each for each in (tmp_path / "media").rglob("*") if each.is_file()] == [path], "no draft is left"
    folder.forget(one.sha256)
    folder.forget(one.sha256)
    assert not path.exists()


def test_a_draft_that_is_not_kept_is_gone(tmp_path: Path) -> None:
    folder = MediaFolder(tmp_path / "media", max_mb=1)
    with folder.draft() as draft:
        draft.write(b"half")
    assert not [each for each in tmp_path.rglob("*") if each.is_file()]
