"""What was written between each customer and each account, as the phone shows it."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from emulator.clock import clock
from emulator.fields import Json

WINDOW_S = 24 * 3600
_KEPT_PER_CHAT = 500
_KEPT_IN_ALL = 50_000


@dataclass(kw_only=True)
class Item:
    """One message in a chat. `view` holds what its kind needs to be drawn (buttons, list, link)."""

    id: str
    account: str
    customer: str
    by: str  # "customer" or "business"
    kind: str
    text: str
    at_ms: int
    view: Json = field(default_factory=dict)
    reply_to: str | None = None
    opaque: str | None = None
    # customer: sending, refused, delivered, read; business: accepted, sent, delivered, read
    status: str = "accepted"
    problem: str = ""
    reactions: Json = field(default_factory=dict)
    read_wanted: bool = False
    body: Json = field(default_factory=dict)  # what a business asked to be sent, where its echo repeats it

    def shown(self) -> Json:
        view = dict(vars(self), reactions=dict(self.reactions))
        del view["opaque"], view["read_wanted"], view["body"]
        return view


class Chats:
    """All chats, bounded; tells `changed` about every message that is new or looks different."""

    def __init__(self, changed: Callable[[Item], None]) -> None:
        self._changed = changed
        self._chats: dict[tuple[str, str], deque[Item]] = {}
        self._by_id: OrderedDict[str, Item] = OrderedDict()
        self._last_inbound: dict[tuple[str, str], float] = {}

    def add(self, item: Item) -> None:
        chat = self._chats.setdefault((item.account, item.customer), deque(maxlen=_KEPT_PER_CHAT))
        chat.append(item)
        self._by_id[item.id] = item
        while len(self._by_id) > _KEPT_IN_ALL:
            self._by_id.popitem(last=False)
        self._changed(item)

    def set_status(self, item: Item, status: str, problem: str = "") -> None:
        item.status, item.problem = status, problem
        self._changed(item)

    def react(self, message_id: str, by: str, emoji: str) -> None:
        item = self._by_id.get(message_id)
        if item is None:
            return
        item.reactions.pop(by, None)
        if emoji:
            item.reactions[by] = emoji
        self._changed(item)

    def edit(self, message_id: str, text: str) -> int:
        """How often it has been edited by now."""
        item = self._by_id.get(message_id)
        if item is None:
            return 1
        item.text, item.view["edits"] = text, item.view.get("edits", 0) + 1
        self._changed(item)
        return int(item.view["edits"])

    def edits(self, message_id: str) -> int:
        item = self._by_id.get(message_id)
        return int(item.view.get("edits", 0)) if item is not None else 0

    def unsend(self, message_id: str) -> None:
        item = self._by_id.get(message_id)
        if item is not None:
            item.text, item.view = "", {"unsent": True}
            self._changed(item)

    def mark_read_up_to(self, item: Item) -> None:
        """Reading one message reads all before it [WA docs: mark messages as read]."""
        for earlier in self.of(item.account, item.customer):
            if earlier.by == "customer" and earlier.status in ("sending", "delivered"):
                self.set_status(earlier, "read")
            if earlier is item:
                return

    def find(self, message_id: str) -> Item | None:
        return self._by_id.get(message_id)

    def of(self, account: str, customer: str) -> list[Item]:
        return list(self._chats.get((account, customer), ()))

    def customers_of(self, account: str) -> list[str]:
        return [customer for own, customer in self._chats if own == account]

    def last_of_customer(self, account: str, customer: str) -> Item | None:
        return next((item for item in reversed(self.of(account, customer)) if item.by == "customer"), None)

    def offered_in(self, account: str, customer: str, choice_id: str) -> Item | None:
        """The newest message of ours that offered this button or row."""
        for item in reversed(self.of(account, customer)):
            if choice_id in item.view.get("choices", ()):
                return item
        return None

    def customer_wrote(self, account: str, customer: str, hours_ago: float = 0.0) -> None:
        self._last_inbound[account, customer] = clock.time() - hours_ago * 3600

    def window_open(self, account: str, customer: str, lasts_s: int = WINDOW_S) -> bool:
        return clock.time() - self._last_inbound.get((account, customer), 0.0) < lasts_s

    def close_window(self, account: str, customer: str) -> None:
        """As if the last message had come just before the window's length."""
        if self.window_open(account, customer):
            self.customer_wrote(account, customer, hours_ago=WINDOW_S / 3600)

    def clear(self) -> None:
        self._chats.clear()
        self._by_id.clear()
        self._last_inbound.clear()


def now_ms() -> int:
    return clock.now_ms()
