"""Lists as the dashboard reads them: {"count", "next", "previous", "results"}; a page is a number from 1 on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from sanic.request import Request

PAGE_SIZE, MOST = 30, 200
PageNumber = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
PageSize = Annotated[int, msgspec.Meta(ge=1, le=MOST)]


def of_all(results: Sequence[Any]) -> dict[str, Any]:
    """All there are, on one page."""
    return {"count": len(results), "next": None, "previous": None, "results": list(results)}


def of_page(request: Request, results: Sequence[Any], *, count: int, page: int, size: int) -> dict[str, Any]:
    """One page of many: `next` tells the dashboard that there is more to scroll to."""
    is_last = page * size >= count
    return {
        "count": count,
        "next": None if is_last else _address(request, page + 1),
        "previous": None if page == 1 else _address(request, page - 1),
        "results": list(results),
    }


def _address(request: Request, page: int) -> str:
    """The same question, another page: its path alone, as it was asked for."""
    asked = {name: values[-1] for name, values in request.args.items() if name != "page"}
    return f"{request.path}?{urlencode({**asked, 'page': page})}"
