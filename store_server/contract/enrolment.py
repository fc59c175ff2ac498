"""A device's side of enrolment: it makes its credential itself and shows people a short fingerprint of it.

The server is told only the SHA-256 of the credential; staff compares the short fingerprint on the device with the one on the
staff page before the device is let in.
"""

from __future__ import annotations

import hashlib
import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 characters that nobody mistakes for one another."""
CREDENTIAL_BYTES = 32
_GROUP = 4


def make_credential() -> str:
    """Make a credential; keep it on the device, where only its user can read it."""
    return secrets.token_urlsafe(CREDENTIAL_BYTES)


def fingerprint(credential: str) -> str:
    """Return what the server is told of a credential: 64 hexadecimal digits.

    >>> fingerprint("abc")[:16]
    'ba7816bf8f01cfea'
    """
    return hashlib.sha256(credential.encode()).hexdigest()


def short_fingerprint(whole: str) -> str:
    """Return the eight characters (40 bits) that people compare.

    >>> short_fingerprint(fingerprint("abc"))
    'RBW3-FHWH'
    """
    bits = int(whole[:10], 16)
    letters = "".join(ALPHABET[bits >> shift & 31] for shift in range(35, -1, -5))
    return f"{letters[:_GROUP]}-{letters[_GROUP:]}"
