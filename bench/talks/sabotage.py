"""What our tracker could get wrong, each done to it alone: a comparison that does not see it compares nothing.

Only here, never in the product. Each is in effect while its context is open, and for ours only; stock stays as it is.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable
from typing import Any
from unittest import mock

_WINDOW = 20

Sabotage = contextlib.AbstractContextManager[Any]


def window() -> Sabotage:
    """The policies see the last 20 events only, as if that were always enough."""
    from runtime.processor import TurnProcessor

    predict = TurnProcessor._predict_next_with_tracker

    def by_the_last(self: TurnProcessor, tracker: Any) -> Any:
        if tracker.followup_action:
            return predict(self, tracker)
        seen = deque(list(tracker.events)[-_WINDOW:])
        return predict(self, type(tracker).from_events(tracker.sender_id, seen, self.domain.slots))

    return mock.patch.object(TurnProcessor, "_predict_next_with_tracker", by_the_last)


def short_tail() -> Sabotage:
    """The policies are given fewer states than they look at."""
    from runtime.stored_tracker import StoredTracker

    past_states = StoredTracker.past_states

    def the_last(self: StoredTracker, *args: Any, **kwargs: Any) -> Any:
        return past_states(self, *args, **kwargs)[-1:]

    return mock.patch.object(StoredTracker, "past_states", the_last)


def no_undo() -> Sabotage:
    """What is reverted stays."""
    from runtime.fold import Fold

    return mock.patch.object(Fold, "_undo_till", return_value=None)


def no_slots_in_snapshot() -> Sabotage:
    """A snapshot does not hold what the slots were."""
    from runtime import fold_snapshot

    return mock.patch.object(fold_snapshot, "_differs", return_value=False)


def endless_session() -> Sabotage:
    """A session never ends, however long nothing was said."""
    from runtime.processor import TurnProcessor

    return mock.patch.object(TurnProcessor, "_has_session_expired", return_value=False)


SABOTAGES: dict[str, Callable[[], Sabotage]] = {
    "endless-session": endless_session,
    "no-slots-in-snapshot": no_slots_in_snapshot,
    "no-undo": no_undo,
    "short-tail": short_tail,
    "window": window,
}


def of(name: str | None) -> Sabotage:
    return SABOTAGES[name]() if name else contextlib.nullcontext()
