"""What goes over the wire about charges of which nobody knew whether they happened: staff looks at the terminal's own list."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from store_server.contract.wire import Answer, Reason, Request


class CardVerdict(StrEnum):
    """What the terminal's own list says."""

    CHARGED = "charged"
    NOT_CHARGED = "not_charged"


class CardCaseState(StrEnum):
    """How far a charge in doubt is."""

    OPEN = "open"
    WAITING = "waiting"
    """One person has looked; a second one must agree."""
    CHARGED = "charged"
    NOT_CHARGED = "not_charged"


class JudgeCardCase(Request):
    """Staff has looked; above the shop's limit for refunds a second person must agree."""

    judgement_id: UUID
    verdict: CardVerdict
    reason: Reason


class CardCase(Answer):
    """One charge in doubt."""

    case_id: UUID
    """The charge's own id, where the kiosk told it; else its session's."""
    kiosk: str
    """Beside which the terminal stands."""
    order_id: UUID | None
    order_number: str | None
    amount_minor: int
    opened_at: int
    state: CardCaseState
    verdict: CardVerdict | None
    """What the first person said."""
    asked_by: str | None
    reason: str
    decided_by: str | None
