"""`./baton conversation start`: a template to a number, and what it says where that can't be."""

from __future__ import annotations

from argparse import Namespace

import pytest

from app.commands.conversation_start import fields, header_of
from conversation.errors import BadInput
from tests.app.test_cli import Shell, conversation_id, shell

__all__ = ["conversation_id", "shell"]


def test_it_writes_to_a_number_and_leaves_it_to_the_assistant_where_told(shell: Shell, conversation_id: str) -> None:
    account = shell.line("account", "list")["id"]
    template = ("--template", "oi", "--field", "Ana", "--leave", "--as", "ana")
    code, out, err = shell.run("conversation", "start", account, "+55 11 95555-4444", *template)
    assert code == 0, err
    assert "bot, queued as message" in out
    code, _, err = shell.run("conversation", "start", account, "11 95555-4444", *template)
    assert code == 1 and "A number to write to begins with +" in err


@pytest.mark.parametrize("given", [["Ana"], ["=Ana"], ["nome=Ana", "nome=Rui"]])
def test_named_fields_have_each_a_name_of_their_own(given: list[str]) -> None:
    assert fields(["nome=Ana", "valor=a=b"]) == {"nome": "Ana", "valor": "a=b"}
    with pytest.raises(BadInput):
        fields(given)


def test_a_template_has_one_header_and_a_file_of_it_a_safe_address() -> None:
    nothing = {"header": None, "image": None, "video": None, "document": None}
    assert header_of(Namespace(**nothing)) is None
    assert header_of(Namespace(**{**nothing, "header": "Oi"})) == "Oi"
    for wrong in ({"header": "Oi", "image": "https://a.example/a.jpg"}, {"video": "http://a.example/a.mp4"}):
        with pytest.raises(BadInput):
            header_of(Namespace(**{**nothing, **wrong}))
