"""A header's field that has a name is sent under it."""

from __future__ import annotations

from typing import Any

import pytest

from conversation.template import with_names, words

TEXT = {"type": "text", "text": "Ana"}
PICTURE = {"type": "image", "image": {"link": "https://cantina.example/a.jpg"}}


def sent(parameter: dict[str, Any]) -> dict[str, Any]:
    return {"name": "reserva", "components": [{"type": "header", "parameters": [parameter]}]}


def approved(**header: Any) -> list[dict[str, Any]]:
    return [{"type": "HEADER", **header}, {"type": "BODY", "text": "Até já."}]


def test_it_is_called_as_it_was_approved_and_says_the_same() -> None:
    known = approved(format="TEXT", text="Reserva de {{nome}}")
    named = with_names(sent(TEXT), known)
    assert named == sent({**TEXT, "parameter_name": "nome"})
    assert words(named, known) == "Reserva de Ana\nAté já."


@pytest.mark.parametrize(
    ("parameter", "header"),
    [(TEXT, {"format": "TEXT", "text": "Reserva de {{1}}"}), (PICTURE, {"format": "IMAGE"})],
)
def test_where_it_has_none_nothing_is_added(parameter: dict[str, Any], header: dict[str, Any]) -> None:
    assert with_names(sent(parameter), approved(**header)) == sent(parameter)


def test_one_without_parts_stays_without() -> None:
    assert with_names({"name": "hello_world"}, approved(format="TEXT", text="Hello")) == {"name": "hello_world"}


def test_a_field_with_a_number_is_filled_by_it_wherever_it_stands() -> None:
    values = [{"type": "text", "text": each} for each in ("Ana", "4711")]
    made = {"name": "pronto", "components": [{"type": "body", "parameters": values}]}
    assert words(made, [{"type": "BODY", "text": "Pedido {{2}} de {{1}}"}]) == "Pedido 4711 de Ana"
