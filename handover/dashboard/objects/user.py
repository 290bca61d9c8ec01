"""Who is signed in, as the dashboard knows them: all that names them here is the operator's one name."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from handover.schemas import instant
from store.operators import Operator, Role


class User(TypedDict):
    """`id` and `email` are the name too: it is what they sign in with."""

    id: str
    user_id: str
    username: str
    email: str
    first_name: str
    last_name: str
    is_staff: bool
    is_superuser: bool
    is_active: bool


class Me(User):
    date_joined: str


class SignedIn(User):
    token: str


def user_json(operator: Operator) -> User:
    return {
        "id": operator.name,
        "user_id": operator.name,
        "username": operator.name,
        "email": operator.name,
        "first_name": operator.name,
        "last_name": "",
        "is_staff": operator.role.covers(Role.SUPERVISOR),
        "is_superuser": operator.role.covers(Role.ADMIN),
        "is_active": True,
    }


def me_json(operator: Operator, joined_at: datetime) -> Me:
    return {**user_json(operator), "date_joined": instant(joined_at) or ""}
