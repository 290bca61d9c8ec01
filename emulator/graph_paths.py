"""The parts of Graph API beside sending, each asked in turn, and what they remember."""

from __future__ import annotations

from collections.abc import Callable

from emulator.assets import Assets
from emulator.businesses import BusinessPath
from emulator.chats import Chats
from emulator.files import Files
from emulator.graph_path import GraphPath
from emulator.logins import LoginPath, Logins
from emulator.menus import MenuPath, Menus
from emulator.nodes import Nodes
from emulator.past import ConversationPath
from emulator.people import People
from emulator.personas import PersonaPath
from emulator.profiles import ProfilePath
from emulator.settings import Settings
from emulator.subscriptions import SubscriptionPath, Subscriptions
from emulator.tokens import DeadTokens, Tokens
from emulator.uploads import MediaPath, UploadPath


class GraphPaths:
    """Read `all` to learn which there are."""

    def __init__(
        self,
        people: People,
        chats: Chats,
        assets: Assets,
        subscriptions: Subscriptions,
        settings: Callable[[], Settings],
    ) -> None:
        self.files = Files(settings)
        self.menus = Menus()
        self.tokens = Tokens(settings)
        self.logins = Logins(people)
        self._subscriptions = subscriptions
        nodes = Nodes(people, self.tokens.account_of)
        self._past = ConversationPath(people, chats, nodes, settings)
        self.all: list[GraphPath] = [
            DeadTokens(self.tokens),
            LoginPath(self.logins, self.tokens, people, settings),
            SubscriptionPath(subscriptions, nodes),
            self._past,
            ProfilePath(nodes, chats, self.files),
            BusinessPath(nodes),
            PersonaPath(assets, nodes),
            MenuPath(self.menus, nodes),
            UploadPath(self.files, assets, nodes),
            MediaPath(self.files),
        ]

    def clear(self) -> None:
        """Tokens stay: an account goes on with the one it has."""
        self._subscriptions.clear()
        self._past.clear()
        self.files.clear()
        self.menus.clear()
        self.logins.clear()
