"""What the dashboard's forms say of a WhatsApp number, and what that means here."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from sanic.request import Request

from conversation.account import Account, Channel
from conversation.channel_settings import ChannelSettings
from conversation.errors import BadInput
from conversation.said import say
from handover.dashboard.direct_accounts import Switches, Word, agent_of, change, given, needed, secret
from runtime.account_setup import NewAccount

#: In place of a token, which the form insists on: the number is the emulator's.
EMULATOR = "emulator"


class NumberBody(Switches):
    """What is not given, or empty, stays. `phone_number_id`: for life. `webhook_verify_token`: the installation has
    one for all its accounts, so this is not read. `app_secret`: no form of the dashboard's has it; who asks by
    themselves may give it."""

    phone_number: Word = ""
    phone_number_id: Word = ""
    waba_id: Word = ""
    display_phone_number: Word = ""
    access_token: Word = ""
    app_secret: Word = ""


class TokenBody(msgspec.Struct):
    access_token: Word = ""


async def add(request: Request, body: NumberBody) -> Account:
    """It answers as the form has it from the first message on."""
    house = request.app.ctx.baton
    token, own = needed_token(body.access_token), secret(body.app_secret, "app_secret")
    new = NewAccount(
        channel=Channel.WHATSAPP,
        provider_id=needed(body.phone_number_id, "phone_number_id"),
        name=given(body.name),
        agent=await agent_of(request, body),
        token=None if token == EMULATOR else token,
        secrets=[own] if own else [],
        channel_settings=_settings(ChannelSettings(), body),
        active=body.is_active is not False,
        auto_response=body.auto_response_enabled is not False,
    )
    account: Account = await house.account_setup.add(new)
    return await change(request, account, Switches(human_handoff_enabled=body.human_handoff_enabled))


async def edit(request: Request, account: Account, body: NumberBody) -> Account:
    number, settings = given(body.phone_number_id), _settings(account.channel_settings, body)
    if number is not None and number != account.provider_id:
        raise BadInput(say("A phone number id is for life: add the other number as an account of its own."))
    token = secret(body.access_token, "access_token")  # before anything is changed
    if settings != account.channel_settings:
        account, _ = await request.app.ctx.baton.ownership.change_account(
            account.id, channel_settings=settings, version=account.version
        )
    return await change(request, account, body, token=token)


def needed_token(word: str) -> str:
    found = secret(word, "access_token")
    if found is None:
        raise BadInput(say("The form needs an access token."))
    return found


def _settings(before: ChannelSettings, body: NumberBody) -> ChannelSettings:
    """The form has its number twice, and sends what it was shown with what was changed."""
    written = [given(body.display_phone_number), given(body.phone_number)]
    number = next((each for each in written if each not in (None, before.phone_number)), before.phone_number)
    return replace(before, phone_number=number, waba_id=given(body.waba_id) or before.waba_id)
