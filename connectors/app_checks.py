"""What Meta says of our app and its token: whether it is good, what it may do, whose secret, and where it calls us.

[Graph docs: debug_token; Graph docs: app subscriptions]
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

from connectors.graph import GraphClient
from connectors.graph_errors import Fault, GraphRefusal
from connectors.reading import ident, items, obj
from conversation.checks import Callback, Place, Step, Verdict, failed, ok, skipped
from conversation.errors import SendError
from conversation.said import say
from runtime.abilities import Reach


@dataclass(frozen=True, kw_only=True)
class Told:
    """Of a token. `app_id`: whose it is. `granted`: by permission the ids it is for; none: for all."""

    app_id: str | None
    scopes: frozenset[str] = frozenset()
    granted: Mapping[str, Collection[str]] = field(default_factory=dict)


class AppChecks:
    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def token(self, reach: Reach) -> tuple[Step, Told | None]:
        """None: it is good for nothing, so what needs it can't be asked."""
        token = str(reach.token or "")
        try:
            answer = await self._told_of(reach, token)
        except SendError as error:
            return refused(Place.TOKEN, error), None
        data, ours = obj(answer.get("data")), reach.account.channel_settings.app_id
        told = Told(app_id=ident(data.get("app_id")), scopes=_words(data.get("scopes")), granted=_granted(data))
        ends = _instant(data.get("expires_at"))
        if data.get("is_valid") is False:
            return failed(Place.TOKEN, say("The access token is no longer good."), _new_token()), None
        if ours is not None and told.app_id not in (None, ours):
            return (
                failed(
                    Place.TOKEN,
                    say("The token is of app {found}, the account says {ours}.", found=told.app_id, ours=ours),
                    say("Give the token of that app, or mend it: `./baton account set ID --app-id APP_ID`."),
                ),
                told,
            )
        if ends is not None:
            told_until = say("Meta takes the token; it ends on {day}.", day=ends.date().isoformat())
            return ok(Place.TOKEN, told_until, _new_token()), told
        return ok(Place.TOKEN, say("Meta takes the token, and it has no end.")), told

    async def _told_of(self, reach: Reach, token: str) -> dict[str, Any]:
        """Without a proof first: whether our secret is right is asked later. An app may take nothing without one."""
        try:
            return await self._get(reach, "debug_token", {"input_token": token}, token=token)
        except GraphRefusal as refusal:
            if refusal.fault is not Fault.REQUEST:
                raise
        return await self._get(reach, "debug_token", {"input_token": token})

    def permissions(self, told: Told, needed: Sequence[str], asset: str | None) -> Step:
        """`asset`: what each permission has to be for, where Meta says what it is for."""
        if not told.scopes:
            return skipped(Place.PERMISSIONS, say("Meta does not say what the token may do."))
        missing = [scope for scope in needed if scope not in told.scopes]
        if missing:
            return failed(
                Place.PERMISSIONS,
                say("The token lacks {missing}.", missing=", ".join(missing)),
                say("Make the token again with these ticked, then `./baton account set ID --token -`."),
            )
        without = [scope for scope in needed if asset and told.granted.get(scope) and asset not in told.granted[scope]]
        if without:
            return failed(
                Place.PERMISSIONS,
                say("The token is not for {asset}.", asset=asset),
                say("Business settings, System users: add it to the user's assets in full; then make a new token."),
            )
        return ok(Place.PERMISSIONS, say("The token may {scopes}.", scopes=", ".join(needed)))

    async def secret(self, reach: Reach, app_id: str | None, secrets: Sequence[str]) -> tuple[Step, str | None]:
        """Whether one of the secrets is the app's; and the app's own token, if so."""
        if app_id is None:
            return skipped(
                Place.SECRET, say("The app's id is not known: `./baton account set ID --app-id APP_ID`.")
            ), None
        last: SendError | None = None
        for secret in secrets:
            try:
                await self._get(reach, quote(app_id, safe=""), {"fields": "id"}, token=f"{app_id}|{secret}")
            except SendError as error:
                last = error
            else:
                return ok(Place.SECRET, say("The app's secret is the one that is known here.")), f"{app_id}|{secret}"
        if last is not None and not isinstance(last, GraphRefusal):
            return refused(Place.SECRET, last), None
        return (
            failed(
                Place.SECRET,
                say("The app {app} has another secret than the one known here.", app=app_id),
                say("App settings, Basic, App secret: `./baton account set ID --app-secret -`."),
            ),
            None,
        )

    async def callback(
        self, reach: Reach, app_token: str, callback: Callback, needed: Collection[str], wished: Collection[str]
    ) -> Step:
        """What the app is subscribed to, and where it calls."""
        app_id = app_token.partition("|")[0]
        try:
            answer = await self._get(reach, f"{quote(app_id, safe='')}/subscriptions", {}, token=app_token)
        except SendError as error:
            return refused(Place.CALLBACK, error)
        found = next((s for s in map(obj, items(answer.get("data"))) if s.get("object") == callback.topic), None)
        enter = say(
            "In the app, Webhooks, {topic}: enter {url} and the verify token, and save.",
            topic=callback.topic,
            url=callback.url,
        )
        if found is None or found.get("active") is False:
            return failed(Place.CALLBACK, say("The app calls nobody for {topic}.", topic=callback.topic), enter)
        if str(found.get("callback_url") or "").rstrip("/") != callback.url:
            return failed(Place.CALLBACK, say("The app calls {url}.", url=str(found.get("callback_url") or "?")), enter)
        fields = {str(obj(each).get("name") or "") if isinstance(each, dict) else each for each in _list(found)}
        lacking = sorted(set(needed) - fields)
        if lacking:
            return failed(
                Place.CALLBACK,
                say("The app does not tell us of {fields}.", fields=", ".join(lacking)),
                say("In the app, Webhooks, {topic}: subscribe to them.", topic=callback.topic),
            )
        more = sorted(set(wished) - fields)
        advice = say("Subscribe to these too: {fields}.", fields=", ".join(more)) if more else None
        return ok(Place.CALLBACK, say("The app calls our address."), advice)

    async def _get(
        self, reach: Reach, path: str, query: Mapping[str, str], *, token: str | None = None
    ) -> dict[str, Any]:
        return await self._graph.get(path, query, base_url=reach.base_url, token=token or reach.token)


def asking_by(reach: Reach, secret: Step) -> Reach:
    """With a secret that is wrong nothing is proven, and what is left to ask is asked without."""
    return replace(reach, token=str(reach.token)) if secret.verdict is Verdict.FAILED else reach


def refused(place: Place, error: SendError) -> Step:
    """By what Meta says; where it was not reached, by that."""
    if not isinstance(error, GraphRefusal):
        told = say("Let this machine reach graph.facebook.com, port 443, and try again.")
        return failed(place, say("Meta can't be asked: {why}", why=str(error)), told)
    if error.error_code in (190, 102, 0):
        expired = error.subcode in (463, 467)
        found = say("The access token has expired.") if expired else say("Meta does not take the access token.")
        return failed(place, found, _new_token())
    return failed(place, say("Meta refuses: {why}", why=str(error)), say("Look at the token's permissions and assets."))


def _new_token() -> str:
    return say(
        "Make a new token for a system user of the app, one that never ends: `./baton account set ID --token -`."
    )


def _words(value: Any) -> frozenset[str]:
    return frozenset(each for each in items(value) if isinstance(each, str))


def _granted(data: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    return {
        str(each.get("scope")): frozenset(filter(None, (ident(one) for one in items(each.get("target_ids")))))
        for each in map(obj, items(data.get("granular_scopes")))
    }


def _list(subscription: Mapping[str, Any]) -> list[Any]:
    return list(items(subscription.get("fields")))


def _instant(value: Any) -> datetime | None:
    """0 stands for no end."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
        return None
    try:
        return datetime.fromtimestamp(value, timezone.utc)
    except (OverflowError, OSError, ValueError):
        return None
