from __future__ import annotations

import contextlib

import pytest

from store_server.contract.device_messages import AskEnrolment, DeviceRole, Enrolment, EnrolmentStatus
from store_server.contract.enrolment import fingerprint, make_credential, short_fingerprint
from store_server.contract.refusals import Refusal
from store_server.contract.staff_messages import StaffRole
from store_server.services import devices, enrolments, staff
from store_server.services.guess_limits import PACES, Guess, TooManyGuessesError
from store_server.services.principals import Device, StaffMember
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import Market

SUPERVISOR = StaffMember("mei", StaffRole.SUPERVISOR)


def ask(market: Market, code: str, credential: str = "c", name: str = "kiosk-7", address: str = "10.0.0.7") -> Enrolment:
    request = AskEnrolment(code=code, name=name, role=DeviceRole.KIOSK, fingerprint=fingerprint(credential))
    return enrolments.ask(market.store, request, address)


def refused(market: Market, code: str, address: str = "10.0.0.7") -> Refusal:
    with pytest.raises(RefusedError) as caught:
        ask(market, code, address=address)
    return caught.value.refusal


def test_a_device_comes_in_with_a_code_and_the_staffs_approval(market: Market) -> None:
    credential = make_credential()
    made = enrolments.make_code(market.store, SUPERVISOR.principal)
    assert len(made.code.replace("-", "")) == 9
    asked = ask(market, made.code.lower(), credential)
    assert staff.find_principal(market.store, credential) is None
    assert enrolments.waiting(market.store) == [asked]
    assert asked.fingerprint == short_fingerprint(fingerprint(credential))
    with pytest.raises(RefusedError, match="another one"):
        enrolments.approve(market.store, SUPERVISOR, asked.enrolment_id, short_fingerprint(fingerprint("other")))
    enrolments.approve(market.store, SUPERVISOR, asked.enrolment_id, asked.fingerprint.lower())
    assert enrolments.status(market.store, asked.enrolment_id).status is EnrolmentStatus.APPROVED
    assert staff.find_principal(market.store, credential) == Device("kiosk-7", DeviceRole.KIOSK)
    with pytest.raises(RefusedError, match="not wait"):
        enrolments.refuse(market.store, SUPERVISOR, asked.enrolment_id)
    assert market.findings() == []


def test_a_revoked_device_is_shut_out_at_once_until_it_is_enrolled_anew(market: Market) -> None:
    token = devices.enrol(market.store, "kiosk-1", DeviceRole.KIOSK)
    devices.revoke(market.store, "kiosk-1", "staff/mei")
    assert staff.find_principal(market.store, token) is None
    assert devices.views(market.store)[0].revoked_at is not None
    again = devices.enrol(market.store, "kiosk-1", DeviceRole.KIOSK)
    assert staff.find_principal(market.store, again) is not None
    with pytest.raises(RefusedError, match="no device called"):
        devices.revoke(market.store, "kiosk-9", "staff/mei")


def test_a_refused_device_stays_out_and_is_told(market: Market) -> None:
    asked = ask(market, enrolments.make_code(market.store, "server").code)
    enrolments.refuse(market.store, SUPERVISOR, asked.enrolment_id)
    assert enrolments.status(market.store, asked.enrolment_id).status is EnrolmentStatus.REFUSED
    assert staff.find_principal(market.store, "c") is None


def test_a_code_works_once(market: Market) -> None:
    code = enrolments.make_code(market.store, "server").code
    ask(market, code)
    assert refused(market, code) is Refusal.UNAUTHENTICATED


def test_a_code_is_too_old_after_ten_minutes(market: Market) -> None:
    code = enrolments.make_code(market.store, "server").code
    market.clock.now += enrolments.CODE_LIFETIME_S
    assert refused(market, code) is Refusal.UNAUTHENTICATED


def test_five_wrong_tries_from_anywhere_spend_a_code(market: Market) -> None:
    code = enrolments.make_code(market.store, "server").code.replace("-", "")
    wrong = code[:2] + code[:1:-1] if code[2:] != code[:1:-1] else code[:2] + "2" * 7
    for number in range(enrolments.TRIES_MAX):
        assert refused(market, wrong, address=f"10.0.1.{number}") is Refusal.UNAUTHENTICATED
    assert refused(market, code, address="10.0.2.1") is Refusal.UNAUTHENTICATED


def test_one_address_cannot_go_on_guessing(market: Market) -> None:
    pace = PACES[Guess.ENROLMENT_CODE]
    answers = [refused(market, "22222222") for _ in range(pace.tries + 3)]
    assert answers == [Refusal.UNAUTHENTICATED] * pace.tries + [Refusal.TOO_MANY] * 3
    right = enrolments.make_code(market.store, "server").code
    with pytest.raises(TooManyGuessesError) as caught:
        ask(market, right)
    market.clock.now += caught.value.retry_after_s
    ask(market, right)


def test_a_device_of_another_role_keeps_its_name(market: Market) -> None:
    devices.enrol(market.store, "kiosk-7", DeviceRole.GATE)
    asked = ask(market, enrolments.make_code(market.store, "server").code)
    with pytest.raises(RefusedError, match="enrolled as a gate"):
        enrolments.approve(market.store, SUPERVISOR, asked.enrolment_id, asked.fingerprint)


def test_codes_that_wait_have_a_largest_number(market: Market) -> None:
    made = 0
    while made < enrolments.OPEN_MAX:
        with contextlib.suppress(RefusedError):  # two codes with the same first letters
            enrolments.make_code(market.store, "server")
            made += 1
    with pytest.raises(RefusedError, match="Too many codes"):
        enrolments.make_code(market.store, "server")
