"""What Meta says of a WhatsApp number: there, registered, its name taken, told of to us, and not held back.

[WA docs: phone numbers; webhooks: override; messaging health status]
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors.app_checks import AppChecks, asking_by, refused
from connectors.graph import GraphClient
from connectors.graph_errors import Fault, GraphRefusal
from connectors.reading import ident, items, obj, text
from conversation.checks import Callback, Place, Step, Verdict, failed, ok, skipped
from conversation.errors import SendError
from conversation.platform_facts import PlatformFacts
from conversation.said import say
from runtime.abilities import Reach

_SCOPES = ("whatsapp_business_messaging", "whatsapp_business_management")
_NEEDED = ("messages",)
_WISHED = ("account_update", "phone_number_quality_update", "message_template_status_update", "smb_message_echoes")
#: Known for long; the others may be missing from one version or another, and are asked for apart.
_FIELDS = "id,display_phone_number,verified_name,quality_rating,platform_type,name_status,status"
_MORE = "throughput,is_on_biz_app,whatsapp_business_manager_messaging_limit"
_HELD = frozenset({"BANNED", "RESTRICTED", "DELETED", "DISCONNECTED", "OFFLINE"})
#: What stands behind Meta's numbers in the health of an account, as far as we know them.
_PAYMENT = 141006


class WhatsAppChecks:
    def __init__(self, graph: GraphClient) -> None:
        self._graph, self._app = graph, AppChecks(graph)

    async def walk(self, reach: Reach, callback: Callback, now: datetime) -> tuple[list[Step], PlatformFacts]:
        token, told = await self._app.token(reach)
        if told is None or token.verdict is Verdict.FAILED:
            after = (Place.PERMISSIONS, Place.SECRET, Place.NUMBER, Place.CALLBACK, Place.SUBSCRIPTION, Place.HEALTH)
            return [token, *(skipped(place, say("The token comes first.")) for place in after)], PlatformFacts()
        settings = reach.account.channel_settings
        app_id = settings.app_id or told.app_id
        permissions = self._app.permissions(told, _SCOPES, settings.waba_id)
        secret, app_token = await self._app.secret(reach, app_id, callback.secrets)
        reach = asking_by(reach, secret)
        if permissions.verdict is Verdict.FAILED:
            number, meta = skipped(Place.NUMBER, say("The permissions come first.")), PlatformFacts()
        else:
            number, meta = await self._number(reach, now)
        if app_token is None:
            calls = skipped(Place.CALLBACK, say("Only with the app's secret does Meta tell where the app calls."))
        else:
            calls = await self._app.callback(reach, app_token, callback, _NEEDED, _WISHED)
        if permissions.verdict is Verdict.FAILED:
            rest = [skipped(each, say("The permissions come first.")) for each in (Place.SUBSCRIPTION, Place.HEALTH)]
        else:
            rest = [await self._subscription(reach, app_id, callback), await self._health(reach)]
        return [token, permissions, secret, number, calls, *rest], meta

    async def _number(self, reach: Reach, now: datetime) -> tuple[Step, PlatformFacts]:
        try:
            found = await self._get(reach, _node(reach), _FIELDS)
        except SendError as error:
            return _unknown_number(reach, error), PlatformFacts()
        more: Mapping[str, Any] = {}
        try:
            more = await self._get(reach, _node(reach), _MORE)
        except GraphRefusal:
            pass  # what it does not tell is not needed
        except SendError as error:
            return refused(Place.NUMBER, error), PlatformFacts()
        meta = _facts(found, more, now)
        return await self._standing(reach, found, meta), meta

    async def _standing(self, reach: Reach, found: Mapping[str, Any], meta: PlatformFacts) -> Step:
        business_id = reach.account.channel_settings.waba_id
        if business_id is not None:
            step = await self._belongs(reach, business_id)
            if step is not None:
                return step
        if meta.number_status in _HELD:
            return failed(
                Place.NUMBER,
                say("Meta holds the number back: {status}.", status=meta.number_status),
                say("WhatsApp Manager, Account tools, Phone numbers says why, and takes an appeal."),
            )
        if text(found.get("platform_type")) == "NOT_APPLICABLE" or meta.number_status in ("PENDING", "UNVERIFIED"):
            return failed(
                Place.NUMBER,
                say("The number is not registered with the Cloud API."),
                say("Register it with a PIN of six digits: `./baton account register ID --pin -`."),
            )
        if meta.name_status in ("DECLINED", "EXPIRED"):
            return failed(
                Place.NUMBER,
                say("Meta has declined the number's name ({status}).", status=meta.name_status),
                say("WhatsApp Manager, Phone numbers, the number: give another display name."),
            )
        pending = say("Its name still waits for review: until then sends may be refused (131037).")
        shown = say("{number} is there and registered.", number=meta.display_phone_number or reach.account.provider_id)
        return ok(Place.NUMBER, shown, pending if meta.name_status == "PENDING_REVIEW" else None)

    async def _belongs(self, reach: Reach, business_id: str) -> Step | None:
        """None: the number is of this business account."""
        path = f"{quote(business_id, safe='')}/phone_numbers"
        try:
            answer = await self._graph.get(
                path, {"fields": "id", "limit": "200"}, base_url=reach.base_url, token=reach.token
            )
        except SendError as error:
            return refused(Place.NUMBER, error)
        if reach.account.provider_id in {ident(obj(each).get("id")) for each in items(answer.get("data"))}:
            return None
        return failed(
            Place.NUMBER,
            say("The number is not of the business account {business}.", business=business_id),
            say("Take the two ids from one page, API setup in the app: `./baton account set ID --waba-id WABA_ID`."),
        )

    async def _subscription(self, reach: Reach, app_id: str | None, callback: Callback) -> Step:
        business_id = reach.account.channel_settings.waba_id
        if business_id is None:
            why = say("The business account's id is not known: `./baton account set ID --waba-id WABA_ID`.")
            return skipped(Place.SUBSCRIPTION, why)
        try:
            answer = await self._graph.get(
                f"{quote(business_id, safe='')}/subscribed_apps", {}, base_url=reach.base_url, token=reach.token
            )
        except SendError as error:
            return refused(Place.SUBSCRIPTION, error)
        apps = {
            ident(obj(a.get("whatsapp_business_api_data")).get("id")): a for a in map(obj, items(answer.get("data")))
        }
        ours = apps.get(app_id) if app_id is not None else next(iter(apps.values()), None)
        if ours is None:
            return failed(
                Place.SUBSCRIPTION,
                say("The business account tells the app nothing."),
                say("Subscribe it: `./baton account subscribe ID`."),
            )
        elsewhere = await self._overridden(reach, text(ours.get("override_callback_uri")), callback)
        if elsewhere is not None:
            return failed(
                Place.SUBSCRIPTION,
                say("An override sends its webhooks to {url} instead.", url=elsewhere),
                say("Take the override out, or have it set to {url}.", url=callback.url),
            )
        others = say("Other apps are told too: only one of them may answer.") if len(apps) > 1 else None
        return ok(Place.SUBSCRIPTION, say("The business account tells our app."), others)

    async def _overridden(self, reach: Reach, of_business: str | None, callback: Callback) -> str | None:
        """Of the number first, then of the business account [WA docs: override]. None: to us."""
        try:
            found = obj((await self._get(reach, _node(reach), "webhook_configuration")).get("webhook_configuration"))
        except SendError:
            found = {}
        url = text(found.get("phone_number")) or of_business
        return url if url and url.rstrip("/") != callback.url else None

    async def _health(self, reach: Reach) -> Step:
        try:
            answer = await self._get(reach, _node(reach), "health_status")
        except SendError:
            return _by_what_is_known(reach, skipped(Place.HEALTH, say("Meta does not tell now.")))
        health = obj(answer.get("health_status"))
        entities = [obj(each) for each in items(health.get("entities"))]
        blocked = [each for each in entities if text(each.get("can_send_message")) == "BLOCKED"]
        if blocked:
            return _blocked(blocked[0])
        if text(health.get("can_send_message")) == "LIMITED":
            told = say("Little may be sent yet: finish the business's verification, and have the name approved.")
            return _by_what_is_known(reach, ok(Place.HEALTH, say("Meta lets it send, within limits."), told))
        return _by_what_is_known(reach, ok(Place.HEALTH, say("Meta names nothing that stands in the way.")))

    async def _get(self, reach: Reach, path: str, fields: str) -> dict[str, Any]:
        return await self._graph.get(path, {"fields": fields}, base_url=reach.base_url, token=reach.token)


def _node(reach: Reach) -> str:
    return quote(reach.account.provider_id, safe="")


def _unknown_number(reach: Reach, error: SendError) -> Step:
    gone = isinstance(error, GraphRefusal) and error.fault in (Fault.REQUEST, Fault.NUMBER, Fault.PERMISSION)
    if not gone:
        return refused(Place.NUMBER, error)
    return failed(
        Place.NUMBER,
        say("With this token Meta knows no number {id}.", id=reach.account.provider_id),
        say(
            "The id is the phone number id of API setup, not the number itself; and the system user needs the WhatsApp"
            " account among its assets."
        ),
    )


def _blocked(entity: Mapping[str, Any]) -> Step:
    codes = [obj(error).get("error_code") for error in items(entity.get("errors"))]
    kind = text(entity.get("entity_type")) or "?"
    if _PAYMENT in codes:
        return failed(
            Place.HEALTH,
            say("The business account has no valid way to pay."),
            say("WhatsApp Manager, Billing: add a card, and make it that of this account."),
        )
    facts = {"kind": kind, "codes": ", ".join(str(code) for code in codes if isinstance(code, int)) or "-"}
    found = say("Meta blocks the {kind} (error {codes}).", **facts)
    cure = {
        "APP": say("Publish the app (Live), with its privacy policy, and finish what its dashboard asks for."),
        "BUSINESS": say("Business settings, Security centre: finish the verification, or appeal the restriction."),
        "WABA": say("WhatsApp Manager, Account quality says why, and takes an appeal."),
    }.get(kind, say("WhatsApp Manager, Account tools, Phone numbers says why, and takes an appeal."))
    return failed(Place.HEALTH, found, cure)


def _by_what_is_known(reach: Reach, otherwise: Step) -> Step:
    """What webhooks and sends have told before: Meta's own health does not hold all of it."""
    meta, fault = reach.account.meta, reach.account.fault
    if meta.restriction:
        return failed(
            Place.HEALTH,
            say("Meta restricts the account: {what}.", what=meta.restriction),
            say("WhatsApp Manager, Account quality says why, and takes an appeal."),
        )
    if fault:
        return failed(
            Place.HEALTH,
            say("The last send failed for the whole account: {why}", why=fault),
            say("Mend that, then give the token again: `./baton account set ID --token -`; what waits then leaves."),
        )
    return otherwise


def _facts(found: Mapping[str, Any], more: Mapping[str, Any], now: datetime) -> PlatformFacts:
    tier = text(more.get("whatsapp_business_manager_messaging_limit")) or ""
    size = tier.removeprefix("TIER_").replace("K", "000")
    on_phone = more.get("is_on_biz_app")
    return PlatformFacts(
        quality=text(found.get("quality_rating")),
        messaging_limit=int(size) if size.isdecimal() and len(size) < 10 else None,
        unlimited=True if tier == "TIER_UNLIMITED" else None,
        throughput=text(obj(more.get("throughput")).get("level")),
        display_phone_number=text(found.get("display_phone_number")),
        verified_name=text(found.get("verified_name")),
        name_status=text(found.get("name_status")),
        number_status=text(found.get("status")),
        on_phone_app=on_phone if isinstance(on_phone, bool) else None,
        told_at=now,
    )
