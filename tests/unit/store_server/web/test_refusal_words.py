"""What the staff page tells in Chinese: every "no" of the services that it asks, and the cards of money and devices."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from store_server import services
from store_server.contract.card_case_messages import CardCase, CardCaseState, CardVerdict
from store_server.contract.device_messages import DeviceRole
from store_server.contract.product_code import ProductCode, ProductCodeError
from store_server.contract.refusals import Refusal
from store_server.contract.staff_messages import StaffRole
from store_server.contract.tender_messages import RefundDestination
from store_server.services.principals import StaffMember
from store_server.web.console.card_case_views import card_case
from store_server.web.console.money_desk import BACK_TO
from store_server.web.console.reason_dialog import cleaned
from store_server.web.console.refusal_words import told
from store_server.web.console.texts import say

ASKED = (
    *("lanes", "amendments", "goods_checks", "giving_back", "refunds"),
    *("enrolments", "staff", "orders", "card_cases", "principals"),
)
"""The services that the page calls, and what they share."""


def sentences() -> Iterator[str]:
    """Every sentence that these services refuse with, its gaps filled with a 7."""
    for name in ASKED:
        tree = ast.parse((Path(services.__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"RefusedError", "NotThereError"}
            ):
                yield from (text for one in node.args[1:] if (text := spoken(one)))
            elif isinstance(node, ast.Assign) and spoken(node.value).endswith((".", "?")):
                yield spoken(node.value)


def spoken(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.replace("{kiosk}", "7")
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    return ""


def test_every_refusal_that_staff_can_meet_is_told_in_chinese() -> None:
    found = list(sentences())
    assert len(found) > 30, "the services were not understood"
    english = [sentence for sentence in found if told(sentence, "zh") == sentence]
    assert english == []
    assert all(told(sentence, "en") == sentence for sentence in found)


@pytest.mark.parametrize("refusal", list(Refusal))
def test_every_refusal_has_chinese_words_of_its_own(refusal: Refusal) -> None:
    assert not told(refusal.sentence, "zh").isascii()
    assert not told("Something that nobody translated", "zh", refusal).isascii()


@pytest.mark.parametrize("text", ["", "12", "9520000000012", "2112345000001", "2912345000007", "8-9", "1" * 300])
def test_a_code_that_cannot_be_read_is_told_in_chinese(text: str) -> None:
    with pytest.raises(ProductCodeError) as caught:
        ProductCode.parse(text)
    said = told(f"{caught.value}. Scan or type it again.", "zh")
    assert re.findall("[A-Za-z]+", said) == []


def test_who_may_is_told_in_chinese() -> None:
    assert (
        told("Only a supervisor may do that; you are logged in as attendant.", "zh") == "只有主管可以这样做；您的角色是店员。"
    )


@pytest.mark.parametrize("destination", list(RefundDestination))
def test_where_money_goes_back_to_is_told_in_both_languages(destination: RefundDestination) -> None:
    assert say("zh", BACK_TO[destination]) != say("en", BACK_TO[destination])


def test_a_reason_is_one_plain_line() -> None:
    assert cleaned(" left\t the\nshop\x00 ") == "left the shop"


def test_gaps_keep_what_is_in_them() -> None:
    assert told("kiosk-9 is enrolled as a kiosk already.", "zh") == "kiosk-9 已登记为付款机。"
    assert told("Something that nobody translated", "zh") == "Something that nobody translated"


@pytest.mark.parametrize("role", list(DeviceRole))
def test_devices_are_named_in_both_languages(role: DeviceRole) -> None:
    assert say("zh", f"device-role-{role.value}") != say("en", f"device-role-{role.value}")


def case(**changes: object) -> CardCase:
    facts = {
        "case_id": UUID(int=7),
        "kiosk": "kiosk-1",
        "order_id": UUID(int=1),
        "order_number": "0482135",
        "amount_minor": 1280,
        "opened_at": 1_800_000_000,
        "state": CardCaseState.OPEN,
        "verdict": None,
        "asked_by": None,
        "reason": "",
        "decided_by": None,
    }
    return CardCase.model_validate(facts | changes)


def test_a_case_tells_amount_terminal_time_and_order() -> None:
    view = card_case(case(), StaffMember("mei"), "CNY", "en", "Asia/Shanghai")
    assert view.text == "¥12.80 at the terminal of kiosk-1, 01-15 16:00. Order 048-2135"
    assert (view.may_judge, view.may_decide, view.said) == (True, False, "")
    assert "订单 048-2135" in card_case(case(), StaffMember("mei"), "CNY", "zh", "Asia/Shanghai").text
    unknown = card_case(case(order_number=None), StaffMember("mei"), "CNY", "en", "Asia/Shanghai")
    assert unknown.text.endswith("No order is known.")


def test_only_a_second_person_of_rank_decides_what_waits() -> None:
    waiting = case(state=CardCaseState.WAITING, verdict=CardVerdict.NOT_CHARGED, asked_by="mei", reason="not listed")
    may = {
        (name, role): card_case(waiting, StaffMember(name, role), "CNY", "en", "UTC").may_decide
        for name in ("mei", "lin")
        for role in StaffRole
    }
    assert {who for who, allowed in may.items() if allowed} == {("lin", StaffRole.SUPERVISOR), ("lin", StaffRole.MANAGER)}
    view = card_case(waiting, StaffMember("lin", StaffRole.MANAGER), "CNY", "en", "UTC")
    assert view.said == "mei says: was not charged (not listed). A second person must agree."
    assert not view.may_judge
