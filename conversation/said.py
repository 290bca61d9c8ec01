"""What is said to operators and admins, in their language: English in the code, Portuguese from one catalogue.

`say("There is no account {account}.", account=id)` is the English text, and remembers what it was made of; so a message
that an error carries can still be read in another language where it is answered. `tests/conversation/test_catalogue.py`
holds that every text has its Portuguese, with the same fields.
"""

from __future__ import annotations

from typing import Any

from conversation.catalogue import PORTUGUESE

LANGUAGES = ("pt", "en")


class Said(str):
    """A text in English that can be said in another language. A plain string wherever one is wanted."""

    template: str
    facts: dict[str, Any]

    def __new__(cls, template: str, facts: dict[str, Any]) -> Said:
        made = super().__new__(cls, template.format(**facts) if facts else template)
        made.template, made.facts = template, facts
        return made


def say(template: str, /, **facts: Any) -> Said:
    """The text, with its facts in their places. A text without facts may hold braces; one with facts doubles them."""
    return Said(template, facts)


def in_language(text: object, language: str) -> str:
    """The text as somebody who reads `language` would have it; what the catalogue doesn't know stays as it is."""
    if language != "pt" or not isinstance(text, Said):
        return str(text)
    translated = PORTUGUESE.get(text.template)
    if translated is None:
        return str(text)
    facts = {
        name: in_language(value, language) if isinstance(value, Said) else value for name, value in text.facts.items()
    }
    return translated.format(**facts) if facts else translated
