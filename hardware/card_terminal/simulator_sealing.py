"""How a simulated nexo terminal opens and seals messages; written apart from the product's own, so that a mistake shows."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC


class Seal:
    """One passphrase, as a terminal holds it."""

    def __init__(self, passphrase: str, identifier: str, version: int) -> None:
        derived = PBKDF2HMAC(hashes.SHA1(), 80, b"AdyenNexoV1Salt", 4000).derive(passphrase.encode())  # noqa: S303 - Adyen's choice
        self._mac, self._aes, self._iv = derived[:32], derived[32:64], derived[64:]
        self._name = {"KeyIdentifier": identifier, "KeyVersion": version, "AdyenCryptoVersion": 1}

    def opened(self, envelope: dict[str, Any]) -> bytes:
        """Return the clear message; raises ValueError when it was not sealed with this passphrase."""
        trailer = envelope["SecurityTrailer"]
        if any(trailer.get(key) != value for key, value in self._name.items()):
            raise ValueError("another key")
        cipher = self._cipher(base64.b64decode(trailer["Nonce"])).decryptor()
        padded = cipher.update(base64.b64decode(envelope["NexoBlob"])) + cipher.finalize()
        unpadder = padding.PKCS7(128).unpadder()
        clear = unpadder.update(padded) + unpadder.finalize()
        mac = HMAC(self._mac, hashes.SHA256())
        mac.update(clear)
        try:
            mac.verify(base64.b64decode(trailer["Hmac"]))
        except InvalidSignature as error:
            raise ValueError("the authentication code does not fit") from error
        return clear

    def sealed(self, root: str, content: dict[str, Any], nonce: bytes) -> bytes:
        """Return the envelope of a message."""
        clear = json.dumps({root: content}).encode()
        padder = padding.PKCS7(128).padder()
        cipher = self._cipher(nonce).encryptor()
        blob = cipher.update(padder.update(clear) + padder.finalize()) + cipher.finalize()
        mac = HMAC(self._mac, hashes.SHA256())
        mac.update(clear)
        trailer = {**self._name, "Nonce": _text(nonce), "Hmac": _text(mac.finalize())}
        envelope = {"MessageHeader": content["MessageHeader"], "NexoBlob": _text(blob), "SecurityTrailer": trailer}
        return json.dumps({root: envelope}).encode()

    def _cipher(self, nonce: bytes) -> Cipher[modes.CBC]:
        mixed = (int.from_bytes(self._iv, "big") ^ int.from_bytes(nonce, "big")).to_bytes(16, "big")
        return Cipher(algorithms.AES(self._aes), modes.CBC(mixed))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
