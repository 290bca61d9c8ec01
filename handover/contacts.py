"""/api/v1/contacts: the people who write to us, and what operators call them."""

from __future__ import annotations

from typing import Annotated, Any, cast

import msgspec
from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation.account import Account, AccountId
from conversation.contact import ContactId
from conversation.errors import NotFound
from conversation.opt_outs import By
from conversation.said import say
from handover.auth import route, theirs, visible_account
from handover.queries import Limit
from handover.schemas import instant
from handover.shapes import contacts as shapes
from handover.shapes.page import Page
from runtime import merging
from store import accounts, contact_list, deeds, former_ids, opt_outs
from store.contact_list import Known, Wanted
from store.merging import Done
from store.operators import Operator, Role


class ContactsQuery(msgspec.Struct):
    """`text`: a part of a name, a username, a number or another address. `after`: the `next` of the page before."""

    text: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    account: str | None = None
    after: str | None = None
    limit: Limit = 50


class ContactBody(msgspec.Struct):
    """`given_name`: null takes it away. `version`: the one that was read; refused where somebody else has changed it
    since."""

    given_name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None
    version: int | None = None


class MergeBody(msgspec.Struct):
    """`with`: the other contact's id."""

    other: Annotated[str, msgspec.Meta(min_length=1, max_length=60)] = msgspec.field(name="with")


class OptOutBody(msgspec.Struct):
    """`opted_out`: they are sent no template, but answers to their words of the last day, and codes to sign in."""

    opted_out: bool


def register(blueprint: Blueprint) -> None:
    @route(
        blueprint,
        "GET",
        "/contacts",
        role=Role.OPERATOR,
        query=ContactsQuery,
        answers=Page[shapes.Contact],
        refusals=(404,),
    )
    async def list_contacts(request: Request, operator: Operator, query: ContactsQuery) -> Page[shapes.Contact]:
        """Those who have written on your accounts, the newest first."""
        db = request.app.ctx.baton.db
        if query.after is not None:
            await _visible(request, operator, query.after)
        account = None if query.account is None else (await visible_account(request, operator, query.account)).id
        text = (query.text or "").strip() or None
        wanted = Wanted(account_ids=theirs(operator), account=account, text=text)
        found, known = await db.read(_page, wanted, query.after, query.limit + 1)
        more = len(found) > query.limit
        return Page(
            items=[contact_json(each, known) for each in found[: query.limit]],
            next=found[query.limit - 1].contact.id if more else None,
        )

    @route(blueprint, "GET", "/contacts/<contact_id:str>", role=Role.OPERATOR, answers=shapes.Contact)
    async def show_contact(request: Request, operator: Operator, contact_id: str) -> shapes.Contact:
        """One of them, with all that the channel tells."""
        return contact_json(*await _visible(request, operator, contact_id))

    @route(
        blueprint,
        "PATCH",
        "/contacts/<contact_id:str>",
        role=Role.OPERATOR,
        body=ContactBody,
        answers=shapes.Contact,
        refusals=(409,),
    )
    async def change_contact(
        request: Request, operator: Operator, body: ContactBody, contact_id: str
    ) -> shapes.Contact:
        """What operators call them. The customer never sees it."""
        house = request.app.ctx.baton
        _, known = await _visible(request, operator, contact_id)
        given = (body.given_name or "").strip() or None
        now = house.clock.now()
        changed: Known = await house.db.write(contact_list.name, contact_id, given, version=body.version, now=now)
        return contact_json(changed, known)

    @route(
        blueprint,
        "POST",
        "/contacts/<contact_id:str>/merge",
        role=Role.SUPERVISOR,
        body=MergeBody,
        answers=shapes.Contact,
        refusals=(409,),
    )
    async def merge_contacts(request: Request, operator: Operator, body: MergeBody, contact_id: str) -> shapes.Contact:
        """The two are one customer: the one known longer goes on, with all that was said with either.

        The other's ids lead to it from then on. Nothing takes them apart again."""
        house = request.app.ctx.baton
        one, _ = await _visible(request, operator, contact_id)
        other, _ = await _visible(request, operator, await house.db.read(former_ids.resolved, body.other))
        deed, now = deeds.in_hand(), house.clock.now()

        def merge(tx: Connection) -> Done:
            done = merging.by_hand(tx, one.contact.id, other.contact.id, by=operator.name, now=now)
            if deed is not None:
                deed.facts, deed.contact, deed.words = {**deed.facts, **merging.facts_of(done)}, done.contact, None
            return done

        done = await house.db.write(merge)
        return contact_json(*await _visible(request, operator, done.contact))

    @route(
        blueprint,
        "PUT",
        "/contacts/<contact_id:str>/opt-out",
        role=Role.OPERATOR,
        body=OptOutBody,
        answers=shapes.Contact,
    )
    async def opt_out(request: Request, operator: Operator, body: OptOutBody, contact_id: str) -> shapes.Contact:
        """Whether they want nothing that they did not ask for: where they said so some other way, or take it back.

        They are not told: whoever speaks with them does that."""
        house = request.app.ctx.baton
        await _visible(request, operator, contact_id)
        now = house.clock.now()
        if body.opted_out:
            await house.db.write(opt_outs.out, ContactId(contact_id), By.OPERATOR, now, now)
        else:
            await house.db.write(opt_outs.back, ContactId(contact_id), now, now)
        return contact_json(*await _visible(request, operator, contact_id))


async def _visible(request: Request, operator: Operator, contact_id: str) -> tuple[Known, dict[AccountId, Account]]:
    """The contact. One of an account that is not theirs is not there."""
    known, by_id = await request.app.ctx.baton.db.read(_one, contact_id)
    if not operator.may_see(known.contact.account_id):
        raise NotFound(say("There is no contact {contact}.", contact=contact_id))
    return known, by_id


def _one(tx: Connection, contact_id: str) -> tuple[Known, dict[AccountId, Account]]:
    return contact_list.one(tx, contact_id), _by_id(tx)


def _page(
    tx: Connection, wanted: Wanted, after: str | None, limit: int
) -> tuple[list[Known], dict[AccountId, Account]]:
    return contact_list.page(tx, wanted, after=after, limit=limit), _by_id(tx)


def _by_id(tx: Connection) -> dict[AccountId, Account]:
    return {each.id: each for each in accounts.even_removed(tx)}


def contact_json(known: Known, by_id: dict[AccountId, Account]) -> shapes.Contact:
    contact = known.contact
    account = by_id[AccountId(contact.account_id or "")]
    return {
        "id": contact.id,
        "account_id": account.id,
        "account_name": account.name,
        "channel": account.channel.value,
        "name": contact.name,
        "given_name": contact.given_name,
        "username": contact.username,
        "picture": f"/api/v1/media/{contact.picture_id}" if contact.picture_id is not None else None,
        "profile": dict(contact.profile),
        "addresses": [{"kind": each.kind.value, "value": each.value} for each in contact.addresses],
        "conversation_id": known.conversation_id,
        "notice_at": instant(contact.notice_at),
        "opted_out_at": instant(contact.opted_out_at),
        "opted_out_by": cast(Any, contact.opted_out_by),
        "created_at": instant(contact.created_at),
        "version": contact.version,
    }
