"""What goes into training data says nothing of whom it came from, as far as that can be told."""

from __future__ import annotations

import pytest

from conversation.masking import masked


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("cadê meu pedido 1042?", "cadê meu pedido NUMBER?"),
        ("liga no +55 (11) 98888-0001 por favor", "liga no NUMBER por favor"),
        ("meu CPF é 123.456.789-09", "meu CPF é NUMBER"),
        ("quero 2 moquecas e 12 pastéis", "quero 2 moquecas e 12 pastéis"),
        ("manda para ana.silva+x@exemplo.com.br", "manda para EMAIL"),
        ("a@exemplo.com+b@exemplo.com,c@exemplo.com", "EMAILEMAIL,EMAIL"),
        ("olha https://exemplo.com/p?id=12 e www.exemplo.com", "olha LINK e LINK"),
        ("me segue em @ana.silva", "me segue em NAME"),
        ("Meu nome é Joana Prado, tudo bem?", "Meu nome é NAME, tudo bem?"),
        ("me chamo João da Silva e quero saber", "me chamo NAME e quero saber"),
        ("Hi, I'm Peter Parker from accounting", "Hi, I'm NAME from accounting"),
        ("I'm hungry", "I'm hungry"),
        ("sou o dono da loja", "sou o dono da loja"),
        ("", ""),
    ],
)
def test_numbers_addresses_and_announced_names_are_left_out(text: str, left: str) -> None:
    assert masked(text) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("aqui fala a ana maria", "aqui fala a NAME"),
        ("ANA MARIA!", "NAME!"),
        ("joao aqui", "NAME aqui"),
        ("a Anatomia da moqueca", "a Anatomia da moqueca"),
        ("de nada", "de nada"),
        ("bom dia Bia", "bom dia NAME"),
    ],
)
def test_names_that_are_known_are_left_out_however_they_are_written(text: str, left: str) -> None:
    assert masked(text, ["Ana Maria de Souza", "João", "Bia"]) == left


@pytest.mark.timeout(60)
@pytest.mark.parametrize("sign", ["a", "a.", "a-", "1-", "a@", "@", "1 ", "www."])
def test_however_long_a_word_is_it_is_read_once(sign: str) -> None:
    masked(f"{sign * 100_000} @", ["Ana Maria"], digits=7)  # from each of its signs on, it would take minutes
