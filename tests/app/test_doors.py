"""Nothing stands open beside us: neither a channel that takes anybody's words, nor Rasa's API without a token."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa import server
from rasa.core.channels.callback import CallbackInput
from rasa.core.channels.channel import InputChannel
from rasa.core.channels.facebook import FacebookInput
from rasa.core.channels.rest import RestInput
from rasa.core.channels.slack import SlackInput
from rasa.core.channels.socketio import SocketIOInput
from rasa.core.channels.twilio import TwilioInput
from sanic import Sanic

from app import doors, gateway
from connectors.whatsapp import WhatsApp
from conversation.errors import BadInput
from handover.api import OperatorsApi


class SomebodyElses(InputChannel):
    """What a project brings along: nobody can know what it checks."""

    @classmethod
    def name(cls) -> str:
        return "theirs"


@pytest.mark.parametrize(
    "channel",
    [
        RestInput(),
        CallbackInput(None),
        SocketIOInput(),
        TwilioInput("sid", "token", "+55"),
        SomebodyElses(),
    ],
    ids=lambda channel: type(channel).__name__,
)
def test_a_channel_that_takes_anybodys_words_is_refused_unless_it_is_opened_by_name(channel: InputChannel) -> None:
    with pytest.raises(BadInput, match=rf"has {channel.name()}.*BATON_OPEN_DOORS={channel.name()}"):
        doors.check_channels([WhatsApp(), channel], {"another"})
    doors.check_channels([WhatsApp(), channel], {channel.name()})


def test_channels_that_know_who_writes_may_be_there() -> None:
    theirs = [SlackInput("token", slack_signing_secret="x"), SocketIOInput(jwt_key="x"), FacebookInput("v", "s", "t")]
    doors.check_channels([WhatsApp(), OperatorsApi(), *theirs], ())


@pytest.fixture
def rasas() -> Iterator[Any]:
    """Rasa's own server with its API. It is made on a running loop: without one, Rasa makes a loop nobody closes."""
    made: list[Sanic] = []

    def make(**given: Any) -> Sanic:
        asyncio.get_running_loop()  # or it raises: the test is to be async
        made.append(server.create_app(**given))
        made[-1].router.finalize()
        return made[-1]

    yield make
    for app in made:
        Sanic._app_registry.pop(app.name, None)


async def test_rasas_api_without_a_token_is_refused_unless_it_is_opened(rasas: Any) -> None:
    app = rasas()
    with pytest.raises(BadInput, match="--auth-token"):
        doors.check_api(app, {"rest"})
    doors.check_api(app, {"api"})


@pytest.mark.parametrize("guard", [{"auth_token": "x"}, {"jwt_secret": "x"}], ids=["token", "jwt"])
async def test_rasas_api_behind_its_own_token_may_be_there(rasas: Any, guard: dict[str, str]) -> None:
    doors.check_api(rasas(**guard), ())


def test_a_server_without_rasas_api_is_well() -> None:
    app = Sanic("plain", configure_logging=False)
    doors.check_api(app, ())
    Sanic._app_registry.pop(app.name, None)


def test_our_own_server_has_no_place_for_rasas_channels(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials.yml"
    credentials.write_text("connectors.whatsapp.WhatsApp:\nrest:\n")
    with pytest.raises(BadInput, match="rasa run"):
        gateway._channels(credentials)
    credentials.write_text("rasa.core.channels.rest.RestInput:\n")
    with pytest.raises(BadInput, match="anybody's words"):
        gateway._channels(credentials)
