"""What goes over the wire about leaving: a lane's questions and reports, and what staff tells a lane."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from store_server.contract.check_messages import Check, Said
from store_server.contract.order_status import OrderStatus
from store_server.contract.wire import COUNT_MAX, WEIGHT_MAX_G, Answer, Count, DeviceName, Key14, Request

SECONDS_MAX = 8 * 3600
"""Nothing that staff asks a lane for lasts longer than a shift."""
Seconds = Annotated[int, Field(ge=0, le=SECONDS_MAX)]
OrderDigits = Annotated[str, Field(pattern=r"^[0-9]{7}$")]


class EnterLane(Request):
    """A lane asks whether the holder of this pass may leave: by scanned pass or by one of the numbers, exactly one of them."""

    entry_id: UUID
    lane: DeviceName
    exit_pass: Annotated[str, Field(max_length=512)] | None = None
    exit_number: Annotated[str, Field(pattern=r"^[0-9]{13}$")] | None = None
    """As typed from the receipt; see :mod:`store_server.contract.exit_number`."""
    order_number: OrderDigits | None = None
    """Of an order that this lane holds, or that staff lets in."""
    vouched_by: UUID | None = None
    """The staff command (``admit``) that lets this number in without its receipt."""


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
    second_code: Key14 | None = None
    """The other article of a double cause: also not scanned, also not there, or what was taken instead of ``code``."""
    text: dict[str, str]
    """Language code to sentence."""
    probability: Annotated[float, Field(ge=0, le=1)]


class WeightNews(Request):
    """What the lanes learned of an article's weight, or ask staff about."""

    code: Key14
    name: Said
    text: Said
    asks: bool
    """Waits for staff's word: a sudden change."""


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
    fault_texts: Annotated[list[Said], Field(max_length=50)] = Field(default=[])
    """The faults as staff reads them."""
    done_commands: Annotated[list[UUID], Field(max_length=100)] = Field(default=[])
    check: Check | None = None
    """What staff is asked to look through."""
    risk: Annotated[list[Said], Field(max_length=20)] = Field(default=[])
    """The chance of a random check of the order in the lane, and what it is made of."""
    blind: Annotated[list[Said], Field(max_length=20)] = Field(default=[])
    """What the scale cannot see with this order."""
    unpaid: Annotated[list[Said], Field(max_length=100)] = Field(default=[])
    """Articles whose RFID tags are at the gate and not paid."""
    fire: bool = False
    """The gate is open for a fire; it stays so until staff resets it."""
    fire_input: bool = False
    """The fire alarm system says so at this moment."""
    checks_paused_s: Seconds = 0
    """For so long no random checks are made here."""
    opens_longer: bool = False
    """The gate will stay open, or is open, for longer than usual."""
    may_weigh_again: bool = True
    """Staff may have the goods weighed again: the lane waits for them, and nothing is due."""
    weights: Annotated[list[WeightNews], Field(max_length=50)] = Field(default=[])
    """What the lanes have learned of weights, and what waits for staff's word."""


class StaffCommandKind(StrEnum):
    """What staff can tell a lane."""

    RELEASE = "release"
    """Open for the order in the lane, with a reason."""
    REFUSE = "refuse"
    """Send the shopper back."""
    WEIGH_AGAIN = "weigh_again"
    SILENCE_ALARM = "silence_alarm"
    CHECK = "check"
    """Have a sample of the goods looked through before the lane opens."""
    CHECK_ALL = "check_all"
    """Have all goods scanned anew."""
    CHECK_PASSED = "check_passed"
    """The store says so when staff has finished a check."""
    CHECK_FAILED = "check_failed"
    """The store says so when a sample did not fit: everything is to be scanned."""
    PAUSE_CHECKS = "pause_checks"
    """No random checks for so many seconds; 0 has them again."""
    ADMIT = "admit"
    """Let an order in by its number: its receipt is lost."""
    LET_OUT = "let_out"
    """Open once for somebody without goods, with a reason; for so many seconds where given."""
    OPEN_LONGER = "open_longer"
    """Keep the gate open for so many seconds, for whoever needs time."""
    SHUT = "shut"
    """Close a gate that stands open for longer."""
    OPEN_FOR_FIRE = "open_for_fire"
    """Open every lane and leave it open."""
    RESET_FIRE = "reset_fire"
    """The fire is over."""
    TEACH_WEIGHT = "teach_weight"
    """What an article weighs, from staff's own scale."""
    KEEP_WEIGHT = "keep_weight"
    """The change of weight that a lane asked about is right."""
    DROP_WEIGHT = "drop_weight"
    """The change of weight that a lane asked about is not right."""
    SCALE_CHECKED = "scale_checked"
    """A known weight was put on the lane's scale, and it shows it."""


OF_THE_STORE = frozenset({StaffCommandKind.CHECK_PASSED, StaffCommandKind.CHECK_FAILED})
"""What follows from a check; nobody can say it outright."""
OF_THE_ORDER = OF_THE_STORE | {
    StaffCommandKind.RELEASE,
    StaffCommandKind.REFUSE,
    StaffCommandKind.CHECK,
    StaffCommandKind.CHECK_ALL,
}
"""What is about the order that is in the lane when staff says it, and about no other."""
WITH_A_REASON = frozenset({StaffCommandKind.RELEASE, StaffCommandKind.LET_OUT, StaffCommandKind.OPEN_FOR_FIRE})
"""What staff must say why for."""


class StaffCommand(Answer):
    """One command, to be done once."""

    command_id: UUID
    kind: StaffCommandKind
    reason: str
    staff: str
    order_number: str | None = None
    seconds: int | None = None
    code: str | None = None
    grams: float | None = None


class LaneCommands(Answer):
    """The answer to a lane report."""

    commands: list[StaffCommand]


class GiveCommand(Request):
    """Staff tells a lane what to do."""

    command_id: UUID
    kind: StaffCommandKind
    reason: Annotated[str, Field(max_length=200)] = ""
    order_id: UUID | None = None
    """The order that staff means, where it is about the one in the lane; refused when another one is there by now."""
    order_number: OrderDigits | None = None
    """Of ``admit``."""
    seconds: Seconds | None = None
    """Of ``pause_checks``, ``let_out`` and ``open_longer``."""
    code: Key14 | None = None
    """The article of a weight."""
    grams: Annotated[float, Field(gt=0, le=WEIGHT_MAX_G)] | None = None
    """Of ``teach_weight``: one piece, packaging included."""


class LaneView(Answer):
    """A lane as the staff page shows it."""

    report: LaneReport
    heard_at: int
