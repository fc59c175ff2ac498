"""The driver on the simulated recycler, in virtual time: each test is one thing that happens to notes."""

from __future__ import annotations

import random
from uuid import UUID

import pytest

from hardware.cash.commands import (
    AcceptCash,
    AskPayoutOutcome,
    EmergencyStop,
    PayOut,
    ReturnNote,
    StackNote,
    StopAccepting,
)
from hardware.cash.events import (
    CashDevices,
    NoteInEscrow,
    NoteReturned,
    NoteStacked,
    PayoutReason,
    TroubleCode,
)
from hardware.errors import WrongDeviceError
from hardware.recycler.commands import EmptyStore, PayAmount, Recycle
from hardware.recycler.driver import RecyclerDriver
from hardware.recycler.events import StoreEmptied
from tests.unit.hardware.recycler.conftest import MakeKiosk
from tests.unit.hardware.recycler.virtual_recycler import VirtualKiosk

ALL = frozenset({100, 500, 1000, 2000, 5000, 10000})
ID = UUID(int=7)
STOCKED: dict[str, object] = {"stocks": {1000: 10, 2000: 5}}
POLL = 0x07
PAY_NOTES, HALT = 0x46, 0x38


def taking(make: MakeKiosk, options: dict[str, object] | None = None) -> VirtualKiosk:
    kiosk: VirtualKiosk = make(options)
    kiosk.run(1.0)
    kiosk.give(AcceptCash(coins=False, notes=ALL))
    kiosk.run(1.0)
    return kiosk


def test_it_tells_what_it_is(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(STOCKED)
    kiosk.run(1.0)
    [devices] = kiosk.heard(CashDevices)
    assert devices.note_values_minor == tuple(sorted(ALL))
    assert {name: info.count for name, info in devices.hoppers.items()} == {"recycler-1000": 10, "recycler-2000": 5}


def test_a_note_is_offered_kept_and_stored(make_kiosk: MakeKiosk) -> None:
    kiosk = taking(make_kiosk)
    kiosk.insert(1000)
    assert [event.value_minor for event in kiosk.heard(NoteInEscrow)] == [1000]
    assert kiosk.credits == {("recycler-1000", 0, 1): 1000}
    assert kiosk.simulator.notes.store == {1000: 1}
    kiosk.run(3.0)
    assert kiosk.heard(CashDevices)[-1].hoppers["recycler-1000"].count == 1


def test_a_note_that_is_not_recycled_goes_into_the_box(make_kiosk: MakeKiosk) -> None:
    kiosk = taking(make_kiosk)
    kiosk.insert(5000)
    assert kiosk.credits == {("recycler-box", 0, 1): 5000}
    assert kiosk.simulator.notes.box == {5000: 1}


def test_a_note_waits_in_escrow_as_long_as_the_owner_thinks(make_kiosk: MakeKiosk) -> None:
    kiosk = taking(make_kiosk)
    kiosk.simulator.insert_note(1000, kiosk.clock())
    kiosk.run(25.0)
    assert kiosk.simulator.facts()["escrow_minor"] == 1000
    kiosk.give(ReturnNote())
    kiosk.run(2.0)
    assert [event.value_minor for event in kiosk.heard(NoteReturned)] == [1000]
    assert kiosk.simulator.facts()["bezel_minor"] == 1000
    assert not kiosk.credits


def test_a_note_that_is_not_wanted_goes_back(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk()
    kiosk.run(1.0)
    kiosk.give(AcceptCash(coins=False, notes=frozenset({500})))
    kiosk.run(1.0)
    kiosk.simulator.insert_note(1000, kiosk.clock())
    kiosk.run(3.0)
    assert [trouble.code for trouble in kiosk.troubles] == [TroubleCode.REJECTED]
    assert kiosk.simulator.facts()["bezel_minor"] == 1000


def test_a_held_note_goes_back_when_taking_stops(make_kiosk: MakeKiosk) -> None:
    kiosk = taking(make_kiosk)
    kiosk.simulator.insert_note(1000, kiosk.clock())
    kiosk.run(1.0)
    kiosk.give(StopAccepting())
    kiosk.run(2.0)
    assert kiosk.heard(NoteReturned)
    assert kiosk.simulator.facts()["machine_total_minor"] == 0


def test_notes_are_paid_as_change(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(STOCKED)
    kiosk.run(1.0)
    kiosk.give(PayOut(ID, "recycler-1000", 3))
    kiosk.run(8.0)
    outcome = kiosk.outcomes[ID]
    assert (outcome.paid, outcome.uncertain, outcome.reason) == (3, False, PayoutReason.DONE)
    assert kiosk.simulator.facts()["tray"] == {"1000": 3}
    assert kiosk.simulator.take_money() == 3000
    kiosk.give(PayOut(ID, "recycler-1000", 3))
    kiosk.run(8.0)
    assert kiosk.simulator.facts()["tray_minor"] == 0


def test_the_next_note_is_not_taken_for_the_one_that_was_on_its_way_when_the_line_was_cut(make_kiosk: MakeKiosk) -> None:
    kiosk = taking(make_kiosk)
    kiosk.simulator.insert_note(1000, kiosk.clock())
    kiosk.run(1.0)
    kiosk.give(StackNote())
    kiosk.tick()
    kiosk.clock.now_s += 2.0
    kiosk.simulator.send(kiosk.clock())
    assert kiosk.simulator.notes.store == {1000: 1}
    kiosk.link.cut_after = POLL  # its answer would have told that the note is in
    kiosk.run(2.0)
    assert not kiosk.credits
    kiosk.simulator.insert_note(2000, kiosk.clock())
    kiosk.run(2.0)
    assert kiosk.simulator.facts()["escrow_minor"] == 2000
    kiosk.link.is_cut = False
    kiosk.run(10.0)
    assert kiosk.credits == {("recycler-1000", 0, 1): 1000}
    assert kiosk.simulator.facts()["bezel_minor"] == 2000
    assert not kiosk.troubles
    assert not kiosk.journal.uncertain_entries()


def test_a_payout_that_was_settled_long_ago_is_not_paid_again(make_kiosk: MakeKiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk = make_kiosk(STOCKED)
    kiosk.run(1.0)
    for _ in range(2):
        kiosk.give(PayOut(ID, "recycler-1000", 2))
        kiosk.run(12.0)
        monkeypatch.setattr("hardware.journal.SETTLED_KEPT", -1)  # the only one is too old
        kiosk.journal._forget_old()
    told = kiosk.outcomes[ID]
    assert (told.paid, told.uncertain, told.reason) == (0, True, PayoutReason.LONG_AGO)
    assert kiosk.simulator.notes.store[1000] == 8


def test_a_lost_answer_to_the_order_pays_once(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(STOCKED)
    kiosk.run(1.0)
    kiosk.simulator.lose_next_payout_reply()
    kiosk.give(PayOut(ID, "recycler-1000", 2))
    kiosk.run(10.0)
    assert kiosk.outcomes[ID].paid == 2
    assert kiosk.simulator.notes.tray == {1000: 2}
    assert kiosk.simulator.line.executed.count(PAY_NOTES) == 1


@pytest.mark.parametrize("with_counters", [True, False])
@pytest.mark.parametrize("with_crash", [True, False])
@pytest.mark.parametrize("away_s", [0.0, 1.0, 20.0])
def test_a_connection_that_ends_with_the_order_is_judged(
    make_kiosk: MakeKiosk, away_s: float, *, with_crash: bool, with_counters: bool
) -> None:
    kiosk = make_kiosk({**STOCKED, "counters": with_counters})
    kiosk.run(1.0)
    kiosk.link.cut_after = PAY_NOTES
    kiosk.give(PayOut(ID, "recycler-1000", 2))
    kiosk.run(max(away_s, 0.5))
    if with_crash:
        kiosk.crash()
    kiosk.link.is_cut = False
    kiosk.run(20.0)
    outcome = kiosk.outcomes[ID]
    assert (outcome.paid, outcome.uncertain) == (2, False)
    assert kiosk.simulator.notes.tray == {1000: 2}
    assert kiosk.simulator.line.executed.count(PAY_NOTES) == 1
    assert not kiosk.journal.open_entries()


@pytest.mark.parametrize("after_s", [0.3, 1.3, 2.1])
def test_a_power_cut_in_the_middle_is_told_by_the_incomplete_payout(make_kiosk: MakeKiosk, after_s: float) -> None:
    kiosk = make_kiosk(STOCKED)
    kiosk.run(1.0)
    kiosk.give(PayOut(ID, "recycler-1000", 5))
    kiosk.run(after_s)
    kiosk.simulator.power_cycle(kiosk.clock())
    kiosk.run(20.0)
    outcome = kiosk.outcomes[ID]
    assert outcome.paid == kiosk.simulator.notes.tray[1000] < 5
    assert (outcome.uncertain, outcome.reason) == (False, PayoutReason.RESET)
    kiosk.give(PayOut(UUID(int=8), "recycler-1000", 1))
    kiosk.run(5.0)
    assert kiosk.outcomes[UUID(int=8)].paid == 1


def test_a_power_cut_while_the_host_is_away_is_told_by_counters(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(STOCKED)
    kiosk.run(1.0)
    kiosk.give(PayOut(ID, "recycler-1000", 5))
    kiosk.run(1.5)
    kiosk.crash()
    kiosk.simulator.power_cycle(kiosk.clock())
    kiosk.simulator.notes.happened.clear()
    kiosk.run(20.0)
    assert kiosk.outcomes[ID].paid == kiosk.simulator.notes.tray[1000]
    assert not kiosk.outcomes[ID].uncertain


def test_a_jam_ends_a_payout(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(STOCKED)
    kiosk.run(1.0)
    kiosk.give(PayOut(ID, "recycler-1000", 5))
    kiosk.run(1.2)
    kiosk.simulator.jam(on=True)
    kiosk.run(10.0)
    assert kiosk.outcomes[ID].reason is PayoutReason.JAM
    assert kiosk.outcomes[ID].paid == kiosk.simulator.notes.tray[1000]
    assert TroubleCode.JAM in {trouble.code for trouble in kiosk.troubles}


def test_a_payout_can_be_stopped(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(STOCKED)
    kiosk.run(1.0)
    kiosk.give(PayOut(ID, "recycler-1000", 9))
    kiosk.run(2.0)
    kiosk.give(EmergencyStop("recycler-1000"))
    kiosk.run(10.0)
    assert kiosk.outcomes[ID].reason is PayoutReason.STOPPED
    assert 0 < kiosk.outcomes[ID].paid == kiosk.simulator.notes.tray[1000] < 9
    assert HALT in kiosk.simulator.line.executed


def test_an_amount_is_paid_in_any_notes(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(STOCKED)
    kiosk.run(1.0)
    kiosk.give(PayAmount(ID, 7000))
    kiosk.run(10.0)
    assert (kiosk.amounts[ID].paid_minor, kiosk.amounts[ID].uncertain) == (7000, False)
    assert kiosk.simulator.facts()["tray_minor"] == 7000
    kiosk.give(PayAmount(UUID(int=8), 500))
    kiosk.run(3.0)
    assert (kiosk.amounts[UUID(int=8)].paid_minor, kiosk.amounts[UUID(int=8)].reason) == (0, PayoutReason.EMPTY)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (PayOut(ID, "recycler-1000", 11), PayoutReason.EMPTY),
        (PayOut(ID, "recycler-7", 1), PayoutReason.UNKNOWN_HOPPER),
        (PayOut(ID, "recycler-1000", 0), PayoutReason.BAD_COUNT),
        (AskPayoutOutcome(ID, "recycler-1000", 0, 2), PayoutReason.NOT_JOURNALLED),
    ],
)
def test_what_cannot_be_paid_moves_nothing(make_kiosk: MakeKiosk, command: PayOut, reason: PayoutReason) -> None:
    kiosk = make_kiosk(STOCKED)
    kiosk.run(1.0)
    kiosk.give(command)
    kiosk.run(5.0)
    assert (kiosk.outcomes[ID].paid, kiosk.outcomes[ID].uncertain, kiosk.outcomes[ID].reason) == (0, False, reason)
    assert kiosk.store_minor == 20000


def test_without_a_journal_nothing_moves(make_kiosk: MakeKiosk) -> None:
    kiosk = taking(make_kiosk, STOCKED)
    kiosk.journal.is_broken = True
    kiosk.give(PayOut(ID, "recycler-1000", 1))
    kiosk.run(5.0)
    assert kiosk.outcomes[ID].reason is PayoutReason.NOT_JOURNALLED
    kiosk.insert(1000)
    assert kiosk.heard(NoteReturned)
    assert kiosk.store_minor == 20000


@pytest.mark.parametrize("after_s", [0.1, 0.5, 0.9, 1.3])
@pytest.mark.parametrize("fault", ["crash", "cut", "power", "power and crash"])
def test_a_note_on_its_way_in_is_credited_exactly_when_it_is_in(make_kiosk: MakeKiosk, fault: str, after_s: float) -> None:
    kiosk = taking(make_kiosk)
    kiosk.simulator.insert_note(1000, kiosk.clock())
    kiosk.run(0.8)
    kiosk.give(StackNote())
    kiosk.run(after_s)
    if "power" in fault:
        kiosk.simulator.power_cycle(kiosk.clock())
    if "crash" in fault:
        kiosk.crash()
    if fault == "cut":
        kiosk.link.is_cut = True
        kiosk.run(4.0)
        kiosk.link.is_cut = False
    kiosk.run(15.0)
    assert sum(kiosk.credits.values()) == kiosk.store_minor + kiosk.box_minor
    places = {"recycler-1000": kiosk.store_minor, "recycler-box": kiosk.box_minor}
    for (place, _, _), value_minor in kiosk.credits.items():
        assert places[place] == value_minor
    assert not kiosk.journal.open_entries()


def test_a_booking_that_the_owner_never_heard_of_is_told_again(make_kiosk: MakeKiosk) -> None:
    kiosk = taking(make_kiosk)
    kiosk.simulator.insert_note(1000, kiosk.clock())
    kiosk.run(0.8)
    kiosk.give(StackNote())
    for _ in range(12):
        kiosk.tick()
    assert [event for event in kiosk.inbox if isinstance(event, NoteStacked)]
    kiosk.crash()
    kiosk.run(2.0)
    assert kiosk.credits == {("recycler-1000", 0, 1): 1000}


def test_the_store_is_emptied_into_the_box(make_kiosk: MakeKiosk) -> None:
    for counted in (True, False):
        kiosk = make_kiosk(STOCKED)
        kiosk.run(1.0)
        kiosk.give(EmptyStore(ID, counted=counted))
        kiosk.run(25.0)
        assert kiosk.emptied[ID].moved == {1000: 10, 2000: 5}
        assert (kiosk.store_minor, kiosk.box_minor) == (0, 20000)
        assert kiosk.journal.moved_minor("recycler/recycler", "empty") == 20000


def test_an_emptying_asked_for_again_is_answered_by_what_it_moved(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(STOCKED)
    kiosk.run(1.0)
    kiosk.give(EmptyStore(ID))
    kiosk.give(EmptyStore(ID))
    kiosk.run(25.0)
    assert [event.moved for event in kiosk.heard(StoreEmptied)] == [{1000: 10, 2000: 5}]
    kiosk.crash()
    kiosk.link.is_cut = True
    kiosk.give(EmptyStore(ID))
    kiosk.run(1.0)
    kiosk.link.is_cut = False
    kiosk.run(3.0)
    kiosk.give(EmptyStore(ID))
    kiosk.run(3.0)
    assert [event.moved for event in kiosk.heard(StoreEmptied)] == [{1000: 10, 2000: 5}] * 3
    assert kiosk.box_minor == 20000


def test_what_is_recycled_can_be_changed(make_kiosk: MakeKiosk) -> None:
    kiosk = taking(make_kiosk)
    kiosk.give(Recycle(frozenset({5000})))
    kiosk.run(1.0)
    kiosk.insert(5000)
    kiosk.insert(1000)
    assert (kiosk.simulator.notes.store, kiosk.simulator.notes.box) == ({5000: 1}, {1000: 1})


def test_a_plain_validator_takes_notes_without_a_key(make_kiosk: MakeKiosk) -> None:
    kiosk = taking(make_kiosk, {"store": False})
    kiosk.insert(1000)
    assert kiosk.credits == {("recycler-box", 0, 1): 1000}
    assert kiosk.heard(CashDevices)[-1].hoppers == {}
    assert 0x4C not in kiosk.simulator.line.executed


def test_a_silent_recycler_is_lost_within_two_seconds(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk({})
    kiosk.run(3.05)
    begun_s = lost_s = kiosk.clock()
    kiosk.link.is_silent = True
    while kiosk.is_connected:
        kiosk.tick()
        lost_s = kiosk.clock() - kiosk.poll_s
    assert lost_s - begun_s < 2.3, "0.5 s of it is the wait before the next opening"


@pytest.mark.parametrize("has_store", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_late_answers_to_repeated_questions_are_no_answers_to_later_ones(
    make_kiosk: MakeKiosk, seed: int, *, has_store: bool
) -> None:
    kiosk = taking(make_kiosk, {"store": has_store})
    chance = random.Random(seed)

    def late_but_whole(data: bytes) -> bytes:
        kiosk.link.delay_s = chance.uniform(0.0, 0.9)  # of the next answer
        return data

    kiosk.link._worn = late_but_whole  # type: ignore[method-assign]
    kiosk.link.loss = 1.0
    for value_minor in (1000, 5000, 1000):
        kiosk.simulator.insert_note(value_minor, kiosk.clock())
        kiosk.run(6.0)
        kiosk.give(StackNote())
        kiosk.run(12.0)
    kiosk.link.loss = 0.0
    kiosk.run(5.0)
    assert kiosk.losses == 0
    assert [event.value_minor for event in kiosk.heard(NoteStacked)] == [1000, 5000, 1000]
    assert sum(kiosk.credits.values()) == kiosk.store_minor + kiosk.box_minor == 7000


def test_only_the_recycler_of_the_settings_is_accepted(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk({"serial_number": 42})
    for driver, word in (
        (RecyclerDriver(serial_number="43", clock=kiosk.clock), "serial number"),
        (RecyclerDriver(currency="EUR", clock=kiosk.clock), "EUR"),
    ):
        driver.name, driver.publish = "recycler", kiosk.events.append
        driver.open("virtual")
        with pytest.raises(WrongDeviceError, match=word):
            driver.probe(kiosk.link)


def test_another_recycler_starts_a_new_epoch(make_kiosk: MakeKiosk) -> None:
    kiosk = taking(make_kiosk)
    kiosk.insert(1000)
    other = make_kiosk({"serial_number": 42})
    other.counters = kiosk.counters
    other.crash()
    other.run(1.0)
    other.give(AcceptCash(coins=False, notes=ALL))
    other.run(1.0)
    other.insert(1000)
    assert other.credits == {("recycler-1000", 1, 1): 1000}


def test_leaving_it_hands_back_what_is_held(make_kiosk: MakeKiosk) -> None:
    kiosk = taking(make_kiosk)
    kiosk.simulator.insert_note(1000, kiosk.clock())
    kiosk.run(1.0)
    kiosk.driver.leave_safe(kiosk.link)
    kiosk.clock.now_s += 2.0
    kiosk.simulator.send(kiosk.clock())
    assert kiosk.simulator.facts()["bezel_minor"] == 1000


def test_commands_without_a_connection_are_answered(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(STOCKED)
    kiosk.link.is_cut = True
    kiosk.give(PayOut(ID, "recycler-1000", 1))
    kiosk.give(EmptyStore(ID))
    kiosk.give(StackNote())
    kiosk.run(1.0)
    assert kiosk.outcomes[ID].reason is PayoutReason.UNREACHABLE
    assert kiosk.emptied[ID].moved == {}
