"""What an answer of the stand-in for language models is made of, piece by piece."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Iterator

from emulator import llm_words
from emulator.llm_anthropic import AnthropicShape
from emulator.llm_asked import Asked
from emulator.llm_openai import OpenAiShape
from emulator.llm_steps import Step
from emulator.waiting import at_least

_LONG = 40_000
_NOISE = b"data: " + b"lorem ipsum " * 5_000
_GARBLED = b'event: content_block_delta\ndata: {"choices": [{"delta": {"content": \n\n'
_STRANGE = b'event: message_delta\ndata: {"type": "message_delta", "choices": "none", "delta": 7, "usage": "lots"}\n\n'
Shape = OpenAiShape | AnthropicShape


async def parts(shape: Shape, asked: Asked, step: Step) -> AsyncGenerator[bytes, None]:
    """A stream, piece by piece, each after its wait."""
    for part in _pieces(shape, asked, step):
        if step.chunk_ms:
            await at_least(step.chunk_ms)
        else:
            await asyncio.sleep(0)
        yield part


def _pieces(shape: Shape, asked: Asked, step: Step) -> Iterator[bytes]:
    kind, words, usage = step.kind, list(llm_words.pieces(words_of(asked, step))), usage_of(asked, step)
    yield shape.start(usage[0] if usage is not None else 0)
    if kind == "flood":
        yield from itertools.repeat(_NOISE)
    if kind == "garbled":
        yield _GARBLED
    if kind == "strange":
        yield _STRANGE
    if kind == "refusal":
        yield shape.refusal("I would rather not.")
    if kind == "thinks":
        yield from (shape.thought("Let me see. "), shape.thought("Well."))
    if kind == "endless":
        yield from (shape.word(word) for word in itertools.cycle(words))
    if kind in ("stall", "cut", "late-error", "unfinished"):
        words = words[:2]
    if kind in ("orders", "empty", "refusal", "filtered"):
        words = []
    for word in words:
        yield shape.word(word)
    if kind.startswith("orders"):
        yield shape.order()
    if kind == "late-error":
        yield shape.late_error()
    elif kind not in ("stall", "cut", "unfinished"):
        yield shape.end(shape.reason(kind), usage)


def words_of(asked: Asked, step: Step) -> str:
    if step.kind in ("orders", "empty", "refusal", "filtered"):
        return ""
    if step.kind == "long":
        return "bla " * (_LONG // 4)
    return step.text or llm_words.made_of(asked.last)


def usage_of(asked: Asked, step: Step) -> tuple[int, int] | None:
    if not step.usage:
        return None
    told = step.tokens_in if step.tokens_in is not None else llm_words.tokens(asked.all_words)
    said = step.tokens_out if step.tokens_out is not None else llm_words.tokens(words_of(asked, step))
    return told, said
