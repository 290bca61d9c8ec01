"""Facts from outside, read into types of ours. Each type is learnt when its module is imported, by one thread.

msgspec looks at a type when it first reads into it, and shows what it has so far to whoever asks meanwhile: two threads
that began together ended the process with SIGSEGV (seen with 0.22, in the first turns after a start).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def reader(kind: type[T], *, strict: bool = True) -> Callable[[Any], T]:
    """Reads what JSON can say into `kind`; `msgspec.ValidationError` where it does not fit.

    `strict=False`: a number or a truth may be written as text.
    """
    learn(kind)

    def read(given: Any) -> T:
        return msgspec.convert(given, kind, strict=strict)

    return read


def learn(kind: Any) -> None:
    """Makes msgspec look at `kind` and at all it is made of now. Once its module can name them."""
    msgspec.json.Decoder(kind)
