"""How an account stands with Meta beside its messages: registered, named, allowed, paid for; and what was taken away.

Everything is well until a script or a request says otherwise. [WA docs: phone numbers; registration; messaging health
status; Graph docs: debug_token]
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from emulator.fields import Fields, Json
from emulator.people import Account

SCOPES = {
    "whatsapp": ("whatsapp_business_messaging", "whatsapp_business_management"),
    "messenger": ("pages_messaging", "pages_manage_metadata", "pages_show_list", "pages_read_engagement"),
    "instagram": ("instagram_basic", "instagram_manage_messages", "pages_manage_metadata", "pages_show_list"),
}
TOPICS = {"whatsapp": "whatsapp_business_account", "messenger": "page", "instagram": "instagram"}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """`callback_url`: None is where webhooks go; empty is nowhere. `blocked`: by whom Meta's health is, with a code."""

    registered: bool = True
    status: str = "CONNECTED"
    name_status: str = "APPROVED"
    quality: str = "GREEN"
    limit: str = "TIER_250"
    on_phone_app: bool = False
    missing_scopes: tuple[str, ...] = ()
    token_expired: bool = False
    token_ends_at: int = 0  # 0: never
    business_id: str = ""  # whose the number really is, where it is not of the account's own
    callback_url: str | None = None
    missing_fields: tuple[str, ...] = ()
    override_url: str = ""  # of the business account
    number_override_url: str = ""
    blocked: str = ""  # APP, BUSINESS, WABA, PHONE_NUMBER
    blocked_code: int = 0
    only_to: tuple[str, ...] | None = None  # a test number's recipients; None: anybody

    def shown(self) -> Json:
        return dataclasses.asdict(self)


class Standings:
    """By account; one that nothing was said of stands well."""

    def __init__(self) -> None:
        self._known: dict[str, Standing] = {}

    def of(self, account: Account) -> Standing:
        return self._known.get(account.id, Standing())

    def change(self, account: Account, **changes: object) -> Standing:
        made = dataclasses.replace(self.of(account), **changes)  # type: ignore[arg-type]
        self._known[account.id] = made
        return made

    def told(self, account: Account, raw: Json) -> Standing:
        """What a script says; what it does not name stays. `{}` alone with `"well": true` is all as it was."""
        fields = Fields(raw)
        if fields.flag("well", False):
            self._known.pop(account.id, None)
        old = self.of(account)
        callback = fields.any("callback_url")
        only_to = fields.any("only_to")
        made = Standing(
            registered=fields.flag("registered", old.registered),
            status=fields.text("status", old.status),
            name_status=fields.text("name_status", old.name_status),
            quality=fields.text("quality", old.quality),
            limit=fields.text("limit", old.limit),
            on_phone_app=fields.flag("on_phone_app", old.on_phone_app),
            missing_scopes=_names(fields, "missing_scopes", old.missing_scopes),
            token_expired=fields.flag("token_expired", old.token_expired),
            token_ends_at=fields.whole("token_ends_at", old.token_ends_at, high=10**11),
            business_id=fields.text("business_id", old.business_id),
            callback_url=old.callback_url if callback is None else str(callback),
            missing_fields=_names(fields, "missing_fields", old.missing_fields),
            override_url=fields.text("override_url", old.override_url),
            number_override_url=fields.text("number_override_url", old.number_override_url),
            blocked=fields.text("blocked", old.blocked),
            blocked_code=fields.whole("blocked_code", old.blocked_code),
            only_to=old.only_to if only_to is None else tuple(str(each) for each in fields.objects("only_to")),
        )
        fields.finish()
        self._known[account.id] = made
        return made

    def clear(self) -> None:
        self._known.clear()


def _names(fields: Fields, key: str, old: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(each) for each in fields.objects(key)) if fields.has(key) else old
