"""What a lane's display says, in English and Chinese, and what the lane reports of itself; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from gate_controller import staff_texts, texts
from gate_controller.lane_state import After, Lane, Reason, State
from gate_controller.pass_use import PassUse
from gate_controller.texts import Texts
from gate_controller.weighing import Fit
from gate_controller.words import GoodsCheck, OrderInLane
from store_server.contract.check_messages import Check, CheckedArticle, CheckKind
from store_server.contract.lane_messages import SECONDS_MAX, LaneReport, WeightNews
from store_server.contract.money import format_minor
from store_server.contract.refusals import Refusal
from store_server.contract.wire import QUANTITY_MAX

UNPAID_SHOWN = 3
"""More articles than these are not read out."""


def headline(lane: Lane, currency: str) -> Texts:
    """Return what the display says: language code to sentence; "en" and "zh" are always there."""
    if lane.state is State.IDLE and not lane.in_service:
        return texts.OF_REASON[Reason.OUT_OF_SERVICE.name]
    if lane.state is State.WEIGHING and lane.verdict is not None:
        return texts.ADD_THE_REST
    if lane.state is State.AUDITING:
        return _audit_texts(lane, currency)
    if lane.state is State.REFUSED:
        return lane.note or texts.OF_REASON[lane.reason.name]
    return _state_texts(lane)


def _state_texts(lane: Lane) -> Texts:
    if lane.state is State.ALARM and lane.unpaid:
        return _unpaid_texts(lane)
    if lane.is_held_up:
        return texts.KEEP_ENTRY_FREE
    if lane.state is State.PASSING and lane.open_s:
        return texts.OPEN_LONGER
    return texts.WELCOME[lane.after.name] if lane.state is State.IDLE else texts.OF_STATE[lane.state.name]


def unpaid_texts(after: After) -> Texts:
    """Return the words for an order that is not paid yet: where to pay depends on where the lane stands."""
    return texts.UNPAID[after.name]


def refusal_texts(refusal: Refusal, sentence: str = "") -> Texts:
    """Return the words for a refusal; the server's own English sentence wins."""
    english = sentence or refusal.sentence
    return {"en": english, "zh": texts.REFUSALS_ZH.get(refusal.name, english)}


def used_texts(earlier: PassUse, time_of_day: str) -> Texts:
    """Return the words for a pass that was used before, naming time and lane."""
    return {language: text.format(time=time_of_day, lane=earlier.lane) for language, text in texts.USED.items()}


def order_number_shown(digits: str) -> str:
    """Write an order number as people read it."""
    return f"{digits[:3]}-{digits[3:]}"


def report(
    lane: Lane,
    currency: str,
    done_commands: Iterable[UUID],
    *,
    checks_paused_s: int = 0,
    weights: Sequence[WeightNews] = (),
) -> LaneReport:
    """Return what the lane says of itself to the server."""
    order = _spoken_of(lane)
    is_here = order is lane.order
    verdict, check = (lane.verdict, lane.check) if is_here else (None, None)
    return LaneReport(
        lane=lane.name,
        state=lane.state.value,
        headline=dict(headline(lane, currency)),
        order_id=order.order_id if order else None,
        order_number=order.order_number if order else None,
        expected_g=order.expected.mean_g if order else None,
        spread_g=order.expected.spread_g if order else None,
        measured_g=verdict.measured_g if verdict else None,
        explanations=list(verdict.explanations) if verdict and lane.state is State.AUDITING else [],
        alarm=lane.state is State.ALARM,
        faults=sorted(fault.value for fault in lane.faults),
        fault_texts=[
            dict(staff_texts.OF_FAULT.get(fault.name) or {"en": fault.value})
            for fault in sorted(lane.faults, key=lambda fault: fault.value)
        ],
        done_commands=list(done_commands),
        check=None if check is None else _check(check),
        risk=[dict(said) for said in order.risk.reasons] if order and order.risk else [],
        blind=[dict(said) for said in order.blind] if order else [],
        unpaid=[dict(tag.name) for tag in lane.unpaid],
        fire=lane.state is State.FIRE,
        fire_input=lane.fire_input,
        checks_paused_s=min(SECONDS_MAX, checks_paused_s),
        opens_longer=lane.open_s > 0,
        may_weigh_again=lane.may_weigh_again,
        weights=list(weights),
    )


def _spoken_of(lane: Lane) -> OrderInLane | None:
    """Return the order that the lane speaks of: an alarm's, which may have walked out already while the next one came in."""
    if lane.state is State.ALARM:
        return lane.alarm_of or lane.order
    return lane.order


def _check(check: GoodsCheck) -> Check:
    return Check(
        check_id=check.check_id,
        kind=CheckKind.FULL if check.full else CheckKind.SAMPLE,
        why=[dict(said) for said in check.why],
        articles=[
            CheckedArticle(code=article.code, name=dict(article.name), quantity=min(QUANTITY_MAX, article.quantity))
            for article in check.articles
        ],
        free_picks=check.free_picks,
    )


def _unpaid_texts(lane: Lane) -> Texts:
    """Name what is not paid, gently: it may have been forgotten."""
    names = {
        language: joint.join(tag.name.get(language) or tag.name.get("en", "") for tag in lane.unpaid[:UNPAID_SHOWN])
        for language, joint in (("en", ", "), ("zh", "、"))
    }
    return {language: text.format(names=names[language]) for language, text in texts.UNPAID_TAGS.items()}


def _audit_texts(lane: Lane, currency: str) -> Texts:
    if lane.due_minor and lane.order is not None:
        due, number = format_minor(lane.due_minor, currency), order_number_shown(lane.order.order_number)
        return {language: text.format(number=number, due=due) for language, text in texts.PAY[lane.after.name].items()}
    if lane.note:
        return lane.note
    said = dict(texts.OF_REASON[lane.reason.name])
    verdict = lane.verdict
    if lane.reason is Reason.WEIGHT_DIFFERS and verdict and verdict.fit is not Fit.FITS and verdict.explanations:
        for language, why in verdict.explanations[0].text.items():
            said[language] = f"{said[language]} {why}"
    return said
