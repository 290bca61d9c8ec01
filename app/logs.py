"""One way out for every log line, ours, Rasa's and Sanic's: no message text, no token, no phone number passes it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import sys
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any

import structlog

#: Digits in a row long enough to be somebody's number, with or without a plus, spaces or dashes. Ids of ours have none.
#: A date, or a date and a time as Rasa names its models, is nobody's.
_DATE = r"20\d\d-[01]\d-[0-3]\d\b|20\d\d[01]\d[0-3]\d-[0-2]\d[0-5]\d[0-5]\d\b"
_NUMBERS = re.compile(rf"(?P<date>(?<![\w.])(?:{_DATE}))|(?<![\w.])\+?\d(?:[ ()-]?\d){{7,}}(?![\w.])")
_BEARER = re.compile(r"(?i)(bearer\s+|token=|access_token=)[\w.~+/|-]{6,}")
#: What operators prove themselves with, whatever stands before it.
_TOKENS = re.compile(r"\bbt_[\w-]{16,}")
_HIDDEN = "[hidden]"


class Discretion:
    """What must not be written down: secrets for good, texts for as long as a turn has them in hand."""

    def __init__(self) -> None:
        self._words: dict[str, int] = {}

    def hide(self, words: Iterable[str | None]) -> None:
        for word in words:
            if word and len(word) >= 4:
                self._words[word] = self._words.get(word, 0) + 1

    def forget(self, words: Iterable[str | None]) -> None:
        for word in words:
            if word and word in self._words:
                self._words[word] -= 1
                if not self._words[word]:
                    del self._words[word]

    @contextlib.contextmanager
    def hiding(self, text: str | None) -> Iterator[None]:
        """Hidden for as long as somebody has it in hand."""
        self.hide([text])
        try:
            yield
        finally:
            self.forget([text])

    def clean(self, line: str) -> str:
        for word in sorted(list(self._words), key=len, reverse=True):
            for form in _forms(word):
                line = line.replace(form, _HIDDEN)
        line = _TOKENS.sub(_HIDDEN, _BEARER.sub(rf"\1{_HIDDEN}", line))
        return _NUMBERS.sub(_masked, line)


def _masked(found: re.Match[str]) -> str:
    return found["date"] or "[number]"


def _forms(word: str) -> tuple[str, ...]:
    """As it is, and as a traceback, a JSON line, or a JSON line of a traceback writes it."""
    written = repr(word)[1:-1]
    return word, written, json.dumps(word)[1:-1], json.dumps(written)[1:-1]


discretion = Discretion()


class _DiscreetFormatter(structlog.stdlib.ProcessorFormatter):
    """The last step before a line leaves, so that tracebacks are cleaned too."""

    def format(self, record: logging.LogRecord) -> str:
        return discretion.clean(super().format(record))


class _DiscreetHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Where a line can't be written, Python would print it as it was, uncleaned."""

    def handleError(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[0]
        with contextlib.suppress(Exception):
            print(f"a log line of {record.name} could not be written: {error and error.__name__}", file=sys.stderr)


def set_up(process: str, *, level: str | None = None, for_good: bool = False) -> None:
    """`LOG_LEVEL` (default INFO) for ours; what others say below a warning stays out, for it may quote customers.

    `for_good`: nothing is set up differently later in this process, so that each logger need not look it up each time.
    """
    ours = (level or os.environ.get("LOG_LEVEL") or "INFO").upper()

    def named(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["process"] = process
        return event

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        named,
    ]
    # The default formatter prints every local variable of every frame: texts, tokens, whole rows.
    plain = structlog.dev.plain_traceback
    renderer: Any = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
    if os.environ.get("LOG_FORMAT") == "json":
        renderer = structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=for_good,
    )
    handler = _DiscreetHandler(sys.stderr)
    handler.setFormatter(
        _DiscreetFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in ("app", "connectors", "handover", "runtime", "store", "actions", "emulator"):
        logging.getLogger(name).setLevel(ours)
    for name in ("sanic.root", "sanic.error", "sanic.access", "sanic.server"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(logging.WARNING)
    for name in ("rasa", "asyncio", "apscheduler", "urllib3", "aiohttp"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Rasa ends in a traceback each time it offers a button whose payload carries entities; the button is right.
    logging.getLogger("rasa.core.nlg.interpolator").setLevel(logging.CRITICAL)
