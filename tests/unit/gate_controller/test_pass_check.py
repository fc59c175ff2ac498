"""What a text is by itself: every refusal has its own words, in English and Chinese."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from gate_controller.lane_state import After
from gate_controller.pass_check import Known, Refused, Unverified, checked
from gate_controller.pass_use import PassUse
from gate_controller.presenter import unpaid_texts, used_texts
from store_server.contract.exit_number import ExitNumber
from store_server.contract.order_pass import OrderPass, PassKind
from store_server.contract.refusals import Refusal
from tests.unit.gate_controller.desks import KEY_IDS, KEYS, NOW, SHOP_ID, order_pass, signed

KNOWN = Known(
    SHOP_ID,
    {(kind, KEY_IDS[kind]): KEYS[kind].public_key().public_bytes_raw() for kind in PassKind},
    {UUID(int=66): 2},
)
USED = PassUse(
    order_id=UUID(int=5),
    order_number="0482135",
    revision=1,
    lane="lane 2",
    entry_id=UUID(int=1),
    total_minor=1,
    expected_g=1.0,
    spread_g=1.0,
    decided_by="server",
    without_server=False,
    exit_pass=None,
    used_at=NOW,
)


def judge(text: str, known: Known = KNOWN, *, used: PassUse | None = None, now_s: float = NOW) -> object:
    return checked(text, known, used=lambda _order: used, used_texts=lambda use: used_texts(use, "14:03"), now_s=now_s)


@pytest.mark.parametrize(
    ("text", "refusal", "english", "chinese"),
    [
        (signed(order_pass(PassKind.CLAIM)), Refusal.WRONG_KIND, "not paid yet", "尚未付款"),
        (signed(order_pass(shop_id=8)), Refusal.OTHER_SHOP, "paid in another shop", "其他门店"),
        (signed(order_pass(expiry=NOW - 100)), Refusal.EXPIRED, "too old", "过期"),
        (signed(order_pass(not_before=NOW + 100)), Refusal.NOT_YET_VALID, "not valid yet", "尚未生效"),
        (signed(order_pass(), KEYS[PassKind.CLAIM]), Refusal.FORGED, "not genuine", "无效"),
        (signed(order_pass(order_id=UUID(int=66), revision=2)), Refusal.REVOKED, "withdrawn", "作废"),
        ("HTTPS://EXAMPLE.COM", Refusal.NOT_A_PASS, "not from our shop", "不是本店"),
        ("0482135", Refusal.NOT_A_PASS, "13 digits", "13位"),
        ("9520000000028", Refusal.NOT_A_PASS, "typing slip", "输入有误"),
        ("x" * 600, Refusal.NOT_A_PASS, "not from our shop", "不是本店"),
    ],
)
def test_every_no_has_its_own_words(text: str, refusal: Refusal, english: str, chinese: str) -> None:
    found = judge(text)
    assert isinstance(found, Refused)
    assert found.refusal is refusal
    assert english in found.texts["en"]
    assert chinese in found.texts["zh"]


def test_a_used_pass_says_when_and_where() -> None:
    found = judge(signed(order_pass()), used=USED)
    assert isinstance(found, Refused)
    told = "This receipt was already used to leave, at 14:03 through lane 2. If you are still inside, please ask the staff."
    assert found.texts["en"] == told
    assert "14:03" in found.texts["zh"]


def test_what_is_good_goes_on() -> None:
    assert judge(signed(order_pass())) == order_pass()
    assert isinstance(judge(signed(order_pass(order_id=UUID(int=66), revision=3))), OrderPass)
    number = ExitNumber.of(48213, signed(order_pass()))
    assert judge(str(number)) == number == judge(f" {number.digits} ")
    assert isinstance(judge(signed(order_pass()), replace(KNOWN, shop_id=None)), Unverified)


def test_where_to_pay_depends_on_where_the_lane_stands() -> None:
    said = {after: unpaid_texts(after) for after in After}
    assert "at a kiosk first" in said[After.KIOSK]["en"]
    assert "handheld or phone first" in said[After.HANDHELDS]["en"]
    assert len({texts["zh"] for texts in said.values()}) == len(After)
