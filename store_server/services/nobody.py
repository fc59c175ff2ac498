"""A hash that no password has, checked for unknown names: an answer takes the same time whoever is asked for."""

from __future__ import annotations

import secrets
from base64 import b64encode

from argon2 import PasswordHasher


def nobodys_hash(hasher: PasswordHasher) -> str:
    """Return random bytes in the form of a hash of ``hasher``: checking it costs as much as any other.

    Hashing a random password would cost every command of the server a quarter of a second and 64 MiB at its start.
    """
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${_random(hasher.salt_len)}${_random(hasher.hash_len)}"


def _random(length: int) -> str:
    return b64encode(secrets.token_bytes(length)).decode("ascii").rstrip("=")
