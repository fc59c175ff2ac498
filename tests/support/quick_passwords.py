"""Passwords that are checked in no time, for tests that are not about how slow they are to guess."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from store_server.services import members, staff
from store_server.services.nobody import nobodys_hash

_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@contextlib.contextmanager
def quick_passwords() -> Iterator[None]:
    """Take 8 KiB and one round for a hash in this process, in place of 64 MiB and three."""
    with pytest.MonkeyPatch.context() as patch:
        for service in (members, staff):
            patch.setattr(service, "_hasher", _QUICK)
            patch.setattr(service, "_NOBODY", nobodys_hash(_QUICK))
        yield
