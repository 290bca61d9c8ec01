"""Every row of what the dashboard asks, by the system it is about."""

from __future__ import annotations

from collections.abc import Sequence

from bench.dashboards.contract import (
    agents,
    beyond,
    conversations,
    handover,
    instagram,
    later,
    messenger,
    sign_in,
    whatsapp_accounts,
    whatsapp_messages,
)
from bench.dashboards.rows import Row

_ALL = (
    sign_in,
    beyond,
    whatsapp_accounts,
    whatsapp_messages,
    conversations,
    handover,
    agents,
    instagram,
    messenger,
    later,
)


def rows() -> Sequence[Row]:
    return [row for module in _ALL for row in module.ROWS]
