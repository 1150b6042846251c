"""An authority for client certificates, and certificates of it, valid for as long as a test wants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM


class ClientAuthority:
    """What it signs lets in whoever it names. Its own certificate is in `path`."""

    def __init__(self, path: Path) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("client-authority")
        certificate = _draft(self._name, self._name, self._key.public_key(), 3600)
        constraint = x509.BasicConstraints(ca=True, path_length=None)
        signed = certificate.add_extension(constraint, critical=True).sign(self._key, hashes.SHA256())
        path.write_bytes(signed.public_bytes(PEM))

    def write(self, stem: Path, user: str, group: str, valid_seconds: float) -> None:
        """Writes `stem`.crt and `stem`.key for a user; one with negative seconds has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        draft = _draft(_name(user, group), self._name, key.public_key(), valid_seconds)
        usage = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.CLIENT_AUTH])
        signed = draft.add_extension(usage, critical=False).sign(self._key, hashes.SHA256())
        stem.with_suffix(".crt").write_bytes(signed.public_bytes(PEM))
        stem.with_suffix(".key").write_bytes(
            key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )


def _name(user: str, group: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, user)]
    return x509.Name([*parts, *([x509.NameAttribute(NameOID.ORGANIZATION_NAME, group)] if group else [])])


def _draft(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, valid_seconds: float
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(seconds=valid_seconds))
    )
