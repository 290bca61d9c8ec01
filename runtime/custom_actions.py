"""Custom actions: run here, in the worker, or behind a URL as Rasa has it; either way seeing a bounded history.

Rasa checks each answer of an action server with `jsonschema`, which checks the schema itself again every time: more
than all the rest of a turn. Here the answer is checked by hand.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
import rasa
import structlog
from rasa.core.actions.action import Action, ActionSessionStart, RemoteAction
from rasa.core.actions.forms import FormAction
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from runtime.stored_tracker import StoredTracker

log = structlog.get_logger()

#: Threads for actions that are not `async`: a blocking call must hold up its own conversation only.
THREADS = 16

#: What the runtime adds to the latest message's metadata, for actions' eyes only: it is not stored with each message.
extra_metadata: contextvars.ContextVar[Mapping[str, Any]] = contextvars.ContextVar("extra_metadata", default={})  # noqa: B039


#: Calls whose turn was given up, and whose thread still runs.
_stuck: set[concurrent.futures.Future[Any]] = set()


def stuck() -> int:
    """How many threads are lost to actions that do not come back. At `THREADS` no action that blocks can run any more:
    the process should be replaced well before."""
    return len(_stuck)


def _count_stuck(call: concurrent.futures.Future[Any]) -> None:
    _stuck.add(call)
    call.add_done_callback(_stuck.discard)
    log.error("action_stuck", threads=len(_stuck), of=THREADS)


class InProcessEndpoint(EndpointConfig):
    """An action server without a server: the actions of a package, in this process."""

    def __init__(self, package: str) -> None:
        super().__init__(url="in-process")
        self._executor = ActionExecutor()
        self._executor.register_package(package)
        self._pool = concurrent.futures.ThreadPoolExecutor(THREADS, thread_name_prefix="action")
        for name, run in self._executor.actions.items():
            self._executor.actions[name] = self._off_the_loop(run)

    @property
    def names(self) -> list[str]:
        return sorted(self._executor.actions)

    async def request(self, json: Any = None, **_: Any) -> Any:
        # The border: an action must not be able to change a live tracker through what it was shown, or gave.
        try:
            return _copied(await self._executor.run(dict(json, tracker=_copied(json["tracker"]))))
        except ActionExecutionRejection as rejection:
            body = msgspec.json.encode({"error": str(rejection), "action_name": rejection.action_name})
            raise ClientResponseError(400, "rejected", body.decode()) from rejection
        except ActionNotFoundException as missing:
            raise LookupError(
                f"The domain names the custom action {json['next_action']}, but the actions here are {self.names}."
            ) from missing

    def _off_the_loop(self, run: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        if inspect.iscoroutinefunction(run):
            return run

        async def in_thread(*args: Any) -> Any:
            context = contextvars.copy_context()
            call = self._pool.submit(context.run, run, *args)
            try:
                result = await asyncio.wrap_future(call)
            except asyncio.CancelledError:
                if not call.cancel():  # a thread can't be stopped: it runs on, and is one less for the others
                    _count_stuck(call)
                raise
            return await result if inspect.isawaitable(result) else result

        return in_thread


def _copied(value: Any) -> Any:
    """As it would arrive from another process."""
    return msgspec.json.decode(msgspec.json.encode(value, enc_hook=_plain))


class CustomAction(RemoteAction):
    """A custom action whose call holds the last `events_shown` events and whose answer is checked cheaply."""

    events_shown = 200

    def _action_call_format(self, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
        call: dict[str, Any] = {
            "next_action": self._name,
            "sender_id": tracker.sender_id,
            "tracker": _shown(tracker, self.events_shown),
            "version": rasa.__version__,
        }
        if not self._is_selective_domain_enabled() or domain.does_custom_action_explicitly_need_domain(self.name()):
            call["domain"] = _domain_as_dict(domain)
        return call

    def _validate_action_result(self, result: Any) -> bool:
        if not isinstance(result, dict):
            raise ValueError(f"the action {self._name} answered with something that is no object")
        for key in ("events", "responses"):
            items = result.get(key) or []
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
                raise ValueError(f"the action {self._name} answered with `{key}` that is no list of objects")
        if any("event" not in event for event in result.get("events") or []):
            raise ValueError(f"the action {self._name} answered with an event that has no `event`")
        return True


class CustomForm(FormAction):
    """A form whose validation is a `CustomAction`."""

    def _temporary_tracker(
        self, current_tracker: DialogueStateTracker, additional_events: list[Event], domain: Domain
    ) -> DialogueStateTracker:
        """A copy, where Rasa makes a tracker of all events again."""
        if not isinstance(current_tracker, StoredTracker):
            return super()._temporary_tracker(current_tracker, additional_events, domain)
        requested = SlotSet(REQUESTED_SLOT, self.get_slot_to_fill(current_tracker))
        shown = current_tracker.copy()
        for event in (requested, ActionExecuted(self.name()), *additional_events):
            shown.update(event)
        return shown

    async def validate_slots(
        self,
        slot_candidates: dict[str, Any],
        tracker: DialogueStateTracker,
        domain: Domain,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
    ) -> list[Event]:
        name = f"validate_{self.name()}"
        if name not in domain.action_names_or_texts:
            return []
        filled: list[Event] = [SlotSet(slot, value) for slot, value in slot_candidates.items()]
        shown = self._temporary_tracker(tracker, filled, domain)
        return await CustomAction(name, self.action_endpoint).run(output_channel, nlg, shown, domain)


class SessionStart(ActionSessionStart):
    """Carries each slot over once, by its last event. Rasa carries every one, from session to session, ever more."""

    @staticmethod
    def _slot_set_events_from_tracker(tracker: DialogueStateTracker) -> list[SlotSet]:
        last: dict[str, SlotSet] = {}
        for event in ActionSessionStart._slot_set_events_from_tracker(tracker):
            last.pop(event.key, None)
            last[event.key] = event
        return list(last.values())


def quickened(action: Action) -> Action:
    """The same action, ours where Rasa's would go the long way."""
    if type(action) is RemoteAction:
        return CustomAction(action.name(), action.action_endpoint)
    if type(action) is FormAction:
        return CustomForm(action.name(), action.action_endpoint)
    if type(action) is ActionSessionStart:  # a project's own is another class
        return SessionStart()
    return action


class Watched(Action):
    """Keeps what an action raised, which Rasa would log and forget."""

    def __init__(self, action: Action) -> None:
        self._action = action
        self.failure: Exception | None = None

    def name(self) -> str:
        return str(self._action.name())

    def event_for_successful_execution(self, prediction: Any) -> Any:
        return self._action.event_for_successful_execution(prediction)

    async def run(self, *args: Any, **kwargs: Any) -> list[Event]:
        from rasa.core.actions.action import ActionExecutionRejection as Rejection

        try:
            return list(await self._action.run(*args, **kwargs) or [])
        except Rejection:
            raise
        except Exception as failure:
            self.failure = failure
            raise


def _shown(tracker: DialogueStateTracker, events: int) -> dict[str, Any]:
    state: dict[str, Any] = tracker.current_state(EventVerbosity.NONE)
    state["events"] = [event.as_dict() for event in list(tracker.events)[-events:] if events]
    extra = extra_metadata.get()
    if extra and state.get("latest_message"):
        latest = dict(state["latest_message"])
        latest["metadata"] = {**(latest.get("metadata") or {}), **extra}
        state["latest_message"] = latest
    return state


def _domain_as_dict(domain: Domain) -> dict[str, Any]:
    """Made once, and kept with the domain: to find it by the domain's hash would mean to make it again."""
    kept: dict[str, Any] | None = domain.__dict__.get("_shown_to_actions")
    if kept is None:
        kept = domain.__dict__["_shown_to_actions"] = dict(domain.as_dict())
    return kept


def _plain(value: Any) -> Any:
    """Slots may hold what numpy or a set left there."""
    if hasattr(value, "item"):
        return value.item()
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    raise NotImplementedError(f"an action can't be shown a {type(value).__name__}")
