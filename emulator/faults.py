"""What goes wrong on purpose: slow answers, errors, cut connections, odd statuses."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from dataclasses import dataclass, field

from emulator import webhook_faults
from emulator.access import STATES, Access
from emulator.fields import Faulty, Fields, Json, on_off
from emulator.graph_errors import GraphError
from emulator.limits import Limits, Throttle, Usage, limits_of, shown, usage_of
from emulator.people import Account
from emulator.waiting import at_least
from emulator.webhook_faults import Mishap, WebhookFaults


@dataclass(frozen=True, kw_only=True)
class Reporting:
    """What becomes of the reports on one message."""

    dropped: bool = False
    copies: int = 1
    late_ms: int = 0


@dataclass(frozen=True, kw_only=True)
class StatusFaults:
    """How reports go wrong: each message's by its own throw of the dice. A rate of 1 is always."""

    late_ms: int = 0
    late_rate: float = 1.0
    doubled_rate: float = 0.0
    dropped_rate: float = 0.0

    def draw(self, dice: random.Random) -> Reporting:
        # Always the same number of throws, so that one rate does not move what the others hit.
        late, doubled, dropped = (
            dice.random() < rate for rate in (self.late_rate, self.doubled_rate, self.dropped_rate)
        )
        return Reporting(dropped=dropped, copies=2 if doubled else 1, late_ms=self.late_ms if late else 0)

    def shown(self) -> str | Json:
        for name, faults in _NAMED.items():
            if faults == self:
                return name
        return dataclasses.asdict(self)


_NAMED = {
    "normal": StatusFaults(),
    "doubled": StatusFaults(doubled_rate=1.0),
    "none": StatusFaults(dropped_rate=1.0),
}


@dataclass(kw_only=True)
class ErrorFault:
    """Refuse with this Graph error: the next `times` requests, or each with probability `rate`."""

    code: int
    subcode: int | None = None
    http_status: int = 0
    times: int = 0
    rate: float = 0.0
    bare: bool = False  # with no Graph body: what a gateway in front of Graph API says
    kinds: tuple[str, ...] = ()  # what it is for, as the journal calls it; none: whatever is sent

    def is_for(self, path: str | None) -> bool:
        """`path`: the name of what answers beside the sends."""
        return path in self.kinds if path is not None else not self.kinds


@dataclass(kw_only=True)
class Faults:
    """The faults of one account, or of all that have none of their own."""

    latency_ms: int = 0
    error: ErrorFault | None = None
    drop_rate: float = 0.0
    statuses: StatusFaults = StatusFaults()
    retries: bool = True
    hold: bool = False
    holding: int = 0
    echo_first: bool = False  # the echo of what is sent comes before the send's own answer
    webhooks: WebhookFaults = field(default_factory=WebhookFaults)
    drop_before_rate: float = 0.0
    access: str = "ok"
    limits: Limits = field(default_factory=Limits)
    usage: Usage | None = None
    webhook_dice: random.Random = field(default_factory=random.Random)
    _cuts_done: int = 0
    _released: asyncio.Event = field(default_factory=asyncio.Event)
    _dice: random.Random = field(default_factory=random.Random)

    def change(self, raw: Json) -> None:
        """Changes what is given and leaves the rest. `hold: false` releases what is held."""
        fields = Fields(raw)
        latency = fields.whole("latency_ms", self.latency_ms, high=600_000)
        drop_rate = fields.number("drop_rate", self.drop_rate, high=1.0)
        retries = on_off(fields, "retries", self.retries)
        hold = fields.flag("hold", self.hold)
        echo_first = fields.flag("echo_first", self.echo_first)
        before = fields.number("drop_before_rate", self.drop_before_rate, high=1.0)
        access = fields.text("access", self.access)
        if access not in STATES:
            fields.fault("access", f"must be one of: {', '.join(STATES)}")
        limits = limits_of(fields, "limits") if "limits" in raw else self.limits
        usage = usage_of(fields, "usage") if "usage" in raw else self.usage
        statuses = self._statuses(fields)
        error = _error(fields) if "error" in raw else self.error
        webhooks = webhook_faults.read(fields, "webhooks") if "webhooks" in raw else self.webhooks
        seed = fields.any("seed")
        fields.finish()
        self.latency_ms, self.drop_rate, self.retries = latency, drop_rate, retries
        self.statuses, self.error, self.hold, self.echo_first = statuses, error, hold, echo_first
        self.drop_before_rate, self.access, self.limits, self.usage = before, access, limits, usage
        if "webhooks" in raw:
            self.webhooks, self._cuts_done = webhooks, 0
        if seed is not None:
            self._dice.seed(str(seed))
            self.webhook_dice.seed(str(seed))
        if not hold:
            self._released.set()
            self._released = asyncio.Event()

    def shown(self) -> Json:
        error = self.error and {k: v for k, v in vars(self.error).items() if v or k == "code"}
        return {
            "latency_ms": self.latency_ms,
            "error": error,
            "drop_rate": self.drop_rate,
            "drop_before_rate": self.drop_before_rate,
            "access": self.access,
            "limits": shown(self.limits),
            "usage": shown(self.usage),
            "statuses": self.statuses.shown(),
            "retries": self.retries,
            "hold": self.hold,
            "holding": self.holding,
            "echo_first": self.echo_first,
            "webhooks": self.webhooks.shown(),
        }

    def raise_error(self, path: str | None = None) -> None:
        """The injected error, if it is this request's turn to get it."""
        if self.error is None or not self.error.is_for(path):
            return
        if self.error.times:
            self.error.times -= 1
            error = self.error
            if not self.error.times and not self.error.rate:
                self.error = None
        elif self._dice.random() < self.error.rate:
            error = self.error
        else:
            return
        raise GraphError(
            error.code,
            "This error was asked for by the emulator's faults.",
            subcode=error.subcode,
            http_status=error.http_status,
            bare=error.bare,
        )

    async def delay(self) -> None:
        if self.hold:
            self.holding += 1
            try:
                await self._released.wait()
            finally:
                self.holding -= 1
        if self.latency_ms:
            await at_least(self.latency_ms)

    def drops_before(self) -> bool:
        """Before anything was done about the request."""
        return self.drop_before_rate > 0 and self._dice.random() < self.drop_before_rate

    def drops(self) -> bool:
        return self.drop_rate > 0 and self._dice.random() < self.drop_rate

    def mishap(self) -> Mishap:
        """What becomes of the attempt that is about to be made to post a webhook."""
        if self.webhooks == WebhookFaults():
            return Mishap()
        mishap = self.webhooks.draw(self.webhook_dice, self._cuts_done)
        self._cuts_done += bool(mishap.cut)
        return mishap

    def reporting(self) -> Reporting:
        """What becomes of the reports on the message that was just accepted."""
        return self.statuses.draw(self._dice)

    def _statuses(self, fields: Fields) -> StatusFaults:
        value = fields.any("statuses")
        if value is None:
            return self.statuses
        if isinstance(value, dict):
            return _status_faults(fields, value)
        if value not in _NAMED:
            fields.fault("statuses", f"must be one of {', '.join(_NAMED)}, or rates (see the README)")
        return _NAMED.get(str(value), self.statuses)


class FaultBook:
    """Common faults, and accounts' own, which then stand in place of the common ones."""

    def __init__(self) -> None:
        self.common = Faults()
        self._own: dict[str, Faults] = {}
        self.throttle = Throttle()
        self.gate = Access(lambda account: self.of(account).access)

    def of(self, account: str | None) -> Faults:
        return self._own.get(account or "", self.common)

    def change(self, raw: object) -> None:
        if not isinstance(raw, dict):
            raise Faulty(["the body must be a JSON object"])
        account = raw.get("account")
        if account is None:
            self.common.change(raw)
            if raw.get("access") == "expired":
                self.gate.tokens.expire_all()
        else:
            rest = {key: value for key, value in raw.items() if key != "account"}
            own = self._own.get(str(account)) or Faults()
            own.change(rest)
            self._own[str(account)] = own
            if raw.get("access") == "expired":
                self.gate.tokens.expire(str(account))

    def clear(self) -> None:
        for faults in [self.common, *self._own.values()]:
            faults.change({"hold": False})
        self.common = Faults()
        self._own.clear()
        self.throttle.clear()
        self.gate.tokens.clear()

    def managed(self, account: Account) -> None:
        """A call that is not a message, of this account's business."""
        self.throttle.manage(self.of(account.id).limits, account.business_id)

    def shown(self) -> Json:
        return {
            **self.common.shown(),
            "accounts": {account: own.shown() for account, own in self._own.items()},
        }


def _error(fields: Fields) -> ErrorFault | None:
    raw = fields.any("error")
    if raw is None:
        return None
    inner = Fields(raw, "error")
    times = inner.whole("times", 0)
    # Neither given: every request.
    rate = inner.number("rate", 0.0 if times else 1.0, high=1.0)
    error = ErrorFault(
        code=inner.whole("code", 131000),
        subcode=inner.whole("subcode", 0) or None,
        kinds=tuple(str(kind) for kind in inner.objects("kinds")),
        http_status=inner.whole("http_status", 0, high=599),
        bare=inner.flag("bare", False),
        times=times,
        rate=rate,
    )
    try:
        inner.finish()
    except Faulty as faulty:
        fields.problems += faulty.problems
    return error


def _status_faults(fields: Fields, value: Json) -> StatusFaults:
    inner = Fields(value, "statuses")
    faults = StatusFaults(
        late_ms=inner.whole("late_ms", 0, high=600_000),
        late_rate=inner.number("late_rate", 1.0, high=1.0),
        doubled_rate=inner.number("doubled_rate", 0.0, high=1.0),
        dropped_rate=inner.number("dropped_rate", 0.0, high=1.0),
    )
    try:
        inner.finish()
    except Faulty as faulty:
        fields.problems += faulty.problems
    return faults
