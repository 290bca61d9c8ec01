"""What must follow from each error: Meta's table of errors, written down a second time and by its words alone.

Nothing here is imported from the product's own table: where the two differ, one of them is wrong.
[Graph docs: handling errors; WA docs: Cloud API error codes; MSG docs: error codes]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

#: The tries of a message that fails, and the wait before the second: set for the bench, so that its waits are told
#: apart from what a busy machine takes.
SEND_TRIES, SEND_RETRY_S = 3, 5.0


@dataclass(frozen=True, kw_only=True)
class Follows:
    """What must be seen. `requests`: for the one message that was refused; the error is given `times` times.

    `waits_s`: before each further request, at least. `final` is "waiting" where the wait is too long to be watched.
    """

    requests: int = 1
    final: str = "refused"
    waits_s: tuple[float, ...] = ()
    others: str | None = "go on"  # the account's other conversations: or "wait"; None: nobody else writes
    fault: bool = False  # the account shows that it can send nothing
    alert: str | None = "failed"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One row of the bench. `times`: how often Meta answers so; 0: always."""

    name: str
    kind: str
    code: int
    subcode: int | None = None
    http_status: int = 0
    times: int = 1
    by_webhook: bool = False  # Meta takes the request, and tells of the failure afterwards
    token: bool = False  # somebody sets a new token while all waits
    follows: Follows


_REFUSED = Follows()
_HELD = Follows(requests=2, final="sent", waits_s=(60.0,), others="wait", fault=True, alert="account")


def _again(*waits_s: float, alert: str | None = None) -> Follows:
    return Follows(requests=1 + len(waits_s), final="sent", waits_s=waits_s, alert=alert)


def _paused(*waits_s: float) -> Follows:
    return Follows(requests=1 + len(waits_s), final="sent", waits_s=waits_s, others="wait", alert=None)


#: Class, codes (with subcodes where it goes by these), and what must follow from one such answer.
_SHEET: tuple[tuple[str, tuple[int | tuple[int, int], ...], Follows], ...] = (
    ("temporary", (1, 2, 1200, 131000, 131016, 133004, 2494100), _again(SEND_RETRY_S)),
    ("temporary", (131057,), _again(60.0)),
    ("throttle", (4, (4, 2018022), 17, 32, 613, 80007), _paused(60.0)),
    ("throttle", (130429,), _paused(2.0)),
    ("pair throttle", (131056,), _again(4.0)),
    ("quality", (131048, 131064, 131049), _REFUSED),
    ("window", (131047, (10, 2018278), (10, 2018065), (10, 2534022), (200, 1545041)), _REFUSED),
    ("recipient", (131026, 131021, 131030, 130472, 131050, 551, 131062), _REFUSED),
    ("recipient", ((100, 2018001), (10, 2018108), (200, 2018028)), _REFUSED),
    ("auth", (190, (190, 458), (190, 460), (190, 463), (190, 467), 0, 102), _HELD),
    ("permission", (3, 10, *range(200, 300), 131005), _REFUSED),
    ("policy", (368, 131031, 130497), _HELD),
    ("payment", (131042,), _HELD),
    ("request", (100, 131008, 131009, 131051, 132000, 132001, 132005, 132007, 132008, 132012), _REFUSED),
    ("request", (131045, 131063), _REFUSED),
    ("template", (132015, 132016, 132068), _REFUSED),
    ("template", (132069,), Follows(final="waiting", waits_s=(3600.0,), alert=None)),
    ("media", (131052, 131053, (100, 2018109), (100, 2018047), (100, 2018008)), _again(SEND_RETRY_S)),
    ("number", (33, 131037, 133000, 133005, 133006, 133008, 133009, 133010, 133016), _HELD),
    ("number", (133015,), Follows(final="waiting", waits_s=(300.0,), others="wait", alert=None)),
    ("identity", (137000,), _REFUSED),
    ("feature", (131020, 131041, *range(131201, 131216), *range(139100, 139104)), _REFUSED),
    ("feature", (*range(138000, 138019), *range(147001, 147006)), _REFUSED),
    ("thread control", (27, 10303), _REFUSED),
)


def cases(channel: str) -> Iterator[Case]:
    for kind, codes, follows in _SHEET:
        for each in codes:
            code, subcode = each if isinstance(each, tuple) else (each, None)
            name = str(code) if subcode is None else f"{code}/{subcode}"
            yield Case(name=name, kind=kind, code=code, subcode=subcode, follows=follows)
    yield from _RULES
    if channel == "whatsapp":  # the others tell of no failure by webhook
        yield from _BY_WEBHOOK


#: Beside the single answers: what is never listed, what goes on for longer, and what somebody mends.
_RULES = (
    Case(name="987654", kind="unknown", code=987654, follows=_REFUSED),
    Case(name="987654 with a 500", kind="unknown", code=987654, http_status=500, follows=_again(SEND_RETRY_S)),
    Case(
        name="131000 always",
        kind="temporary",
        code=131000,
        times=0,
        follows=Follows(requests=SEND_TRIES, waits_s=(SEND_RETRY_S, 2 * SEND_RETRY_S), others=None),
    ),
    Case(
        name="131052 always",
        kind="media",
        code=131052,
        times=0,
        follows=Follows(requests=2, waits_s=(SEND_RETRY_S,), others=None),
    ),
    Case(
        name="130429 more often than tries",
        kind="throttle",
        code=130429,
        times=SEND_TRIES + 1,
        follows=replace(_paused(2.0, 4.0, 8.0, 16.0), others=None),
    ),
    Case(
        name="131056 three times",
        kind="pair throttle",
        code=131056,
        times=3,
        follows=replace(_again(4.0, 16.0, 64.0), others=None),
    ),
    Case(
        name="190 until a token is set",
        kind="auth",
        code=190,
        token=True,
        follows=Follows(requests=2, final="sent", others="wait", fault=True, alert="account"),
    ),
)

_BY_WEBHOOK = tuple(
    Case(name=f"200 then failed with {code}", kind=kind, code=code, by_webhook=True, follows=follows)
    for code, kind, follows in (
        (131056, "pair throttle", _again(4.0)),
        (130429, "throttle", _paused(60.0)),
        (131053, "media", _again(4.0)),
        (131049, "quality", _REFUSED),
        (131047, "window", _REFUSED),
        (131026, "recipient", _REFUSED),
        (131042, "payment", _HELD),
    )
)


def as_json(follows: Follows) -> Mapping[str, object]:
    return {
        "requests": follows.requests,
        "final": follows.final,
        "wait_s": list(follows.waits_s),
        "others": follows.others,
        "fault": follows.fault,
        "alert": follows.alert,
    }
