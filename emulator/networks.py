"""The networks the emulator speaks for. A new one is a file like `whatsapp.py` and its line here."""

from __future__ import annotations

from emulator.channel import Channel
from emulator.instagram import Instagram
from emulator.messenger import Messenger
from emulator.whatsapp import WhatsApp


def networks() -> dict[str, Channel]:
    speaking: list[Channel] = [WhatsApp(), Messenger(), Instagram()]
    return {channel.name: channel for channel in speaking}
