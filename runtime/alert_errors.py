"""Why an alert was not told."""

from __future__ import annotations

from conversation.errors import BatonError
from conversation.said import Said


class AlertError(BatonError):
    """It was not told; the message names neither a URL nor an address. `retryable`: it may be later."""

    code = "alert_not_told"

    def __init__(self, message: Said, *, retryable: bool, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_after_s = retry_after_s
