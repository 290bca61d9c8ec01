"""Messenger's way out. Apart from the way in, so that the command line need not import Rasa.

[MSG docs: Send API, quick replies, templates, conversation routing]
"""

from __future__ import annotations

from collections.abc import Callable

from connectors import meta_inboxes
from connectors.graph import GraphClient
from connectors.meta_files import MetaFiles
from connectors.meta_greetings import MetaGreetings
from connectors.meta_network import Limits, Network
from connectors.meta_past import MetaPast
from connectors.meta_personas import MetaPersonas
from connectors.meta_profiles import MetaProfiles
from connectors.meta_send import MetaChannel
from connectors.meta_subscription import MetaSubscription
from connectors.meta_threads import MetaThreads
from conversation.account import Channel
from conversation.contact import AddressKind
from runtime.channel import WayOut

MESSENGER = Network(
    channel=Channel.MESSENGER,
    addresses=(AddressKind.PSID, AddressKind.USER_REF),
    inbox_app=meta_inboxes.MESSENGER,
    metadata=True,
    utility=True,
    limits=Limits(
        text=2000, size=len,
        quick_replies=13, title=20, buttons=3, template_text=640, media_template=True,
        native=("web_url", "phone_number", "account_link", "account_unlink"),
        cards=10, card_title=80, card_subtitle=80,
        images=1,
    ),
)  # fmt: skip


class MessengerChannel(MetaChannel):
    def __init__(self, graph: GraphClient, base_url_of: Callable[[str], str]) -> None:
        super().__init__(MESSENGER, graph, base_url_of)


def way_out(graph: GraphClient, base_url_of: Callable[[str], str]) -> WayOut:
    return WayOut(
        channel=MessengerChannel(graph, base_url_of),
        profiles=MetaProfiles(graph),
        past=MetaPast(graph),
        threads=MetaThreads(MESSENGER, graph),
        subscription=MetaSubscription(graph),
        files=MetaFiles(graph),
        personas=MetaPersonas(graph),
        greetings=MetaGreetings(graph),
    )
