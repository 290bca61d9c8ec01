"""Who asks Meta about an account, by its channel."""

from __future__ import annotations

from connectors.graph import GraphClient
from connectors.meta_checks import MetaChecks
from connectors.whatsapp_checks import WhatsAppChecks
from conversation.account import Channel
from runtime.checking import Asker


def askers(graph: GraphClient) -> dict[Channel, Asker]:
    meta = MetaChecks(graph)
    return {Channel.WHATSAPP: WhatsAppChecks(graph), Channel.MESSENGER: meta, Channel.INSTAGRAM: meta}
