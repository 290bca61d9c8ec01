"""What Meta approved beforehand, as it stands in our table: whether it may be sent, and the words it then says."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.engine import Connection

from conversation import template
from conversation.account import Account
from conversation.outbound import Special
from conversation.template import Template
from runtime.channel import Rendered
from store import templates

#: Of one that Meta's last list no longer had.
_GONE = "DELETED"


def check(tx: Connection, special: Special | None, account: Account) -> None:
    """What Meta would refuse is refused here, in words. Of a template that is not known here, only Meta knows."""
    if not isinstance(special, Template):
        return
    known = _known(tx, account, special.name, special.language)
    if known is not None:
        template.approved(special, _status(known), known.components)


def told(tx: Connection, account: Account, rendered: Rendered) -> Rendered:
    """With the template's own words; as not to be sent where Meta has paused it, or never approved it."""
    if rendered.kind != "template" or rendered.unfit is not None:
        return rendered
    sent = rendered.body.get("template") or (rendered.body.get("message") or {}).get("template") or {}
    code = (sent.get("language") or {}).get("code")
    known = _known(tx, account, str(sent.get("name")), str(code))
    if known is None:
        return rendered
    status = _status(known)
    body = dict(rendered.body)
    if "template" in body:
        body["template"] = sent = template.with_names(sent, known.components)
    return replace(
        rendered,
        body=body,
        text=template.words(sent, known.components),
        content=rendered.content or sent,
        unfit=None if status == "APPROVED" else f"template {status}",
    )


def _known(tx: Connection, account: Account, name: str, language: str) -> templates.Template | None:
    business_id = account.channel_settings.waba_id
    return None if business_id is None else templates.get(tx, business_id, name, language)


def _status(known: templates.Template) -> str:
    return _GONE if known.missing_since is not None else known.status.upper()
