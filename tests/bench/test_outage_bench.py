"""`bench outage`: short seeded runs on the real processes, each removed guard is seen, and what the judge counts."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bench.outages import judging
from bench.outages.books import Asked, Books, Kept
from bench.outages.judging import Judged, Told, Written
from bench.outages.plan import Shape, plan
from tests.another_guard import another_guard

ROOT = pathlib.Path(__file__).parents[2]
SHORT = ["--times", "1", "--customers", "4", "--each", "2"]
BACK = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
ANA = "7000000000000001"


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code, and the figures: the last line on stdout."""
    process = subprocess.run(
        [sys.executable, "-m", "bench", "outage", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    figures = json.loads(process.stdout.splitlines()[-1])
    assert "error" not in figures, (figures, process.stderr)
    return process.returncode, figures


def heard(mid: str = "m_1", *, ago: timedelta = 2 * HOUR, place: int = 1, talk: str = "c1", **more: Any) -> Kept:
    return Kept(provider_id=mid, conversation_id=talk, at=BACK - ago, place=place, arrived_at=BACK, **more)


def judged(*kept: Kept, wrote: str = "m_1", answers: int = 0, asked: bool = False, **told: Told) -> Judged:
    """Ana's message `oi`, held against what was kept of it."""
    books = Books(
        kept=kept,
        asked=[Asked(conversation_id="c1", ended_at=None)] if asked else [],
        addresses={"c1": frozenset({ANA}), "c2": frozenset({"somebody else"})},
    )
    written = [Written(id=wrote, customer=ANA, text="oi", by_shop=False)]
    return judging.judge(written, books, Counter({"oi": answers}), told, HOUR)


@pytest.mark.slow
@pytest.mark.parametrize(("channel", "shape"), [("whatsapp", "hours"), ("messenger", "told_meanwhile")])
def test_nobody_is_forgotten_and_nobody_hears_an_answer_to_what_is_long_past(channel: str, shape: str) -> None:
    code, figures = run(*SHORT, "--channel", channel, "--shape", shape, "--hours", "5")

    assert code == 0, figures
    assert figures["stale"] > 0 and figures["fresh"] > 0


@pytest.mark.guard
@pytest.mark.slow
@pytest.mark.parametrize(
    ("guard", "found"), [another_guard("no-catch-up", "lost"), ("no-stale-rule", "answered_stale")]
)
def test_a_removed_guard_is_reported_and_exit_1(guard: str, found: str) -> None:
    code, figures = run(*SHORT, "--channel", "instagram", "--shape", "hours", "--hours", "5", "--sabotage", guard)

    assert code == 1
    assert figures[found] > 0, figures


def test_the_same_seed_plans_the_same_outages_and_each_shape_once() -> None:
    asked: dict[str, Any] = {"hours": 24, "customers": 30, "each": 3}
    outages = plan(7, 4, **asked)

    assert outages == plan(7, 4, **asked)
    assert outages != plan(8, 4, **asked)
    assert {outage.shape for outage in outages} == set(Shape)
    for outage in outages:
        assert all(0 < line.ago_s < outage.lasts_s for line in outage.lines)
        assert len({line.text for line in outage.lines}) == len(outage.lines)
    assert any(line.by_shop for outage in outages for line in outage.lines)


def test_those_silent_the_longest_write_while_it_is_fetched() -> None:
    (outage,) = plan(1, 1, hours=24, customers=30, each=2, shape="told_meanwhile")
    last: dict[str, float] = {}
    for line in outage.lines:
        last[line.customer] = min(line.ago_s, last.get(line.customer, line.ago_s))

    assert max(last, key=lambda phone: last[phone]) in {line.customer for line in outage.meanwhile}


def test_a_message_that_is_kept_nowhere_or_with_somebody_else_is_lost() -> None:
    assert judged().lost == 1
    assert judged(heard(talk="c2")).lost == 1
    assert judged(heard(), asked=True) == Judged(written=1, stale=1)


def test_a_message_is_known_with_and_without_what_messenger_puts_before_its_id() -> None:
    assert judged(heard("1"), asked=True).lost == 0


def test_what_is_kept_or_answered_twice_is_counted() -> None:
    young = timedelta(minutes=1)
    assert judged(heard(ago=young), heard(ago=young, place=2), answers=1).twice == 1
    assert judged(heard(ago=young), answers=2).twice == 1
    assert judged(heard(ago=young), answers=1) == Judged(written=1, fresh=1)


def test_an_answer_to_what_was_written_long_before_it_came_is_counted() -> None:
    assert judged(heard(), answers=1, asked=True).answered_stale == 1


def test_a_late_message_wants_a_person() -> None:
    assert judged(heard()).stale_without_person == 1
    assert judged(heard(reason="human_owns")).stale_without_person == 0
    shop_answers = Kept(provider_id="m_2", conversation_id="c1", at=BACK - HOUR, place=2)
    assert judged(heard(), shop_answers).stale_without_person == 0
    shop_wrote_before = Kept(provider_id="m_2", conversation_id="c1", at=BACK - 3 * HOUR, place=2)
    assert judged(heard(), shop_wrote_before).stale_without_person == 1


def test_a_message_of_the_last_minutes_wants_an_answer_or_a_person() -> None:
    young = timedelta(minutes=1)
    assert judged(heard(ago=young)).unanswered_fresh == 1
    assert judged(heard(ago=young), asked=True).unanswered_fresh == 0


def misordered(**told: Told) -> int:
    """Two of Ana's, the earlier one taken up after the later one."""
    books = Books(
        kept=[heard("2", ago=HOUR, place=1), heard("1", ago=2 * HOUR, place=2)],
        asked=[Asked(conversation_id="c1", ended_at=None)],
        addresses={"c1": frozenset({ANA})},
    )
    written = [Written(id=mid, customer=ANA, text=f"oi {mid}", by_shop=False) for mid in ("m_1", "m_2")]
    by_id = {name.removeprefix("_"): when for name, when in told.items()}
    return judging.judge(written, books, Counter(), by_id, HOUR).misordered


def test_what_was_fetched_stands_in_the_order_of_its_times() -> None:
    assert misordered() == 1


def test_webhooks_are_taken_up_in_the_order_in_which_they_came() -> None:
    assert misordered(_1=Told(begun_ns=1, ended_ns=2), _2=Told(begun_ns=3, ended_ns=4)) == 1
    assert misordered(_1=Told(begun_ns=3, ended_ns=4), _2=Told(begun_ns=1, ended_ns=2)) == 0, "it came late"
    assert misordered(_1=Told(begun_ns=1, ended_ns=3), _2=Told(begun_ns=2, ended_ns=4)) == 0, "side by side"


def test_nobody_can_say_whether_a_webhook_or_what_was_fetched_should_have_come_first() -> None:
    assert misordered(_2=Told(begun_ns=1, ended_ns=2)) == 0
