"""What the staff page says of charges in doubt; pure."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from store_server.contract.card_case_messages import CardCase, CardCaseState, CardVerdict
from store_server.contract.money import format_minor
from store_server.contract.shop_time import wall_clock
from store_server.contract.staff_messages import StaffRole
from store_server.services.principals import StaffMember
from store_server.web.console.texts import say

_SAID = {CardVerdict.CHARGED: "case-said-charged", CardVerdict.NOT_CHARGED: "case-said-not-charged"}


@dataclass(frozen=True, slots=True)
class CardCaseView:
    """One charge in doubt."""

    case_id: UUID
    mark: str
    """What its buttons are called by."""
    text: str
    said: str
    """What the first person said; empty for a case that nobody has judged."""
    may_judge: bool
    may_decide: bool


def card_case(case: CardCase, member: StaffMember, currency: str, language: str, time_zone: str) -> CardCaseView:
    """Say what is known of a charge, and what this member of staff may do about it."""
    money, number = format_minor(case.amount_minor, currency), case.order_number
    when = f"{wall_clock(case.opened_at, time_zone):%m-%d %H:%M}"
    order = say(language, "order", number=f"{number[:3]}-{number[3:]}") if number else say(language, "case-no-order")
    said = ""
    if case.state is CardCaseState.WAITING and case.verdict is not None:
        verdict = say(language, _SAID[case.verdict])
        said = say(language, "case-waits", name=case.asked_by or "", verdict=verdict, reason=case.reason)
    second = member.role.covers(StaffRole.SUPERVISOR) and member.name != case.asked_by
    return CardCaseView(
        case_id=case.case_id,
        mark=str(case.case_id)[:8],
        text=say(language, "case-line", money=money, kiosk=case.kiosk, when=when, order=order),
        said=said,
        may_judge=case.state is CardCaseState.OPEN,
        may_decide=case.state is CardCaseState.WAITING and second,
    )
