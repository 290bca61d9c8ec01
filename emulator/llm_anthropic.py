"""The shapes of Anthropic's messages [Anthropic docs: messages, streaming, errors]."""

from __future__ import annotations

import json
import secrets

from emulator.fields import Json
from emulator.llm_asked import Asked, Refused

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}
_ORDER = {"name": "transfer_money", "input": {"amount": 1000}}


class AnthropicShape:
    """One answer. Blocks are opened and closed as what comes changes its kind."""

    needs = frozenset({"max_tokens"})

    def __init__(self, asked: Asked) -> None:
        self._model, self._id = asked.model, f"msg_{secrets.token_hex(12)}"
        self._at, self._open = -1, ""

    @staticmethod
    def check(asked: Asked) -> None:
        if not isinstance(asked.parameters.get("max_tokens"), int):
            raise Refused("max_tokens: Field required")
        if not asked.messages:
            raise Refused("messages: at least one message is required")
        if asked.messages[0].get("role") != "user":
            raise Refused("messages: first message must use the user role")
        for message in asked.messages:
            if message.get("role") not in ("user", "assistant"):
                raise Refused("messages: roles must be user or assistant")
            if not message.get("content"):
                raise Refused("messages: text content blocks must be non-empty")
        warmth = asked.parameters.get("temperature")
        if isinstance(warmth, (int, float)) and not 0 <= warmth <= 1:
            raise Refused("temperature: range: 0..1")

    def start(self, tokens_in: int) -> bytes:
        usage = {"input_tokens": tokens_in, "output_tokens": 1}
        return _event("message_start", {"message": {**self._message([], None), "usage": usage}}) + _event("ping", {})

    def word(self, text: str) -> bytes:
        opened = self._block("text", {"type": "text", "text": ""})
        return opened + self._delta({"type": "text_delta", "text": text})

    def thought(self, text: str) -> bytes:
        opened = self._block("thinking", {"type": "thinking", "thinking": "", "signature": ""})
        return opened + self._delta({"type": "thinking_delta", "thinking": text})

    def order(self) -> bytes:
        tool = {"type": "tool_use", "id": f"toolu_{secrets.token_hex(8)}", "name": _ORDER["name"], "input": {}}
        opened = self._block("tool_use", tool)
        return opened + self._delta({"type": "input_json_delta", "partial_json": json.dumps(_ORDER["input"])})

    def refusal(self, text: str) -> bytes:
        return self.word(text)

    def end(self, reason: str, usage: tuple[int, int] | None) -> bytes:
        told = {"usage": {"output_tokens": usage[1]}} if usage is not None else {}
        stopped = _event("message_delta", {"delta": {"stop_reason": reason, "stop_sequence": None}, **told})
        return self._closed() + stopped + _event("message_stop", {})

    def late_error(self) -> bytes:
        return _event("error", self.error(529, "", "Overloaded"))

    def whole(self, words: str, reason: str, usage: tuple[int, int] | None, *, orders: bool) -> Json:
        content: list[Json] = [{"type": "text", "text": words}] if words else []
        if orders:
            content.append({"type": "tool_use", "id": f"toolu_{secrets.token_hex(8)}", **_ORDER})
        told = {"input_tokens": usage[0], "output_tokens": usage[1]} if usage is not None else {}
        return {**self._message(content, reason), "usage": told}

    @staticmethod
    def error(status: int, code: str, message: str, param: str | None = None) -> Json:
        kind = code or _TYPES.get(status, "api_error")
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_of_the_stand_in"}

    @staticmethod
    def reason(kind: str) -> str:
        special = {"orders": "tool_use", "orders-too": "tool_use", "filtered": "refusal", "refusal": "refusal"}
        return special.get(kind, "end_turn")

    def _message(self, content: list[Json], reason: str | None) -> Json:
        head = {"id": self._id, "type": "message", "role": "assistant", "model": self._model}
        return {**head, "content": content, "stop_reason": reason, "stop_sequence": None}

    def _block(self, kind: str, block: Json) -> bytes:
        if self._open == kind:
            return b""
        closed = self._closed()
        self._open, self._at = kind, self._at + 1
        return closed + _event("content_block_start", {"index": self._at, "content_block": block})

    def _closed(self) -> bytes:
        if not self._open:
            return b""
        self._open = ""
        return _event("content_block_stop", {"index": self._at})

    def _delta(self, delta: Json) -> bytes:
        return _event("content_block_delta", {"index": self._at, "delta": delta})


def _event(kind: str, what: Json) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **what})}\n\n".encode()
