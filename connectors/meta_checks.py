"""What Meta says of a Page or an Instagram account: known by this token, told of to us.

[MSG docs: webhooks; IG docs: webhooks; Graph docs: permissions]
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from connectors.app_checks import AppChecks, refused
from connectors.graph import GraphClient
from connectors.meta_subscription import MetaSubscription
from connectors.reading import ident
from conversation.account import Channel
from conversation.channel_settings import Login
from conversation.checks import Callback, Place, Step, Verdict, failed, ok, skipped
from conversation.errors import SendError
from conversation.platform_facts import PlatformFacts
from conversation.said import say
from runtime.abilities import Reach

_SCOPES = {
    Channel.MESSENGER: ("pages_messaging", "pages_manage_metadata"),
    Channel.INSTAGRAM: ("instagram_basic", "instagram_manage_messages", "pages_manage_metadata"),
}
_NEEDED = ("messages", "messaging_postbacks")
_WISHED = {
    Channel.MESSENGER: ("message_echoes", "message_deliveries", "message_reads", "messaging_handovers", "standby"),
    Channel.INSTAGRAM: ("messaging_seen", "message_reactions"),
}


class MetaChecks:
    def __init__(self, graph: GraphClient) -> None:
        self._graph, self._app, self._subscription = graph, AppChecks(graph), MetaSubscription(graph)

    async def walk(self, reach: Reach, callback: Callback, now: datetime) -> tuple[list[Step], PlatformFacts]:
        steps = await (self._by_itself(reach) if _is_by_itself(reach) else self._through_facebook(reach, callback))
        if all(step.verdict is not Verdict.FAILED for step in steps if step.place in (Place.TOKEN, Place.PERMISSIONS)):
            number = await self._account(reach)
            steps.insert(_before_callback(steps), number)
            steps.append(await self._told_of(reach))
        steps.append(skipped(Place.HEALTH, say("Meta tells this of WhatsApp alone.")))
        return steps, PlatformFacts()

    async def _through_facebook(self, reach: Reach, callback: Callback) -> list[Step]:
        channel = reach.account.channel
        token, told = await self._app.token(reach)
        if told is None or token.verdict is Verdict.FAILED:
            after = (Place.PERMISSIONS, Place.SECRET, Place.NUMBER, Place.CALLBACK, Place.SUBSCRIPTION)
            return [token, *(skipped(place, say("The token comes first.")) for place in after)]
        app_id = reach.account.channel_settings.app_id or told.app_id
        permissions = self._app.permissions(told, _SCOPES[channel], None)
        secret, app_token = await self._app.secret(reach, app_id, callback.secrets)
        if app_token is None:
            calls = skipped(Place.CALLBACK, say("Only with the app's secret does Meta tell where the app calls."))
        else:
            calls = await self._app.callback(reach, app_token, callback, _NEEDED, _WISHED[channel])
        return [token, permissions, secret, calls]

    async def _by_itself(self, reach: Reach) -> list[Step]:
        """Instagram's own sign-in has a token of its own, of which Meta tells no more than whose it is."""
        why = say("Meta tells this only where people sign in with Facebook.")
        return [skipped(place, why) for place in (Place.TOKEN, Place.PERMISSIONS, Place.SECRET, Place.CALLBACK)]

    async def _account(self, reach: Reach) -> Step:
        path, fields = ("me", "user_id,username") if _is_by_itself(reach) else (reach.account.provider_id, "id")
        try:
            answer = await self._graph.get(
                quote(path, safe=""), {"fields": fields}, base_url=reach.base_url, token=reach.token
            )
        except SendError as error:
            return refused(Place.NUMBER, error)
        found = ident(answer.get("user_id" if _is_by_itself(reach) else "id"))
        if found != reach.account.provider_id:
            return failed(
                Place.NUMBER,
                say("Meta knows this token's account as {id}.", id=found or "?"),
                say("Give that id: `./baton account set ID --also-known-as ANOTHER_ID`."),
            )
        return ok(Place.NUMBER, say("Meta knows the account by this token."))

    async def _told_of(self, reach: Reach) -> Step:
        try:
            is_on = await self._subscription.is_on(reach)
        except SendError as error:
            return refused(Place.SUBSCRIPTION, error)
        if not is_on:
            return failed(
                Place.SUBSCRIPTION,
                say("The account tells the app nothing."),
                say("Subscribe it: `./baton account subscribe ID`."),
            )
        return ok(Place.SUBSCRIPTION, say("The account tells our app."))


def _is_by_itself(reach: Reach) -> bool:
    return reach.account.channel_settings.login is Login.INSTAGRAM


def _before_callback(steps: list[Step]) -> int:
    return next((n for n, step in enumerate(steps) if step.place is Place.CALLBACK), len(steps))
