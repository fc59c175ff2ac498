from __future__ import annotations

import itertools

import pytest

from store_server.contract.refusals import Refusal
from store_server.contract.staff_messages import ChangePassword, StaffLogin, StaffRole
from store_server.services import staff
from store_server.services.guess_limits import PACES, Guess, TooManyGuessesError
from store_server.services.principals import StaffMember, require
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import Market

PASSWORD = "correct horse"


def log_in(market: Market, name: str = "mei", password: str = PASSWORD, address: str = "") -> str:
    return staff.login(market.store, StaffLogin(name=name, password=password), address).token


@pytest.mark.parametrize(("has", "needed"), list(itertools.product(StaffRole, StaffRole)))
def test_a_role_covers_those_before_it(has: StaffRole, needed: StaffRole) -> None:
    ranks = [StaffRole.ATTENDANT, StaffRole.SUPERVISOR, StaffRole.MANAGER]
    if ranks.index(has) >= ranks.index(needed):
        require(StaffMember("mei", has), needed)
    else:
        with pytest.raises(RefusedError) as caught:
            require(StaffMember("mei", has), needed)
        assert caught.value.refusal is Refusal.FORBIDDEN


def test_a_role_is_given_kept_and_changed(market: Market) -> None:
    staff.add_staff(market.store, "mei", PASSWORD)
    assert staff.find_principal(market.store, log_in(market)) == StaffMember("mei", StaffRole.ATTENDANT)
    staff.add_staff(market.store, "mei", PASSWORD, StaffRole.MANAGER)
    staff.add_staff(market.store, "mei", PASSWORD)
    assert staff.find_principal(market.store, log_in(market)) == StaffMember("mei", StaffRole.MANAGER)


def test_a_new_password_needs_the_old_one_and_ends_all_sessions(market: Market) -> None:
    staff.add_staff(market.store, "mei", PASSWORD)
    session, member = log_in(market), StaffMember("mei")
    with pytest.raises(RefusedError, match="wrong"):
        staff.change_password(market.store, member, ChangePassword(old="guess", new="battery staple"))
    assert staff.find_principal(market.store, session) is not None
    staff.change_password(market.store, member, ChangePassword(old=PASSWORD, new="battery staple"))
    assert staff.find_principal(market.store, session) is None
    log_in(market, password="battery staple")
    with pytest.raises(RefusedError):
        log_in(market)


def test_who_is_sent_away_is_out_at_once(market: Market) -> None:
    staff.add_staff(market.store, "mei", PASSWORD, StaffRole.SUPERVISOR)
    session = log_in(market)
    assert staff.send_away(market.store, "mei", "staff/li").left_at is not None
    assert staff.find_principal(market.store, session) is None
    with pytest.raises(RefusedError, match="wrong"):
        log_in(market)
    staff.add_staff(market.store, "mei", PASSWORD)
    log_in(market)
    assert [(view.name, view.role) for view in staff.members(market.store)] == [("mei", StaffRole.SUPERVISOR)]
    with pytest.raises(RefusedError, match="no member"):
        staff.send_away(market.store, "li", "server")


def test_one_address_cannot_try_many_names(market: Market) -> None:
    tries = PACES[Guess.STAFF_LOGIN].tries
    for number in range(tries):
        with pytest.raises(RefusedError, match="wrong"):
            log_in(market, name=f"name {number}", address="10.0.0.9")
    staff.add_staff(market.store, "mei", PASSWORD)
    with pytest.raises(TooManyGuessesError):
        log_in(market, address="10.0.0.9")
    log_in(market, address="10.0.0.10")
