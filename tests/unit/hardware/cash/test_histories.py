"""After any history of shopping, paying, breaking and crashing: what lies in the machine is what was credited and paid."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from uuid import UUID

import pytest

from hardware.bench.simulator import ActionError, JsonValue
from hardware.cash.commands import AcceptCash, EmergencyStop, PayOut, ReturnNote, StackNote, StopAccepting
from hardware.cash.entries import hopper_of
from hardware.cash.events import COIN_BOX, NOTE_BOX, CashDevices, NoteInEscrow, PayoutReason, TroubleCode
from tests.unit.hardware.cash.conftest import MakeKiosk
from tests.unit.hardware.cash.virtual_bus import VirtualKiosk

HOPPERS = {"hopper-100": 100, "hopper-50": 50, "hopper-10": 10}
NOTES = (100, 500, 1000, 2000, 5000, 10000)
DOUBTS = {TroubleCode.DEVICE_RESET, TroubleCode.LOST_EVENTS, TroubleCode.UNCERTAIN_NOTE}
STEPS = 120
STOCK = 60
LATE_S = 0.35
REST_S = 5.0
"""So long nothing more may happen when all is settled: longer than anything that a device or the driver puts off."""


class History:
    """One random history; the seed is in the test's name."""

    def __init__(self, kiosk: VirtualKiosk, seed: int, *, with_power_cuts: bool) -> None:
        self.kiosk = kiosk
        self.random = random.Random(seed)
        self.with_power_cuts = with_power_cuts
        self.stops = 0
        self.steps = STEPS
        self.session: AcceptCash | None = None
        self.seen = 0
        self.moves: list[Callable[[], None]] = [
            *[self.open_session] * 3,
            self.close_session,
            *[self.insert_coins] * 8,
            *[self.insert_note] * 10,
            *[self.pay] * 6,
            *[self.wear] * 2,
            self.cut_line,
            *[self.play_hopper] * 2,
            self.stop_hopper,
            self.crash,
        ]
        if with_power_cuts:
            self.moves += [self.cut_power, self.cut_power_of_one]

    def run(self) -> None:
        self.kiosk.run(2.0)
        for _ in range(self.steps):
            self.random.choice(self.moves)()
            self.kiosk.link.is_cut &= self.random.random() < 0.7
            for _ in range(self.random.randrange(15)):
                self.tick()
                if self.random.random() < 0.7:
                    self.digest()
        self.settle()

    def tick(self) -> None:
        """Do one round of the device's thread."""
        self.kiosk.tick()

    def digest(self) -> None:
        """Journal what was told, then act as an owner does: open again what came back, decide about notes."""
        self.kiosk.digest()
        news, self.seen = self.kiosk.events[self.seen :], len(self.kiosk.events)
        for event in news:
            if isinstance(event, CashDevices) and self.session is not None:
                self.kiosk.give(self.session)
            if isinstance(event, NoteInEscrow):
                self.kiosk.give(self.random.choice((StackNote(), StackNote(), StackNote(), ReturnNote())))

    def settle(self) -> None:
        """Faults end; everything converges."""
        kiosk = self.kiosk
        kiosk.link.loss = kiosk.link.fragility = 0.0
        kiosk.link.is_cut = False
        for hopper in HOPPERS:
            kiosk.simulator.jam_hopper(hopper, on=False)
        kiosk.simulator.take_money()
        self.session = None
        kiosk.run_until(self.is_all_there, 15.0)
        kiosk.give(StopAccepting())
        kiosk.run_until(self.is_at_rest, 10.0)
        kiosk.ask_open_payouts()
        kiosk.run_until(self.is_settled, 40.0)
        kiosk.run(REST_S)

    def is_all_there(self) -> bool:
        """Whether every device answers and every command was carried out."""
        kiosk = self.kiosk
        return kiosk.is_connected and not kiosk.commands and all(seat.is_present for seat in kiosk.driver._seats)

    def is_at_rest(self) -> bool:
        """Whether nothing moves in the machine any more, and nothing is in escrow."""
        facts = self.kiosk.simulator.facts()
        hoppers = self.kiosk.simulator._hoppers.values()
        return not facts["escrow_minor"] and not facts["moving_minor"] and not any(hopper.is_paying for hopper in hoppers)

    def is_settled(self) -> bool:
        """Whether, beside, the end of everything that was ever begun is known."""
        is_known = not any(map(self.is_open, self.kiosk.dispenses))
        return self.is_all_there() and self.is_at_rest() and is_known and not self.kiosk.journal.open_entries()

    def open_session(self) -> None:
        if {COIN_BOX, NOTE_BOX} <= set(self.kiosk.counters):
            notes = frozenset(self.random.sample(NOTES, self.random.randrange(3, len(NOTES) + 1)))
            self.session = AcceptCash(self.random.random() < 0.9, notes)
            self.kiosk.give(self.session)

    def close_session(self) -> None:
        self.session = None
        self.kiosk.give(StopAccepting())

    def insert_coins(self) -> None:
        for _ in range(self.random.randrange(1, 5)):
            self.kiosk.simulator.insert_coin(self.random.choice((10, 50, 100, 5)), self.kiosk.clock())
            self.tick() if self.random.random() < 0.5 else None

    def insert_note(self) -> None:
        self.kiosk.simulator.take_money()
        with contextlib.suppress(ActionError):
            self.kiosk.simulator.insert_note(self.random.choice((*NOTES, 200)), self.kiosk.clock())

    def pay(self) -> None:
        payout_id = UUID(int=self.random.getrandbits(128))
        hopper = self.random.choice(list(HOPPERS))
        if any(hopper == hopper_of(entry) and self.is_open(key) for key, entry in self.kiosk.dispenses.items()):
            return
        self.kiosk.give(PayOut(payout_id, hopper, self.random.choice((1, 2, 3, 7, 25))))

    def is_open(self, payout_id: UUID) -> bool:
        outcome = self.kiosk.outcomes.get(payout_id)
        return outcome is None or outcome.uncertain

    def wear(self) -> None:
        self.kiosk.link.loss = self.random.choice((0.0, 0.0, 0.0, 0.02, 0.05, 0.2))
        self.kiosk.link.fragility = self.random.choice((0.0, 0.0, 0.002, 0.01))
        self.kiosk.link.delay_s = self.random.choice((0.0, LATE_S))

    def cut_line(self) -> None:
        self.kiosk.link.is_cut = True
        for _ in range(self.random.randrange(1, 15)):
            self.tick()
        self.kiosk.link.is_cut = False

    def play_hopper(self) -> None:
        simulator, hopper = self.kiosk.simulator, self.random.choice(list(HOPPERS))
        self.random.choice(
            (
                lambda: simulator.lose_next_dispense_reply(hopper),
                lambda: simulator.miss_next_dispense(hopper),
                lambda: simulator.refuse_next_dispense(hopper),
                lambda: simulator.jam_hopper(hopper, on=True),
                lambda: simulator.jam_hopper(hopper, on=False),
            )
        )()

    def stop_hopper(self) -> None:
        self.stops += 1
        self.kiosk.give(EmergencyStop(self.random.choice(list(HOPPERS))))

    def crash(self) -> None:
        self.kiosk.crash()
        for _ in range(30):
            if self.kiosk.is_connected:
                break
            self.tick()
        self.kiosk.ask_open_payouts()

    def cut_power(self) -> None:
        self.kiosk.simulator.power_cycle(self.kiosk.clock())

    def cut_power_of_one(self) -> None:
        self.kiosk.simulator.power_cycle_device(self.random.choice((2, 40, 3, 4, 5)), self.kiosk.clock())


def check(kiosk: VirtualKiosk, history: History) -> None:
    check_credits(kiosk, history, COIN_BOX, "coin_box")
    check_credits(kiosk, history, NOTE_BOX, "note_box")
    for hopper in HOPPERS:
        check_payouts(kiosk, history, hopper)
    facts = kiosk.simulator.facts()
    assert facts["escrow_minor"] == 0
    assert facts["moving_minor"] == 0
    inside, given = whole(facts["machine_total_minor"]), whole(facts["given_back_minor"])
    before_the_shopper = whole(facts["tray_minor"]) + whole(facts["bezel_minor"])
    initial_minor = STOCK * sum(HOPPERS.values())
    assert inside + before_the_shopper + given == initial_minor + whole(facts["inserted_minor"])


def whole(fact: JsonValue) -> int:
    assert isinstance(fact, int)
    return fact


def check_credits(kiosk: VirtualKiosk, history: History, place: str, pile: str) -> None:
    credited, really = kiosk.credited_minor(place), kiosk.worth_minor(pile)
    doubts = {trouble.code for trouble in kiosk.troubles if trouble.place == place} & DOUBTS
    assert history.with_power_cuts or TroubleCode.DEVICE_RESET not in doubts
    assert history.with_power_cuts or doubts != {TroubleCode.UNCERTAIN_NOTE}
    if doubts:
        assert credited <= really
    else:
        assert credited == really


def check_payouts(kiosk: VirtualKiosk, history: History, hopper: str) -> None:
    paid = 0
    for payout_id, entry in kiosk.dispenses.items():
        if hopper_of(entry) != hopper:
            continue
        count = entry.intent.before["count"]
        outcome = kiosk.outcomes[payout_id]
        assert not outcome.uncertain
        paid += outcome.paid
        assert outcome.requested == count
        assert outcome.paid <= count + history.stops
        if outcome.reason is PayoutReason.DONE:
            assert outcome.paid >= count
    assert STOCK - kiosk.stock(hopper) == paid


@pytest.mark.parametrize("with_power_cuts", [False, True])
@pytest.mark.parametrize("setting", ["sum8", "crc16", "no echo"])
@pytest.mark.parametrize("seed", range(6))
def test_the_machine_holds_what_was_credited_and_paid(
    make_kiosk: MakeKiosk, setting: str, seed: int, *, with_power_cuts: bool
) -> None:
    options = {
        "checksum": "crc16" if setting == "crc16" else "sum8",
        "echo": setting != "no echo",
        "stocks": dict.fromkeys(HOPPERS, STOCK),
        "escrow_s": 8.0,
    }
    kiosk = make_kiosk(options, seed)
    history = History(kiosk, seed, with_power_cuts=with_power_cuts)
    history.run()
    check(kiosk, history)
