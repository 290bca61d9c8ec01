"""What Graph API's error codes mean for a send: by code, then subcode; the HTTP status is a hint."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from conversation.course import Course
from conversation.errors import SendError


class Fault(str, Enum):
    """Whose fault a refusal is; the value is how people are told."""

    TEMPORARY = "Meta has a passing trouble"
    THROTTLE = "too many requests for this account"
    PAIR_THROTTLE = "too many messages to this contact"
    QUALITY = "Meta limits this account for its quality"
    WINDOW = "the time in which Meta lets us write freely is over"
    RECIPIENT = "this contact can't be reached"
    AUTH = "the access token is not accepted"
    PERMISSION = "the access token may not do this"
    POLICY = "Meta has blocked the account"
    PAYMENT = "the account has no valid way to pay"
    REQUEST = "the request is not one Meta takes"
    TEMPLATE = "the template can't be used"
    MEDIA = "the file can't be used"
    NUMBER = "the number is not set up"
    IDENTITY = "the contact's identity changed"
    FEATURE = "a feature the account can't use"
    PROOF = "the app secret does not belong to the access token's app"
    UNLISTED = "a code we do not know"


#: What is to be done about each; what is not here is given up: it can only fail again.
_COURSES: Mapping[Fault, Course] = {
    Fault.TEMPORARY: Course.TRY_AGAIN,
    Fault.THROTTLE: Course.PAUSE_ACCOUNT,
    Fault.PAIR_THROTTLE: Course.PAUSE_CONVERSATION,
    Fault.MEDIA: Course.ONCE_MORE,
    **dict.fromkeys((Fault.AUTH, Fault.POLICY, Fault.PAYMENT, Fault.NUMBER, Fault.PROOF), Course.STOP_ACCOUNT),
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What to do about a code. `retry_after_s` is the first wait; it gets longer each time."""

    fault: Fault
    course: Course
    retry_after_s: float | None = None

    @property
    def account_fault(self) -> bool:
        return self.course is Course.STOP_ACCOUNT

    @property
    def retryable(self) -> bool:
        return self.course not in (Course.GIVE_UP, Course.STOP_ACCOUNT)


def _rule(fault: Fault, retry_after_s: float | None = None, *, course: Course | None = None) -> Rule:
    return Rule(fault=fault, course=course or _COURSES.get(fault, Course.GIVE_UP), retry_after_s=retry_after_s)


Key = tuple[int, "int | None"]


def _table() -> dict[Key, Rule]:
    hourly, per_second, pair = 60.0, 2.0, 4.0
    return {
        **_codes(Fault.TEMPORARY, 1, 2, 1200, 131000, 131016, 133004, 2494100),
        (131057, None): _rule(Fault.TEMPORARY, 60.0),  # the number is being upgraded: up to a minute
        **_codes(Fault.THROTTLE, 4, (4, 2018022), 17, 32, 613, 80007, retry_after_s=hourly),
        (130429, None): _rule(Fault.THROTTLE, per_second),
        (131056, None): _rule(Fault.PAIR_THROTTLE, pair),  # 4^n
        **_codes(Fault.QUALITY, 131048, 131049, 131064),
        **_codes(Fault.WINDOW, 131047, (10, 2018278), (10, 2018065), (10, 2534022), (200, 1545041)),
        **_codes(Fault.RECIPIENT, 131026, 131021, 131030, 130472, 131050, 131062, 551),
        **_codes(Fault.RECIPIENT, (100, 2018001), (10, 2018108), (200, 2018028)),
        **_codes(Fault.AUTH, 190, 0, 102),
        **_codes(Fault.PERMISSION, 3, 10, *range(200, 300), 131005),
        **_codes(Fault.POLICY, 368, 131031, 130497),
        **_codes(Fault.PAYMENT, 131042),
        **_codes(Fault.REQUEST, 100, 131008, 131009, 131051, 131045, 131063),
        **_codes(Fault.REQUEST, 132000, 132001, 132005, 132007, 132008, 132012),
        **_codes(Fault.TEMPLATE, 132015, 132016, 132068),
        (132069, None): _rule(Fault.TEMPLATE, 3600.0, course=Course.TRY_AGAIN),  # a flow: ten an hour
        **_codes(Fault.MEDIA, 131052, 131053, (100, 2018109), (100, 2018047), (100, 2018008)),
        **_codes(Fault.NUMBER, 33, 131037, 133000, 133005, 133006, 133008, 133009, 133010, 133016),
        (133015, None): _rule(Fault.NUMBER, 300.0, course=Course.PAUSE_ACCOUNT),  # just deleted: five minutes
        **_codes(Fault.IDENTITY, 137000),
        **_codes(Fault.FEATURE, 27, 10303, 131020, 131041, *range(131201, 131216)),
        **_codes(Fault.FEATURE, *range(139100, 139104), *range(138000, 138019), *range(147001, 147006)),
    }


def _codes(fault: Fault, *codes: int | tuple[int, int], retry_after_s: float | None = None) -> dict[Key, Rule]:
    rule = _rule(fault, retry_after_s)
    return {(code if isinstance(code, tuple) else (code, None)): rule for code in codes}


ERRORS: Mapping[Key, Rule] = _table()


def rule_for(code: int, subcode: int | None = None, *, status: int = 400, transient: bool = False) -> Rule:
    """The rule for a code. One not listed is for good, unless Meta says otherwise or its servers failed."""
    known = ERRORS.get((code, subcode)) or ERRORS.get((code, None))
    passes = transient or (known is None and status >= 500)
    if known is None:
        return _rule(Fault.UNLISTED, course=Course.TRY_AGAIN if passes else Course.GIVE_UP)
    if passes and known.course is Course.GIVE_UP:
        return _rule(known.fault, course=Course.TRY_AGAIN)
    return known


class GraphRefusal(SendError):
    """Graph API did not take the request. Says the class, the code and the trace id; no text of Meta's."""

    def __init__(self, rule: Rule, code: int, subcode: int | None, trace_id: str | None, after_s: float | None) -> None:
        number = str(code) if subcode is None else f"{code}/{subcode}"
        trace = f", trace {trace_id}" if trace_id else ""
        super().__init__(
            f"Meta refused: {rule.fault.value} ({number}{trace}).",
            error_code=code,
            subcode=subcode,
            retryable=rule.retryable,
            account_fault=rule.account_fault,
            retry_after_s=(rule.retry_after_s if after_s is None else after_s) if rule.retryable else None,
            course=rule.course,
        )
        self.fault = rule.fault
        self.trace_id = trace_id
        self.said: str | None = None  # Meta's own words, for us to read: never shown or logged, they may quote us


_REQUEST, _PROOF = 100, "appsecret_proof"


def refusal(error: Mapping[str, Any], status: int, retry_after_s: float | None = None) -> GraphRefusal | None:
    """The refusal an `error` object stands for; None if it is not Graph API's."""
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    if code is None:
        return None
    rule = rule_for(code, subcode, status=status, transient=error.get("is_transient") is True)
    if code == _REQUEST and _PROOF in str(error.get("message")):  # no fault of this one request's
        rule = _rule(Fault.PROOF)
    refused = GraphRefusal(rule, code, subcode, _trace_id(error.get("fbtrace_id")), retry_after_s)
    refused.said = said if isinstance(said := error.get("message"), str) else None
    return refused


def _number(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    return int(value) if re.fullmatch(r"\d{1,9}", str(value), re.ASCII) else None


def _trace_id(value: Any) -> str | None:
    """Meta's servers know it; ours only hand it on, so nothing but such an id may pass."""
    return value if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value) else None
