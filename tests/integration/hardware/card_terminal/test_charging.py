"""Charging cards at both terminals over real sockets: whatever happens, never twice, and the journal says what was booked."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from hardware.card_terminal.commands import AbortCharge, AskCharge, Charge, EndDay, Reverse
from hardware.card_terminal.events import (
    ChargeFinished,
    ChargesListed,
    DayEnded,
    Reason,
    ReversalFinished,
    TerminalText,
    Verdict,
)
from hardware.connection import State
from hardware.device import ConnectionChanged
from tests.support.wire import wait_for

from .conftest import PASSPHRASE

Till = Any


def test_an_approval(till: Till) -> None:
    result = till.final(till.charge(1234))
    assert (result.verdict, result.amount_minor) == (Verdict.APPROVED, 1234)
    assert result.reference
    assert result.card
    assert any("12.34" in line for line in result.customer_receipt)
    assert result.merchant_receipt
    assert not any("9999999" in line for line in result.customer_receipt)
    till.check()


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("refuse", Reason.DECLINED),
        ("wrong_pin", Reason.WRONG_PIN),
        ("cancel", Reason.CANCELLED),
        ("busy", Reason.BUSY),
        ("puzzling", Reason.UNAVAILABLE),
    ],
)
def test_refusals(till: Till, behaviour: str, reason: Reason) -> None:
    till.play("next_payment", behaviour=behaviour)
    result = till.final(till.charge())
    assert (result.verdict, result.reason) == (Verdict.REFUSED, reason)
    assert till.facts()["charges"] == 0
    again = till.final(till.charge())
    assert again.verdict is Verdict.APPROVED
    till.check()


@pytest.mark.parametrize(
    ("behaviour", "verdict", "charges"),
    [
        ("lost", Verdict.REFUSED, 0),
        ("drop_before", Verdict.REFUSED, 0),
        ("drop_after", Verdict.APPROVED, 1),
        ("timeout_before", Verdict.REFUSED, 0),
        ("timeout_after", Verdict.APPROVED, 1),
    ],
)
def test_a_lost_answer_is_asked_after(till: Till, behaviour: str, verdict: Verdict, charges: int) -> None:
    till.play("next_payment", behaviour=behaviour, delay_s=0.3)
    charge = till.charge()
    result = till.final(charge)
    assert result.verdict is verdict
    assert till.results(charge)[0].verdict is Verdict.UNKNOWN
    assert till.facts()["charges"] == charges
    till.check()


def test_the_line_breaks_while_the_shopper_pays(till: Till) -> None:
    till.play("next_payment", behaviour="approve", delay_s=0.8)
    charge = till.charge()
    till.wait_running()
    till.play("unplug")
    till.wait_unknown(charge)
    till.owner.wait_for_state(State.LOST)
    till.play("replug")
    assert till.final(charge).verdict is Verdict.APPROVED
    assert till.facts()["charges"] == 1
    till.check()


def test_a_terminal_that_is_not_there_charges_nothing(till: Till) -> None:
    till.play("unplug")
    till.owner.wait_for_state(State.LOST)
    charge = till.charge()
    result = till.final(charge)
    assert (result.verdict, result.reason) == (Verdict.REFUSED, Reason.NOT_STARTED)
    till.play("replug")
    till.owner.wait_for_state(State.READY, 2)
    assert till.facts()["charges"] == 0


def test_the_same_charge_twice_is_one(till: Till) -> None:
    charge = till.charge()
    first = till.final(charge)
    till.owner.forget()
    till.charge(charge_id=charge)
    second = till.final(charge)
    assert (first.verdict, second.verdict) == (Verdict.APPROVED, Verdict.APPROVED)
    assert second.reference == first.reference
    assert till.facts()["charges"] == 1


def test_a_charge_that_was_settled_long_ago_is_not_made_again(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    charge = till.charge()
    assert till.final(charge).verdict is Verdict.APPROVED
    till.owner.forget()
    monkeypatch.setattr("hardware.journal.SETTLED_KEPT", -1)  # the only one is too old
    till.journal._forget_old()
    till.charge(charge_id=charge)
    assert till.final(charge).verdict is Verdict.UNCERTAIN
    assert till.facts()["charges"] == 1


def test_a_second_charge_waits_for_the_first(till: Till) -> None:
    till.play("next_payment", behaviour="hold")
    first = till.charge()
    till.wait_running()
    second = till.final(till.charge())
    assert (second.verdict, second.reason) == (Verdict.REFUSED, Reason.BUSY)
    till.play("customer", does="approve")
    assert till.final(first).verdict is Verdict.APPROVED
    till.check()


def test_an_abort_in_time(till: Till) -> None:
    till.play("next_payment", behaviour="hold")
    charge = till.charge()
    till.wait_running()
    till.device.perform(AbortCharge(charge))
    result = till.final(charge)
    assert (result.verdict, result.reason) == (Verdict.REFUSED, Reason.CANCELLED)
    assert till.facts()["charges"] == 0


def test_a_charge_that_is_lost_after_an_abort_is_not_taken_for_an_older_one(till: Till) -> None:
    assert till.final(till.charge(1234)).verdict is Verdict.APPROVED
    till.play("next_payment", behaviour="hold")
    aborted = till.charge()
    till.wait_running()
    till.device.perform(AbortCharge(aborted))
    assert till.final(aborted).verdict is Verdict.REFUSED
    till.play("next_payment", behaviour="lost")
    assert till.final(till.charge(1234)).verdict is Verdict.REFUSED
    assert till.facts()["charges"] == 1
    till.check()


def test_an_abort_that_loses_against_the_approval(till: Till) -> None:
    till.play("next_payment", behaviour="ignore_abort", delay_s=0.4)
    charge = till.charge()
    till.wait_running()
    till.device.perform(AbortCharge(charge))
    assert till.final(charge).verdict is Verdict.APPROVED
    till.check()


@pytest.mark.parametrize(("behaviour", "charges"), [("approve", 1), ("refuse", 0)])
def test_a_program_that_dies_asks_at_its_next_start(till: Till, behaviour: str, charges: int) -> None:
    till.play("next_payment", behaviour=behaviour, delay_s=0.5)
    charge = till.charge()
    till.wait_running()
    till.restart()
    listed = till.owner.first(ChargesListed)
    assert listed.open_ids == (charge,)
    till.device.perform(AskCharge(charge))
    assert till.final(charge).verdict is (Verdict.APPROVED if charges else Verdict.REFUSED)
    assert till.facts()["charges"] == charges
    till.check()


def test_a_charge_that_was_never_sent_is_told_so(till: Till) -> None:
    charge = uuid4()
    till.device.perform(AskCharge(charge))
    assert till.final(charge).reason is Reason.NOT_STARTED


def test_a_reversal_once(till: Till) -> None:
    charge = till.charge()
    till.final(charge)
    reversal = uuid4()
    for _ in range(2):
        till.device.perform(Reverse(reversal, charge))
        done = till.owner.next(ReversalFinished)
        assert (done.result.verdict, done.result.amount_minor) == (Verdict.APPROVED, 1234)
    assert till.facts()["booked_minor"] == 0
    till.device.perform(Reverse(uuid4(), charge))
    assert till.owner.next(ReversalFinished).result.verdict is Verdict.REFUSED
    till.check()


@pytest.mark.parametrize("behaviour", ["drop_after", "drop_before"])
def test_a_reversal_whose_answer_is_lost(till: Till, behaviour: str) -> None:
    charge = till.charge()
    till.final(charge)
    till.play("next_payment", behaviour=behaviour)
    reversal = uuid4()
    till.device.perform(Reverse(reversal, charge))
    wanted = Verdict.APPROVED if behaviour == "drop_after" else Verdict.REFUSED
    till.owner.first(ReversalFinished, lambda event: event.result.verdict is wanted)
    till.check()


def test_what_was_never_charged_is_not_reversed(till: Till) -> None:
    till.device.perform(Reverse(uuid4(), uuid4()))
    assert till.owner.next(ReversalFinished).result.verdict is Verdict.REFUSED
    assert till.facts()["bookings"] == []


@pytest.mark.parametrize("amount_minor", [0, -5, 100_000_000])
def test_an_amount_that_cannot_be(till: Till, amount_minor: int) -> None:
    assert till.final(till.charge(amount_minor)).reason is Reason.NOT_POSSIBLE


def test_a_currency_that_cannot_be(till: Till) -> None:
    charge = uuid4()
    till.device.perform(Charge(charge, 100, "XX"))
    assert till.final(charge).reason is Reason.NOT_POSSIBLE


def test_the_end_of_the_day(till: Till) -> None:
    till.final(till.charge())
    till.device.perform(EndDay())
    assert till.owner.next(DayEnded).done


@pytest.mark.parametrize("fault", ["drop_next_reply", "corrupt_next_reply", "truncate_next_reply", "dup_next_reply"])
def test_damaged_answers_never_charge_twice(till: Till, fault: str) -> None:
    till.play("next_payment", behaviour="hold")
    charge = till.charge()
    till.wait_running()
    till.play(fault)
    till.play("customer", does="approve")
    assert till.final(charge).verdict is Verdict.APPROVED
    assert till.facts()["charges"] == 1
    till.check()


def test_a_power_cut_at_the_terminal(till: Till) -> None:
    till.play("next_payment", behaviour="hold")
    charge = till.charge()
    till.wait_running()
    till.play("power_cycle")
    assert till.final(charge).verdict is Verdict.REFUSED
    assert till.final(till.charge()).verdict is Verdict.APPROVED
    till.check()


def test_an_unplug_is_seen_within_two_seconds(till: Till) -> None:
    till.play("unplug")
    assert till.owner.wait_for_state(State.LOST) < 2.0
    till.play("replug")
    till.owner.wait_for_state(State.READY, 2)


def test_a_silent_terminal_is_lost_and_comes_back(till: Till) -> None:
    till.play("silent", on=True)
    wait_for(lambda: State.LOST in till.owner.states(), "LOST", 30.0)
    till.play("silent", on=False)
    wait_for(lambda: till.owner.states()[-1] is State.READY, "READY again", 30.0)
    assert till.final(till.charge()).verdict is Verdict.APPROVED


@pytest.mark.parametrize(
    ("poi_id", "passphrase", "told"),
    [
        ("V400m-7", PASSPHRASE, "terminal 'V400m-324688179' answers, the settings say 'V400m-7': plug in the right one"),
        ("V400m-324688179", "another", "HTTP status 400: is it a terminal, and are path, poi_id and key right?"),
    ],
)
def test_a_nexo_terminal_that_is_not_the_settings_one_is_told(open_till: Any, poi_id: str, passphrase: str, told: str) -> None:
    till = open_till("nexo-terminal", passphrase=passphrase)
    till.poi_id, till.comes_to = poi_id, State.LOST
    till.start()
    with till:
        [lost] = [event for event in till.owner.heard(ConnectionChanged) if event.state is State.LOST]
        assert told in lost.reason
        assert till.final(till.charge()).reason is Reason.NOT_STARTED
        assert not till.facts()["bookings"]


def test_zvt_shows_what_the_shopper_should_do(open_till: Any) -> None:
    with open_till("zvt-terminal") as till:
        till.play("next_payment", behaviour="hold")
        till.charge()
        assert till.owner.first(TerminalText).text == "Please insert or hold your card"
        till.play("customer", does="cancel")
        till.owner.first(ChargeFinished)
