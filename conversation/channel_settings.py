"""What an account has besides, by the channel it is on: which sign-in, which Page, which app, what it may do."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any

import msgspec

from conversation.errors import BadInput
from conversation.learnt import reader
from conversation.said import say


class Login(str, Enum):
    """Through which of Meta's sign-ins an account came, and so which of its servers it is served by."""

    FACEBOOK = "facebook"  # graph.facebook.com, with a Page's token
    INSTAGRAM = "instagram"  # graph.instagram.com, with an Instagram user's token


Seconds = Annotated[float, msgspec.Meta(ge=0)]
QuietSeconds = Annotated[float, msgspec.Meta(ge=0, le=600)]
PerSecond = Annotated[float, msgspec.Meta(gt=0, le=10_000)]
AtOnce = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]


@dataclass(frozen=True, kw_only=True)
class ChannelSettings:
    """An account's; times in seconds. Stored as JSON, only what differs from the defaults."""

    login: Login = Login.FACEBOOK
    page_id: str | None = None  # of an Instagram account through Facebook: the Page it is linked to
    app_id: str | None = None  # our app's: tells our own echoes from those of others
    username: str | None = None  # of an Instagram account
    waba_id: str | None = None  # of a WhatsApp number: the business account it belongs to, which has its templates
    phone_number: str | None = None  # of a WhatsApp number: how people write it
    human_agent: bool = False  # Meta has granted the app the Human Agent feature
    personas: bool = True  # operators are shown by their name, where the channel can
    profiles: bool = True  # names and pictures are asked for
    fetch_media: bool = True  # files that contacts send are fetched and kept
    stale_after_s: Seconds = 3_600.0  # a message that came to us later than this is a person's to answer; 0: never
    join_within_s: QuietSeconds = 0.0  # messages that follow each other sooner become one turn; 0: each is one
    join_bubbles: bool = False  # what the assistant says in one turn goes as one message, where it is all words
    answer_groups: bool = False  # the assistant answers in groups; else what is written there is kept for people
    opt_outs: bool = True  # who writes STOP or PARAR, alone, is sent nothing unasked until they take it back
    appsecret_proof: bool = True  # requests prove that they come from the app, where its secret is known
    messages_per_s: PerSecond = 80.0  # of one number; Meta's 1,000 for the largest, 20 beside the phone's own app
    pair_every_s: Seconds = 6.0  # between two messages to one contact, in the long run
    pair_burst: AtOnce = 45  # messages to one contact that may go at once, and are made up for later
    messaging_limit: AtOnce | None = None  # contacts written to first in 24 hours; None: what Meta says
    automations: list[str] = field(default_factory=list)  # texts that the channel's own inbox sends by itself


_NAMES = {each.name for each in dataclasses.fields(ChannelSettings)}
_read = reader(ChannelSettings)


def read(facts: Mapping[str, Any]) -> ChannelSettings:
    """The defaults, and over them what is given; `BadInput` says what can't be read."""
    if not facts:
        return _DEFAULTS
    unknown = sorted(set(facts) - _NAMES)
    if unknown:
        facts_told = {"unknown": ", ".join(unknown), "names": ", ".join(sorted(_NAMES))}
        raise BadInput(say("Channel settings have no {unknown}. There are: {names}.", **facts_told))
    try:
        return _read(dict(facts))
    except msgspec.ValidationError as error:
        raise BadInput(say("The channel settings do not fit: {why}.", why=str(error))) from error


def whole(settings: ChannelSettings) -> dict[str, Any]:
    """As JSON, the defaults too."""
    return {each.name: msgspec.to_builtins(getattr(settings, each.name)) for each in dataclasses.fields(settings)}


def plain(settings: ChannelSettings) -> dict[str, Any]:
    """As JSON: what differs from the defaults."""
    usual = whole(_DEFAULTS)
    return {name: value for name, value in whole(settings).items() if value != usual[name]}


_DEFAULTS = ChannelSettings()
