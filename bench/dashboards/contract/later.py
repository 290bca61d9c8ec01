"""What is not served yet: listed, and refused with 501 in words that a page can show"""

from __future__ import annotations

from collections.abc import Iterator

from bench.dashboards.rows import Row

_501 = (501,)
_PREFIXES = ("/messenger", "/messaging/messenger")
_BROADCAST = {
    "account": "{account}",
    "name": "News",
    "content": "Hello",
    "message_type": "text",
    "target_audience": "all",
}
_SPONSORED = {
    "account": "{account}",
    "name": "Ad",
    "content": "Hello",
    "cta_type": "shop",
    "budget": 1,
    "targeting": {},
}


def _messengers() -> Iterator[Row]:
    for prefix in _PREFIXES:
        for name, body, verbs in (
            ("broadcasts", _BROADCAST, ("POST schedule", "POST cancel", "POST send", "GET stats")),
            ("sponsored", _SPONSORED, ("POST publish", "POST pause")),
        ):
            at = f"{prefix}/{name}/"
            asks = [f"GET {at}", f"GET {at}1/", f"DELETE {at}1/"]
            for verb in verbs:
                method, _, word = verb.partition(" ")
                asks.append(f"{method} {at}1/{word}/")
            yield from (Row(ask=ask, mark="501", on="messenger", status=_501) for ask in asks)
            yield Row(ask=f"POST {at}", mark="501", on="messenger", body=body, status=_501)
            yield Row(ask=f"PATCH {at}1/", mark="501", on="messenger", body=body, status=_501)


ROWS = (
    Row(ask="GET /whatsapp/accounts/{account}/qr/", mark="501", status=_501),
    Row(
        ask="POST /whatsapp/accounts/embedded_signup/",
        mark="501",
        body={"code": "abc", "waba_id": "1", "phone_number_id": "1"},
        status=_501,
        one_word=True,
    ),
    Row(
        ask="POST /whatsapp/messages/send_catalog_menu/",
        mark="501",
        body={"account_id": "{account}", "to": "{peer}"},
        status=_501,
    ),
    *_messengers(),
)
