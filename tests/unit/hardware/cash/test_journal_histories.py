"""After each random cash history, what physically moved is what the journal says, to the coin.

Coins, notes, payouts, a bad line, jams, resets, and the program killed at each step of the journal: before a line is written,
after it, and after what it announced was sent. ``SCANLANE_HISTORIES`` runs more of them; the seed is in the test's name.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from hardware.cash.commands import AcceptCash, PayOut, StackNote
from hardware.cash.entries import DISPENSE, RETURN, STACK
from hardware.cash.events import NOTE_BOX, TroubleCode
from hardware.journal import FileJournal
from hardware.journal_entry import Intent, Outcome
from tests.unit.hardware.cash.conftest import MakeKiosk
from tests.unit.hardware.cash.test_histories import HOPPERS, STOCK, History
from tests.unit.hardware.cash.virtual_bus import VirtualKiosk

HISTORIES = min(int(os.environ.get("SCANLANE_HISTORIES", "200")), 100_000)
FIRST_SEED = int(os.environ.get("SCANLANE_SEED", "1000"))
STEPS = 40
KILL_CHANCE = 0.12
POINTS = ("before an intent", "after an intent", "before an outcome", "after an outcome")


class KilledError(BaseException):
    """The process is gone at this instant."""


class DeadlyJournal(FileJournal):
    """A journal in a file whose program may be killed at each of its steps."""

    def __init__(self, path: Path, is_killed_at: Callable[[str], bool]) -> None:
        self._is_killed_at = is_killed_at
        super().__init__(path)

    def intend(self, intent: Intent) -> None:
        self._die("before an intent")
        super().intend(intent)
        self._die("after an intent")

    def settle(self, outcome: Outcome) -> None:
        self._die("before an outcome")
        super().settle(outcome)
        self._die("after an outcome")

    def _die(self, point: str) -> None:
        if self._is_killed_at(point):
            raise KilledError(point)


class DeadlyHistory(History):
    """A random history whose program dies at steps of the journal."""

    def __init__(self, kiosk: VirtualKiosk, seed: int, path: Path, *, with_power_cuts: bool) -> None:
        super().__init__(kiosk, seed, with_power_cuts=with_power_cuts)
        self.steps = STEPS
        self.path = path
        self.is_deadly = True
        self.doom: str | None = None
        """The one point where it must die, once; None: anywhere, by chance; empty: it has died."""
        self.kills: defaultdict[str, int] = defaultdict(int)
        self.open_journal()

    def open_journal(self) -> None:
        """Start the program anew with what is on the disk."""
        self.kiosk.journal = DeadlyJournal(self.path, self.is_killed)  # type: ignore[assignment] # a stricter journal
        self.kiosk.crash()

    def is_killed(self, point: str) -> bool:
        """Say whether the program dies here: by chance, or where it must."""
        if self.doom is not None:
            is_doomed = self.doom == point
            self.doom = "" if is_doomed else self.doom
            return is_doomed
        if not self.is_deadly or self.random.random() >= KILL_CHANCE:
            return False
        self.kills[point] += 1
        return True

    def tick(self) -> None:
        try:
            self.kiosk.tick()
        except KilledError:
            self.kiosk.journal.close()  # type: ignore[attr-defined] # it is a FileJournal
            self.open_journal()

    def settle(self) -> None:
        self.is_deadly = False
        super().settle()

    def wait(self, seconds: float) -> None:
        """Let time pass, the owner awake."""
        end_s = self.kiosk.clock() + seconds
        while self.kiosk.clock() < end_s:
            self.tick()
            self.digest()

    def pay_three(self) -> None:
        """Ask for three coins."""
        self.kiosk.give(PayOut(UUID(int=7), "hopper-100", 3))

    def take_a_note(self) -> None:
        """Put a note in and keep it."""
        self.kiosk.give(AcceptCash(coins=False, notes=frozenset({500})))
        self.wait(0.5)
        self.kiosk.simulator.insert_note(500, self.kiosk.clock())
        self.wait(0.8)
        self.kiosk.give(StackNote())


def delta(kiosk: VirtualKiosk, hopper: str) -> int:
    """What really left a hopper."""
    return (STOCK - kiosk.stock(hopper)) * HOPPERS[hopper]


def check(kiosk: VirtualKiosk, history: DeadlyHistory) -> None:
    journal = FileJournal(history.path)
    assert not journal.open_entries(), "something was never resolved"
    for hopper in HOPPERS:
        uncertain = journal.uncertain_entries(f"cash/{hopper}")
        assert not uncertain, "a hopper's counters always tell"
        assert journal.moved_minor(f"cash/{hopper}", DISPENSE) == delta(kiosk, hopper), hopper
    # Without escrow nothing gets into the box: every note in it was routed there.
    stacked, boxed = journal.moved_minor("cash/note-box", STACK), kiosk.worth_minor("note_box")
    lost = sum(entry.intent.amount_minor for entry in journal.uncertain_entries("cash/note-box"))
    assert stacked <= boxed <= stacked + lost
    if not lost:
        assert stacked == boxed
    if not history.with_power_cuts:
        doubts = {trouble.code for trouble in kiosk.troubles if trouble.place == NOTE_BOX}
        assert not lost or TroubleCode.LOST_EVENTS in doubts or TroubleCode.UNCERTAIN_NOTE in doubts
    returned = journal.moved_minor("cash/note-slot", RETURN)
    inserted = kiosk.pile("inserted")
    assert returned <= sum(int(value_minor) * count for value_minor, count in inserted.items())


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + HISTORIES))
def test_what_moved_is_what_the_journal_says(make_kiosk: MakeKiosk, tmp_path: Path, seed: int) -> None:
    settings = ("sum8", "crc16", "no echo")[seed % 3]
    options = {
        "checksum": "crc16" if settings == "crc16" else "sum8",
        "echo": settings != "no echo",
        "stocks": dict.fromkeys(HOPPERS, STOCK),
        "products": {"3": "FLOW", "4": "SCH2-NOENCRYPT", "5": "SCH2"},
        "escrow_s": 8.0,
    }
    kiosk = make_kiosk(options, seed)
    history = DeadlyHistory(kiosk, seed, tmp_path / "devices.journal", with_power_cuts=seed % 2 == 1)
    history.run()
    check(kiosk, history)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("what", ["coins", "a note"])
def test_a_kill_at_each_step_of_one_movement(make_kiosk: MakeKiosk, tmp_path: Path, point: str, what: str) -> None:
    kiosk = make_kiosk({"stocks": dict.fromkeys(HOPPERS, STOCK)})
    history = DeadlyHistory(kiosk, 1, tmp_path / "devices.journal", with_power_cuts=False)
    history.doom = point
    history.wait(2.0)
    history.pay_three() if what == "coins" else history.take_a_note()
    history.wait(12.0)
    kiosk.ask_open_payouts()
    history.wait(12.0)
    assert history.doom == ""
    check(kiosk, history)
    if point == "before an intent":
        assert not kiosk.worth_minor("note_box")
    credited = kiosk.credited_minor(NOTE_BOX)
    assert credited == kiosk.worth_minor("note_box")
