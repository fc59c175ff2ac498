from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from store_server.services import members, staff
from store_server.services.nobody import nobodys_hash

IN_THE_SHOP = (members._hasher, staff._hasher)
"""Taken at import: while tests run, there are quicker ones in their place."""


@pytest.mark.parametrize("hasher", IN_THE_SHOP)
def test_passwords_are_as_slow_to_guess_as_rfc_9106_recommends(hasher: PasswordHasher) -> None:
    assert (hasher.type.name, hasher.memory_cost, hasher.time_cost) >= ("ID", 64 * 1024, 3)
    assert (hasher.salt_len, hasher.hash_len) >= (16, 32)
    assert hasher.hash("guess").startswith(f"$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p=")


def test_it_costs_what_any_other_costs_and_fits_no_password() -> None:
    usual, quick = PasswordHasher(), PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    assert not usual.check_needs_rehash(nobodys_hash(usual))
    assert usual.check_needs_rehash(nobodys_hash(quick))
    for password in ("", "guess"):
        with pytest.raises(VerifyMismatchError):
            quick.verify(nobodys_hash(quick), password)
