"""What a business may learn of somebody who wrote to it [MSG docs: user profile; IG docs: user profile]."""

from __future__ import annotations

from emulator import files
from emulator.chats import Chats
from emulator.fields import Json
from emulator.files import Files
from emulator.graph_errors import GraphError
from emulator.graph_path import GraphRequest
from emulator.nodes import Nodes, need_token, wanted_fields
from emulator.people import Account, Customer, scoped_id

# `locale`, `timezone` and `gender` need a permission more, which nobody has here.
_DEFAULT = {"messenger": ("first_name", "last_name", "profile_pic"), "instagram": ("name", "username")}


class ProfilePath:
    """`GET /{PSID or IGSID}?fields=`"""

    name = "profile"

    def __init__(self, nodes: Nodes, chats: Chats, files: Files) -> None:
        self._nodes = nodes
        self._chats = chats
        self._files = files

    def answer(self, request: GraphRequest) -> Json | None:
        if request.method != "GET" or request.account is not None or len(request.path) != 1:
            return None
        found = self._nodes.customer(request.path[0])
        if found is None:
            return None
        account, customer = found
        need_token(request, account)
        if not any(item.by == "customer" for item in self._chats.of(account.id, customer.phone)):
            raise GraphError(230, "User consent is required to access the user profile: they wrote to you never.")
        known = self._known(account, customer, request.origin)
        wanted = [name for name in wanted_fields(request, *_DEFAULT[account.channel]) if name in known]
        return {name: known[name] for name in [*wanted, "id"]}

    def _known(self, account: Account, customer: Customer, origin: str) -> Json:
        own_id = scoped_id(account.id, customer.phone)
        picture = self._files.open_url(files.portrait_of(customer), origin)
        both: Json = {"id": own_id, "name": customer.name, "profile_pic": picture}
        if account.channel == "messenger":
            return {**both, "first_name": customer.first_name, "last_name": customer.last_name}
        return {
            **both,
            "username": customer.handle,
            "follower_count": 10 + int(own_id) % 990,
            "is_user_follow_business": int(own_id) % 2 == 0,
            "is_business_follow_user": False,
            "is_verified_user": False,
        }
