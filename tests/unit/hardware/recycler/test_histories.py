"""After any history of taking, paying, breaking and crashing: what lies in the recycler is what the journals say."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from uuid import UUID

import pytest

from hardware.bench.simulator import ActionError
from hardware.cash.commands import AcceptCash, EmergencyStop, PayOut, ReturnNote, StackNote, StopAccepting
from hardware.cash.events import CashDevices, NoteInEscrow
from hardware.recycler.commands import EmptyStore, PayAmount
from tests.unit.hardware.recycler.conftest import MakeKiosk
from tests.unit.hardware.recycler.virtual_recycler import VirtualKiosk

NOTES = (100, 500, 1000, 2000, 5000, 10000)
STOCKS = {1000: 20, 2000: 20}
STEPS = 100
REST_S = 10.0
"""So long nothing more may happen when all is settled: longer than anything that the device or the driver puts off."""


class History:
    """One random history; the seed is in the test's name."""

    def __init__(self, kiosk: VirtualKiosk, seed: int, *, with_power_cuts: bool) -> None:
        self.kiosk = kiosk
        self.random = random.Random(seed)
        self.session: AcceptCash | None = None
        self.seen = 0
        self.ordered: dict[UUID, int] = {}
        self.moves: list[Callable[[], None]] = [
            *[self.open_session] * 3,
            self.close_session,
            *[self.insert_note] * 12,
            *[self.pay] * 6,
            self.pay_amount,
            *[self.wear] * 2,
            self.cut_line,
            self.jam,
            self.lose_reply,
            self.stop,
            self.empty,
            self.crash,
        ]
        if with_power_cuts:
            self.moves += [self.cut_power] * 2

    def run(self) -> None:
        self.kiosk.run(2.0)
        for _ in range(STEPS):
            self.random.choice(self.moves)()
            self.kiosk.link.is_cut &= self.random.random() < 0.7
            for _ in range(self.random.randrange(20)):
                self.kiosk.tick()
                if self.random.random() < 0.7:
                    self.digest()
        self.settle()

    def digest(self) -> None:
        """Write down what was told, then act as an owner does."""
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
        kiosk.link.cut_after = None
        kiosk.simulator.jam(on=False)
        kiosk.simulator.take_money()
        self.session = None
        kiosk.run_until(self.is_settled, 30.0)
        kiosk.give(StopAccepting())
        kiosk.run_until(self.is_settled, 60.0)
        kiosk.run(REST_S)

    def is_settled(self) -> bool:
        """Whether nothing moves any more, and the end of everything that was begun is known."""
        kiosk, facts = self.kiosk, self.kiosk.simulator.facts()
        is_at_rest = not facts["escrow_minor"] and not facts["moving_minor"] and kiosk.simulator.notes.run is None
        return kiosk.is_connected and not kiosk.commands and is_at_rest and not kiosk.journal.open_entries()

    def open_session(self) -> None:
        self.session = AcceptCash(coins=False, notes=frozenset(self.random.sample(NOTES, self.random.randrange(3, 7))))
        self.kiosk.give(self.session)

    def close_session(self) -> None:
        self.session = None
        self.kiosk.give(StopAccepting())

    def insert_note(self) -> None:
        self.kiosk.simulator.take_money()
        with contextlib.suppress(ActionError):
            self.kiosk.simulator.insert_note(self.random.choice((*NOTES, 20000)), self.kiosk.clock())

    def pay(self) -> None:
        payout_id = UUID(int=self.random.getrandbits(128))
        value, count = self.random.choice((1000, 2000)), self.random.choice((1, 2, 3, 5))
        self.ordered[payout_id] = value * count
        self.kiosk.give(PayOut(payout_id, f"recycler-{value}", count))

    def pay_amount(self) -> None:
        payout_id = UUID(int=self.random.getrandbits(128))
        self.ordered[payout_id] = 3000
        self.kiosk.give(PayAmount(payout_id, 3000))

    def wear(self) -> None:
        self.kiosk.link.loss = self.random.choice((0.0, 0.0, 0.02, 0.1, 0.3))
        self.kiosk.link.fragility = self.random.choice((0.0, 0.0, 0.002, 0.01))

    def cut_line(self) -> None:
        self.kiosk.link.cut_after = self.random.choice((None, 0x07, 0x07, 0x46, 0x22))
        for _ in range(self.random.randrange(1, 25)):
            self.kiosk.tick()

    def jam(self) -> None:
        self.kiosk.simulator.jam(on=self.random.random() < 0.3)

    def lose_reply(self) -> None:
        self.kiosk.simulator.lose_next_payout_reply()

    def stop(self) -> None:
        self.kiosk.give(EmergencyStop(self.random.choice(("recycler-1000", "recycler-2000"))))

    def empty(self) -> None:
        if self.random.random() < 0.3:
            self.kiosk.give(EmptyStore(UUID(int=self.random.getrandbits(128)), counted=self.random.random() < 0.5))

    def crash(self) -> None:
        self.kiosk.crash()
        self.seen = len(self.kiosk.events)

    def cut_power(self) -> None:
        self.kiosk.simulator.power_cycle(self.kiosk.clock())


def check(kiosk: VirtualKiosk, history: History) -> None:
    simulator, journal = kiosk.simulator, kiosk.journal
    facts = simulator.facts()
    assert not journal.open_entries()
    assert facts["escrow_minor"] == facts["moving_minor"] == 0
    paid_minor = sum(filter(None, (entry_minor(kiosk, payout_id) for payout_id in history.ordered)))
    credited_minor = sum(kiosk.credits.values())
    delta_minor = kiosk.store_minor + kiosk.box_minor - simulator.notes.filled_minor
    in_doubt = {entry.intent.action: 0 for entry in journal.uncertain_entries()}
    for entry in journal.uncertain_entries():
        in_doubt[entry.intent.action] += entry.intent.amount_minor
    if simulator.notes.options.counters:
        assert not in_doubt
    surplus_minor = delta_minor - (credited_minor - paid_minor)
    assert -in_doubt.get("dispense", 0) <= surplus_minor <= in_doubt.get("take", 0)


def entry_minor(kiosk: VirtualKiosk, payout_id: UUID) -> int:
    """Return what a payout has moved; what was never journalled moved nothing."""
    entry = kiosk.journal.entry(payout_id)
    if entry is None:
        return 0
    assert entry.outcome is not None
    assert entry.outcome.amount_minor <= entry.intent.amount_minor
    return entry.outcome.amount_minor


@pytest.mark.parametrize("with_power_cuts", [False, True])
@pytest.mark.parametrize("setting", ["eSSP", "without counters"])
@pytest.mark.parametrize("seed", range(5))
def test_the_recycler_holds_what_the_journals_say(
    make_kiosk: MakeKiosk, setting: str, seed: int, *, with_power_cuts: bool
) -> None:
    kiosk = make_kiosk({"stocks": STOCKS, "counters": setting == "eSSP"}, seed)
    history = History(kiosk, seed, with_power_cuts=with_power_cuts)
    history.run()
    check(kiosk, history)
