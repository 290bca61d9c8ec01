"""One way out for every log line, ours, Rasa's and Sanic's: no message text, no token, no phone number passes it."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog

#: Digits in a row long enough to be somebody's number, with or without a plus, spaces or dashes. Ids of ours have none.
_NUMBERS = re.compile(r"(?<![\w.])\+?\d(?:[ ()-]?\d){7,}(?![\w.])")
_BEARER = re.compile(r"(?i)(bearer\s+|token=|access_token=)[\w.~+/|-]{6,}")
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

    def clean(self, line: str) -> str:
        for word in sorted(self._words, key=len, reverse=True):
            if word in line:
                line = line.replace(word, _HIDDEN)
            quoted = repr(word)[1:-1]
            if quoted in line:
                line = line.replace(quoted, _HIDDEN)
        return _NUMBERS.sub("[number]", _BEARER.sub(rf"\1{_HIDDEN}", line))


discretion = Discretion()


class _DiscreetFormatter(structlog.stdlib.ProcessorFormatter):
    """The last step before a line leaves, so that tracebacks are cleaned too."""

    def format(self, record: logging.LogRecord) -> str:
        return discretion.clean(super().format(record))


def set_up(process: str, *, level: str | None = None) -> None:
    """`LOG_LEVEL` (default INFO) for ours; what others say below a warning stays out, for it may quote customers."""
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
    renderer: Any = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
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
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _DiscreetFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
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
