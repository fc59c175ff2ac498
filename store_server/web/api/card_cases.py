"""What staff says about charges in doubt."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from store_server.contract.card_case_messages import CardCase, JudgeCardCase
from store_server.services import card_cases
from store_server.web.api.access import OpenStore, Staff, Supervisor
from store_server.web.api.answering import AnsweringRoute

router = APIRouter(route_class=AnsweringRoute, prefix="/v1/staff/card-cases", tags=["staff"])


@router.get("")
def unsettled_card_cases(store: OpenStore, _staff: Staff) -> list[CardCase]:
    """Fetch the charges of which nobody has said yet whether they happened."""
    return card_cases.unsettled(store)


@router.post("/{case_id}/judge")
def judge_card_case(store: OpenStore, member: Staff, case_id: UUID, request: JudgeCardCase) -> CardCase:
    """Say what the terminal's own list says of a charge in doubt."""
    return card_cases.judge(store, member, case_id, request)


@router.post("/{case_id}/agree")
def agree_card_case(store: OpenStore, member: Supervisor, case_id: UUID) -> CardCase:
    """Agree to what somebody else said of a charge in doubt."""
    return card_cases.decide(store, member, case_id, agree=True)


@router.post("/{case_id}/disagree")
def disagree_card_case(store: OpenStore, member: Supervisor, case_id: UUID) -> CardCase:
    """Open a charge in doubt again that somebody else has judged."""
    return card_cases.decide(store, member, case_id, agree=False)
