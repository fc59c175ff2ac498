"""Boxes in the kiosk's journal: what came in less what went out, over power cuts, and told to real books exactly once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from hardware.cash.events import CounterMemory
from hardware.journal_entry import Intent, Outcome
from hardware.printer.driver import PrintJob, PrintOutcome
from hardware.printer.profile import PrinterProfile
from hardware.recycler.events import StoreEmptied
from hardware.speaker import Speaker
from kiosk_app import session_events as on
from kiosk_app.box_slip import slip_of
from kiosk_app.box_work import BoxWork
from kiosk_app.boxes import Box
from kiosk_app.journal import FILE_NAME, Credit, Journal
from kiosk_app.letterhead import Letterhead
from kiosk_app.payment_session import advance
from kiosk_app.session import Cash, Session
from kiosk_app.settings import CashSettings, RecyclerSettings, StaffSettings
from kiosk_app.staff_desk import StaffDesk, Told
from kiosk_app.staff_touches import StaffTouches
from store_server.contract.box_messages import EmptyBox, MoveNotes
from store_server.services import boxes
from tests.unit.store_server.market import KIOSK, Market, open_market

CASH = CashSettings(url="x", recycler=RecyclerSettings(url="y"))
COINS, NOTES = 1, 3
"""Which buttons the coin box and the recycler's box have."""


@dataclass
class Devices:
    """Notes what the printer and the recycler are told."""

    printed: list[PrintJob] = field(default_factory=list)
    asked: list[UUID] = field(default_factory=list)
    paper: PrinterProfile = field(default_factory=PrinterProfile)
    recoveries: int = 0

    def print(self, job: PrintJob) -> None:
        self.printed.append(job)

    def recover_printer(self) -> None:
        self.recoveries += 1

    def empty_recycler(self, entry_id: UUID) -> bool:
        self.asked.append(entry_id)
        return True


class Kiosk:
    """The part of a kiosk that staff sees, on a real journal; it can lose its power."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.devices = Devices()
        self._seq = 0
        self.start()

    def start(self) -> None:
        self.journal = Journal(self._folder)
        devices: Any = self.devices
        self.work = BoxWork(CASH, self.journal, devices, self._slip, lambda: None)
        self.desk = self.work.seen(StaffDesk(is_shown=True, is_open=True, who="anna"))

    def lose_power(self) -> None:
        self.journal.close()
        self.start()

    def take(self, place: str, *values: int) -> None:
        """Shoppers leave coins or notes."""
        for value in values:
            self._seq += 1
            session = Session(uuid4(), cash=Cash(ready=True))
            after, _ = advance(session, on.CoinTaken(place, 1, self._seq, value))
            memory = CounterMemory("1", 1, self._seq, self._seq % 256)
            credit = Credit(place, 1, self._seq, value, memory)
            self.journal.record(session, after, (), credit)

    def empty(self, number: int, counted: str = "") -> None:
        self.desk = self.work.seen(self.desk).chosen(number)
        for key in counted:
            self.desk = self.desk.key(key, "", 0.0)
        self.desk = self.work.touch(self.desk, "box-emptied")

    def box(self, number: int) -> Box:
        return self.work.seen(self.desk).boxes[number - 1]

    @staticmethod
    def _slip(emptied: EmptyBox, copy: bool) -> Any:  # noqa: FBT001 - as the desk calls it
        return slip_of(emptied, Letterhead("Shop", "kiosk-1", "CNY", "en", str), copy=copy)


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    (tmp_path / "kiosk").mkdir()
    made = Kiosk(tmp_path / "kiosk")
    yield made
    made.journal.close()


def deliver(kiosk: Kiosk, market: Market, *, answers_arrive: bool = True) -> int:
    """Send every letter as the courier does; without answers the same ones are sent again."""
    sent = 0
    while (letter := kiosk.journal.next_letter()) is not None:
        if letter.kind == "emptied":
            boxes.empty_box(market.store, KIOSK, EmptyBox.model_validate_json(letter.body))
        else:
            boxes.move_notes(market.store, KIOSK, MoveNotes.model_validate_json(letter.body))
        sent += 1
        if not answers_arrive:
            return sent
        kiosk.journal.answered(letter, "accepted")
    return sent


def test_a_box_holds_what_came_in_until_it_is_emptied(kiosk: Kiosk) -> None:
    kiosk.take("coin-box", 100, 50, 100)
    assert kiosk.box(COINS).piles == ((100, 2), (50, 1))
    kiosk.empty(COINS, "240")
    assert (kiosk.desk.told, kiosk.desk.difference_minor) == (Told.BOX_EMPTIED, -10)
    assert kiosk.box(COINS).piles == ()
    kiosk.take("coin-box", 10)
    assert kiosk.box(COINS).piles == ((10, 1),)
    (job,) = kiosk.devices.printed
    assert b"Cash taken out" in job.data
    assert b"Staff: anna" in job.data


def test_the_books_are_told_exactly_once_also_after_power_cuts(kiosk: Kiosk, tmp_path: Path) -> None:
    market = open_market(tmp_path / "server")
    kiosk.take("coin-box", 100, 100)
    kiosk.empty(COINS)
    kiosk.lose_power()
    assert deliver(kiosk, market, answers_arrive=False) == 1
    kiosk.lose_power()
    assert deliver(kiosk, market) == 1
    kiosk.lose_power()
    assert deliver(kiosk, market) == 0
    assert market.balances() == {"cash/kiosk-1/coin-box": -200, "safe": 200}
    assert kiosk.box(COINS).piles == ()
    market.store.database.close()


def test_a_box_that_nobody_emptied_for_years_can_be_emptied(kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.journal.close()
    with sqlite3.connect(tmp_path / "kiosk" / FILE_NAME) as database:
        database.execute(
            "WITH RECURSIVE coin (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM coin WHERE seq < 150000)"
            " INSERT INTO cash_event SELECT 'coin-box', 1, seq, 100, ? FROM coin",
            (str(uuid4()),),
        )
    database.close()
    kiosk.start()
    kiosk.empty(COINS)
    assert (kiosk.desk.told, kiosk.desk.moved_minor) == (Told.BOX_EMPTIED, 15_000_000)
    market = open_market(tmp_path / "server")
    assert deliver(kiosk, market) == 1
    assert market.balances()["safe"] == 15_000_000
    market.store.database.close()


def test_what_changed_under_the_finger_is_looked_at_again(kiosk: Kiosk) -> None:
    kiosk.take("coin-box", 100)
    kiosk.desk = kiosk.work.seen(kiosk.desk).chosen(COINS)
    kiosk.take("coin-box", 100)
    kiosk.desk = kiosk.work.touch(kiosk.desk, "box-emptied")
    assert (kiosk.desk.told, kiosk.desk.box.worth_minor) == (Told.BOX_CHANGED, 200)
    assert kiosk.journal.next_letter() is None


def test_the_slip_is_printed_again_as_a_copy(kiosk: Kiosk) -> None:
    assert kiosk.work.touch(kiosk.desk, "slip-again") == kiosk.desk
    kiosk.empty(COINS)
    (first,) = kiosk.devices.printed
    lost = PrintOutcome("printer", first.job_id, "not_printed", "no paper")
    assert kiosk.work.printed(lost, kiosk.desk).told is Told.SLIP_NOT_PRINTED
    kiosk.lose_power()
    assert kiosk.work.touch(kiosk.desk, "slip-again").told is Told.SLIP_AGAIN
    assert b"COPY" in kiosk.devices.printed[-1].data
    assert kiosk.work.printed(PrintOutcome("printer", uuid4(), "not_printed", ""), kiosk.desk) == kiosk.desk


def test_notes_that_the_recycler_puts_away_are_in_its_box(kiosk: Kiosk, tmp_path: Path) -> None:
    market = open_market(tmp_path / "server")
    kiosk.desk = kiosk.work.touch(kiosk.desk, "empty-recycler")
    (movement,) = kiosk.devices.asked
    told = StoreEmptied("recycler", movement, {500: 3, 1000: 1}, uncertain=False)
    for _ in range(2):
        kiosk.desk = kiosk.work.heard(told, kiosk.desk)
    assert kiosk.desk.told is Told.EMPTIED
    assert kiosk.box(NOTES).piles == ((1000, 1), (500, 3))
    kiosk.empty(NOTES)
    assert deliver(kiosk, market) == 2
    books = {"cash/kiosk-1/recycler-500": -1500, "cash/kiosk-1/recycler-1000": -1000, "safe": 2500}
    assert {account: sum_ for account, sum_ in market.balances().items() if sum_} == books
    market.store.database.close()


def test_a_power_cut_while_notes_move_is_asked_about(kiosk: Kiosk) -> None:
    kiosk.work.touch(kiosk.desk, "empty-recycler")
    (movement,) = kiosk.devices.asked
    kiosk.journal.devices.intend(Intent(movement, "recycler/recycler", "empty", 1500, "1"))
    kiosk.lose_power()
    kiosk.work.resume()
    assert kiosk.devices.asked == [movement, movement]
    unknown = StoreEmptied("recycler", movement, {}, uncertain=True)
    kiosk.desk = kiosk.work.heard(unknown, kiosk.desk)
    assert kiosk.journal.boxes.open_moves() == (movement,)
    kiosk.journal.devices.settle(Outcome(movement, 1500, is_certain=True, reason="done"))
    kiosk.desk = kiosk.work.heard(StoreEmptied("recycler", movement, {500: 3}, uncertain=False), kiosk.desk)
    assert (kiosk.journal.boxes.open_moves(), kiosk.box(NOTES).worth_minor) == ((), 1500)


def test_a_power_cut_before_a_note_moved_moves_none(kiosk: Kiosk) -> None:
    kiosk.work.touch(kiosk.desk, "empty-recycler")
    kiosk.lose_power()
    kiosk.work.resume()
    assert len(kiosk.devices.asked) == 1, "the recycler is not told again by itself"
    assert (kiosk.journal.boxes.open_moves(), kiosk.journal.next_letter()) == ((), None)


def test_before_the_code_no_button_does_anything(kiosk: Kiosk) -> None:
    voice: list[int] = []
    speaker, devices = Speaker(), kiosk.devices
    loose: Any = devices
    settings = StaffSettings(code="2468", people={"anna": "1357"})
    touches = StaffTouches(settings, loose, kiosk.work, speaker, lambda: voice.append(speaker.volume_percent))
    locked = StaffDesk().shown()
    for name in ("box-1", "box-emptied", "slip-again", "empty-recycler", "recover-printer", "voice-quieter"):
        assert touches.touch(locked, name, 0.0) == locked
    assert (devices.asked, devices.printed, devices.recoveries, voice) == ([], [], 0, [])
    opened = locked
    for key in (*"1357", "ok"):
        opened = touches.touch(opened, f"key-{key}", 0.0)
    assert (opened.is_open, opened.who, len(opened.boxes)) == (True, "anna", 3)
    assert touches.touch(opened, "voice-quieter", 0.0).volume_percent == 75
    assert touches.touch(opened, "recover-printer", 0.0).told is Told.PRINTER_ASKED
    assert (voice, devices.recoveries) == ([75], 1)
    looking = touches.touch(opened, "box-1", 0.0)
    assert looking.place == "coin-box"
    assert touches.touch(looking, "leave-staff", 0.0).is_open, "back to the devices"
    assert not touches.touch(opened, "leave-staff", 0.0).is_shown


def test_letters_of_a_journal_from_before_boxes_still_go_out(kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.journal.close()
    with sqlite3.connect(tmp_path / "kiosk" / FILE_NAME) as database:
        database.executescript(
            "DROP TABLE pile; DROP TABLE handling; DROP TABLE outbox;"
            " CREATE TABLE outbox (place INTEGER PRIMARY KEY AUTOINCREMENT,"
            " kind TEXT NOT NULL CHECK (kind IN ('release', 'report')), session_id TEXT NOT NULL, body TEXT NOT NULL,"
            " answer TEXT, UNIQUE (kind, session_id)) STRICT;"
            " INSERT INTO outbox VALUES (7, 'release', '00000000-0000-0000-0000-000000000001', '', NULL);"
            " PRAGMA user_version = 2;"
        )
    database.close()
    kiosk.start()
    letter = kiosk.journal.next_letter()
    assert letter is not None
    assert (letter.place, letter.kind, letter.session_id) == (7, "release", UUID(int=1))
    kiosk.empty(COINS)
    kiosk.journal.answered(letter, "accepted")
    after = kiosk.journal.next_letter()
    assert after is not None
    assert (after.place, after.kind) == (8, "emptied")
