"""What WhatsApp lets a business put into a message, and how the phone shows it: (text, what else to draw)."""

from __future__ import annotations

from collections.abc import Callable

from emulator.fields import Json
from emulator.graph_errors import GraphError, need_list, need_object, need_text, optional_text, unique

# [WA docs: messages, interactive reply buttons, interactive lists]
TEXT_LIMIT = 4096
BUTTONS, BUTTON_TITLE, BUTTON_ID, BUTTON_BODY = 3, 20, 256, 1024
LIST_BUTTON, LIST_BODY, SECTIONS, ROWS = 20, 4096, 10, 10
SECTION_TITLE, ROW_ID, ROW_TITLE, ROW_DESCRIPTION = 24, 200, 24, 72
HEADER, FOOTER, CAPTION = 60, 60, 1024
MEDIA_KINDS = ("image", "video", "audio", "document", "sticker")


def _text(o: Json) -> tuple[str, Json]:
    return need_text(o, "body", "text", TEXT_LIMIT, code=100), {}


def _reaction(o: Json) -> tuple[str, Json]:
    """An empty emoji takes the reaction back [WA docs: reaction messages]."""
    emoji = o.get("emoji", "")
    if not isinstance(emoji, str) or len(emoji) > 32:
        raise GraphError(131009, "reaction.emoji must be one emoji, or empty.")
    return emoji, {"message_id": need_text(o, "message_id", "reaction", 512)}


def _media(kind: str) -> Callable[[Json], tuple[str, Json]]:
    def check(o: Json) -> tuple[str, Json]:
        """By `id` or by `link`, not both [WA docs: media messages]."""
        if bool(o.get("id")) == bool(o.get("link")):
            raise GraphError(131009 if o.get("id") else 131008, f"{kind} needs either id or link.")
        link = optional_text(o, "link", kind, 2048)
        if link and not link.startswith(("https://", "http://")):
            raise GraphError(131009, f"{kind}.link must be a web address.")
        if not link:
            need_text(o, "id", kind, 512)
        return optional_text(o, "caption", kind, CAPTION), {
            "link": link,
            "filename": optional_text(o, "filename", kind, 240),
        }

    return check


def _card(name: str, *keys: str) -> Callable[[Json], tuple[str, Json]]:
    """Kinds that are only shown as a card: their required keys are checked, no more."""

    def check(o: Json) -> tuple[str, Json]:
        for key in keys:
            if o.get(key) in (None, ""):
                raise GraphError(131008, f"{name}.{key} is required.")
        return str(o.get("name") or o.get("address") or ""), {}

    return check


def _contacts(o: Json) -> tuple[str, Json]:
    """[WA docs: contacts messages]"""
    names = [
        need_text(need_object(c, "name", "contacts"), "formatted_name", "contacts.name", 512) for c in o["contacts"]
    ]
    return ", ".join(names), {}


def _interactive(o: Json) -> tuple[str, Json]:
    kind = need_text(o, "type", "interactive", 64)
    if kind not in _INTERACTIVE:
        raise GraphError(131009, f"interactive.type {kind!r} is not known.")
    limit = LIST_BODY if kind == "list" else BUTTON_BODY
    text = need_text(need_object(o, "body", "interactive"), "text", "interactive.body", limit)
    view: Json = {"interactive": kind}
    if o.get("footer") is not None:
        view["footer"] = need_text(need_object(o, "footer", "interactive"), "text", "interactive.footer", FOOTER)
    if o.get("header") is not None:
        view["header"] = _header(need_object(o, "header", "interactive"), only_text=kind == "list")
    action = need_object(o, "action", "interactive")
    return text, {**view, **_INTERACTIVE[kind](action)}


def _header(header: Json, *, only_text: bool) -> str:
    kind = need_text(header, "type", "interactive.header", 16)
    if kind == "text":
        return need_text(header, "text", "interactive.header", HEADER)
    if only_text or kind not in ("image", "video", "document"):
        raise GraphError(131009, f"interactive.header.type {kind!r} is not allowed here.")
    need_object(header, kind, "interactive.header")
    return f"[{kind}]"


def _buttons(action: Json) -> Json:
    """[WA docs: interactive reply buttons]"""
    where = "interactive.action.buttons"
    buttons = []
    for n, button in enumerate(need_list(action, "buttons", "interactive.action", 1, BUTTONS)):
        if button.get("type") != "reply":
            raise GraphError(131009, f"{where}[{n}].type must be reply.")
        reply = need_object(button, "reply", f"{where}[{n}]")
        buttons.append(
            {
                "id": need_text(reply, "id", f"{where}[{n}].reply", BUTTON_ID),
                "title": need_text(reply, "title", f"{where}[{n}].reply", BUTTON_TITLE),
            }
        )
    unique([b["id"] for b in buttons], f"{where} ids")
    unique([b["title"] for b in buttons], f"{where} titles")
    return {"buttons": buttons, "choices": [b["id"] for b in buttons]}


def _list(action: Json) -> Json:
    """[WA docs: interactive lists] With several sections each needs a title."""
    where = "interactive.action.sections"
    sections: list[Json] = []
    given = need_list(action, "sections", "interactive.action", 1, SECTIONS)
    for n, section in enumerate(given):
        title_of = need_text if len(given) > 1 else optional_text
        title = title_of(section, "title", f"{where}[{n}]", SECTION_TITLE)
        rows = [
            {
                "id": need_text(row, "id", f"{where}[{n}].rows[{r}]", ROW_ID),
                "title": need_text(row, "title", f"{where}[{n}].rows[{r}]", ROW_TITLE),
                "description": optional_text(row, "description", f"{where}[{n}].rows[{r}]", ROW_DESCRIPTION),
            }
            for r, row in enumerate(need_list(section, "rows", f"{where}[{n}]", 1, ROWS))
        ]
        sections.append({"title": title, "rows": rows})
    ids = [row["id"] for section in sections for row in section["rows"]]
    if len(ids) > ROWS:
        raise GraphError(131009, f"{where} may have {ROWS} rows in all, not {len(ids)}.")
    unique(ids, f"{where} row ids")
    button = need_text(action, "button", "interactive.action", LIST_BUTTON)
    return {"list": {"button": button, "sections": sections}, "choices": ids}


def _no_choices(action: Json) -> Json:
    parameters = action.get("parameters")
    link = parameters.get("url") if isinstance(parameters, dict) else None
    return {"link": link if isinstance(link, str) and link.startswith(("https://", "http://")) else ""}


_INTERACTIVE: dict[str, Callable[[Json], Json]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": _no_choices,
    "flow": _no_choices,
    "location_request_message": _no_choices,
    "request_contact_info": _no_choices,
}
CHECKS: dict[str, Callable[[Json], tuple[str, Json]]] = {
    "text": _text,
    "interactive": _interactive,
    "reaction": _reaction,
    "contacts": _contacts,
    "location": _card("location", "latitude", "longitude"),
    "template": _card("template", "name", "language"),
    **{kind: _media(kind) for kind in MEDIA_KINDS},
}
