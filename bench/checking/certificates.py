"""Certificates of an authority made here, and what is wrong with some of them."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_NOW = datetime.now(timezone.utc)
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Certificates:
    """Contexts of servers, by what is wrong with them; `trusting` is what a client takes."""

    servers: dict[str, ssl.SSLContext]
    trusting: ssl.SSLContext


def made(folder: Path, host: str) -> Certificates:
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("Bench CA", authority_key, "Bench CA", authority_key, ends=_NOW + 30 * _DAY, is_ca=True)
    (folder / "ca.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    servers = {}
    for fault, name, ends in (
        ("", host, _NOW + 30 * _DAY),
        ("expired", host, _NOW - _DAY),
        ("wrong_host", "other.example.org", _NOW + 30 * _DAY),
        ("self_signed", host, _NOW + 30 * _DAY),
    ):
        key = ec.generate_private_key(ec.SECP256R1())
        signer, signer_key = (name, key) if fault == "self_signed" else ("Bench CA", authority_key)
        servers[fault] = _server(
            folder / f"{fault or 'good'}.pem", key, _certificate(name, key, signer, signer_key, ends)
        )
    return Certificates(servers=servers, trusting=ssl.create_default_context(cafile=str(folder / "ca.pem")))


def _server(path: Path, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> ssl.SSLContext:
    pem, pkcs8, bare = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(pem, pkcs8, bare) + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    signer: str,
    signer_key: ec.EllipticCurvePrivateKey,
    ends: datetime,
    is_ca: bool = False,
) -> x509.Certificate:
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, signer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOW - 30 * _DAY)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    if not is_ca:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return made.sign(signer_key, hashes.SHA256())
