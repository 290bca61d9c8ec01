"""/api/v1/settings: what is set for the whole installation while it runs, and how it is set up."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from sanic import Blueprint
from sanic.request import Request

from handover.auth import route
from handover.schemas import instant
from handover.shapes import settings as shapes
from store import settings
from store.operators import Operator, Role
from store.settings import Setting


class SettingBody(msgspec.Struct):
    """`value`: what is to change of it; the rest stays. `version`: the one that was read; refused where somebody else
    has changed it since."""

    value: dict[str, Any]
    version: Annotated[int, msgspec.Meta(ge=0)] | None = None


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/settings", role=Role.ADMIN, answers=shapes.Settings)
    async def list_settings(request: Request, operator: Operator) -> shapes.Settings:
        """What is set for the whole installation.

        `items` are changed here; `installation` is what it was started with.
        """
        house = request.app.ctx.baton
        found = await house.db.read(settings.all_of)
        return {"items": [setting_json(each) for each in found], "installation": house.installation()}

    @route(
        blueprint,
        "PATCH",
        "/settings/<name:str>",
        role=Role.ADMIN,
        body=SettingBody,
        answers=shapes.Setting,
        refusals=(409,),
    )
    async def change_setting(request: Request, operator: Operator, body: SettingBody, name: str) -> shapes.Setting:
        """Changes a setting, for every process at once."""
        house = request.app.ctx.baton
        changed: Setting = await house.db.write(
            settings.change, name, body.value, by=operator.name, now=house.clock.now(), version=body.version
        )
        return setting_json(changed)


def setting_json(setting: Setting) -> shapes.Setting:
    return {
        "name": setting.name,
        "value": dict(setting.value),
        "version": setting.version,
        "changed_by": setting.changed_by,
        "changed_at": instant(setting.changed_at),
    }
