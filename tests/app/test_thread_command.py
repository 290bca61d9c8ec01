"""`./baton conversation thread` and `reply --comment`: what is told where it can't be done, before Meta is asked."""

from __future__ import annotations

import pytest

from tests.app.test_cli import Shell, conversation_id, shell

__all__ = ["conversation_id", "shell"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("thread", "take"), "On whatsapp there is no thread control"),
        (("thread", "pass"), "A thread is passed to an app: name it"),
        (("thread", "release", "--app", "inbox"), "A thread is passed to an app: name it"),
        (("thread", "pass", "--app", "the inbox"), "An app is named by its id"),
        (("reply", "R$ 40.", "--comment", "1"), "Only a comment is answered in private"),
        (("reply", "R$ 40.", "--comment", "77"), "There is no message 77 in this conversation"),
    ],
)
def test_it_says_why_it_can_not_be_done(shell: Shell, conversation_id: str, words: tuple[str, ...], why: str) -> None:
    word, *rest = words
    code, _, err = shell.run("conversation", word, conversation_id, *rest, "--as", "ana")
    assert code == 1 and why in err
    shown = shell.line("conversation", "handover", conversation_id)
    assert (shown["state"], shown["owner"]) == ("bot", None)
