"""In the bench: hands a plan to a poster process, and reads what became of each webhook."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.harness import figures, processes


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """A signed body with one message, ready to be posted. `key`: what its answer is known by, see `customers`."""

    id: str
    customer: str
    key: str
    body: str
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Posted:
    """What became of a webhook. Times are `time.monotonic_ns()`; 0 is never."""

    webhook: Webhook
    scheduled_ns: int
    sent_ns: int
    answered_ns: int
    status: int

    @property
    def accepted(self) -> bool:
        return self.status == 200

    @property
    def ms(self) -> float:
        return (self.answered_ns - self.scheduled_ns) / 1e6


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Something to be done as soon as so many are answered."""

    answered: int
    do: Callable[[], Awaitable[None]]


async def post(
    url: str, webhooks: Sequence[Webhook], *, rate: float, home: Path, env: Mapping[str, str]
) -> list[Posted]:
    """Posts them at a steady rate; returns once all are answered or will not be."""
    return await _post(url, webhooks, {"rate": rate}, len(webhooks) / rate + 120, None, home, env)


async def post_in_turn(
    url: str,
    webhooks: Sequence[Webhook],
    *,
    at_once: int,
    home: Path,
    env: Mapping[str, str],
    seconds: float = 600.0,
    mark: Mark | None = None,
) -> list[Posted]:
    """With `at_once` under way at any time; those that were posted until all are, or the time is over."""
    posted = await _post(url, webhooks, {"at_once": at_once, "seconds": seconds}, seconds + 120, mark, home, env)
    return [each for each in posted if each.sent_ns]


async def _post(
    url: str,
    webhooks: Sequence[Webhook],
    pace: Mapping[str, float],
    patience_s: float,
    mark: Mark | None,
    home: Path,
    env: Mapping[str, str],
) -> list[Posted]:
    address = urlsplit(url)
    with tempfile.TemporaryDirectory(dir=home, prefix="posting-") as folder:
        plan, results = Path(folder) / "plan.json", Path(folder) / "results.json"
        told = {
            "host": address.hostname,
            "port": address.port,
            "path": address.path,
            "rate": None,
            "at_once": None,
            "seconds": None,
            **pace,
            "tell_at": mark.answered if mark else None,
            "results": str(results),
            "requests": [{"body": w.body, "headers": dict(w.headers)} for w in webhooks],
        }
        _write_private(plan, told)
        child = await processes.start("poster", ["bench.load.poster", str(plan)], env=env, log=home / "poster.log")
        try:
            if mark is not None:
                await child.said("reached", patience_s)
                await mark.do()
            await child.said("done", patience_s)
        finally:
            await child.stop()
        rows = json.loads(results.read_text())
    return [
        Posted(webhook=webhook, scheduled_ns=due, sent_ns=sent, answered_ns=answered, status=status)
        for webhook, (due, sent, answered, status) in zip(webhooks, rows, strict=True)
    ]


def acknowledgement(posted: Sequence[Posted]) -> dict[str, Any]:
    """Counts, latencies from the scheduled time, and how late the generator itself was."""
    lag = figures.times_ms((p.sent_ns - p.scheduled_ns) / 1e6 for p in posted if p.sent_ns) or {}
    return {
        "posted": len(posted),
        "accepted": sum(p.accepted for p in posted),
        "ack_ms": figures.times_ms(p.ms for p in posted if p.accepted),
        "generator_late_ms": {name: lag.get(name) for name in ("p50", "p99")},
    }


def seconds(posted: Sequence[Posted]) -> float:
    """From the first scheduled to the last answered."""
    return (max(p.answered_ns for p in posted) - min(p.scheduled_ns for p in posted)) / 1e9


def accepted_per_s(posted: Sequence[Posted]) -> float:
    return round(sum(p.accepted for p in posted) / seconds(posted), 1)


def _write_private(path: Path, value: Any) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(value, file)
