"""What a customer finds in an empty chat: get started, ice breakers, the menu [MSG docs: messenger profile]."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.fields import Json
from emulator.graph_errors import GraphError
from emulator.graph_path import GraphRequest
from emulator.messaging_checks import list_in, object_in, text_in
from emulator.nodes import MESSAGING, Nodes

_ICE_BREAKERS, _QUESTION, _PAYLOAD = 4, 80, 1000
_WHERE = "the request"
_GREETING, _BUTTONS, _TITLE, _LOCALES = 160, 20, 30, 100
_INSTAGRAM = frozenset({"ice_breakers", "persistent_menu"})


class Menus:
    """What each account has set."""

    def __init__(self) -> None:
        self._set: dict[str, Json] = {}

    def of(self, account: str) -> Json:
        return self._set.setdefault(account, {})

    def clear(self) -> None:
        self._set.clear()


class MenuPath:
    """`GET`, `POST` and `DELETE /{account}/messenger_profile`, for Instagram with `platform=instagram`."""

    name = "menu"

    def __init__(self, menus: Menus, nodes: Nodes) -> None:
        self._menus = menus
        self._nodes = nodes

    def answer(self, request: GraphRequest) -> Json | None:
        if request.path[1:] != ["messenger_profile"] or request.method not in ("GET", "POST", "DELETE"):
            return None
        body: Json = request.body if isinstance(request.body, dict) else {}
        platform = request.query.get("platform") or body.pop("platform", "")
        account = self._nodes.one(request, *((platform,) if platform in MESSAGING else MESSAGING))
        if account is None:
            return None
        menu = self._menus.of(account.id)
        if request.method == "GET":
            found = {name: menu[name] for name in _names(request.query.get("fields", "")) if name in menu}
            return {"data": [found] if found else []}
        if request.method == "DELETE":
            _delete(menu, _names(body.get("fields") or request.query.get("fields", "")))
        else:
            _change(menu, body, account.channel)
        return {"result": "success"}


def _names(given: Any) -> list[str]:
    names = given.strip("[]").replace('"', "").split(",") if isinstance(given, str) else given
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        raise GraphError(100, "The parameter fields is required.")
    unknown = [name.strip() for name in names if name.strip() not in _CHECKS]
    if unknown:
        raise GraphError(100, f"fields: {', '.join(unknown)} is not known. One of: {', '.join(_CHECKS)}.")
    return [name.strip() for name in names]


def _change(menu: Json, body: Json, channel: str) -> None:
    known = _INSTAGRAM if channel == "instagram" else _CHECKS.keys()
    unknown = sorted(set(body) - set(known))
    if unknown or not body:
        raise GraphError(100, f"{', '.join(unknown) or 'Nothing'} cannot be set here. One of: {', '.join(known)}.")
    for name in body:
        _CHECKS[name](body)
    new = {**menu, **body}
    if channel == "messenger" and "persistent_menu" in new and "get_started" not in new:
        raise GraphError(100, "A persistent menu needs get_started.")
    menu.update(body)


def _delete(menu: Json, names: list[str]) -> None:
    if "get_started" in names and "persistent_menu" in menu and "persistent_menu" not in names:
        raise GraphError(100, "get_started cannot go while there is a persistent menu.")
    for name in names:
        menu.pop(name, None)


def _get_started(body: Json) -> None:
    text_in(object_in(body, "get_started", _WHERE), "payload", "get_started", _PAYLOAD)


def _greeting(body: Json) -> None:
    texts = list_in(body, "greeting", _WHERE, 1, _LOCALES)
    _has_default(texts, "greeting")
    for n, one in enumerate(texts):
        text_in(one, "text", f"greeting[{n}]", _GREETING)


def _ice_breakers(body: Json) -> None:
    """For each locale up to four questions; a plain list of questions is one locale's."""
    given = list_in(body, "ice_breakers", _WHERE, 1, _LOCALES)
    if any("question" in one for one in given):
        _questions(body, "ice_breakers", _WHERE)
        return
    _has_default(given, "ice_breakers")
    for n, one in enumerate(given):
        _questions(one, "call_to_actions", f"ice_breakers[{n}]")


def _questions(parent: Json, key: str, where: str) -> None:
    for n, one in enumerate(list_in(parent, key, where, 1, _ICE_BREAKERS)):
        text_in(one, "question", f"{key}[{n}]", _QUESTION)
        text_in(one, "payload", f"{key}[{n}]", _PAYLOAD)


def _persistent_menu(body: Json) -> None:
    menus = list_in(body, "persistent_menu", _WHERE, 1, _LOCALES)
    _has_default(menus, "persistent_menu")
    for m, one in enumerate(menus):
        for n, button in enumerate(list_in(one, "call_to_actions", f"persistent_menu[{m}]", 1, _BUTTONS)):
            where = f"persistent_menu[{m}].call_to_actions[{n}]"
            text_in(button, "title", where, _TITLE)
            kind = text_in(button, "type", where, 16)
            if kind not in ("postback", "web_url"):
                raise GraphError(100, f"{where}.type must be postback or web_url: menus have one level.")
            text_in(button, "payload" if kind == "postback" else "url", where, _PAYLOAD)


def _has_default(given: list[Json], what: str) -> None:
    if not any(one.get("locale") == "default" for one in given):
        raise GraphError(100, f"{what} needs one for the locale default.")


def _taken_as_it_is(body: Json) -> None:
    """Commands, domains, the linking address: shown back, not used here."""


_CHECKS: dict[str, Callable[[Json], None]] = {
    "get_started": _get_started,
    "greeting": _greeting,
    "ice_breakers": _ice_breakers,
    "persistent_menu": _persistent_menu,
    "commands": _taken_as_it_is,
    "whitelisted_domains": _taken_as_it_is,
    "account_linking_url": _taken_as_it_is,
}
