"""The Portuguese of what is said to operators and admins, by the English template. One text, one line; a file for each
thing it is said about."""

from __future__ import annotations

from conversation.catalogue import (
    accounts,
    alerts,
    api,
    checking,
    conversations,
    dashboard,
    keeping,
    people,
    sending,
    thinking,
    whatsapp,
)

PORTUGUESE: dict[str, str] = {
    **api.PORTUGUESE,
    **people.PORTUGUESE,
    **conversations.PORTUGUESE,
    **sending.PORTUGUESE,
    **accounts.PORTUGUESE,
    **alerts.PORTUGUESE,
    **keeping.PORTUGUESE,
    **thinking.PORTUGUESE,
    **dashboard.PORTUGUESE,
    **whatsapp.PORTUGUESE,
    **checking.PORTUGUESE,
}
