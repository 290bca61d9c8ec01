"""What the stand-in for language models does with a request: told by a script, or by the name of the model asked."""

from __future__ import annotations

import dataclasses
import re
from collections import deque
from dataclasses import dataclass

from emulator.fields import Fields, Json

#: What may be done, and what it is like.
KINDS = {
    "answer": "words, and their end",
    "thinks": "thoughts first, then words",
    "hang": "takes the request and says nothing",
    "stall": "a few words, then nothing",
    "endless": "words without an end",
    "flood": "bytes without an end, as fast as they are taken",
    "long": "an answer of 40,000 characters",
    "garbage": "a web page in place of an answer",
    "garbled": "a stream whose JSON is broken",
    "strange": "a stream of JSON that has another shape",
    "unfinished": "a stream that closes well before its end was told",
    "cut": "the connection breaks in the middle of the answer",
    "error": "refuses with `status` and `code`",
    "late-error": "an error in the middle of the stream",
    "redirect": "sends the caller to `to`",
    "orders": "calls a tool, without a word",
    "orders-too": "words, and a tool is called",
    "empty": "an answer without words",
    "refusal": "the model would rather not",
    "filtered": "the provider's filter ends it",
}
_PICKY = ("max_tokens", "temperature", "stream_options")
_ERROR = re.compile(r"error-([45]\d\d)\Z")


@dataclass(frozen=True, kw_only=True)
class Step:
    """`times`: for so many requests; 0 is for good. `model`: for requests to this one only."""

    kind: str = "answer"
    text: str = ""  # what is said; empty: something made of the last message
    status: int = 500
    code: str = ""
    retry_after_s: int = 0  # of `error`; 0: it does not say
    to: str = ""
    latency_ms: int = 0  # before the first byte
    chunk_ms: int = 0  # before each piece of a stream
    usage: bool = True  # tell the tokens
    tokens_in: int | None = None  # in place of what is counted
    tokens_out: int | None = None
    refuses: tuple[str, ...] = ()  # parameters that are answered with a 400
    model: str = ""
    times: int = 1

    def shown(self) -> Json:
        plain = dataclasses.asdict(Step())
        return {"kind": self.kind} | {k: v for k, v in dataclasses.asdict(self).items() if v != plain[k]}


def step_from(raw: object) -> Step:
    fields = Fields(raw)
    kind = fields.text("kind", "answer")
    if kind not in KINDS:
        fields.fault("kind", f"must be one of: {', '.join(KINDS)}")
    step = Step(
        kind=kind,
        text=fields.text("text", ""),
        status=fields.whole("status", 500, low=400, high=599),
        code=fields.text("code", ""),
        retry_after_s=fields.whole("retry_after_s", 0, high=1_000_000),
        to=fields.text("to", ""),
        latency_ms=fields.whole("latency_ms", 0, high=600_000),
        chunk_ms=fields.whole("chunk_ms", 0, high=600_000),
        usage=fields.flag("usage", True),
        tokens_in=fields.whole("tokens_in", 0) if fields.has("tokens_in") else None,
        tokens_out=fields.whole("tokens_out", 0) if fields.has("tokens_out") else None,
        refuses=tuple(str(each) for each in fields.objects("refuses")),
        model=fields.text("model", ""),
        times=fields.whole("times", 1),
    )
    for key in ("tokens_in", "tokens_out"):
        fields.any(key)
    fields.finish()
    return step


def by_name(model: str) -> Step:
    """So that a person can try each by hand: `hang`, `error-429`, `local/slow`, …"""
    name = re.split(r"[/:]", model)[-1].lower()
    if name in KINDS:
        return Step(kind=name)
    if found := _ERROR.match(name):
        return Step(kind="error", status=int(found[1]))
    if name == "slow":
        return Step(latency_ms=5_000, chunk_ms=300)
    if name == "picky":
        return Step(refuses=_PICKY)
    return Step()


#: Names that do something, for the list of models.
NAMES = ("stand-in", "slow", "picky", "error-429", "error-500", *(kind for kind in KINDS if kind != "error"))


class Script:
    """Steps in the order they were given; the first that is for a request is its."""

    def __init__(self) -> None:
        self._steps: deque[Step] = deque()

    def add(self, step: Step) -> None:
        self._steps.append(step)

    def next(self, model: str, asked: frozenset[str]) -> Step:
        """`asked`: the request's parameters. A step that refuses one of them is not used up by that."""
        for at, step in enumerate(self._steps):
            if step.model and step.model != model:
                continue
            if step.times and not asked & set(step.refuses):
                self._used(at, step)
            return step
        return by_name(model)

    def _used(self, at: int, step: Step) -> None:
        if step.times == 1:
            del self._steps[at]
        else:
            self._steps[at] = dataclasses.replace(step, times=step.times - 1)

    def clear(self) -> None:
        self._steps.clear()

    def shown(self) -> list[Json]:
        return [step.shown() for step in self._steps]
