"""What a customer filled in, in a Flow on WhatsApp: text that should be JSON, and may be anything."""

from __future__ import annotations

import json
from typing import Any

from connectors import reading
from connectors.reading import obj

_LONGEST = 20_000


def with_response(interactive: dict[str, Any]) -> dict[str, Any]:
    """With the answers as an object beside the text they came as; without one where the text is none."""
    reply = obj(interactive.get("nfm_reply"))
    given = reading.text(reply.get("response_json"))
    if given is None or len(given) > _LONGEST:
        return interactive
    try:
        answers = reading.document(json.dumps({"answers": json.loads(given)}).encode())["answers"]
    except (ValueError, RecursionError):
        return interactive
    return {**interactive, "response": answers}
