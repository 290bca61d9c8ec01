"""Signatures: only the right secret over the right bytes."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from connectors.signature import appsecret_proof, sign, signed_by

SECRET = "test-app-secret"
VECTORS = [
    (b'{"object":"page","entry":[]}', "1a82db3abc2fa71a3fffecfedef579a8468a44850cd8a83a0c56974faff81689"),
    (
        rb'{"text":"ol\u00e1 \ud83d\ude00"}',
        "5df5333863153b69992758c35945d2ea6996912d232620f0710855bd2014cc12",
    ),
    (
        '{"text":"olá 😀"}'.encode(),
        "9c94d10ba9d8b24a7f7604e36b14671510d2e3c131823ff2e6f47a9831424539",
    ),
]


@pytest.mark.parametrize(("body", "expected"), VECTORS)
def test_a_body_has_its_known_signature(body: bytes, expected: str) -> None:
    assert sign(body, SECRET) == f"sha256={expected}"
    assert signed_by(body, f"sha256={expected}", [SECRET]) == SECRET


def test_the_same_text_in_other_bytes_has_another_signature() -> None:
    escaped, plain = VECTORS[1], VECTORS[2]
    assert signed_by(escaped[0], f"sha256={plain[1]}", [SECRET]) is None
    assert signed_by(plain[0], f"sha256={escaped[1]}", [SECRET]) is None


def test_the_secret_that_fits_is_named_wherever_it_stands() -> None:
    header = sign(b"{}", "new")
    assert signed_by(b"{}", header, ["old", "new", "other"]) == "new"
    assert signed_by(b"{}", header, ["new", "old"]) == "new"
    assert signed_by(b"{}", header, ["old", "other"]) is None


@pytest.mark.parametrize("header", [None, "", "sha256=", "sha256=00", "sha256=é", "x" * 10_000])
def test_what_is_no_signature_fits_no_secret(header: str | None) -> None:
    assert signed_by(b"{}", header, [SECRET]) is None


@pytest.mark.parametrize("algorithm", ["sha1", "md5", "sha512"])
def test_the_algorithm_is_not_taken_from_the_header(algorithm: str) -> None:
    made = hmac.new(SECRET.encode(), b"{}", getattr(hashlib, algorithm)).hexdigest()
    assert signed_by(b"{}", f"{algorithm}={made}", [SECRET]) is None


def test_an_empty_secret_signs_nothing() -> None:
    assert signed_by(b"{}", sign(b"{}", ""), ["", SECRET]) is None


def test_the_proof_is_the_known_one() -> None:
    expected = "f9a5c402919f3f3cb70497c968ab9a79bb82d2f1a55a7d91317b53b1678a4191"
    assert appsecret_proof("EAAtoken", SECRET) == expected
