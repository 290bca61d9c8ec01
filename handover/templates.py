"""/api/v1/accounts/{id}/templates, /profile, /facts: what Meta keeps of the business behind a number."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from sanic import Blueprint
from sanic.request import Request

from conversation.nesting import refuse_too_deep
from conversation.template_draft import Draft
from handover import cursors
from handover.auth import route, visible_account
from handover.queries import Limit
from handover.schemas import facts_json
from handover.shapes import templates as shapes
from handover.shapes.page import Items, Page
from handover.template_words import template_json
from store import templates
from store.operators import Operator, Role

_ACCOUNT = "/accounts/<account_id:str>"
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]


class TemplatesQuery(msgspec.Struct):
    """`after`: the `next` of the page before."""

    status: Word | None = None
    name: Word | None = None
    language: Word | None = None
    after: Annotated[str, msgspec.Meta(max_length=1000)] | None = None
    limit: Limit = 100


class NewTemplateBody(msgspec.Struct):
    """`components`: as Meta has them. `named`: its fields have names, and are not numbered. `ttl_s`: how long Meta
    tries to deliver one; null: as it usually does."""

    name: Word
    language: Annotated[str, msgspec.Meta(min_length=2, max_length=16)]
    category: Word
    components: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1, max_length=10)]
    named: bool = False
    ttl_s: Annotated[int, msgspec.Meta(ge=30, le=2_592_000)] | None = None

    def __post_init__(self) -> None:
        refuse_too_deep(self.components)


class ProfileBody(msgspec.Struct):
    """What is not given stays; an empty one is taken away."""

    about: str | None = None
    address: str | None = None
    description: str | None = None
    email: str | None = None
    vertical: str | None = None
    websites: list[str] | None = None


def register(blueprint: Blueprint) -> None:
    _register_templates(blueprint)
    _register_profile(blueprint)

    @route(blueprint, "POST", f"{_ACCOUNT}/facts", role=Role.OPERATOR, answers=shapes.NumberFacts, refusals=(409,))
    async def ask_facts(request: Request, operator: Operator, account_id: str) -> shapes.NumberFacts:
        """What Meta says of the number now: its quality, its limits, its name. It is asked once a day by itself."""
        account = await visible_account(request, operator, account_id)
        return facts_json(await request.app.ctx.baton.businesses.ask_facts(account))


def _register_templates(blueprint: Blueprint) -> None:
    @route(
        blueprint,
        "GET",
        f"{_ACCOUNT}/templates",
        role=Role.OPERATOR,
        query=TemplatesQuery,
        answers=Page[shapes.Template],
    )
    async def list_templates(
        request: Request, operator: Operator, query: TemplatesQuery, account_id: str
    ) -> Page[shapes.Template]:
        """The templates of its business account as Meta last told of them, by name and language."""
        business_id = await _business_of(request, operator, account_id)
        found = await request.app.ctx.baton.db.read(
            templates.of_business,
            business_id,
            status=query.status,
            name=query.name,
            language=query.language,
            after=None if query.after is None else cursors.pair(query.after),
            limit=query.limit + 1,
        )
        shown = found[: query.limit]
        more = cursors.of_pair(shown[-1].name, shown[-1].language) if len(found) > query.limit else None
        return Page(items=[template_json(each) for each in shown], next=more)

    @route(
        blueprint,
        "POST",
        f"{_ACCOUNT}/templates/sync",
        role=Role.OPERATOR,
        answers=shapes.SyncedTemplates,
        refusals=(409,),
    )
    async def sync_templates(request: Request, operator: Operator, account_id: str) -> shapes.SyncedTemplates:
        """Asks Meta for all of them now. It is done once a day by itself, and when Meta tells of a change."""
        account = await visible_account(request, operator, account_id)
        done = await request.app.ctx.baton.businesses.sync(account)
        return {"count": done.count, "added": done.added, "changed": done.changed, "missing": done.missing}

    @route(blueprint, "GET", f"{_ACCOUNT}/templates/<template:str>", role=Role.OPERATOR, answers=Items[shapes.Template])
    async def show_template(
        request: Request, operator: Operator, account_id: str, template: str
    ) -> Items[shapes.Template]:
        """One of them, in each of its languages."""
        business_id = await _business_of(request, operator, account_id)
        found = await request.app.ctx.baton.db.read(templates.known, business_id, template)
        return Items(items=[template_json(each) for each in found])

    @route(
        blueprint,
        "POST",
        f"{_ACCOUNT}/templates",
        role=Role.ADMIN,
        body=NewTemplateBody,
        answers=shapes.Template,
        refusals=(409,),
    )
    async def create_template(
        request: Request, operator: Operator, body: NewTemplateBody, account_id: str
    ) -> shapes.Template:
        """Asks Meta to approve one. Whether it does is known later, by its `status`."""
        account = await visible_account(request, operator, account_id)
        draft = Draft(
            name=body.name,
            language=body.language,
            category=body.category,
            components=body.components,
            named=body.named,
            ttl_s=body.ttl_s,
        )
        return template_json(await request.app.ctx.baton.businesses.create(account, draft))

    @route(
        blueprint,
        "DELETE",
        f"{_ACCOUNT}/templates/<template:str>",
        role=Role.ADMIN,
        answers=shapes.RemovedTemplates,
        refusals=(409,),
    )
    async def remove_template(
        request: Request, operator: Operator, account_id: str, template: str
    ) -> shapes.RemovedTemplates:
        """Takes one away at Meta, in all its languages. Who was sent it still has its words."""
        account = await visible_account(request, operator, account_id)
        count = await request.app.ctx.baton.businesses.remove(account, template)
        return {"name": template, "count": count}


def _register_profile(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", f"{_ACCOUNT}/profile", role=Role.OPERATOR, answers=shapes.BusinessProfile, refusals=(409,))
    async def show_business_profile(request: Request, operator: Operator, account_id: str) -> Any:
        """What customers can read of the business, as Meta has it now."""
        account = await visible_account(request, operator, account_id)
        return await request.app.ctx.baton.businesses.ask_profile(account)

    @route(
        blueprint,
        "PUT",
        f"{_ACCOUNT}/profile",
        role=Role.ADMIN,
        body=ProfileBody,
        answers=shapes.BusinessProfile,
        refusals=(409,),
    )
    async def set_business_profile(request: Request, operator: Operator, body: ProfileBody, account_id: str) -> Any:
        """Changes what customers can read of the business. What is not given stays."""
        account = await visible_account(request, operator, account_id)
        given = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not None}
        return await request.app.ctx.baton.businesses.set_profile(account, given)


async def _business_of(request: Request, operator: Operator, account_id: str) -> str:
    account = await visible_account(request, operator, account_id)
    business_id: str = request.app.ctx.baton.businesses.business_id(account)
    return business_id
