"""What is looked at before a real customer writes: steps in order, what was found at each, and what mends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from conversation.platform_facts import PlatformFacts


class Verdict(str, Enum):
    OK = "ok"
    FAILED = "failed"  # nobody is answered, or not from here, until it is mended
    SKIPPED = "skipped"  # not looked at; what was found says why


class Place(str, Enum):
    """Where a step looks, in the order in which a message passes."""

    ACCOUNT = "account"  # what is written down of it here
    ADDRESS = "address"  # BATON_PUBLIC_URL
    NAME = "name"  # the address's name in DNS
    CONNECTION = "connection"  # somebody listens there, with a certificate that Meta takes
    HANDSHAKE = "handshake"  # our verify token opens it, another does not
    SIGNATURE = "signature"  # a body arrives as it was sent, and a forged one is refused
    SIZE = "size"  # the largest body that Meta sends gets through
    TOKEN = "token"  # Meta takes the access token
    PERMISSIONS = "permissions"  # and lets it do what is needed
    SECRET = "secret"  # the app's secret is the one we have
    NUMBER = "number"  # the number, Page or Instagram account is there and may send
    CALLBACK = "callback"  # the app tells us, and of what
    SUBSCRIPTION = "subscription"  # of this account, and nobody else in our place
    HEALTH = "health"  # what Meta itself says stands in the way: payment, review, restrictions
    SEND = "send"  # a message leaves, and its report comes back


@dataclass(frozen=True, kw_only=True)
class Step:
    """`cure`: what to do; of a step that is well: what is worth doing all the same."""

    place: Place
    verdict: Verdict
    found: str
    cure: str | None = None


@dataclass(frozen=True, kw_only=True)
class Checked:
    """`meta`: what Meta said of the number meanwhile."""

    steps: Sequence[Step]
    last_webhook_at: datetime | None = None
    last_sent_at: datetime | None = None
    meta: PlatformFacts = field(default_factory=PlatformFacts)

    @property
    def first_failed(self) -> Step | None:
        return next((step for step in self.steps if step.verdict is Verdict.FAILED), None)


def ok(place: Place, found: str, cure: str | None = None) -> Step:
    return Step(place=place, verdict=Verdict.OK, found=found, cure=cure)


def failed(place: Place, found: str, cure: str) -> Step:
    return Step(place=place, verdict=Verdict.FAILED, found=found, cure=cure)


def skipped(place: Place, why: str) -> Step:
    return Step(place=place, verdict=Verdict.SKIPPED, found=why)


@dataclass(frozen=True, kw_only=True)
class Callback:
    """What Meta is to call for an account. `is_public`: from the internet, by its name there."""

    url: str
    topic: str  # whatsapp_business_account, page, instagram: what the app subscribes to
    verify_token: str = field(repr=False)
    secrets: Sequence[str] = field(repr=False)
    is_public: bool = True


#: What Meta calls each channel's webhooks [WA docs: webhooks; MSG docs: webhooks].
TOPICS: Mapping[str, str] = {"whatsapp": "whatsapp_business_account", "messenger": "page", "instagram": "instagram"}
