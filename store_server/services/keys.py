"""The shop's signing keys: one Ed25519 pair for claims, one for exit passes, made once by ``store-server init``.

The private halves are files in ``data_dir/keys`` that only the server's user can read; the public halves are rows, so that
passes signed with a former key can still be told.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select

from program.errors import ProgramError, reason
from store_server.contract.order_pass import PassKind
from store_server.contract.shop_messages import PassKey
from store_server.persistence.crash_points import crash_point
from store_server.persistence.once import insert_once
from store_server.persistence.tables import pass_keys

_FOLDER = "keys"
_SEED_LENGTH = 32
_KINDS = {PassKind.CLAIM: "claim", PassKind.EXIT: "exit"}
_OTHERS_MAY = 0o077


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and its name."""

    key_id: bytes
    private_key: Ed25519PrivateKey

    def sign(self, signed: bytes) -> bytes:
        """Sign (RFC 8032)."""
        return self.private_key.sign(signed)

    @property
    def public_key(self) -> bytes:
        """The public half, 32 bytes."""
        return self.private_key.public_key().public_bytes_raw()


@dataclass(frozen=True, slots=True)
class PassKeys:
    """The keys that sign now, one per kind."""

    signing: dict[PassKind, SigningKey]


def make_keys(data_dir: Path, connection: Connection, now_s: int) -> None:
    """Make the missing key files and write the public halves into the books; existing ones stay."""
    folder = data_dir / _FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    crash_point("keys.folder_made")
    for name in _KINDS.values():
        path = folder / f"{name}.key"
        if not path.exists():
            _write_private(path, os.urandom(_SEED_LENGTH))
        crash_point("keys.file_made")
        key = _read_key(path)
        row = {"key_id": key.key_id.hex(), "kind": name, "public_key": key.public_key.hex(), "made_at": now_s}
        insert_once(connection, pass_keys, row)
        crash_point("keys.after_row")


def console_secret(data_dir: Path) -> str:
    """Return the secret that signs the staff page's cookies, made when missing."""
    path = data_dir / _FOLDER / "console.key"
    if not path.exists():
        _write_private(path, os.urandom(_SEED_LENGTH))
    return path.read_text(encoding="ascii").strip()


def read_keys(data_dir: Path) -> PassKeys:
    """Read the private keys.

    Raises:
        ProgramError: a key is missing, damaged, or readable by others.
    """
    return PassKeys({kind: _read_key(data_dir / _FOLDER / f"{name}.key") for kind, name in _KINDS.items()})


def published(connection: Connection) -> list[PassKey]:
    """Return every public key that verifies this shop's passes."""
    rows = connection.execute(select(pass_keys).order_by(pass_keys.c.made_at, pass_keys.c.key_id))
    return [PassKey(key_id=row.key_id, kind=row.kind, public_key=row.public_key) for row in rows]


def verifying(connection: Connection) -> dict[tuple[PassKind, bytes], bytes]:
    """Return the public keys as :func:`store_server.contract.order_pass.verify` takes them."""
    kinds = {name: kind for kind, name in _KINDS.items()}
    return {(kinds[key.kind], bytes.fromhex(key.key_id)): bytes.fromhex(key.public_key) for key in published(connection)}


def _write_private(path: Path, seed: bytes) -> None:
    """Write a whole key file or none: a power cut in the middle leaves a name that nobody reads and the next start replaces."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        crash_point("keys.file_begun")
        os.write(handle, f"{seed.hex()}\n".encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)
    crash_point("keys.file_written")
    unfinished.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read_key(path: Path) -> SigningKey:
    try:
        if path.stat().st_mode & _OTHERS_MAY:
            raise ProgramError(f"The signing key {path} can be read by others. Run: chmod 600 {path}")
        seed = bytes.fromhex(path.read_text(encoding="ascii"))
    except FileNotFoundError as error:
        raise ProgramError(
            f"The signing key {path} is missing. Run 'store-server init' or bring it back from a copy."
        ) from error
    except PermissionError as error:
        raise ProgramError(f"The signing key {path} belongs to another user. Run this as the user who serves.") from error
    except (OSError, ValueError) as error:
        raise ProgramError(f"The signing key {path} cannot be read ({reason(error)}). Bring it back from a copy.") from error
    if len(seed) != _SEED_LENGTH:
        raise ProgramError(f"The signing key {path} is damaged. Bring it back from a copy.")
    private_key = Ed25519PrivateKey.from_private_bytes(seed)
    public_key = private_key.public_key().public_bytes_raw()
    return SigningKey(key_id=hashlib.sha256(public_key).digest()[:8], private_key=private_key)
