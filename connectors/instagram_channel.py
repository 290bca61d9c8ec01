"""Instagram's way out. Apart from the way in, so that the command line need not import Rasa.

[IG docs: send messages, quick replies, templates, conversation routing]
"""

from __future__ import annotations

from collections.abc import Callable

from connectors import meta_inboxes
from connectors.graph import GraphClient
from connectors.meta_files import MetaFiles
from connectors.meta_network import Limits, Network
from connectors.meta_own import MetaOwn
from connectors.meta_past import MetaPast
from connectors.meta_profiles import MetaProfiles
from connectors.meta_send import MetaChannel
from connectors.meta_subscription import MetaSubscription
from connectors.meta_threads import MetaThreads
from connectors.text import in_bytes
from conversation.account import Channel
from conversation.contact import AddressKind
from runtime.channel import WayOut

INSTAGRAM = Network(
    channel=Channel.INSTAGRAM,
    addresses=(AddressKind.IGSID,),
    inbox_app=meta_inboxes.INSTAGRAM,
    metadata=False,
    utility=False,
    limits=Limits(
        text=1000, size=in_bytes,
        quick_replies=13, title=20, buttons=3, template_text=640, media_template=False,
        native=("web_url",),
        cards=10, card_title=80, card_subtitle=80,
        images=10,
    ),
)  # fmt: skip


class InstagramChannel(MetaChannel):
    def __init__(self, graph: GraphClient, base_url_of: Callable[[str], str]) -> None:
        super().__init__(INSTAGRAM, graph, base_url_of)


def way_out(graph: GraphClient, base_url_of: Callable[[str], str]) -> WayOut:
    return WayOut(
        channel=InstagramChannel(graph, base_url_of),
        profiles=MetaProfiles(graph),
        past=MetaPast(graph),
        threads=MetaThreads(INSTAGRAM, graph),
        subscription=MetaSubscription(graph),
        files=MetaFiles(graph),
        own=MetaOwn(graph),
    )
