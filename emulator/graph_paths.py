"""The parts of Graph API beside sending, each asked in turn, and what they remember."""

from __future__ import annotations

from collections.abc import Callable

from emulator.apps import AppPath
from emulator.assets import Assets
from emulator.businesses import BusinessPath
from emulator.chats import Chats
from emulator.files import Files
from emulator.graph_path import GraphPath
from emulator.logins import LoginPath, Logins
from emulator.menus import MenuPath, Menus
from emulator.nodes import Nodes
from emulator.numbers import NumberPath, StandingPath
from emulator.past import ConversationPath
from emulator.people import People
from emulator.personas import PersonaPath
from emulator.profiles import ProfilePath
from emulator.settings import Settings
from emulator.standing import Standings
from emulator.subscriptions import SubscriptionPath, Subscriptions
from emulator.tokens import DeadTokens, Tokens
from emulator.uploads import MediaPath, UploadPath
from emulator.whatsapp_history import Bring, SharingPath


class GraphPaths:
    """Read `all` to learn which there are."""

    def __init__(
        self,
        people: People,
        chats: Chats,
        assets: Assets,
        subscriptions: Subscriptions,
        settings: Callable[[], Settings],
        bring: Bring,
    ) -> None:
        self.files = Files(settings)
        self.menus = Menus()
        self.tokens = Tokens(settings)
        self.logins = Logins(people)
        self.standings = Standings()
        self._subscriptions = subscriptions
        nodes = Nodes(people, self.tokens.account_of)
        self._past = ConversationPath(people, chats, nodes, settings)
        self.businesses = BusinessPath(nodes)
        self._sharing = SharingPath(people, chats, self.standings, bring)
        self.all: list[GraphPath] = [
            DeadTokens(self.tokens),
            StandingPath(people, self.standings),
            AppPath(people, self.standings, settings, self.tokens.account_of),
            NumberPath(people, nodes, self.standings),
            LoginPath(self.logins, self.tokens, people, settings),
            SubscriptionPath(subscriptions, nodes, self.standings),
            self._past,
            ProfilePath(nodes, chats, self.files),
            self.businesses,
            self._sharing,
            PersonaPath(assets, nodes),
            MenuPath(self.menus, nodes),
            UploadPath(self.files, assets, nodes),
            MediaPath(self.files),
        ]

    def clear(self) -> None:
        """Tokens stay: an account goes on with the one it has."""
        self._subscriptions.clear()
        self.standings.clear()
        self._past.clear()
        self._sharing.clear()
        self.files.clear()
        self.menus.clear()
        self.businesses.clear()
        self.logins.clear()
