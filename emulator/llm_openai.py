"""The shapes of OpenAI's chat completions, which Kimi, NVIDIA and Ollama speak too [OpenAI docs: chat, streaming]."""

from __future__ import annotations

import json
import secrets
import time

from emulator.fields import Json
from emulator.llm_asked import Asked, Refused

_TYPES = {400: "invalid_request_error", 401: "invalid_request_error", 404: "invalid_request_error", 429: "requests"}
_CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}
_TOOL = {"name": "transfer_money", "arguments": '{"amount": 1000}'}


class OpenAiShape:
    """One answer. What a stream is made of comes as bytes, in the order of the calls."""

    needs = frozenset[str]()

    def __init__(self, asked: Asked) -> None:
        self._model, self._id = asked.model, f"chatcmpl-{secrets.token_hex(12)}"
        options = asked.parameters.get("stream_options")
        self._tells_usage = isinstance(options, dict) and options.get("include_usage") is True

    @staticmethod
    def check(asked: Asked) -> None:
        if not asked.messages:
            raise Refused("Invalid 'messages': empty array.", param="messages")
        for message in asked.messages:
            if message.get("role") not in ("system", "developer", "user", "assistant", "tool"):
                raise Refused("Invalid value for 'messages[].role'.", param="messages")

    def start(self, tokens_in: int) -> bytes:
        return self._delta({"role": "assistant", "content": ""})

    def word(self, text: str) -> bytes:
        return self._delta({"content": text})

    def thought(self, text: str) -> bytes:
        return self._delta({"reasoning_content": text})

    def order(self) -> bytes:
        call = {"index": 0, "id": f"call_{secrets.token_hex(8)}", "type": "function", "function": _TOOL}
        return self._delta({"tool_calls": [call]})

    def refusal(self, text: str) -> bytes:
        return self._delta({"refusal": text})

    def end(self, reason: str, usage: tuple[int, int] | None) -> bytes:
        last = self._delta({}, reason)
        if usage is not None and self._tells_usage:
            last += self._event({"choices": [], "usage": _usage(usage)})
        return last + b"data: [DONE]\n\n"

    def late_error(self) -> bytes:
        return _line(self.error(500, "", "The server had an error while processing your request."))

    def whole(self, words: str, reason: str, usage: tuple[int, int] | None, *, orders: bool) -> Json:
        message: Json = {"role": "assistant", "content": words or None, "refusal": None}
        if orders:
            message["tool_calls"] = [{"id": f"call_{secrets.token_hex(8)}", "type": "function", "function": _TOOL}]
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
        told: Json = {"usage": _usage(usage)} if usage is not None else {}
        return {**self._head("chat.completion"), "choices": [choice], **told}

    @staticmethod
    def error(status: int, code: str, message: str, param: str | None = None) -> Json:
        kind = _TYPES.get(status, "server_error")
        return {"error": {"message": message, "type": kind, "param": param, "code": code or _CODES.get(status)}}

    @staticmethod
    def reason(kind: str) -> str:
        return {"orders": "tool_calls", "orders-too": "tool_calls", "filtered": "content_filter"}.get(kind, "stop")

    def _delta(self, delta: Json, reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return self._event({"choices": [choice]})

    def _event(self, what: Json) -> bytes:
        return _line({**self._head("chat.completion.chunk"), **what})

    def _head(self, kind: str) -> Json:
        return {"id": self._id, "object": kind, "created": int(time.time()), "model": self._model}


def _line(what: Json) -> bytes:
    return f"data: {json.dumps(what)}\n\n".encode()


def _usage(usage: tuple[int, int]) -> Json:
    told, said = usage
    return {"prompt_tokens": told, "completion_tokens": said, "total_tokens": told + said}
