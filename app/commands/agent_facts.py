"""How an agent thinks, as words of the command line. A key never stands among them: others on the machine see those."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any

from app.cli import path_of
from conversation.agent import Agent, Provider
from conversation.agent_model import AskedWhen
from conversation.errors import BadInput

#: The words of the command line that are parts of `AgentModel`, by the names they have there.
_OF_MODEL = {
    "model": "model_name",
    "base_url": "base_url",
    "temperature": "temperature",
    "max_tokens": "max_tokens",
    "timeout": "timeout_s",
    "when": "asked_when",
    "memory_for": "memory_ttl_s",
    "input_price": "input_price",
    "output_price": "output_price",
}
_NO_LIMIT = "none"


def add_facts(words: Any) -> None:
    words.add_argument("--description", metavar="TEXT", help="for people; no assistant is told it")
    words.add_argument("--provider", choices=[each.value for each in Provider], help="who thinks; rasa: our own model")
    words.add_argument("--model", metavar="NAME", help="which of its models")
    words.add_argument("--base-url", metavar="URL", help="where it is asked; without it, at its own address")
    words.add_argument("--when", choices=[each.value for each in AskedWhen], help="or only where our model is not sure")
    words.add_argument("--prompt-file", type=path_of, metavar="FILE", help="what it is told to be")
    words.add_argument("--context-file", type=path_of, metavar="FILE", help="facts and rules, told after that")
    words.add_argument("--temperature", type=float, metavar="0-2")
    words.add_argument("--max-tokens", type=int, metavar="N", help="of one answer")
    words.add_argument("--timeout", type=float, metavar="SECONDS")
    words.add_argument("--memory", choices=["on", "off"], help="whether it is told what was said before")
    words.add_argument("--memory-for", type=int, metavar="SECONDS", help="what is older is not told")
    words.add_argument("--tokens-per-day", metavar="N", help=f"of all its answers, or: {_NO_LIMIT}")
    words.add_argument("--input-price", type=float, metavar="DOLLARS", help="of a million tokens, for its statistics")
    words.add_argument("--output-price", type=float, metavar="DOLLARS")
    key = words.add_mutually_exclusive_group()
    key.add_argument("--key-stdin", action="store_true", help="its provider's key is read from standard input")
    key.add_argument("--key-file", type=path_of, metavar="FILE", help="or from here")
    key.add_argument("--no-key", action="store_true", help="takes the key away")


def facts(chosen: argparse.Namespace) -> dict[str, Any]:
    """What was given, as `agents.change` takes it."""
    given: dict[str, Any] = {
        "description": chosen.description,
        "model": _model(chosen) or None,
        "api_key": _key(chosen),
    }
    if chosen.provider is not None:
        given["provider"] = Provider(chosen.provider)
    return {name: value for name, value in given.items() if value is not None}


def shown(agent: Agent) -> list[str]:
    """A line each, the prompts last."""
    model = agent.model
    told = [
        f"{agent.name} is {agent.status.value}. {agent.description}".strip(),
        f"thinks with  {agent.provider.value}",
    ]
    if agent.provider is Provider.RASA:
        return told
    limit = "no limit" if model.tokens_per_day is None else f"{model.tokens_per_day} tokens a day"
    told += [
        f"model        {model.model_name or 'none: it can not be active'}",
        f"asked        {model.asked_when.value}, at {model.base_url or 'its own address'}",
        f"key          {'kept' if agent.has_key else 'none'}",
        f"answer       {model.max_tokens} tokens at most, within {model.timeout_s:g} s",
        f"temperature  {model.temperature:g}",
        f"memory       {f'{model.memory_ttl_s} s' if model.use_memory else 'off'}",
        f"limit        {limit}",
    ]
    return [*told, *(f"\n{words}" for words in (model.system_prompt, model.context_prompt) if words)]


def _model(chosen: argparse.Namespace) -> dict[str, Any]:
    given = {name: getattr(chosen, word) for word, name in _OF_MODEL.items() if getattr(chosen, word) is not None}
    for word, name in (("prompt_file", "system_prompt"), ("context_file", "context_prompt")):
        if (path := getattr(chosen, word)) is not None:
            given[name] = _read(path)
    if chosen.memory is not None:
        given["use_memory"] = chosen.memory == "on"
    if chosen.tokens_per_day is not None:
        given["tokens_per_day"] = None if chosen.tokens_per_day == _NO_LIMIT else _number(chosen.tokens_per_day)
    return given


def _key(chosen: argparse.Namespace) -> str | None:
    if chosen.no_key:
        return ""
    if chosen.key_file is not None:
        key = _read(chosen.key_file).strip()
    elif chosen.key_stdin:
        key = getpass.getpass("Key: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    else:
        return None
    if not key:
        raise BadInput("There is no key in what was given: --no-key takes one away.")
    return key


def _read(path: Any) -> str:
    try:
        return str(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} can't be read: {error}") from error


def _number(text: str) -> int:
    if not text.isdecimal():
        raise BadInput(f"--tokens-per-day is a whole number, or: {_NO_LIMIT}")
    return int(text)
