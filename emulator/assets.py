"""What a business stored with Meta to be used in its sends: personas, and files by their attachment ids."""

from __future__ import annotations

from dataclasses import dataclass, field

from emulator.fields import Json


@dataclass(kw_only=True)
class Assets:
    """By the id they are asked for by. A file's `url` is where it can be looked at, `type` is image, video, …"""

    personas: dict[str, Json] = field(default_factory=dict)
    attachments: dict[str, Json] = field(default_factory=dict)

    def of(self, account: str) -> Assets:
        """Only this account's."""
        return Assets(
            personas={key: one for key, one in self.personas.items() if one.get("account") == account},
            attachments={key: one for key, one in self.attachments.items() if one.get("account") == account},
        )

    def clear(self) -> None:
        self.personas.clear()
        self.attachments.clear()
