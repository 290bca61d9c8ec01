"""Files by Graph API: WhatsApp's media, and the reusable attachments of the other two."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from emulator import file_kinds, files, multipart
from emulator.assets import Assets
from emulator.fields import Json
from emulator.file_kinds import ATTACHMENT_KINDS, Given
from emulator.files import Files
from emulator.graph_errors import GraphError
from emulator.graph_path import GraphRequest
from emulator.messaging_checks import object_in, one_of, web_address_in
from emulator.nodes import MESSAGING, Nodes, need_token
from emulator.people import Account


class MediaPath:
    """`GET` and `DELETE /{media id}` [WA docs: media]. The address that is answered needs the token as well."""

    name = "media"

    def __init__(self, files: Files) -> None:
        self._files = files

    def answer(self, request: GraphRequest) -> Json | None:
        if request.account is not None or len(request.path) != 1 or request.method not in ("GET", "DELETE"):
            return None
        file = self._files.get(request.path[0])
        if file is None:
            return None
        need_token(request)
        asker = request.query.get("phone_number_id")
        if asker and file.account and file.account != asker:
            raise GraphError(100, "This file is not this number's.", subcode=33)
        if request.method == "DELETE":
            self._files.remove(file.id)
            return {"success": True}
        return {
            "messaging_product": "whatsapp",
            "url": self._files.private_url(file, request.origin),
            "mime_type": file.type,
            "sha256": file.sha256,
            "file_size": len(file.content),
            "id": file.id,
        }


class UploadPath:
    """`POST /{number}/media` and `POST /{Page or Instagram account}/message_attachments`."""

    name = "upload"

    def __init__(self, files: Files, assets: Assets, nodes: Nodes) -> None:
        self._files = files
        self._assets = assets
        self._nodes = nodes

    def answer(self, request: GraphRequest) -> Json | None:
        if request.method != "POST" or len(request.path) != 2:
            return None
        if request.path[1] == "media":
            account = self._nodes.one(request, "whatsapp")
            return self._media(request, account) if account else None
        if request.path[1] == "message_attachments":
            return self._attachment(request)
        return None

    def _media(self, request: GraphRequest, account: Account) -> Json:
        """A form with `messaging_product` and `file` [WA docs: media]."""
        form = multipart.read(request.raw, request.content_type)
        if form.fields.get("messaging_product") != "whatsapp":
            raise GraphError(100, "The parameter messaging_product is required and must be whatsapp.")
        upload = form.files.get("file")
        if upload is None:
            raise GraphError(100, "The parameter file is required.")
        kind = form.fields.get("type") or upload.type
        file_kinds.check_whatsapp(Given(type=kind, content=upload.content))
        return {"id": self._files.add(name=upload.name, type=kind, content=upload.content, account=account.id).id}

    def _attachment(self, request: GraphRequest) -> Json | None:
        """A form with `message` and `filedata`, or JSON with an address [MSG docs: saving assets].

        `platform` tells which of a Page's two networks it is for."""
        form = multipart.read(request.raw, request.content_type) if "multipart" in request.content_type else None
        given_fields = form.fields if form is not None else request.body if isinstance(request.body, dict) else {}
        network = request.query.get("platform") or given_fields.get("platform")
        account = self._nodes.one(request, *([str(network)] if network in MESSAGING else MESSAGING))
        if account is None:
            return None
        attachment = object_in(_message(request, form), "attachment", "message")
        kind = one_of(attachment, "type", "message.attachment", ATTACHMENT_KINDS)
        payload = object_in(attachment, "payload", "message.attachment")
        if form is None:
            given, name = self._by_address(web_address_in(payload, "url", "message.attachment.payload"), kind, account)
        else:
            upload = form.files.get("filedata")
            if upload is None:
                raise GraphError(100, "The parameter filedata is required.")
            given, name = Given(type=upload.type, content=upload.content), upload.name
            file_kinds.check_attachment(account.channel, kind, given)
        file = self._files.add(name=name, type=given.type, content=given.content, account=account.id)
        self._assets.attachments[file.id] = {
            "type": kind,
            "url": self._files.open_url(file, request.origin),
            "account": account.id,
        }
        return {"attachment_id": file.id}

    def _by_address(self, url: str, kind: str, account: Account) -> tuple[Given, str]:
        """Only what is served here is looked at: the emulator fetches nothing."""
        parts = urlsplit(url)
        name = parts.path.rpartition("/")[2]
        if not parts.path.startswith(f"{files.FOLDER}/"):
            return Given(type="application/octet-stream", content=b""), name
        file = self._files.get(files.id_in(name))
        if file is None:
            raise GraphError(100, "The file cannot be fetched from this address.", subcode=2018008)
        given = Given(type=file.type, content=file.content)
        file_kinds.check_attachment(account.channel, kind, given, by_url=True)
        return given, file.name


def _message(request: GraphRequest, form: multipart.Form | None) -> Json:
    body = request.body
    if form is not None:
        try:
            body = {"message": json.loads(form.fields.get("message", ""))}
        except ValueError:
            raise GraphError(100, "The parameter message must be JSON.") from None
    if not isinstance(body, dict):
        raise GraphError(100, "The body must be a JSON object.")
    return object_in(body, "message", "the request")
