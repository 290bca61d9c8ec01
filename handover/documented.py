"""What is known of a route beside what it does: whom it is for, what it takes and answers.

The API's description is made of this, and a test asks every route of the running server for it.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from store.operators import Role

#: Where it stands on a handler.
ATTRIBUTE = "documented"


@dataclass(frozen=True, kw_only=True)
class Documented:
    """`role`: the least it takes; None: nobody's, and `open_because` says why. `body`, `query`: the structs that what
    comes is read into. `answers`: a type whose JSON is answered; None: something else, of `content_type`.
    `refusals`: statuses beside those that any route may answer with. `once`: it takes an Idempotency-Key. `part`: of
    the API, or of what a dashboard asks; the API's description holds the first only.
    """

    method: str
    path: str
    name: str
    role: Role | None
    open_because: str | None = None
    summary: str = ""
    description: str = ""
    body: Any = None
    query: Any = None
    answers: Any = dict[str, Any]
    content_type: str = "application/json"
    body_type: str = "application/json"
    refusals: tuple[int, ...] = ()
    once: bool = False
    part: str = "api"


def of(handler: Any) -> Documented | None:
    """What is known of a handler; None where nobody has said."""
    if isinstance(handler, functools.partial):  # a socket's: the server puts its own handler before it
        handler = handler.args[0]
    found: Documented | None = getattr(handler, ATTRIBUTE, None)
    return found
