"""The shop's own certificate authority: makes the certificate with which the server answers, and renews it.

Devices are told to trust ``ca.pem`` and nothing else, so a server that somebody else set up is refused whatever name it has.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from program.errors import ProgramError

CA_LIFETIME = timedelta(days=3650)
SERVER_LIFETIME = timedelta(days=397)
_EARLIER = timedelta(hours=1)
"""Clocks of devices may be behind."""


@dataclass(frozen=True, slots=True)
class CaFiles:
    """What :func:`make_certificates` leaves in its folder."""

    folder: Path

    @property
    def ca(self) -> Path:
        """The authority's certificate; every device gets a copy."""
        return self.folder / "ca.pem"

    @property
    def ca_key(self) -> Path:
        """The authority's key; best kept elsewhere, it is needed for the next renewal only."""
        return self.folder / "ca.key"

    @property
    def certificate(self) -> Path:
        """The server's certificate."""
        return self.folder / "server.pem"

    @property
    def key(self) -> Path:
        """The server's key."""
        return self.folder / "server.key"


def make_certificates(folder: Path, shop: str, hosts: Sequence[str], now_s: int) -> CaFiles:
    """Make the authority where it is missing, and a new certificate for the server.

    Args:
        folder: where the files go.
        shop: the shop's name, inside the authority's certificate.
        hosts: every name and address by which devices reach the server.
        now_s: seconds since 1970 UTC.

    Raises:
        ProgramError: the folder cannot be written, a host is none, or the authority is too old or damaged.
    """
    files, now = CaFiles(folder), datetime.fromtimestamp(now_s, UTC)
    names = [_host(host) for host in hosts]
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not files.ca_key.exists():
            _make_ca(files, shop, now)
        ca_key = serialization.load_pem_private_key(files.ca_key.read_bytes(), None)
        ca = x509.load_pem_x509_certificate(files.ca.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise ProgramError(f"The shop's certificates in {folder} cannot be made or read: {error}.") from error
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
    if now >= ca.not_valid_after_utc:
        raise ProgramError(f"The authority in {folder} is too old. Move its files away, run make-ca, renew ca.pem on devices.")
    key = ec.generate_private_key(ec.SECP256R1())
    until = min(now + SERVER_LIFETIME, ca.not_valid_after_utc)
    certificate = (
        _builder(_name(hosts[0]), ca.subject, key.public_key(), now, until)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    _write(files.key, _pem(key), 0o600)
    _write(files.certificate, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    return files


def days_left(certificate: Path, now_s: int) -> int:
    """Return how many days a certificate is still good for; negative when it is too old.

    Raises:
        ValueError: it is none.
        OSError: it cannot be read.
    """
    read = x509.load_pem_x509_certificate(certificate.read_bytes())
    return (read.not_valid_after_utc - datetime.fromtimestamp(now_s, UTC)).days


def _make_ca(files: CaFiles, shop: str, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"{shop} device network"[:64])
    certificate = (
        _builder(name, name, key.public_key(), now, now + CA_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(files.ca, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    _write(files.ca_key, _pem(key), 0o600)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(until)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError as error:
        raise ProgramError(f"{host!r} is no host name or address.") from error


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _write(path: Path, text: bytes, mode: int) -> None:
    """Write a file whole or not at all; a key is never readable by others, not even for a moment."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        os.write(handle, text)
        os.fsync(handle)
    finally:
        os.close(handle)
    fresh.replace(path)
