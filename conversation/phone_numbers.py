"""Phone numbers that are one phone's: in three countries a mobile is written in two ways, and WhatsApp returns either.

Brazil put a ninth digit before its mobiles, Mexico has a 1 and Argentina a 9 after the country's code, which some
networks leave out. What is kept is never rewritten; who looks somebody up looks for every spelling.
"""

from __future__ import annotations

import re

#: 55, the area, perhaps a 9, and the eight digits that were the number before: a landline begins with 2 to 5.
_BRAZIL = re.compile(r"55([1-9][1-9])(9?)([6-9]\d{7})")
_MEXICO = re.compile(r"52(1?)([2-9]\d{9})")
#: 54, perhaps a 9, area and number: ten digits together.
_ARGENTINA = re.compile(r"54(9?)([123]\d{9})")
#: As it is dialled there: a 15 between area and number. An area has two to four digits, and the only one of two is 11.
_ARGENTINA_DIALLED = re.compile(r"54(11|[23]\d{2}|[23]\d{3})15(\d{6,8})")
_ARGENTINAS_DIGITS = 10


def alike(digits: str) -> tuple[str, ...]:
    """The other ways in which this number may be written, country code first and no plus; none for most."""
    if found := _BRAZIL.fullmatch(digits):
        area, ninth, local = found.groups()
        return (f"55{area}{'' if ninth else '9'}{local}",)
    if found := _MEXICO.fullmatch(digits):
        mobile, number = found.groups()
        return (f"52{'' if mobile else '1'}{number}",)
    number = _argentinas(digits)
    if number is None:
        return ()
    return tuple(each for each in _argentinas_spellings(number) if each != digits)


def spellings(digits: str) -> tuple[str, ...]:
    """All of them: this one first."""
    return (digits, *alike(digits))


def _argentinas(digits: str) -> str | None:
    """Area and number, without what marks a mobile."""
    if found := _ARGENTINA.fullmatch(digits):
        return found.group(2)
    if found := _ARGENTINA_DIALLED.fullmatch(digits):
        number = "".join(found.groups())
        return number if len(number) == _ARGENTINAS_DIGITS else None
    return None


def _argentinas_spellings(number: str) -> tuple[str, ...]:
    """The last ones are dialled: nobody can tell from a number how long its area is."""
    areas = (2,) if number.startswith("11") else (3, 4)
    return f"549{number}", f"54{number}", *(f"54{number[:area]}15{number[area:]}" for area in areas)
