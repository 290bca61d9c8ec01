"""Reads the forms that files are uploaded in (multipart/form-data)."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser

from emulator.graph_errors import GraphError


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One file of a form. `type` is the whole header, with `codecs` and the like."""

    name: str
    type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Form:
    fields: dict[str, str]
    files: dict[str, Upload]


def read(raw: bytes, content_type: str) -> Form:
    """Raises error 100 for what is no form."""
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str) or not boundary:
        raise GraphError(100, "The body must be multipart/form-data.")
    first, *parts = (b"\r\n" + raw).split(b"\r\n--" + boundary.encode())
    if first or not parts or not parts[-1].startswith(b"--"):
        raise GraphError(100, "The form is broken.")
    form = Form(fields={}, files={})
    for part in parts[:-1]:
        _take(part, form)
    return form


def _take(part: bytes, form: Form) -> None:
    head, found, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    headers = BytesHeaderParser().parsebytes(head)
    name = headers.get_param("name", header="Content-Disposition")
    if not found or not isinstance(name, str):
        raise GraphError(100, "A part of the form has no name.")
    file_name = headers.get_filename()
    if file_name is None:
        form.fields[name] = content.decode("utf-8", "replace")
    else:
        kind = headers.get("Content-Type", "application/octet-stream")
        form.files[name] = Upload(name=file_name, type=kind, content=content)
