"""What the assistant says in one turn as one message, where it is all words: each message costs money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from runtime.channel import Channel, Utterance

_NOTHING = Utterance()


def joined(utterances: Sequence[Utterance], channel: Channel) -> list[Utterance]:
    """Words that follow each other go together, a blank line between; buttons after them go along. Only as far as the
    channel takes it as one message."""
    found = list[Utterance]()
    for utterance in utterances:
        together = _together(found[-1], utterance) if found else None
        if together is not None and len(channel.render(together, lambda: "b")) == 1:
            found[-1] = together
        else:
            found.append(utterance)
    return found


def _together(before: Utterance, after: Utterance) -> Utterance | None:
    if before.text is None or after.text is None or not before.text.strip() or not after.text.strip():
        return None
    words_alone = replace(before, text=None) == _NOTHING
    words_and_buttons = replace(after, text=None, buttons=()) == _NOTHING
    return replace(after, text=f"{before.text}\n\n{after.text}") if words_alone and words_and_buttons else None
