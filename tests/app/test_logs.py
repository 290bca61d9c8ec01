"""One way out for every line: canary words go in, and must not come out."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator

import pytest
import structlog

from app import logs
from app.logs import Discretion, discretion
from conversation.ids import new_id
from store import operator_tokens

Capture = Callable[[], str]


@contextlib.contextmanager
def set_up(monkeypatch: pytest.MonkeyPatch, log_format: str) -> Iterator[io.StringIO]:
    """Logging as a process of ours has it; gives what was written. Afterwards as it was."""
    root, config = logging.getLogger(), structlog.get_config()
    before = root.handlers[:], root.level
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("LOG_FORMAT", log_format)
    logs.set_up("test")
    try:
        yield stderr
    finally:
        root.handlers, level = before[0], before[1]
        root.setLevel(level)
        structlog.configure(**config)


@pytest.fixture(params=["console", "json"])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Capture]:
    with set_up(monkeypatch, request.param) as stderr:
        yield stderr.getvalue


OURS, RASAS = "runtime.turn", "rasa.core.processor"


def fail_with(local: str) -> None:
    raise RuntimeError("it broke")


class TestEveryLine:
    @pytest.mark.parametrize("name", [OURS, RASAS, "sanic.error", "somebody.else"])
    def test_numbers_and_tokens_do_not_pass(self, written: Capture, name: str) -> None:
        logging.getLogger(name).error("sent to +55 11 98888-7777 and 5511988887777 with Bearer EAABcanary123")
        out = written()
        assert "98888" not in out
        assert "canary" not in out
        assert "sent to" in out

    def test_ours_by_field_too(self, written: Capture) -> None:
        structlog.get_logger(OURS).error("x", to="5511988887777", url="https://a/?access_token=EAABcanary")
        assert "5511988887777" not in (out := written())
        assert "canary" not in out

    @pytest.mark.parametrize("name", [OURS, RASAS])
    @pytest.mark.parametrize("text", ["quero o canário azul", 'aspas "canário" e\nlinha'])
    def test_a_text_in_hand_does_not_pass_not_even_in_a_traceback(self, written: Capture, name: str, text: str) -> None:
        with discretion.hiding(text):
            try:
                raise ValueError(f"cannot read {text!r}: {text}")
            except ValueError:
                logging.getLogger(name).exception("failed on %s", text)
                structlog.get_logger(name).error("failed", exc_info=True, said=text)
        out = written()
        assert "can\\u00e1rio" not in out
        assert "canário" not in out
        assert "Traceback" in out

    @pytest.mark.parametrize("name", [OURS, RASAS])
    def test_a_traceback_shows_no_variables(self, written: Capture, name: str) -> None:
        try:
            fail_with("".join(["loc", "al-can", "ary"]))
        except RuntimeError as error:
            logging.getLogger(name).exception("failed")
            structlog.get_logger(name).error("failed", exc_info=error)
        out = written()
        assert "it broke" in out
        assert "local-canary" not in out

    def test_what_others_say_below_a_warning_stays_out(self, written: Capture) -> None:
        logging.getLogger(RASAS).info("Received user message 'canary'")
        structlog.get_logger(OURS).info("turn_done")
        out = written()
        assert "canary" not in out
        assert "turn_done" in out

    def test_a_line_says_which_process_and_in_which_conversation(self, written: Capture) -> None:
        conversation_id = new_id("cnv")
        with structlog.contextvars.bound_contextvars(conversation=conversation_id):
            structlog.get_logger(OURS).info("turn_done")
            logging.getLogger(RASAS).warning("something")
        out = written()
        assert out.count(conversation_id) == 2
        assert out.count("test") >= 2


def test_a_json_line_is_json(monkeypatch: pytest.MonkeyPatch) -> None:
    with set_up(monkeypatch, "json") as stderr:
        try:
            raise ValueError("x")
        except ValueError:
            structlog.get_logger(OURS).error("failed", exc_info=True, to="5511988887777")
    line = json.loads(stderr.getvalue())
    assert (line["event"], line["to"], line["process"]) == ("failed", "[number]", "test")
    assert "ValueError" in line["exception"]


def test_a_line_that_can_not_be_written_is_not_printed_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    with set_up(monkeypatch, "console") as stderr:
        logging.getLogger(RASAS).error("canary %d", "canary")  # one that can't be put together
    assert "canary" not in stderr.getvalue()
    assert "could not be written: TypeError" in stderr.getvalue()


class TestWhatMayBeRead:
    @pytest.mark.parametrize(
        "text",
        [
            "2026-11-22T16:34:56.123456Z",
            "2026-11-22 16:34:56",
            "model=20261122-162657-hidden-headline.tar.gz",
            "outbox=1234567 attempts=3",
            "127.0.0.1:5005",
            "cnv_01234567890123456789",
            "version 3.6.21",
            "1.123456789",
        ],
    )
    def test_times_names_and_short_numbers_stay(self, text: str) -> None:
        assert Discretion().clean(text) == text

    def test_ids_of_ours_stay(self) -> None:
        for _ in range(500):
            line = f"conversation={new_id('cnv')} turn={new_id('cnv')}.17"
            assert Discretion().clean(line) == line

    @pytest.mark.parametrize(
        "number",
        [
            "5511988887777",
            "+5511988887777",
            "+55 11 98888-7777",
            "55 (11) 98888-7777",
            "14155550123",
            "'5511988887777'",
        ],
    )
    def test_numbers_do_not(self, number: str) -> None:
        assert "8888" not in Discretion().clean(f"to {number}, again")
        assert "[number]" in Discretion().clean(f"to {number}, again")

    @pytest.mark.parametrize("before", ["Authorization: Token ", "?token=", "the word ", '{"token": "'])
    def test_an_operators_token_does_not_whatever_stands_before_it(self, before: str) -> None:
        word = operator_tokens.fresh_word()
        assert word not in Discretion().clean(f"{before}{word} and more")

    def test_a_number_right_after_a_date_does_not(self) -> None:
        assert Discretion().clean("2026-11-22 5511988887777") == "2026-11-22 [number]"


class TestHiding:
    def test_a_text_is_hidden_for_as_long_as_somebody_has_it_in_hand(self) -> None:
        made = Discretion()
        with made.hiding("segredo"):
            with made.hiding("segredo"):
                pass
            assert made.clean("o segredo") == "o [hidden]"
        assert made.clean("o segredo") == "o segredo"

    def test_nothing_and_very_short_words_hide_nothing(self) -> None:
        made = Discretion()
        made.hide([None, "", "oi"])
        assert made.clean("oi, tudo bem") == "oi, tudo bem"

    def test_a_longer_one_is_hidden_before_the_shorter_one_in_it(self) -> None:
        made = Discretion()
        made.hide(["pizza", "pizza grande"])
        assert made.clean("uma pizza grande") == "uma [hidden]"
