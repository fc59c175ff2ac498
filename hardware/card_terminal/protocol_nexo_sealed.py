"""The envelope of local nexo messages as the Adyen Terminal API seals them.

::

    PBKDF2-HMAC-SHA1(passphrase, "AdyenNexoV1Salt", 4000 rounds, 80 bytes)
      = key of the HMAC, 32 bytes | key of the cipher, 32 bytes | IV, 16 bytes

    {"SaleToPOIRequest": {
       "MessageHeader":   {...},                                      in clear, the same as inside
       "NexoBlob":        base64(AES-256-CBC(PKCS#7(whole clear message), IV xor nonce)),
       "SecurityTrailer": {"AdyenCryptoVersion": 1, "KeyIdentifier": "...", "KeyVersion": 1,
                           "Nonce": base64(16 random bytes), "Hmac": base64(HMAC-SHA256(clear message))}}}

A message is believed only when its HMAC fits and its clear header is the sealed one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from hardware.card_terminal.protocol_json import parsed, written
from hardware.errors import ProtocolError

CRYPTO_VERSION = 1
NONCE_BYTES = 16
_SALT = b"AdyenNexoV1Salt"
_ROUNDS = 4000
_BLOCK = 16
_KEY = 32
_ROOTS = ("SaleToPOIRequest", "SaleToPOIResponse")


@dataclass(frozen=True, slots=True)
class Keys:
    """What a passphrase gives."""

    hmac_key: bytes
    cipher_key: bytes
    iv: bytes


@dataclass(frozen=True, slots=True)
class KeyName:
    """By which name and version both sides know the passphrase."""

    identifier: str
    version: int


def keys_of(passphrase: str) -> Keys:
    """Derive the keys; takes some milliseconds, so do it once.

    >>> keys_of("mysupersecretpassphrase").iv.hex()
    '17be85c2e52ba327bdce1910f4c2c7de'
    """
    derived = hashlib.pbkdf2_hmac("sha1", passphrase.encode("utf-8"), _SALT, _ROUNDS, 2 * _KEY + _BLOCK)
    return Keys(derived[:_KEY], derived[_KEY : 2 * _KEY], derived[2 * _KEY :])


def sealed(message: dict[str, Any], keys: Keys, name: KeyName, nonce: bytes) -> bytes:
    """Seal one message; ``nonce`` is 16 bytes that were never used before."""
    (root, content), *_ = message.items()
    clear = written(message).encode("utf-8")
    trailer = {
        "AdyenCryptoVersion": CRYPTO_VERSION,
        "KeyIdentifier": name.identifier,
        "KeyVersion": name.version,
        "Nonce": base64.b64encode(nonce).decode("ascii"),
        "Hmac": base64.b64encode(hmac.digest(keys.hmac_key, clear, "sha256")).decode("ascii"),
    }
    padding = _BLOCK - len(clear) % _BLOCK
    encryptor = _cipher(keys, nonce).encryptor()
    blob = encryptor.update(clear + bytes([padding]) * padding) + encryptor.finalize()
    envelope = {
        "MessageHeader": content["MessageHeader"],
        "NexoBlob": base64.b64encode(blob).decode("ascii"),
        "SecurityTrailer": trailer,
    }
    return written({root: envelope}).encode("utf-8")


def opened(data: bytes, keys: Keys, name: KeyName) -> dict[str, Any]:
    """Open one message.

    Raises:
        ProtocolError: it is not sealed, was sealed with another key, or was changed on its way.
    """
    root, envelope = rooted(parsed(data))
    trailer = envelope.get("SecurityTrailer")
    if not isinstance(trailer, dict) or "NexoBlob" not in envelope:
        raise ProtocolError("the terminal answered without encryption; set the same key at the terminal and here")
    told = (trailer.get("AdyenCryptoVersion"), trailer.get("KeyIdentifier"), trailer.get("KeyVersion"))
    if told != (CRYPTO_VERSION, name.identifier, name.version):
        raise ProtocolError(f"the terminal used the key {told[1]!r} version {told[2]!r}; the settings say {name}")
    clear = _unpadded(_deciphered(_bytes_of(envelope["NexoBlob"]), _bytes_of(trailer.get("Nonce")), keys))
    if not hmac.compare_digest(hmac.digest(keys.hmac_key, clear, "sha256"), _bytes_of(trailer.get("Hmac"))):
        raise ProtocolError("the message's authentication code does not fit: another passphrase, or it was changed")
    message = parsed(clear)
    inner_root, inner = rooted(message)
    if inner_root != root or inner.get("MessageHeader") != envelope.get("MessageHeader"):
        raise ProtocolError("the message's clear header is not the sealed one")
    return {inner_root: inner}


def rooted(message: Any) -> tuple[str, dict[str, Any]]:
    """Return the root's name and content.

    Raises:
        ProtocolError: it is no nexo message.
    """
    if isinstance(message, dict) and len(message) == 1:
        (root, content), *_ = message.items()
        if root in _ROOTS and isinstance(content, dict):
            return root, content
    raise ProtocolError("the terminal sent no nexo message")


def _cipher(keys: Keys, nonce: bytes) -> Cipher[modes.CBC]:
    iv = bytes(one ^ other for one, other in zip(keys.iv, nonce, strict=True))
    return Cipher(algorithms.AES(keys.cipher_key), modes.CBC(iv))


def _deciphered(blob: bytes, nonce: bytes, keys: Keys) -> bytes:
    if len(nonce) != NONCE_BYTES or not blob or len(blob) % _BLOCK:
        raise ProtocolError("the sealed message has a wrong length")
    decryptor = _cipher(keys, nonce).decryptor()
    return decryptor.update(blob) + decryptor.finalize()


def _unpadded(padded: bytes) -> bytes:
    size = padded[-1]
    if not 1 <= size <= _BLOCK or padded[-size:] != bytes([size]) * size:
        raise ProtocolError("the sealed message cannot be opened: another passphrase, or it was changed")
    return padded[:-size]


def _bytes_of(text: object) -> bytes:
    if not isinstance(text, str):
        raise ProtocolError("a part of the sealed message is missing")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProtocolError(f"a part of the sealed message is no base64: {error}") from error
