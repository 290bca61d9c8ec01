"""What the emulator is started with: a JSON file, so that no secret stands in a command line."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from emulator.fields import Faulty, Fields, Json, on_off
from emulator.networks import networks
from emulator.people import Account, Customer, account_from, customer_from, user_id_for


@dataclass(frozen=True, kw_only=True)
class Demo:
    """Where the product's own API is, for the Take / Reply / Release buttons of the page."""

    url: str
    token: str = dataclasses.field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How the emulator behaves; every value has a default that makes sense alone."""

    webhook_base: str = "http://127.0.0.1:5005"
    app_secret: str = dataclasses.field(default="", repr=False)
    verify_token: str = dataclasses.field(default="", repr=False)
    demo: Demo | None = None
    # Meta lets a business write freely only within 24 h of the customer's last message.
    enforce_window: bool = True
    # Refuse what is sent while another app is in control of a thread; Meta does not tell whether it does.
    enforce_thread: bool = False
    # Messenger and Instagram tell an app of its own messages too.
    echoes: bool = True
    delivered_after_ms: int = 300
    # Meta repeats for days; here it is bounded, so that a desk is quiet again soon.
    retry_times: int = 6
    retry_first_ms: int = 1000
    retry_longest_ms: int = 60_000  # each wait is twice the last one, up to this
    # `desk`: as above, in seconds. `days`: WhatsApp's as with Meta, for seven days of the emulator's clock.
    retry_plan: str = "desk"
    webhook_timeout_ms: int = 30_000
    journal_limit: int = 50_000
    # After this long of nothing but failures Messenger and Instagram end the subscription.
    outage_after_ms: int = 3_600_000
    conversation_calls_per_s: int = 2  # 0: as many as one likes
    past_ids: str = "webhook"  # of the Conversations API; `bare`: without what webhooks put before them
    media_url_ms: int = 300_000  # of WhatsApp
    cdn_url_ms: int = 86_400_000  # of the other two
    oauth_answer: str = "data"  # a list under `data`, or `top`: the keys themselves; both are seen
    token_min_age_ms: int = 86_400_000  # before it may be refreshed

    def shown(self) -> Json:
        """Without secrets."""
        view = dataclasses.asdict(self)
        view["has_app_secret"] = bool(view.pop("app_secret"))
        view["has_verify_token"] = bool(view.pop("verify_token"))
        view["demo"] = self.demo.url if self.demo else None
        return view


@dataclass(frozen=True, kw_only=True)
class Start:
    """All of a settings file."""

    settings: Settings
    accounts: list[Account]
    customers: list[Customer]


DEFAULT_CUSTOMERS = [
    Customer(name="Ana", phone="5511988887777", language="pt-BR", user_id=user_id_for("5511988887777")),
    Customer(name="Ben", phone="14155550123", language="en", user_id=user_id_for("14155550123")),
]


def read_file(path: Path) -> Start:
    try:
        raw = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise Faulty([f"{path} cannot be read: {error.strerror}"]) from error
    except ValueError as error:
        raise Faulty([f"{path} is not JSON: {error}"]) from error
    return start_from(raw)


def start_from(raw: object) -> Start:
    fields = Fields(raw)
    problems: list[str] = []
    accounts, customers = [], []
    for n, item in enumerate(fields.objects("accounts")):
        try:
            accounts.append(account_from(item, list(networks()), f"accounts[{n}]"))
        except Faulty as faulty:
            problems += faulty.problems
    for n, item in enumerate(fields.objects("customers")):
        try:
            customers.append(customer_from(item, f"customers[{n}]"))
        except Faulty as faulty:
            problems += faulty.problems
    settings = _settings(fields, Settings())
    fields.problems += problems
    fields.finish()
    return Start(settings=settings, accounts=accounts, customers=customers or list(DEFAULT_CUSTOMERS))


def changed(settings: Settings, raw: object) -> Settings:
    """The settings with what is given in `raw` changed."""
    fields = Fields(raw)
    new = _settings(fields, settings)
    fields.finish()
    return new


def _settings(fields: Fields, old: Settings) -> Settings:
    return Settings(
        webhook_base=fields.loopback_url("webhook_base", old.webhook_base),
        app_secret=fields.text("app_secret", old.app_secret),
        verify_token=fields.text("verify_token", old.verify_token),
        demo=_demo(fields, old.demo),
        enforce_window=fields.flag("enforce_window", old.enforce_window),
        enforce_thread=fields.flag("enforce_thread", old.enforce_thread),
        echoes=on_off(fields, "echoes", old.echoes),
        delivered_after_ms=fields.whole("delivered_after_ms", old.delivered_after_ms),
        retry_times=fields.whole("retry_times", old.retry_times, high=10_000),
        retry_first_ms=fields.whole("retry_first_ms", old.retry_first_ms, low=1),
        retry_longest_ms=fields.whole("retry_longest_ms", old.retry_longest_ms, low=1),
        retry_plan=_one_of(fields, "retry_plan", old.retry_plan, "desk", "days"),
        webhook_timeout_ms=fields.whole("webhook_timeout_ms", old.webhook_timeout_ms, low=1),
        journal_limit=fields.whole("journal_limit", old.journal_limit, low=1),
        outage_after_ms=fields.whole("outage_after_ms", old.outage_after_ms),
        conversation_calls_per_s=fields.whole("conversation_calls_per_s", old.conversation_calls_per_s),
        past_ids=_one_of(fields, "past_ids", old.past_ids, "webhook", "bare"),
        media_url_ms=fields.whole("media_url_ms", old.media_url_ms),
        cdn_url_ms=fields.whole("cdn_url_ms", old.cdn_url_ms, high=10**12),
        oauth_answer=_one_of(fields, "oauth_answer", old.oauth_answer, "data", "top"),
        token_min_age_ms=fields.whole("token_min_age_ms", old.token_min_age_ms, high=10**12),
    )


def _one_of(fields: Fields, key: str, old: str, *known: str) -> str:
    value = fields.text(key, old)
    if value not in known:
        fields.fault(key, f"must be one of: {', '.join(known)}")
    return value


def _demo(fields: Fields, old: Demo | None) -> Demo | None:
    raw = fields.any("demo")
    if raw is None:
        return old
    inner = Fields(raw, "demo")
    demo = Demo(url=inner.loopback_url("url"), token=inner.text("token"))
    try:
        inner.finish()
    except Faulty as faulty:
        fields.problems += faulty.problems
    return demo
