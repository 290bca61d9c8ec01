"""One phone's number, however it is written."""

from __future__ import annotations

import pytest

from conversation.phone_numbers import alike, spellings

ONE = [
    ("5511988887777", "551188887777"),  # Brazil: the ninth digit
    ("5585967776666", "558567776666"),
    ("5215512345678", "525512345678"),  # Mexico: the 1
    ("5491123456789", "541123456789"),  # Argentina: the 9
    ("5493511234567", "543511234567"),
]
ALONE = [
    "551133334444",  # a landline of São Paulo
    "5511933334444",  # a mobile that never had eight digits: without its 9 it would be a landline's
    "55119888877778",  # one digit too many
    "5501988887777",  # no such area
    "525512345",
    "5411234567",
    "14155550123",
    "351912345678",
    "",
    "BR.1349",
]


@pytest.mark.parametrize(("longer", "shorter"), ONE)
def test_two_spellings_of_one_number_find_each_other(longer: str, shorter: str) -> None:
    assert shorter in alike(longer)
    assert longer in alike(shorter)
    assert longer not in alike(longer)


@pytest.mark.parametrize("digits", ALONE)
def test_other_numbers_are_written_in_one_way(digits: str) -> None:
    assert alike(digits) == ()
    assert spellings(digits) == (digits,)


@pytest.mark.parametrize(
    ("dialled", "whatsapp"),
    [("54111523456789", "5491123456789"), ("54351151234567", "5493511234567"), ("54220215123456", "5492202123456")],
)
def test_argentinas_numbers_are_found_as_they_are_dialled_there(dialled: str, whatsapp: str) -> None:
    """Area, then 15, then the number: the area has two to four digits."""
    assert whatsapp in alike(dialled)
    assert dialled in alike(whatsapp)


def test_each_spelling_leads_to_all_the_others() -> None:
    for longer, _ in ONE:
        known = set(spellings(longer))
        assert all(set(spellings(each)) == known for each in known)
