"""The shop's own certificate authority: makes the certificate with which the server answers, and renews it.

Devices are told to trust ``ca.pem`` and nothing else, so a server that somebody else set up is refused whatever name it has.

Each file is written whole, a key before the certificate of it, and a renewal keeps the server's key. So wherever this is cut
off, the server's certificate and key belong together, and running it again goes on from there.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from program.errors import ProgramError, reason
from store_server.persistence.crash_points import crash_point
from store_server.services.lasting_files import write_whole

CA_LIFETIME = timedelta(days=3650)
SERVER_LIFETIME = timedelta(days=397)
_EARLIER = timedelta(hours=1)
"""Clocks of devices may be behind."""
_PRIVATE, _PUBLIC = 0o600, 0o644
_HOST_NAME = re.compile(r"(?=.{1,253}$)(\*\.)?[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*\.?", re.IGNORECASE)


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
        ca_key = _ca_key(files)
        if not files.ca.exists():
            _make_ca(files, ca_key, shop, now)
        ca = x509.load_pem_x509_certificate(files.ca.read_bytes())
        if now >= ca.not_valid_after_utc:
            raise ProgramError(f"The authority in {folder} is too old. Move its files away, run make-ca, give devices ca.pem.")
        _make_certificate(files, ca, ca_key, names, now)
    except (OSError, ValueError, TypeError) as error:
        raise ProgramError(f"The shop's certificates in {folder} cannot be made or read: {reason(error)}.") from error
    return files


def days_left(certificate: Path, now_s: int) -> int:
    """Return how many days a certificate is still good for; negative when it is too old.

    Raises:
        ValueError: it is none.
        OSError: it cannot be read.
    """
    read = x509.load_pem_x509_certificate(certificate.read_bytes())
    return (read.not_valid_after_utc - datetime.fromtimestamp(now_s, UTC)).days


def _ca_key(files: CaFiles) -> ec.EllipticCurvePrivateKey:
    """Read the authority's key; make it only where no authority is, so that none is ever replaced by chance."""
    if not files.ca_key.exists():
        if files.ca.exists():
            raise ProgramError(
                f"{files.ca_key} is not there, and only with it can the certificate be renewed. Bring it back from where it is"
                f" kept; or move {files.ca} away to make a new authority, and then give every device its ca.pem."
            )
        write_whole(files.ca_key, _pem(ec.generate_private_key(ec.SECP256R1())), _PRIVATE)
        crash_point("ca.key_written")
    key = serialization.load_pem_private_key(files.ca_key.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{files.ca_key} is a key of another kind")
    return key


def _make_ca(files: CaFiles, key: ec.EllipticCurvePrivateKey, shop: str, now: datetime) -> None:
    name = _name(f"{shop} device network"[:64])
    certificate = (
        _builder(name, name, key.public_key(), now, now + CA_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_whole(files.ca, certificate.public_bytes(serialization.Encoding.PEM), _PUBLIC)
    crash_point("ca.certificate_written")


def _make_certificate(
    files: CaFiles,
    ca: x509.Certificate,
    ca_key: ec.EllipticCurvePrivateKey,
    names: Sequence[x509.GeneralName],
    now: datetime,
) -> None:
    key = _server_key(files)
    until = min(now + SERVER_LIFETIME, ca.not_valid_after_utc)
    certificate = (
        _builder(_name(str(names[0].value)), ca.subject, key.public_key(), now, until)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    write_whole(files.certificate, certificate.public_bytes(serialization.Encoding.PEM), _PUBLIC)
    crash_point("tls.certificate_written")


def _server_key(files: CaFiles) -> ec.EllipticCurvePrivateKey:
    """Keep the key that the former certificate belongs to; make one where none is, or one that is no key."""
    with contextlib.suppress(FileNotFoundError, ValueError, TypeError):
        key = serialization.load_pem_private_key(files.key.read_bytes(), None)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key
    made = ec.generate_private_key(ec.SECP256R1())
    write_whole(files.key, _pem(made), _PRIVATE)
    crash_point("tls.key_written")
    return made


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
    if _HOST_NAME.fullmatch(host) is None:
        raise ProgramError(f"{host!r} is no host name or address; write one such as shop.example or 10.0.0.2.")
    return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
