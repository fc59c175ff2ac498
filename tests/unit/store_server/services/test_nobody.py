from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from store_server.services.nobody import nobodys_hash


def test_it_costs_what_any_other_costs_and_fits_no_password() -> None:
    usual, quick = PasswordHasher(), PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    assert not usual.check_needs_rehash(nobodys_hash(usual))
    assert usual.check_needs_rehash(nobodys_hash(quick))
    for password in ("", "guess"):
        with pytest.raises(VerifyMismatchError):
            quick.verify(nobodys_hash(quick), password)
