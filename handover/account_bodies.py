"""What the body of a request about an account may hold. A token or a secret is written here, and never answered."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from conversation.account import Channel, WhilePending
from conversation.credentials import SHORTEST
from handover.bodies import OtherId

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Secret = Annotated[str, msgspec.Meta(min_length=SHORTEST, max_length=2000)]
#: Refused where somebody else has changed it since.
Version = Annotated[int, msgspec.Meta(ge=1)]


class NewAccountBody(msgspec.Struct):
    """`provider_id`: as it stands in webhooks. `token`: without one it is the emulator's, for life. `secrets`: its
    app's, two while one is replaced. `agent`: a name or an id; the first there is where none is named."""

    channel: Channel
    provider_id: OtherId
    name: Name | None = None
    agent: str | None = None
    token: Secret | None = None
    secrets: Annotated[list[Secret], msgspec.Meta(max_length=4)] = []
    channel_settings: dict[str, Any] = {}
    also_known_as: list[OtherId] = []


class AccountBody(msgspec.Struct):
    """What is not given stays. `agent`: a name or an id. `also_known_as`: all other ids under which webhooks speak of
    it. `version`: the one that was read; refused where somebody else has changed it since."""

    name: Name | None = None
    agent: str | None = None
    active: bool | None = None
    auto_response: bool | None = None
    while_pending: WhilePending | None = None
    max_bot_messages_per_hour: Annotated[int, msgspec.Meta(ge=0, le=100_000)] | None = None
    resend_unknown: bool | None = None
    shop: dict[str, Any] | None = None
    also_known_as: list[OtherId] | None = None
    version: Version | None = None


class CredentialsBody(msgspec.Struct):
    """What is not given stays. `secrets`: all of them."""

    token: Secret | None = None
    secrets: Annotated[list[Secret], msgspec.Meta(max_length=4)] | None = None
    version: Version | None = None


class HoursBody(msgspec.Struct):
    """When there are people, by the clock of `time_zone`: {"monday": ["09:00-12:00", "13:30-18:00"]}; null: always.
    `holidays`: "2026-12-25", or every year "12-25"."""

    time_zone: str
    hours: dict[str, list[str]] | None = None
    holidays: Annotated[list[str], msgspec.Meta(max_length=400)] = []
    version: Version | None = None
