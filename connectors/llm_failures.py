"""Whatever goes wrong on the way to a language model or in its answer, in one word."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpcore
import httpx

from connectors.llm_heard import Unreadable
from connectors.llm_transport import Barred
from runtime.llm.provider import Outcome

_LONGEST_WAIT_S = 3600.0
_SECONDS = re.compile(r"\d{1,9}(\.\d{1,9})?\Z", re.ASCII)
_WORD = re.compile(r"[a-z][a-z_]{1,60}\Z")  # no key looks like this


def meaning_of(error: BaseException) -> tuple[Outcome, str, float | None]:
    """The outcome, a detail for the log, and after how long it is worth another try.

    Of what the provider says only its codes are told, for its sentences quote keys and customers."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return _of_status(status, _code(error)), " ".join([str(status), *_code(error)]), _retry_after(error)
    return *_of_what_broke(error), None


def _of_what_broke(error: BaseException) -> tuple[Outcome, str]:
    for each in _causes(error):
        if isinstance(each, Unreadable):
            return Outcome.GARBAGE, str(each)
        if isinstance(each, Barred):
            return Outcome.UNREACHABLE, str(each)
        if isinstance(each, (httpcore.ConnectError, httpcore.ConnectTimeout)):
            return Outcome.UNREACHABLE, "no connection"
        if isinstance(each, (httpcore.TimeoutException, httpx.TimeoutException)):
            return Outcome.TIMEOUT, ""
        if isinstance(each, httpcore.RemoteProtocolError) and "disconnected" in str(each):
            return Outcome.UNREACHABLE, "it hung up"
        if isinstance(each, (httpcore.ReadError, httpcore.WriteError)):
            return Outcome.GARBAGE, "it hung up"
    if hasattr(error, "body") and _code(error):  # an error in place of the rest of an answer
        return _of_status(500, _code(error)), " ".join(_code(error))
    return Outcome.GARBAGE, type(error).__name__


def _of_status(status: int, codes: list[str]) -> Outcome:
    limited = any("rate_limit" in code for code in codes)
    if status == 429 or (limited and not 400 <= status < 500):
        return Outcome.RATE_LIMITED
    if 300 <= status < 400:
        return Outcome.UNREACHABLE  # it sends us elsewhere, and we don't go
    return Outcome.REFUSED if 400 <= status < 500 else Outcome.FAILED


def _retry_after(error: BaseException) -> float | None:
    """In seconds, if it says so; a date is of a clock that is not ours."""
    said = getattr(getattr(error, "response", None), "headers", {}).get("retry-after", "")
    return min(float(said), _LONGEST_WAIT_S) if _SECONDS.match(said) else None


def _code(error: BaseException) -> list[str]:
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, dict) else None
    told = (inner.get("type"), inner.get("code")) if isinstance(inner, dict) else ()
    return [each for each in told if isinstance(each, str) and _WORD.match(each)]


def _causes(error: BaseException) -> Iterator[BaseException]:
    """It and what it came of."""
    seen: BaseException | None = error
    for _ in range(8):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__
