"""What a conversation, a message, a request, an account look like as JSON; the command line prints the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from conversation import account_limits, channel_settings, cures, handover_settings, outbound, privacy_settings, window
from conversation.account import Account, Channel
from conversation.agent import Agent
from conversation.conversation import Conversation
from conversation.errors import (
    BadInput,
    BatonError,
    Forbidden,
    Moved,
    NotFound,
    NotOnChannel,
    NotOwner,
    NotYet,
    Refused,
    TooMany,
    Unavailable,
    WindowClosed,
    WrongSignIn,
)
from conversation.handover import toucher
from conversation.message import Message
from conversation.people import Operator, Team
from conversation.platform_facts import PlatformFacts
from conversation.said import in_language
from conversation.sync import Sync
from conversation.words import DEFAULT_LANGUAGE
from handover.shapes import accounts, conversations, handovers, mail, messages, notes, people, requests, templates
from runtime.ownership import Done
from store.canned import CannedReply
from store.listing import Line
from store.mailbox import Parked
from store.media import File
from store.notes import Note
from store.requests import Request


def conversation_json(line: Line) -> conversations.Conversation:
    conversation, contact = line.conversation, line.contact
    return {
        "id": conversation.id,
        "account": line.account.provider_id,
        "account_id": line.account.id,
        "account_name": line.account.name,
        "channel": line.account.channel.value,
        "contact": {
            "id": contact.id,
            "name": contact.name,
            "username": contact.username,
            "picture": f"/api/v1/media/{contact.picture_id}" if contact.picture_id is not None else None,
            "addresses": [{"kind": a.kind.value, "value": a.value} for a in contact.addresses],
            "opted_out_at": instant(contact.opted_out_at),
            "opted_out_by": cast(Any, contact.opted_out_by),
        },
        **_standing(conversation),
        "team": team_json(line.team) if line.team else None,
        "nobody_answers": conversation.nobody_answers,
        "waiting_since": instant(conversation.waiting_since),
        "snoozed_until": instant(conversation.snoozed_until),
        "language": conversation.language,
        "thread": thread_json(conversation),
        "unread": conversation.unread,
        "last_inbound_at": instant(conversation.last_inbound_at),
        "window": window_json(line),
        "may_send": outbound.may_send(line.account, conversation.last_inbound_at, line.now),
        "tags": list(line.tags),
        "last_message": _last_word(line.last_message) if line.last_message else None,
        "request": request_json(line.request) if line.request else None,
        "queue_place": line.queue_place,
        "created_at": instant(conversation.created_at),
        "next_toucher": toucher(conversation.state, conversation.status).value,
    }


def thread_json(conversation: Conversation) -> conversations.Thread:
    """`owner`: another app that Meta lets write, by its id or role; null: us."""
    return {"owner": conversation.thread_owner}


def window_json(line: Line) -> conversations.Window:
    """`human_until`: so long may a person write when it is closed; null: nobody. `rule`: what holds then."""
    account, last = line.account, line.conversation.last_inbound_at
    granted = account.channel_settings.human_agent
    rule = window.rule(account.channel)
    return {
        "closes_at": instant(window.closes_at(last)),
        "human_until": instant(window.human_until(account.channel, last)) if granted else None,
        "rule": {"name": rule.name, "number": rule.number, "may_send": list(rule.may_send)},
    }


def _standing(conversation: Conversation) -> handovers.Owned:
    return {
        "state": conversation.state.value,
        "status": conversation.status.value,
        "owner": conversation.owner,
        "ownership": conversation.ownership,
    }


def _last_word(message: Message) -> conversations.LastWord:
    return {
        "text": message.text,
        "author": message.author.value,
        "at": instant(message.at),
        "kind": message.kind,
        "status": message.status.value,
        "removed_at": instant(message.removed_at),
    }


def file_json(file: File) -> messages.File:
    """`type`: what it is by its content; null until it is here. `state`: wanted, stored, failed, removed."""
    return {
        "id": file.id,
        "kind": file.kind,
        "type": file.type,
        "name": file.name,
        "size": file.size,
        "state": file.state.value,
        "error": file.error,
    }


def done_json(done: Done) -> handovers.Done:
    standing = done.conversation
    shown: handovers.Done = {
        "id": standing.id,
        "state": standing.state.value,
        "status": standing.status.value,
        "owner": standing.owner,
        "ownership": standing.ownership,
        "in_flight": done.in_flight,
    }
    if done.message_ids:
        shown["messages"] = list(done.message_ids)
    return shown


def handover_json(line: Line, in_flight: int) -> handovers.Handover:
    """Where the handover of a conversation stands."""
    conversation = line.conversation
    return {
        "id": conversation.id,
        **_standing(conversation),
        "next_toucher": toucher(conversation.state, conversation.status).value,
        "request": request_json(line.request) if line.request else None,
        "queue_place": line.queue_place,
        "in_flight": in_flight,
    }


def request_json(request: Request) -> requests.Request:
    return {
        "id": request.id,
        "conversation_id": request.conversation_id,
        "state": request.state.value,
        "priority": request.priority.value,
        "reason": request.reason,
        "details": dict(request.details),
        "asked_by": request.asked_by,
        "team_id": request.team_id,
        "created_at": instant(request.created_at),
        "expires_at": instant(request.expires_at),
        "ended_at": instant(request.ended_at),
        "ended_by": request.ended_by,
    }


def entry_json(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the log, or of the feed."""
    return {**entry, "at": instant(entry["at"])}


def note_json(note: Note) -> notes.Note:
    return {"id": note.id, "by": note.by, "text": note.text, "at": instant(note.at), "version": note.version}


def operator_json(operator: Operator, *, load: int, teams: list[Team]) -> people.Operator:
    """`accounts`: null where they see all."""
    return {
        "name": operator.name,
        "role": operator.role.value,
        "presence": operator.presence.value,
        "capacity": operator.capacity,
        "load": load,
        "teams": [{"id": team.id, "name": team.name} for team in teams],
        "accounts": None if operator.all_accounts else sorted(operator.accounts),
        "seen_at": instant(operator.seen_at),
        "version": operator.version,
    }


def team_json(team: Team) -> people.TeamName:
    return {"id": team.id, "name": team.name}


def canned_json(reply: CannedReply) -> notes.CannedReply:
    return {
        "id": reply.id,
        "shortcut": reply.shortcut,
        "language": reply.language,
        "account_id": reply.account_id,
        "text": reply.text,
        "by": reply.by,
        "at": instant(reply.at),
        "version": reply.version,
    }


def agent_json(agent: Agent, its_accounts: Iterable[tuple[str, str]] = ()) -> accounts.Agent:
    """Never a key. `its_accounts`: ids and names."""
    return {
        "id": agent.id,
        "name": agent.name,
        "status": agent.status.value,
        "description": agent.description,
        "provider": agent.provider.value,
        "model": agent.model,
        "has_key": agent.has_key,
        "accounts": [{"id": account_id, "name": name} for account_id, name in its_accounts],
        "version": agent.version,
    }


def account_json(account: Account, also_known_as: Sequence[str] = (), language: str = "en") -> accounts.Account:
    """Never a token or a secret. `language`: of what helps where it has stopped."""
    return {
        "id": account.id,
        "channel": account.channel.value,
        "provider_id": account.provider_id,
        "name": account.name,
        "agent_id": account.agent_id,
        "active": account.active,
        "auto_response": account.auto_response,
        "emulated": account.emulated,
        "while_pending": account.while_pending.value,
        "max_bot_messages_per_hour": account.max_bot_messages_per_hour,
        "resend_unknown": account.resend_unknown,
        "time_zone": account.handover.time_zone,
        "handover": handover_settings.whole(account.handover),
        "shop": dict(account.shop),
        "fault": account.fault,
        "cure": cures.of_account(account.fault, language),
        "channel_settings": channel_settings.whole(account.channel_settings),
        "also_known_as": list(also_known_as),
        "limits": account_limits.whole(account.limits),
        "privacy": privacy_settings.whole(account.privacy),
        "token_expires_at": instant(account.token_expires_at),
        "paused_until": instant(account.paused_until),
        "meta": facts_json(account.meta),
        "version": account.version,
    }


def facts_json(facts: PlatformFacts) -> templates.NumberFacts:
    """What Meta says of a number."""
    return {
        "quality": facts.quality,
        "messaging_limit": facts.messaging_limit,
        "unlimited": facts.unlimited,
        "throughput": facts.throughput,
        "display_phone_number": facts.display_phone_number,
        "verified_name": facts.verified_name,
        "name_status": facts.name_status,
        "number_status": facts.number_status,
        "on_phone_app": facts.on_phone_app,
        "review": facts.review,
        "restriction": facts.restriction,
        "restricted_until": instant(facts.restricted_until),
        "told_at": instant(facts.told_at),
    }


def sync_json(sync: Sync) -> accounts.Sync:
    """How far fetching from the channel's memory has come."""
    return {
        "id": sync.id,
        "account_id": sync.account_id,
        "kind": sync.kind.value,
        "state": sync.state.value,
        "since": instant(sync.since),
        "conversations_seen": sync.conversations_seen,
        "messages_added": sync.messages_added,
        "error": sync.error,
        "asked_by": sync.asked_by,
        "created_at": instant(sync.created_at),
        "ended_at": instant(sync.ended_at),
    }


def parked_json(parked: Parked) -> mail.Parked:
    return {
        "id": parked.id,
        "conversation_id": parked.conversation_id,
        "kind": parked.kind.value,
        "text": parked.text,
        "error": parked.error,
        "failed": parked.attempts,
        "crashed": parked.crashes,
        "arrived_at": instant(parked.arrived_at),
        "parked_at": instant(parked.parked_at),
    }


def error_json(error: BatonError, language: str = DEFAULT_LANGUAGE) -> tuple[int, dict[str, Any]]:
    """The one error shape, and its HTTP status."""
    message = error.args[0] if error.args else ""
    facts: dict[str, Any] = {"code": error.code, "message": in_language(message, language)}
    if isinstance(error, (NotOwner, Moved)):
        facts["owner"] = error.owner
    if isinstance(error, NotOnChannel):
        facts["may_send"] = list(error.may_send)
    if isinstance(error, WindowClosed):
        facts |= _rule(Channel(error.channel), language)
    return _status(error), {"error": facts}


def _rule(channel: Channel, language: str) -> dict[str, Any]:
    """What holds outside the window, for who is told that a reply was not sent."""
    rule = window.rule(channel)
    return {"message": rule.words[language], "rule": rule.name, "may_send": list(rule.may_send)}


_STATUSES = (
    (WrongSignIn, 401),
    (NotFound, 404),
    (Refused, 409),
    (BadInput, 400),
    (TooMany, 429),
    (NotYet, 501),
    (Unavailable, 503),
)


def _status(error: BatonError) -> int:
    if error.code == Forbidden.code:
        return 403
    for kind, status in _STATUSES:
        if isinstance(error, kind):
            return status
    return 500


def instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds")
