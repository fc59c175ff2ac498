"""What goes over the wire about leaving: a lane's questions and reports, and what staff tells a lane."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from store_server.contract.order_status import OrderStatus
from store_server.contract.wire import COUNT_MAX, Answer, Count, DeviceName, Key14, Request


class EnterLane(Request):
    """A lane asks whether the holder of this pass may leave: by scanned pass or by typed number, exactly one of them."""

    entry_id: UUID
    lane: DeviceName
    exit_pass: Annotated[str, Field(max_length=512)] | None = None
    order_number: Annotated[str, Field(pattern=r"^[0-9]{7}$")] | None = None


class LeaveLane(Request):
    """The shopper turned back before the lane opened; the order is paid again and may enter any lane."""

    entry_id: UUID


class ReportExit(Request):
    """The lane opened for this order; written to the lane's own disk before it did."""

    exit_id: UUID
    order_id: UUID
    revision: Count
    lane: DeviceName
    opened_at: Count
    measured_g: Annotated[int, Field(ge=-COUNT_MAX, le=COUNT_MAX)] | None
    decided_by: Literal["server", "signature", "staff"]
    exit_pass: Annotated[str, Field(max_length=512)] | None = None


class ExitRecorded(Answer):
    """The exit is in the books."""

    exit_id: UUID
    order_id: UUID
    status: OrderStatus


class Explanation(Request):
    """One reason why the weight may not fit, the likeliest first."""

    kind: Literal["missing_scan", "scanned_twice", "swapped", "own_bag", "left_behind", "unknown"]
    code: Key14 | None
    text: dict[str, str]
    """Language code to sentence."""
    probability: Annotated[float, Field(ge=0, le=1)]


class LaneReport(Request):
    """What a lane says of itself every second and at each change."""

    lane: DeviceName
    state: str
    headline: dict[str, str]
    """What its display says: language code to sentence."""
    order_id: UUID | None = None
    order_number: str | None = None
    expected_g: float | None = None
    spread_g: float | None = None
    measured_g: float | None = None
    explanations: Annotated[list[Explanation], Field(max_length=20)] = Field(default=[])
    alarm: bool = False
    faults: Annotated[list[str], Field(max_length=50)] = Field(default=[])
    done_commands: Annotated[list[UUID], Field(max_length=100)] = Field(default=[])


class StaffCommandKind(StrEnum):
    """What staff can tell a lane."""

    RELEASE = "release"
    """Open for the order in the lane, with a reason."""
    REFUSE = "refuse"
    """Send the shopper back."""
    WEIGH_AGAIN = "weigh_again"
    SILENCE_ALARM = "silence_alarm"


class StaffCommand(Answer):
    """One command, to be done once."""

    command_id: UUID
    kind: StaffCommandKind
    reason: str
    staff: str


class LaneCommands(Answer):
    """The answer to a lane report."""

    commands: list[StaffCommand]


class GiveCommand(Request):
    """Staff tells a lane what to do."""

    command_id: UUID
    kind: StaffCommandKind
    reason: Annotated[str, Field(max_length=200)] = ""


class LaneView(Answer):
    """A lane as the staff page shows it."""

    report: LaneReport
    heard_at: int
