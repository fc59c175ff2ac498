"""The driver against the simulated bus in virtual time: one trouble at a time."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

import pytest

from hardware.bench.simulator import JsonValue
from hardware.cash.commands import AcceptCash, AskPayoutOutcome, EmergencyStop, PayOut, ReturnNote, StackNote, StopAccepting
from hardware.cash.entries import DISPENSE
from hardware.cash.events import (
    COIN_BOX,
    NOTE_BOX,
    CashDevices,
    CashTrouble,
    CoinTaken,
    CounterMemory,
    Level,
    NoteInEscrow,
    NoteReturned,
    NoteStacked,
    PayoutFinished,
    PayoutReason,
    PayoutStarting,
    ReturnLeverPressed,
    Severity,
    TroubleCode,
)
from hardware.cash.protocol import Header
from hardware.device import DeviceEvent
from hardware.journal_entry import Intent, Outcome
from tests.unit.hardware.cash.conftest import MakeKiosk
from tests.unit.hardware.cash.virtual_bus import VirtualKiosk

ALL_NOTES = frozenset({100, 500, 1000, 2000, 5000, 10000})
ID = UUID(int=7)
Kind = TypeVar("Kind", bound=DeviceEvent)


@pytest.fixture
def kiosk(make_kiosk: MakeKiosk) -> VirtualKiosk:
    made = make_kiosk({"escrow_s": 10.0})
    made.run(1.0)
    assert made.is_connected
    return made


def heard(kiosk: VirtualKiosk, kind: type[Kind]) -> list[Kind]:
    return [event for event in kiosk.events if isinstance(event, kind)]


def codes(kiosk: VirtualKiosk, place: str) -> list[TroubleCode]:
    return [trouble.code for trouble in kiosk.troubles if trouble.place == place]


def outcome(kiosk: VirtualKiosk, payout_id: UUID = ID) -> tuple[int, bool, PayoutReason]:
    (finished,) = [event for event in heard(kiosk, PayoutFinished) if event.payout_id == payout_id]
    return finished.paid, finished.uncertain, finished.reason


def open_session(kiosk: VirtualKiosk, notes: frozenset[int] = ALL_NOTES) -> None:
    kiosk.give(AcceptCash(coins=True, notes=notes))
    kiosk.run(0.3)


# What is there


def test_the_devices_are_told_after_the_probe(kiosk: VirtualKiosk) -> None:
    (devices,) = heard(kiosk, CashDevices)
    assert devices.coin_values_minor == (10, 50, 100)
    assert devices.note_values_minor == (100, 500, 1000, 2000, 5000, 10000)
    assert {name: info.coin_minor for name, info in devices.hoppers.items()} == {
        "hopper-100": 100,
        "hopper-50": 50,
        "hopper-10": 10,
    }
    assert devices.hoppers["hopper-100"].level is Level.MIDDLE


def test_nothing_is_taken_before_it_is_asked_for(kiosk: VirtualKiosk) -> None:
    kiosk.simulator.insert_coin(100, kiosk.clock())
    kiosk.simulator.insert_note(1000, kiosk.clock())
    kiosk.run(3.0)
    facts = kiosk.simulator.facts()
    assert (facts["coin_box"], facts["note_box"], facts["tray_minor"], facts["bezel_minor"]) == ({}, {}, 100, 1000)
    assert not kiosk.credits


def test_a_level_that_falls_is_told(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk({"stocks": {"hopper-10": 22}})
    kiosk.run(1.0)
    kiosk.give(PayOut(ID, "hopper-10", 5))
    kiosk.run(6.0)
    assert [told.hoppers["hopper-10"].level for told in heard(kiosk, CashDevices)] == [Level.MIDDLE, Level.LOW]


# Coins


def test_coins_are_credited_in_order_with_rising_seq(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    for value_minor in (10, 50, 100, 10):
        kiosk.simulator.insert_coin(value_minor, kiosk.clock())
    kiosk.run(1.0)
    coins = heard(kiosk, CoinTaken)
    assert [coin.value_minor for coin in coins] == [10, 50, 100, 10]
    assert [(coin.epoch, coin.seq, coin.memory.counter) for coin in coins] == [(1, 1, 1), (1, 2, 2), (1, 3, 3), (1, 4, 4)]


def test_an_unknown_coin_falls_through_and_the_lever_is_heard(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.simulator.insert_coin(5, kiosk.clock())
    kiosk.simulator.press_return_lever()
    kiosk.run(1.0)
    assert codes(kiosk, COIN_BOX) == [TroubleCode.REJECTED]
    assert len(heard(kiosk, ReturnLeverPressed)) == 1
    assert kiosk.worth_minor("tray") == 5


def test_the_counter_wraps_from_255_to_1(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    for _ in range(260):
        kiosk.simulator.insert_coin(10, kiosk.clock())
        kiosk.run(0.15)
    kiosk.run(1.0)
    assert kiosk.counters[COIN_BOX].counter == 5
    assert kiosk.counters[COIN_BOX].seq == 260
    assert kiosk.credited_minor(COIN_BOX) == 2600 == kiosk.worth_minor("coin_box")
    assert TroubleCode.DEVICE_RESET not in codes(kiosk, COIN_BOX)


def test_six_events_between_two_polls_are_an_alarm_and_five_are_credited(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    for _ in range(6):
        kiosk.simulator.insert_coin(100, kiosk.clock())
    kiosk.clock.now_s += 0.5
    kiosk.run(1.0)
    (trouble,) = [trouble for trouble in kiosk.troubles if trouble.place == COIN_BOX]
    assert (trouble.code, trouble.severity) == (TroubleCode.LOST_EVENTS, Severity.ALARM)
    assert kiosk.credited_minor(COIN_BOX) == 500


def test_a_lost_answer_costs_nothing(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.simulator.insert_coin(100, kiosk.clock())
    kiosk.link.loss = 0.5
    kiosk.run(5.0)
    kiosk.link.loss = 0.0
    kiosk.run(12.0)
    assert kiosk.credited_minor(COIN_BOX) == kiosk.worth_minor("coin_box")


def test_a_reset_acceptor_starts_a_new_epoch_and_takes_coins_again(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.simulator.insert_coin(100, kiosk.clock())
    kiosk.run(1.0)
    kiosk.simulator.power_cycle_device(2, kiosk.clock())
    kiosk.run(1.0)
    kiosk.simulator.insert_coin(50, kiosk.clock())
    kiosk.run(1.0)
    assert codes(kiosk, COIN_BOX) == [TroubleCode.DEVICE_RESET]
    assert sorted(kiosk.credits) == [(COIN_BOX, 1, 1), (COIN_BOX, 2, 1)]
    assert kiosk.credited_minor(COIN_BOX) == kiosk.worth_minor("coin_box") == 150


@pytest.mark.parametrize("coins_before", [0, 1])
def test_a_coin_taken_just_before_a_reset_is_an_alarm_and_taking_goes_on(kiosk: VirtualKiosk, coins_before: int) -> None:
    open_session(kiosk)
    for _ in range(coins_before):
        kiosk.simulator.insert_coin(100, kiosk.clock())
    kiosk.run(1.0)
    kiosk.simulator.insert_coin(50, kiosk.clock())
    kiosk.clock.now_s += 0.2
    kiosk.simulator.send(kiosk.clock())
    kiosk.simulator.power_cycle_device(2, kiosk.clock())
    kiosk.run(2.0)
    assert codes(kiosk, COIN_BOX) == [TroubleCode.DEVICE_RESET]
    assert kiosk.worth_minor("coin_box") - kiosk.credited_minor(COIN_BOX) == 50
    kiosk.simulator.insert_coin(10, kiosk.clock())
    kiosk.run(1.0)
    assert kiosk.worth_minor("coin_box") - kiosk.credited_minor(COIN_BOX) == 50
    assert kiosk.pile("coin_box")["10"] == 1


def test_a_validator_that_restarted_before_its_first_event_takes_notes_again(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.simulator.power_cycle_device(40, kiosk.clock())
    kiosk.run(2.0)
    assert codes(kiosk, NOTE_BOX) == [TroubleCode.DEVICE_RESET]
    kiosk.simulator.insert_note(1000, kiosk.clock())
    kiosk.run(1.0)
    assert [note.value_minor for note in heard(kiosk, NoteInEscrow)] == [1000]


def test_a_coin_taken_while_the_line_was_cut_is_credited_afterwards(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.simulator.insert_coin(100, kiosk.clock())
    kiosk.link.is_cut = True
    kiosk.run(3.0)
    assert not kiosk.is_connected
    kiosk.link.is_cut = False
    kiosk.run(2.0)
    assert kiosk.credited_minor(COIN_BOX) == kiosk.worth_minor("coin_box") == 100


def test_after_the_line_was_cut_nothing_is_taken_until_asked_again(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.link.is_cut = True
    kiosk.run(0.5)
    kiosk.link.is_cut = False
    kiosk.run(2.0)
    kiosk.simulator.insert_coin(100, kiosk.clock())
    kiosk.run(1.0)
    assert kiosk.worth_minor("tray") == 100


# The journal


@pytest.mark.parametrize("digested", [True, False])
def test_a_coin_is_credited_once_across_a_crash(kiosk: VirtualKiosk, *, digested: bool) -> None:
    open_session(kiosk)
    kiosk.simulator.insert_coin(100, kiosk.clock())
    for _ in range(5):
        kiosk.tick()
    assert len(heard(kiosk, CoinTaken)) == 1
    if digested:
        kiosk.digest()
    kiosk.crash()
    kiosk.run(3.0)
    assert kiosk.credits == {(COIN_BOX, 1, 1): 100}


def test_without_a_journal_the_buffer_is_not_credited(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.simulator.insert_coin(100, kiosk.clock())
    kiosk.run(1.0)
    kiosk.counters.clear()
    kiosk.credits.clear()
    kiosk.crash()
    kiosk.run(3.0)
    assert kiosk.credits == {}


def test_with_another_acceptor_the_buffer_is_not_credited(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.simulator.insert_coin(100, kiosk.clock())
    kiosk.run(1.0)
    kiosk.counters[COIN_BOX] = CounterMemory("999", 4, 17, 0)
    kiosk.crash()
    kiosk.run(3.0)
    assert TroubleCode.DEVICE_REPLACED in codes(kiosk, COIN_BOX)
    assert kiosk.counters[COIN_BOX].epoch == 5
    assert list(kiosk.credits) == [(COIN_BOX, 1, 1)]


# Notes


def test_a_note_is_credited_when_it_is_stacked_and_not_before(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.simulator.insert_note(2000, kiosk.clock())
    kiosk.run(2.0)
    assert [note.value_minor for note in heard(kiosk, NoteInEscrow)] == [2000]
    assert kiosk.simulator.facts()["escrow_minor"] == 2000
    kiosk.give(StackNote())
    kiosk.tick()
    assert not heard(kiosk, NoteStacked)
    kiosk.run(1.0)
    assert kiosk.credits == {(NOTE_BOX, 1, 1): 2000}
    assert kiosk.sent(Header.ROUTE_BILL) == 1


def test_a_note_goes_back_when_asked(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.simulator.insert_note(2000, kiosk.clock())
    kiosk.run(1.0)
    kiosk.give(ReturnNote())
    kiosk.run(1.0)
    assert [note.value_minor for note in heard(kiosk, NoteReturned)] == [2000]
    assert kiosk.simulator.facts()["bezel_minor"] == 2000


def test_a_note_of_a_value_that_is_not_taken_stays_outside(kiosk: VirtualKiosk) -> None:
    open_session(kiosk, frozenset({100}))
    kiosk.simulator.insert_note(10000, kiosk.clock())
    kiosk.run(2.0)
    assert codes(kiosk, NOTE_BOX) == [TroubleCode.REJECTED]
    assert kiosk.simulator.facts()["bezel_minor"] == 10000


def test_a_note_that_nobody_decides_about_goes_back_by_itself(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.simulator.insert_note(1000, kiosk.clock())
    kiosk.run(12.0)
    assert [note.value_minor for note in heard(kiosk, NoteReturned)] == [1000]
    kiosk.give(StackNote())
    kiosk.run(1.0)
    assert not kiosk.credits


def test_a_note_that_reaches_escrow_after_the_session_closed_goes_back(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.simulator.insert_note(1000, kiosk.clock())
    kiosk.clock.now_s += 0.41
    kiosk.simulator.send(kiosk.clock())
    kiosk.give(StopAccepting())
    kiosk.run(2.0)
    assert not heard(kiosk, NoteInEscrow)
    assert [note.value_minor for note in heard(kiosk, NoteReturned)] == [1000]


def test_closing_the_session_hands_a_waiting_note_back_but_keeps_a_decided_one(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.simulator.insert_note(1000, kiosk.clock())
    kiosk.run(1.0)
    kiosk.give(StopAccepting())
    kiosk.run(1.0)
    assert kiosk.simulator.facts()["bezel_minor"] == 1000
    kiosk.simulator.take_money()
    open_session(kiosk)
    kiosk.simulator.insert_note(500, kiosk.clock())
    kiosk.run(1.0)
    kiosk.give(StackNote())
    kiosk.give(StopAccepting())
    kiosk.run(1.0)
    assert kiosk.credited_minor(NOTE_BOX) == 500


def test_a_lost_answer_to_a_route_is_not_followed_by_a_second_route(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.simulator.insert_note(1000, kiosk.clock())
    kiosk.run(1.0)
    kiosk.give(StackNote())
    kiosk.link.cut_after = Header.ROUTE_BILL
    kiosk.tick()
    kiosk.link.is_cut, kiosk.link.cut_after = False, None
    kiosk.run(4.0)
    assert kiosk.sent(Header.ROUTE_BILL) == 1
    assert kiosk.credited_minor(NOTE_BOX) == 1000


def test_a_note_in_escrow_when_the_host_crashed_goes_back(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.simulator.insert_note(1000, kiosk.clock())
    kiosk.run(1.0)
    kiosk.crash()
    kiosk.run(3.0)
    assert [note.value_minor for note in heard(kiosk, NoteReturned)] == [1000]
    assert kiosk.simulator.facts()["bezel_minor"] == 1000
    assert not kiosk.credits


def test_a_note_on_its_way_to_the_box_when_the_host_crashed_is_credited_once(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.simulator.insert_note(1000, kiosk.clock())
    kiosk.run(1.0)
    kiosk.give(StackNote())
    kiosk.tick()
    kiosk.crash()
    kiosk.run(3.0)
    assert kiosk.credits == {(NOTE_BOX, 1, 1): 1000}


def test_power_lost_with_a_note_on_its_way_names_the_money_in_doubt(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.simulator.insert_note(1000, kiosk.clock())
    kiosk.run(1.0)
    kiosk.give(StackNote())
    kiosk.tick()
    kiosk.simulator.power_cycle(kiosk.clock())
    kiosk.run(3.0)
    doubts = [trouble for trouble in heard(kiosk, CashTrouble) if trouble.code is TroubleCode.UNCERTAIN_NOTE]
    assert [(doubt.place, doubt.amount_minor, doubt.severity) for doubt in doubts] == [(NOTE_BOX, 1000, Severity.ALARM)]
    assert kiosk.worth_minor("note_box") == 1000


# Payouts


def pay(kiosk: VirtualKiosk, count: int = 3, hopper: str = "hopper-100", seconds: float = 8.0) -> None:
    kiosk.give(PayOut(ID, hopper, count))
    kiosk.run(seconds)


def test_a_payout_is_journalled_told_and_paid(kiosk: VirtualKiosk) -> None:
    pay(kiosk)
    entry = kiosk.dispenses[ID]
    assert (entry.intent.device, entry.intent.amount_minor, entry.intent.before["dispensed"]) == ("cash/hopper-100", 300, 0)
    assert entry.outcome == Outcome(ID, 300, is_certain=True, reason="done", after={"dispensed": 3})
    assert heard(kiosk, PayoutStarting) == [PayoutStarting("cash", ID, "hopper-100", 3, 0)]
    assert outcome(kiosk) == (3, False, PayoutReason.DONE)
    assert kiosk.worth_minor("tray") == 300


def test_what_another_device_of_the_same_serial_number_owes_is_not_settled_from_a_hopper(kiosk: VirtualKiosk) -> None:
    serial = heard(kiosk, CashDevices)[-1].hoppers["hopper-100"].serial
    before = {"dispensed": 0, "count": 5, "coin_minor": 1000}
    owed = Intent(UUID(int=9), "recycler/recycler-1000", DISPENSE, 5000, serial, before)
    kiosk.journal.intend(owed)
    pay(kiosk)
    assert outcome(kiosk) == (3, False, PayoutReason.DONE)
    entry = kiosk.journal.entry(owed.entry_id)
    assert entry is not None
    assert entry.is_open


def test_the_intent_is_written_before_the_order_is_sent(kiosk: VirtualKiosk) -> None:
    kiosk.link.cut_after = Header.ENABLE_HOPPER
    kiosk.give(PayOut(ID, "hopper-100", 3))
    kiosk.tick()
    assert ID in kiosk.dispenses
    assert kiosk.sent(Header.DISPENSE) == 0


def test_what_cannot_be_written_down_is_not_paid(kiosk: VirtualKiosk) -> None:
    kiosk.journal.is_broken = True
    pay(kiosk)
    assert outcome(kiosk) == (0, False, PayoutReason.NOT_JOURNALLED)
    assert kiosk.sent(Header.DISPENSE) == 0
    kiosk.journal.is_broken = False
    kiosk.give(PayOut(UUID(int=8), "hopper-100", 1))
    kiosk.run(3.0)
    assert outcome(kiosk, UUID(int=8)) == (1, False, PayoutReason.DONE)


def test_a_lost_answer_to_the_order_does_not_pay_twice(kiosk: VirtualKiosk) -> None:
    kiosk.simulator.lose_next_dispense_reply("hopper-100")
    pay(kiosk)
    assert outcome(kiosk) == (3, False, PayoutReason.DONE)
    assert kiosk.sent(Header.DISPENSE) == 1
    assert kiosk.worth_minor("tray") == 300


def test_an_order_that_was_never_heard_is_sent_again(kiosk: VirtualKiosk) -> None:
    kiosk.simulator.miss_next_dispense("hopper-100")
    pay(kiosk)
    assert outcome(kiosk) == (3, False, PayoutReason.DONE)
    assert kiosk.sent(Header.DISPENSE) == 2
    assert kiosk.worth_minor("tray") == 300


def test_a_refusal_that_moved_the_counter_pays_nothing(kiosk: VirtualKiosk) -> None:
    kiosk.simulator.refuse_next_dispense("hopper-100")
    pay(kiosk)
    assert outcome(kiosk) == (0, False, PayoutReason.REFUSED)
    assert kiosk.sent(Header.DISPENSE) == 1
    assert kiosk.worth_minor("tray") == 0


def test_a_late_answer_to_an_earlier_question_is_no_answer_to_the_order(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk({"echo": False})
    kiosk.run(1.0)
    kiosk.simulator.miss_next_dispense("hopper-100")
    kiosk.give(PayOut(ID, "hopper-100", 3))
    real_write = kiosk.link.write

    def write(data: bytes) -> None:
        real_write(data)
        if data[3] == Header.DISPENSE and kiosk.sent(Header.DISPENSE) == 1:
            kiosk.link._coming.append((kiosk.clock() + 0.01, bytes.fromhex("01 00 03 00 FC")))

    kiosk.link.write = write  # type: ignore[method-assign]  # an ACK of the enabling comes late
    kiosk.run(8.0)
    assert outcome(kiosk) == (3, False, PayoutReason.DONE)
    assert kiosk.worth_minor("tray") == 300


def test_the_line_cut_right_after_the_order_pays_once_and_is_told_afterwards(kiosk: VirtualKiosk) -> None:
    kiosk.link.cut_after = Header.DISPENSE
    kiosk.give(PayOut(ID, "hopper-100", 3))
    kiosk.run(5.0)
    assert not heard(kiosk, PayoutFinished)
    kiosk.link.is_cut, kiosk.link.cut_after = False, None
    kiosk.run(3.0)
    assert outcome(kiosk) == (3, False, PayoutReason.DONE)
    assert kiosk.sent(Header.DISPENSE) == 1
    assert kiosk.worth_minor("tray") == 300


@pytest.mark.parametrize("header", [Header.HOPPER_STATUS, Header.ENABLE_HOPPER, Header.TEST_HOPPER])
def test_the_line_cut_before_the_order_pays_nothing(kiosk: VirtualKiosk, header: Header) -> None:
    kiosk.link.cut_after = header
    kiosk.give(PayOut(ID, "hopper-100", 3))
    kiosk.tick()
    kiosk.link.is_cut, kiosk.link.cut_after = False, None
    kiosk.run(5.0)
    assert outcome(kiosk) == (0, False, PayoutReason.LINK_LOST)
    assert kiosk.sent(Header.DISPENSE) == 0


def test_power_lost_in_the_middle_counts_what_fell(kiosk: VirtualKiosk) -> None:
    kiosk.give(PayOut(ID, "hopper-100", 10))
    kiosk.run(1.6)
    kiosk.simulator.power_cycle(kiosk.clock())
    kiosk.run(4.0)
    paid, uncertain, reason = outcome(kiosk)
    assert paid == kiosk.pile("tray")["100"]
    assert 0 < paid < 10
    assert (uncertain, reason) == (False, PayoutReason.RESET)
    assert TroubleCode.DEVICE_RESET in codes(kiosk, "hopper-100")


def test_an_empty_hopper_pays_what_it_has(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk({"stocks": {"hopper-100": 2}})
    kiosk.run(1.0)
    pay(kiosk, 5)
    assert outcome(kiosk) == (2, False, PayoutReason.EMPTY)
    assert codes(kiosk, "hopper-100") == [TroubleCode.EMPTY]
    kiosk.simulator.fill_hopper("hopper-100", 50)
    kiosk.give(PayOut(UUID(int=8), "hopper-100", 3))
    kiosk.run(5.0)
    assert outcome(kiosk, UUID(int=8)) == (3, False, PayoutReason.DONE)


def test_a_jam_ends_the_payout_and_is_over_when_it_is_cleared(kiosk: VirtualKiosk) -> None:
    kiosk.simulator.jam_hopper("hopper-100", on=True)
    pay(kiosk)
    assert outcome(kiosk) == (0, False, PayoutReason.JAM)
    assert codes(kiosk, "hopper-100") == [TroubleCode.JAM]
    kiosk.simulator.jam_hopper("hopper-100", on=False)
    kiosk.give(PayOut(UUID(int=8), "hopper-100", 3))
    kiosk.run(5.0)
    assert outcome(kiosk, UUID(int=8)) == (3, False, PayoutReason.DONE)


def test_an_emergency_stop_counts_the_coin_that_still_fell(kiosk: VirtualKiosk) -> None:
    kiosk.give(PayOut(ID, "hopper-100", 10))
    kiosk.run(1.5)
    kiosk.give(EmergencyStop("hopper-100"))
    kiosk.run(4.0)
    paid, uncertain, reason = outcome(kiosk)
    assert paid == kiosk.pile("tray")["100"]
    assert (uncertain, reason) == (False, PayoutReason.STOPPED)


@pytest.mark.parametrize("after_s", [0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 9.0])
def test_after_a_crash_the_outcome_is_learned_and_nothing_moves(kiosk: VirtualKiosk, after_s: float) -> None:
    kiosk.give(PayOut(ID, "hopper-100", 12))
    kiosk.run(after_s)
    kiosk.crash()
    kiosk.tick()
    orders = kiosk.sent(Header.DISPENSE)
    kiosk.ask_open_payouts()
    kiosk.run(8.0)
    assert kiosk.sent(Header.DISPENSE) == orders
    if ID in kiosk.dispenses:
        paid, uncertain, _ = outcome(kiosk)
        assert (paid, uncertain) == (kiosk.pile("tray").get("100", 0), False)
    else:
        assert kiosk.worth_minor("tray") == 0


def test_coins_are_taken_while_change_is_paid(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.give(PayOut(ID, "hopper-10", 9))
    for _ in range(5):
        kiosk.simulator.insert_coin(50, kiosk.clock())
        kiosk.run(0.6)
    kiosk.run(3.0)
    assert outcome(kiosk) == (9, False, PayoutReason.DONE)
    assert kiosk.credited_minor(COIN_BOX) == 250


def test_several_hoppers_pay_at_once(kiosk: VirtualKiosk) -> None:
    ids = {"hopper-100": UUID(int=1), "hopper-50": UUID(int=2), "hopper-10": UUID(int=3)}
    for hopper, payout_id in ids.items():
        kiosk.give(PayOut(payout_id, hopper, 9))
    kiosk.run(4.5)
    assert [outcome(kiosk, payout_id)[0] for payout_id in ids.values()] == [9, 9, 9]


@pytest.mark.parametrize(
    ("order", "reason", "uncertain"),
    [
        (PayOut(ID, "hopper-7", 1), PayoutReason.UNKNOWN_HOPPER, False),
        (PayOut(ID, "hopper-100", 0), PayoutReason.BAD_COUNT, False),
        (PayOut(ID, "hopper-100", 1001), PayoutReason.BAD_COUNT, False),
        (AskPayoutOutcome(ID, "hopper-7", 0, 1), PayoutReason.UNKNOWN_HOPPER, True),
        (AskPayoutOutcome(ID, "hopper-100", 0, 1, serial="42"), PayoutReason.OTHER_HOPPER, True),
    ],
    ids=lambda value: getattr(value, "value", str(value)[:20]),
)
def test_what_cannot_be_done_is_answered(
    kiosk: VirtualKiosk, order: PayOut | AskPayoutOutcome, reason: PayoutReason, *, uncertain: bool
) -> None:
    kiosk.give(order)
    kiosk.run(1.0)
    assert outcome(kiosk) == (0, uncertain, reason)


def test_a_second_payout_from_a_busy_hopper_is_refused(kiosk: VirtualKiosk) -> None:
    kiosk.give(PayOut(ID, "hopper-100", 5))
    kiosk.run(0.5)
    kiosk.give(PayOut(UUID(int=8), "hopper-100", 5))
    kiosk.run(5.0)
    assert outcome(kiosk, UUID(int=8)) == (0, False, PayoutReason.BUSY)
    assert outcome(kiosk) == (5, False, PayoutReason.DONE)


@pytest.mark.parametrize("has_line", [True, False])
def test_a_payout_that_was_settled_long_ago_is_not_paid_again(
    kiosk: VirtualKiosk, monkeypatch: pytest.MonkeyPatch, *, has_line: bool
) -> None:
    pay(kiosk)
    assert outcome(kiosk) == (3, False, PayoutReason.DONE)
    monkeypatch.setattr("hardware.journal.SETTLED_KEPT", -1)  # the only one is too old
    kiosk.journal._forget_old()
    kiosk.events.clear()
    stock = kiosk.stock("hopper-100")
    kiosk.link.is_cut = not has_line
    kiosk.run(0.5)
    kiosk.give(PayOut(ID, "hopper-100", 3))
    kiosk.run(3.0)
    assert outcome(kiosk) == (0, True, PayoutReason.LONG_AGO if has_line else PayoutReason.UNREACHABLE)
    assert kiosk.stock("hopper-100") == stock


def test_a_payout_asked_for_without_a_line_is_answered(kiosk: VirtualKiosk) -> None:
    kiosk.link.is_cut = True
    kiosk.run(0.5)
    kiosk.give(PayOut(ID, "hopper-100", 5))
    kiosk.run(0.5)
    assert outcome(kiosk) == (0, False, PayoutReason.UNREACHABLE)


# The line


@pytest.mark.parametrize(
    ("options", "checksum", "echo"),
    [({"checksum": "crc16"}, "sum8", True), ({"echo": False}, "sum8", True), ({"echo": True}, "sum8", False)],
    ids=["wrong checksum", "no echo", "unexpected echo"],
)
def test_a_wrong_setting_of_the_line_is_no_connection(
    make_kiosk: MakeKiosk, options: dict[str, JsonValue], checksum: str, *, echo: bool
) -> None:
    kiosk = make_kiosk(options)
    kiosk.checksum, kiosk.echo = checksum, echo
    kiosk.crash()
    kiosk.run(15.0)
    assert not kiosk.is_connected
    assert not heard(kiosk, CashDevices)


@pytest.mark.parametrize(("checksum", "limit_s"), [("sum8", 1.75), ("crc16", 3.0)])
def test_a_silent_bus_is_lost_soon_and_comes_back(make_kiosk: MakeKiosk, checksum: str, limit_s: float) -> None:
    kiosk = make_kiosk({"checksum": checksum})
    kiosk.run(1.0)
    begun_s = kiosk.clock()
    kiosk.link.is_silent = True
    while kiosk.is_connected:
        lost_s = kiosk.clock()
        kiosk.tick()
    assert lost_s - begun_s < limit_s
    kiosk.link.is_silent = False
    kiosk.run(15.0)
    assert kiosk.is_connected


@pytest.mark.parametrize("alive", [(2,), (40,), (3, 4, 5), (5,), (40, 4)])
def test_a_bus_on_which_somebody_answers_stays(make_kiosk: MakeKiosk, alive: tuple[int, ...]) -> None:
    kiosk = make_kiosk()
    kiosk.run(1.0)
    for address in {2, 40, 3, 4, 5} - set(alive):
        kiosk.simulator.unplug_device(address, on=True)
    kiosk.run(30.0)
    assert kiosk.is_connected
    assert kiosk.losses <= (1 if alive == (5,) else 0), "only where four of five are gone may it be met anew"
    places = {trouble.place for trouble in kiosk.troubles if trouble.code is TroubleCode.DEVICE_MISSING}
    assert len(places) == 5 - len(alive)


def test_a_missing_device_is_reported_once_and_found_again(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk()
    kiosk.simulator.unplug_device(40, on=True)
    kiosk.run(20.0)
    assert kiosk.is_connected
    assert heard(kiosk, CashDevices)[-1].note_values_minor == ()
    assert codes(kiosk, NOTE_BOX) == [TroubleCode.DEVICE_MISSING]
    kiosk.simulator.unplug_device(40, on=False)
    kiosk.run(8.0)
    assert heard(kiosk, CashDevices)[-1].note_values_minor == (100, 500, 1000, 2000, 5000, 10000)
    assert codes(kiosk, NOTE_BOX) == [TroubleCode.DEVICE_MISSING, TroubleCode.DEVICE_BACK]


def test_a_hopper_that_falls_silent_while_paying_is_uncertain_and_can_be_asked_later(kiosk: VirtualKiosk) -> None:
    kiosk.give(PayOut(ID, "hopper-100", 4))
    kiosk.run(1.2)
    kiosk.simulator.unplug_device(3, on=True)
    kiosk.run(40.0)
    finished = heard(kiosk, PayoutFinished)[-1]
    assert (finished.uncertain, finished.reason) == (True, PayoutReason.UNREACHABLE)
    kiosk.simulator.unplug_device(3, on=False)
    kiosk.run(8.0)
    kiosk.ask_open_payouts()
    kiosk.run(5.0)
    finished = heard(kiosk, PayoutFinished)[-1]
    assert (finished.uncertain, finished.paid) == (False, kiosk.pile("tray")["100"])


def test_leaving_safe_takes_nothing_more(kiosk: VirtualKiosk) -> None:
    open_session(kiosk)
    kiosk.simulator.insert_note(1000, kiosk.clock())
    kiosk.run(1.0)
    kiosk.driver.leave_safe(kiosk.link)
    kiosk.clock.now_s += 0.5
    kiosk.simulator.insert_coin(100, kiosk.clock())
    kiosk.clock.now_s += 0.5
    kiosk.simulator.send(kiosk.clock())
    facts = kiosk.simulator.facts()
    assert (facts["tray_minor"], facts["bezel_minor"], facts["escrow_minor"]) == (100, 1000, 0)


@pytest.mark.parametrize("product", ["SCH2", "SCH2-NOENCRYPT"])
@pytest.mark.parametrize("checksum", ["sum8", "crc16"])
def test_both_kinds_of_hoppers_pay(make_kiosk: MakeKiosk, product: str, checksum: str) -> None:
    kiosk = make_kiosk({"product": product, "checksum": checksum})
    kiosk.run(1.0)
    pay(kiosk)
    assert outcome(kiosk) == (3, False, PayoutReason.DONE)
    assert kiosk.sent(Header.DISPENSE) == 1
