"""What the staff page says, as ready texts: lanes and orders to views, without any widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from store_server.contract.check_messages import Check, CheckKind, CheckOutcome, CheckProgress
from store_server.contract.lane_messages import Explanation, LaneReport, LaneView
from store_server.contract.money import format_minor
from store_server.contract.order_messages import Order, PricedLine
from store_server.contract.order_status import OrderStatus
from store_server.contract.shop_time import wall_clock
from store_server.web.console import texts

_MINUTE_S = 60
_UNBROKEN = "\N{NO-BREAK SPACE}"

_TONES = {
    "idle": "calm",
    "checking": "busy",
    "weighing": "busy",
    "deactivating": "busy",
    "passing": "good",
    "auditing": "warn",
    "refused": "warn",
    "fault": "warn",
    "alarm": "bad",
    "fire": "bad",
}
_WITH_GOODS = frozenset({"weighing", "deactivating", "auditing"})
_FREE = frozenset({"idle", "refused"})
_STATUS_TONES = {
    OrderStatus.SUBMITTED: "warn",
    OrderStatus.TENDERING: "busy",
    OrderStatus.PAID: "good",
    OrderStatus.LEAVING: "busy",
    OrderStatus.EXITED: "calm",
}


@dataclass(frozen=True, slots=True)
class ReasonView:
    """One explanation of a weight that does not fit."""

    text: str
    percent: int


@dataclass(frozen=True, slots=True)
class CheckView:
    """What staff is asked to look through; what was scanned so far comes with every scan."""

    check_id: UUID
    full: bool
    head: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScannedView:
    """One article of a check."""

    name: str
    counts: str
    tone: str
    """``good`` when as many were found as are paid, ``bad`` when more, else ``calm``."""


@dataclass(frozen=True, slots=True)
class CheckStandView:
    """How a check stands."""

    scanned: tuple[ScannedView, ...]
    picks: str
    last_scan: UUID | None
    ended: str
    """A sentence when it is over."""


@dataclass(frozen=True, slots=True)
class WeightView:
    """An article whose weight was learned, or that waits for staff's word."""

    code: str
    text: str
    asks: bool


@dataclass(frozen=True, slots=True)
class LaneCardView:
    """One lane's card."""

    lane: str
    state: str
    tone: str
    """``calm``, ``busy``, ``good``, ``warn`` or ``bad``."""
    headline: str
    order_id: UUID | None
    order_number: str
    due: str
    """What is still to be paid, as a sentence; empty when nothing is."""
    expected: str
    measured: str
    difference: str
    weighs: bool
    """Any of the three weights is known."""
    reasons: tuple[ReasonView, ...] = ()
    faults: tuple[str, ...] = ()
    alarm: bool = False
    silent: str = ""
    """A sentence when the lane has not been heard."""
    alarm_text: str = ""
    fire: str = ""
    """A sentence while the gate is open for a fire."""
    check: CheckView | None = None
    risk: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What staff has switched for a while: random checks, a longer opening."""
    paused: bool = False
    stands_open: bool = False
    """The gate is open for longer than usual, or for a shopper: staff may close it."""
    decides: bool = False
    """The lane waits for staff: only then it obeys a release or a refusal."""
    may_weigh: bool = False
    """Another weighing may let the order out."""
    has_goods: bool = False
    """Goods are there that can be looked through."""
    is_free: bool = False
    """Nobody is in the lane: somebody without an order, or without the receipt, may be let in or out."""
    weights: tuple[WeightView, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderRowView:
    """One line of the orders table."""

    number: str
    status: str
    tone: str
    articles: str
    total: str
    due: str
    lines: tuple[str, ...] = field(default=())
    may_void: UUID | None = None
    """The order's id, while nobody has begun to pay it."""


def lane_card(view: LaneView, order: Order | None, *, now_s: int, silent: bool, language: str = texts.DEFAULT) -> LaneCardView:
    """Say what a lane's card shows.

    Args:
        view: the lane's last report.
        order: the order in the lane, if any.
        now_s: seconds since 1970.
        silent: the lane has not been heard for too long.
        language: of the page.
    """
    report = view.report
    state = said = report.state.lower()
    if state == "idle" and report.faults:
        state = "fault"  # nobody is in the lane, and nobody should come before somebody has looked at it
    return LaneCardView(
        lane=report.lane,
        state=texts.say(language, f"state-{state}") if state in _TONES else report.state.capitalize(),
        tone="bad" if report.alarm or report.fire else "warn" if silent else _TONES.get(state, "busy"),
        headline=_said(report.headline, language),
        order_id=report.order_id,
        order_number=_dashed(report.order_number),
        due=_due(order, language),
        expected=_expected(report),
        measured=_grams(report.measured_g),
        difference=_difference(report),
        weighs=report.expected_g is not None or report.measured_g is not None,
        reasons=tuple(_reason(explanation, language) for explanation in report.explanations),
        faults=tuple(_said(fault, language) for fault in report.fault_texts) or tuple(report.faults),
        alarm=report.alarm,
        silent=texts.say(language, "silent", seconds=now_s - view.heard_at) if silent else "",
        alarm_text=_alarm(report, language),
        fire=texts.say(language, "fire-input" if report.fire_input else "fire-over") if report.fire else "",
        check=None if report.check is None else _check(report.check, language),
        risk=tuple(_said(line, language) for line in report.risk),
        blind=tuple(_said(line, language) for line in report.blind),
        notes=_notes(report, language),
        paused=report.checks_paused_s > 0,
        stands_open=state == "passing",
        decides=said == "auditing",
        may_weigh=said == "auditing" and report.may_weigh_again,
        has_goods=said in _WITH_GOODS,
        is_free=said in _FREE,
        weights=tuple(WeightView(news.code, _said(news.text, language), news.asks) for news in report.weights),
    )


def check_stand(progress: CheckProgress, currency: str, language: str) -> CheckStandView:
    """Say how a check stands."""
    wanted = progress.check.free_picks
    return CheckStandView(
        scanned=tuple(
            ScannedView(
                name=_said(one.name, language),
                counts=texts.say(language, "check-paid", scanned=one.scanned, paid=one.paid),
                tone="bad" if one.scanned > one.paid else "good" if one.scanned == one.paid else "calm",
            )
            for one in progress.scanned
        ),
        picks=texts.say(language, "check-picks", wanted=wanted, picks=progress.picks) if wanted else "",
        last_scan=progress.last_scan,
        ended=_ended(progress, currency, language),
    )


def _ended(progress: CheckProgress, currency: str, language: str) -> str:
    if progress.outcome is CheckOutcome.OPEN:
        return ""
    if progress.outcome is not CheckOutcome.REPLACED:
        return texts.say(language, f"check-{progress.outcome.value}")
    if progress.due_minor:
        return texts.say(language, "check-replaced-due", money=format_minor(progress.due_minor, currency))
    if progress.overpaid_minor:
        return texts.say(language, "check-replaced-back", money=format_minor(progress.overpaid_minor, currency))
    return texts.say(language, "check-replaced")


def _check(check: Check, language: str) -> CheckView:
    full = check.kind is CheckKind.FULL
    head = texts.say(language, "check-head-full" if full else "check-head-sample")
    return CheckView(check.check_id, full, head, tuple(_said(line, language) for line in check.why))


def _alarm(report: LaneReport, language: str) -> str:
    if not report.alarm:
        return ""
    if not report.unpaid:
        return texts.say(language, "alarm")
    names = ("、" if language == "zh" else ", ").join(_said(name, language) for name in report.unpaid)
    return texts.say(language, "alarm-unpaid", names=names)


def _notes(report: LaneReport, language: str) -> tuple[str, ...]:
    notes = []
    if report.checks_paused_s:
        notes.append(texts.say(language, "paused", minutes=-(-report.checks_paused_s // _MINUTE_S)))
    if report.opens_longer:
        notes.append(texts.say(language, "opens-longer"))
    return tuple(notes)


def order_row(order: Order, language: str = texts.DEFAULT, time_zone: str = "UTC") -> OrderRowView:
    """Say what one line of the orders table shows, with times as on the shop's own clock."""
    left_unpaid = order.status is OrderStatus.EXITED and order.due_minor
    status = texts.word(language, order.status.value).capitalize()
    if order.exited_at is not None:
        clock = f"{wall_clock(order.exited_at, time_zone):%H:%M}"
        status = texts.say(language, "exited-at", clock=clock)
    return OrderRowView(
        number=_dashed(order.order_number),
        status=status,
        tone="bad" if left_unpaid else _STATUS_TONES.get(order.status, "calm"),
        articles=str(order.article_count),
        total=format_minor(order.total_minor, order.currency),
        due=_open_money(order, language),
        lines=tuple(_line(line, order.currency, language) for line in order.lines),
        may_void=order.order_id if order.status is OrderStatus.SUBMITTED and not order.paid_minor else None,
    )


def added_sentence(order: Order, language: str = texts.DEFAULT) -> str:
    """Say what a rescan did."""
    line = order.lines[-1]
    money = format_minor(line.total_minor, order.currency)
    added = texts.say(language, "added", name=_said(line.name, language), money=money)
    if order.overpaid_minor:
        back = format_minor(order.overpaid_minor, order.currency)
        return " ".join((added, texts.say(language, "added-back", money=back)))
    if order.discounts:
        due = format_minor(order.due_minor, order.currency)
        return " ".join((added, texts.say(language, "added-due", money=due)))
    return added


def _line(line: PricedLine, currency: str, language: str) -> str:
    return f"{line.quantity} x {_said(line.name, language)}  {format_minor(line.total_minor, currency)}"


def _open_money(order: Order, language: str) -> str:
    if order.overpaid_minor:
        return texts.say(language, "give-back", money=format_minor(order.overpaid_minor, order.currency))
    return format_minor(order.due_minor, order.currency) if order.due_minor else ""


def _due(order: Order | None, language: str) -> str:
    if order is None or not order.due_minor:
        return ""
    money = format_minor(order.due_minor, order.currency)
    return texts.say(language, "due", money=money, number=_dashed(order.order_number))


def _said(said: Mapping[str, str], language: str = texts.DEFAULT) -> str:
    return said.get(language) or said.get(texts.DEFAULT) or next(iter(said.values()), "")


def _dashed(number: str | None) -> str:
    return f"{number[:3]}-{number[3:]}" if number else ""


def _grams(grams: float | None) -> str:
    return "-" if grams is None else f"{grams:,.0f}{_UNBROKEN}g"


def _expected(report: LaneReport) -> str:
    spread = f" ±{_UNBROKEN}{report.spread_g:.0f}{_UNBROKEN}g" if report.spread_g and report.expected_g is not None else ""
    return f"{_grams(report.expected_g)}{spread}"


def _difference(report: LaneReport) -> str:
    if report.expected_g is None or report.measured_g is None:
        return "-"
    return f"{report.measured_g - report.expected_g:+,.0f}{_UNBROKEN}g"


def _reason(explanation: Explanation, language: str) -> ReasonView:
    return ReasonView(text=_said(explanation.text, language), percent=round(explanation.probability * 100))
