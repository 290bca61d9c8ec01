"""One item of `messaging[]`, `standby[]` or `changes[]`: what somebody did, as Messenger and Instagram tell it.

[MSG docs: webhook events; IG docs: webhooks]
"""

from __future__ import annotations

from collections.abc import Callable

from emulator.channel import Said, ThreadControl
from emulator.fields import Json
from emulator.people import Account, Customer, scoped_id

#: [MSG docs: message_reactions] What the networks call some emojis; any other is "other".
_SMILES = {
    "😂": "smile",
    "😆": "smile",
    "😠": "angry",
    "😢": "sad",
    "😮": "wow",
    "❤": "love",
    "👍": "like",
    "👎": "dislike",
}


def envelope(account: Account, customer: Customer, at_ms: int) -> Json:
    """From the customer to the account."""
    sender = {"id": scoped_id(account.id, customer.phone)}
    return {"sender": sender, "recipient": {"id": account.id}, "timestamp": at_ms}


def turned(item: Json) -> Json:
    """The other way round, as echoes are."""
    return {**item, "sender": item["recipient"], "recipient": item["sender"]}


def parts(said: Said, reaction_names: Callable[[str], str]) -> Json:
    """What stands beside sender, recipient and timestamp."""
    if said.kind == "reaction":
        return {"reaction": _reaction(said, reaction_names)}
    if said.kind == "postback":
        payload = {"payload": said.choice["id"], **said.raw}
        return {"postback": {"mid": said.id, "title": said.choice["title"], **payload}}
    if said.kind == "edit":
        return {"message_edit": {"mid": said.target, "text": said.text, "num_edit": said.raw.get("num_edit", 1)}}
    if said.kind in _EVENTS:
        return {_EVENTS[said.kind]: said.raw}
    if said.kind == "raw":
        return said.raw
    return {"message": _message(said)}


def echo(message: Json, app_id: str) -> Json:
    """Of what the business wrote; the app is a number there, and may be missing."""
    return {**message, "is_echo": True, **({"app_id": int(app_id)} if app_id else {})}


def smile(emoji: str) -> str:
    return _SMILES.get(emoji.rstrip("\ufe0f"), "other")


def heart(emoji: str) -> str:
    return "love" if smile(emoji) == "love" else "other"


def control(account: Account, said: ThreadControl, inbox: str) -> Json:
    """[MSG docs: conversation routing webhooks]"""
    other, metadata = said.app_id or inbox, {"metadata": said.metadata} if said.metadata else {}
    if said.requested:
        return {"request_thread_control": {"requested_owner_app_id": int(other), **metadata}}
    if said.passed:
        told = {"previous_owner_app_id": int(other), "new_owner_app_id": int(account.app_id)}
        return {"pass_thread_control": {**told, **metadata}}
    told = {"previous_owner_app_id": int(account.app_id), "new_owner_app_id": int(other)}
    return {"take_thread_control": {**told, **metadata}}


def _message(said: Said) -> Json:
    """`message`: text, a quick reply, files, an answer to something, or that it is gone."""
    if said.kind == "unsend":
        return {"mid": said.target, "is_deleted": True}
    if said.kind == "unsupported":
        return {"mid": said.id, "is_unsupported": True}
    text: Json = {"text": said.text} if said.text else {}
    made = {"mid": said.id, **text, **_MORE.get(said.kind, _nothing)(said)}
    if said.reply_to and said.kind not in ("quick_reply", "story_reply"):
        made["reply_to"] = {"mid": said.reply_to}
    return made


def _reaction(said: Said, name: Callable[[str], str]) -> Json:
    """Taken back, it says no more which it was."""
    if not said.text:
        return {"mid": said.target, "action": "unreact"}
    return {"mid": said.target, "action": "react", "reaction": name(said.text), "emoji": said.text}


def _nothing(said: Said) -> Json:
    return {}


def _quick_reply(said: Said) -> Json:
    """[IG docs: webhooks] Seen without a text too."""
    text = {"text": said.choice["title"]} if said.choice["title"] else {}
    return {**text, "quick_reply": {"payload": said.choice["id"]}}


def _attachments(said: Said) -> Json:
    return {"attachments": said.raw["attachments"]}


def _image(said: Said) -> Json:
    return {"attachments": [{"type": "image", "payload": said.raw}]}


def _sticker(said: Said) -> Json:
    """[MSG docs: messages webhook] A type of its own since 2026."""
    payload = {"sticker_id": 369239263222822, **said.raw}
    return {"attachments": [{"type": "sticker", "payload": payload}]}


def _story_reply(said: Said) -> Json:
    return {"reply_to": {"story": {"id": f"story-{said.id[-8:]}", **said.raw}}}


def _story_mention(said: Said) -> Json:
    return {"attachments": [{"type": "story_mention", "payload": said.raw}]}


_EVENTS = {"referral": "referral", "optin": "optin", "linking": "account_linking"}
_MORE: dict[str, Callable[[Said], Json]] = {
    "quick_reply": _quick_reply,
    "attachment": _attachments,
    "image": _image,
    "sticker": _sticker,
    "story_reply": _story_reply,
    "story_mention": _story_mention,
}
