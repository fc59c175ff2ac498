"""What goes over the wire when staff looks through somebody's goods: what is to be checked, what was scanned, how it ended."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID, uuid5

from pydantic import Field

from store_server.contract.wire import LINES_MAX, Answer, Key14, Quantity, Request

Said = dict[str, str]
"""Language code to sentence; "en" is always there."""


class CheckKind(StrEnum):
    """How much of the goods staff looks through."""

    SAMPLE = "sample"
    """Some articles, chosen by chance and by what is at stake."""
    FULL = "full"
    """Everything: what is scanned becomes the order."""


class CheckedArticle(Request):
    """An article of the order that staff is to count in the bag."""

    code: Key14
    name: Said
    quantity: Quantity
    """Pieces that are paid; weighed lines count as one each."""


class Check(Request):
    """What staff is asked to look through before the lane opens."""

    check_id: UUID
    kind: CheckKind
    why: Annotated[list[Said], Field(max_length=20)]
    """What made it, in words; the first is the sum of it."""
    articles: Annotated[list[CheckedArticle], Field(max_length=LINES_MAX)] = Field(default=[])
    """To be counted, in a sample; empty in a full one."""
    free_picks: Annotated[int, Field(ge=0, le=100)] = 0
    """So many more articles staff takes out of the bag as it likes; each must be paid."""


class ScanArticle(Request):
    """Staff scans an article during a check."""

    scan_id: UUID
    code: Annotated[str, Field(max_length=90)]
    """As scanned or typed."""


class TakeScanBack(Request):
    """The newest scan of a check was a mistake."""

    scan_id: UUID
    """Of the scan that is taken back."""


class FinishCheck(Request):
    """Staff has looked through all that was asked for."""

    finish_id: UUID


class ScannedArticle(Answer):
    """How often an article was scanned, and how often it is paid."""

    code: Key14
    name: Said
    scanned: int
    paid: int
    wanted: bool
    """The check asks to count it."""


class CheckOutcome(StrEnum):
    """How a check stands."""

    OPEN = "open"
    PASSED = "passed"
    """All that was looked at is paid."""
    FAILED = "failed"
    """A sample did not fit: everything is to be scanned."""
    REPLACED = "replaced"
    """What was scanned is the order now."""


class CheckProgress(Answer):
    """A check and what was scanned so far."""

    check: Check
    order_id: UUID
    outcome: CheckOutcome
    scanned: list[ScannedArticle]
    picks: int
    """Pieces scanned besides those that are to be counted."""
    last_scan: UUID | None
    due_minor: int = 0
    """What a replaced order still owes."""
    overpaid_minor: int = 0
    """What a replaced order gets back."""


def outcome_command_id(check_id: UUID, outcome: CheckOutcome) -> UUID:
    """Return the id of the command that tells a lane how one check ended: a lane knows by it which check is meant.

    >>> one = UUID(int=1)
    >>> outcome_command_id(one, CheckOutcome.PASSED) == outcome_command_id(one, CheckOutcome.FAILED)
    False
    """
    return uuid5(check_id, outcome.value)
