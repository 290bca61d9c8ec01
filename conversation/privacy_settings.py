"""What customers of an account are told of who answers and of what is kept of them, and what of them a language model
is told; set for each account."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec

from conversation.errors import BadInput
from conversation.learnt import reader
from conversation.said import say
from conversation.words import Saying, language_of
from conversation.words import say as in_words

#: WhatsApp takes 4096 characters in one message, Instagram 1000: the answer itself must find room.
_LONGEST = 600
Notice = Annotated[str, msgspec.Meta(max_length=_LONGEST)]


@dataclass(frozen=True, kw_only=True)
class PrivacySettings:
    """An account's. Stored as JSON, only what differs from the defaults."""

    says_assistant: bool = False  # the assistant's first message to a contact says that it is one
    notice: Mapping[str, Notice] = field(default_factory=dict)  # by language: told once, with our first message
    policy_url: str | None = None  # told with the notice
    llm_sees_contact: bool = False  # a language model is told their name, numbers and addresses; else they are masked

    @property
    def has_notice(self) -> bool:
        return bool(self.notice) or self.policy_url is not None

    def notice_in(self, language: str) -> str:
        """What is kept, and where more of it is told; in another language where it isn't written in this one."""
        said = self.notice.get(language) or next(iter(self.notice.values()), "")
        more = in_words(Saying.POLICY, language, url=self.policy_url) if self.policy_url else ""
        return " ".join(part for part in (said.strip(), more) if part)


_NAMES = {each.name for each in dataclasses.fields(PrivacySettings)}
_read = reader(PrivacySettings)


def read(facts: Mapping[str, Any]) -> PrivacySettings:
    """The defaults, and over them what is given; `BadInput` says what can't be read."""
    if not facts:
        return _DEFAULTS
    unknown = sorted(set(facts) - _NAMES)
    if unknown:
        raise BadInput(
            say(
                "Privacy settings have no {unknown}. There are: {names}.",
                unknown=", ".join(unknown),
                names=", ".join(sorted(_NAMES)),
            )
        )
    given = {**facts, "notice": facts.get("notice") or {}}
    try:
        settings = _read(given)
    except msgspec.ValidationError as error:
        raise BadInput(say("The privacy settings do not fit: {why}.", why=str(error))) from error
    _check(settings)
    return settings


def _check(settings: PrivacySettings) -> None:
    for language in settings.notice:
        if language != language_of(language):
            raise BadInput(say("The notice may be in pt and in en, not in {language}.", language=language))
    if settings.policy_url is not None and not _is_address(settings.policy_url):
        raise BadInput(say("policy_url must be an address that begins with https://."))


def whole(settings: PrivacySettings) -> dict[str, Any]:
    """As JSON, the defaults too."""
    return {each.name: msgspec.to_builtins(getattr(settings, each.name)) for each in dataclasses.fields(settings)}


def plain(settings: PrivacySettings) -> dict[str, Any]:
    """As JSON: what differs from the defaults."""
    usual = whole(_DEFAULTS)
    return {name: value for name, value in whole(settings).items() if value != usual[name]}


def _is_address(text: str) -> bool:
    try:
        return urlsplit(text).scheme == "https" and bool(urlsplit(text).hostname) and len(text) <= _LONGEST
    except ValueError:
        return False


_DEFAULTS = PrivacySettings()
