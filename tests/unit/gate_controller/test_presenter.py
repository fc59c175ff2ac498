"""What a lane says, in both languages, in every state and for every reason."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from gate_controller import texts, words
from gate_controller.lane import advance
from gate_controller.lane_state import Lane, Reason, State
from gate_controller.pass_use import PassUse
from gate_controller.presenter import headline, refusal_texts, report, used_texts
from gate_controller.weighing import Expectation, Fit, Verdict
from gate_controller.words import Fault, GoodsCheck, OrderInLane
from store_server.contract.lane_messages import Explanation, LaneReport
from store_server.contract.refusals import Refusal

ORDER = OrderInLane(
    entry_id=UUID(int=1),
    order_id=UUID(int=2),
    order_number="0482132",
    revision=1,
    total_minor=1280,
    decided_by="server",
    expected=Expectation(500.0, 25.0),
    eas_pieces=0,
)
REASON = Explanation(
    kind="missing_scan", code="0" * 14, text={"en": "Probably not scanned: Tea.", "zh": "可能漏扫茶"}, probability=0.9
)
VERDICT = Verdict(Fit.TOO_HEAVY, 901.0, 500.0, 5.0, 487.0, 513.0, (REASON,))


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("reason", Reason)
def test_there_are_words_for_everything_that_can_be(state: State, reason: Reason) -> None:
    if (state in {State.AUDITING, State.REFUSED}) == (reason is Reason.NONE):
        return
    note = {"en": "Refused.", "zh": "拒绝"} if reason is Reason.PASS_REFUSED else None
    said = headline(Lane(name="lane-1", state=state, order=ORDER, reason=reason, note=note), "CNY")
    assert said["en"]
    assert said["zh"]


def test_a_wrong_weight_names_the_likeliest_article() -> None:
    lane = Lane(name="lane-1", state=State.AUDITING, order=ORDER, reason=Reason.WEIGHT_DIFFERS, verdict=VERDICT)
    assert "Probably not scanned: Tea." in headline(lane, "CNY")["en"]
    assert "可能漏扫茶" in headline(lane, "CNY")["zh"]


def test_what_is_due_replaces_the_suspicion() -> None:
    lane = Lane(name="lane-1", state=State.AUDITING, order=ORDER, reason=Reason.WEIGHT_DIFFERS, verdict=VERDICT, due_minor=590)
    assert headline(lane, "CNY")["en"] == "Order 048-2132: ¥5.90 more to pay. Please pay at a kiosk; your goods stay here."


def test_an_alarm_names_the_order_that_walked_out_and_not_the_next_shoppers() -> None:
    left = replace(ORDER, order_id=UUID(int=9), order_number="0000017", expected=Expectation(80.0, 1.0))
    check = GoodsCheck(UUID(int=20), full=True, why=({"en": "Random check."},))
    lane = Lane(name="lane-1", state=State.ALARM, order=ORDER, verdict=VERDICT, check=check, alarm_of=left)
    said = report(lane, "CNY", [])
    assert (said.order_id, said.order_number, said.expected_g) == (left.order_id, "0000017", 80.0)
    assert (said.measured_g, said.check) == (None, None)


def test_an_alarm_of_the_order_in_the_lane_keeps_what_is_known_of_it() -> None:
    said = report(Lane(name="lane-1", state=State.ALARM, order=ORDER, verdict=VERDICT, alarm_of=ORDER), "CNY", [])
    assert (said.order_number, said.measured_g) == (ORDER.order_number, 901.0)


def test_an_idle_lane_that_cannot_serve_says_so() -> None:
    assert "out of service" in headline(Lane(name="lane-1", faults=frozenset({Fault.SCANNER})), "CNY")["en"]


def test_a_payment_that_nobody_could_check_is_no_wrong_weight() -> None:
    fits = replace(VERDICT, fit=Fit.FITS, explanations=())
    waits = Lane(name="lane-1", state=State.CHECKING, order=ORDER, verdict=fits, reason=Reason.CHECK)
    lane, _ = advance(waits, words.CheckOverdue())
    assert (lane.state, headline(lane, "CNY")) == (State.AUDITING, texts.PAYMENT_NOT_CHECKED)


def test_a_light_load_asks_for_the_rest() -> None:
    lane = Lane(name="lane-1", state=State.WEIGHING, order=ORDER, verdict=VERDICT)
    assert "missing" in headline(lane, "CNY")["en"]


def test_a_used_receipt_names_time_and_lane() -> None:
    use = PassUse(
        order_id=UUID(int=2), order_number="0482132", revision=1, lane="lane-2", entry_id=UUID(int=1), total_minor=1,
        expected_g=1.0, spread_g=1.0, decided_by="server", without_server=False, exit_pass=None, used_at=0,
    )  # fmt: skip
    for text in used_texts(use, "12:03").values():
        assert "12:03" in text
        assert "lane-2" in text


def test_every_refusal_has_words() -> None:
    for refusal in Refusal:
        assert refusal_texts(refusal)["en"]
        assert refusal_texts(refusal)["zh"]
    assert refusal_texts(Refusal.ALREADY_USED, "Used at 12:03.")["en"] == "Used at 12:03."


def test_the_report_tells_staff_what_they_need() -> None:
    lane = Lane(name="lane-1", state=State.AUDITING, order=ORDER, reason=Reason.WEIGHT_DIFFERS, verdict=VERDICT)
    said = report(replace(lane, faults=frozenset({Fault.SCALE})), "CNY", [UUID(int=3)])
    assert LaneReport.model_validate_json(said.model_dump_json()) == said
    assert (said.order_number, said.measured_g, said.expected_g, said.spread_g) == ("0482132", 901.0, 500.0, 5.0)
    assert [reason.code for reason in said.explanations] == ["0" * 14]
    assert said.faults == ["the scale does not answer"]
    assert said.done_commands == [UUID(int=3)]
    assert not said.alarm
    assert report(replace(lane, state=State.ALARM), "CNY", []).alarm
