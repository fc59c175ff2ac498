"""The journal on a real file: once-only facts, safe options, and a writer that is killed."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from hardware.cash.commands import AskPayoutOutcome
from hardware.cash.entries import question_of
from hardware.cash.events import CounterMemory
from hardware.journal_entry import Entry, Intent
from kiosk_app import session_events as on
from kiosk_app.journal import FILE_NAME, Credit, Journal, JournalError
from kiosk_app.payment_session import advance
from kiosk_app.session import Cash, Hopper, Session, State
from store_server.contract.cash_messages import CashReport

FIRST, NEXT = UUID(int=1), UUID(int=2)
MEMORY = CounterMemory("123456", 1, 1, 17)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path)
    yield made
    made.close()


@pytest.fixture
def idle() -> Session:
    hoppers = (Hopper("hopper-100", 100, 40, present=True),)
    return Session(FIRST, hoppers=hoppers, cash=Cash(ready=True, coin_values_minor=(100,)))


def credit(seq: int) -> Credit:
    return Credit("coin-box", 1, seq, 100, replace(MEMORY, seq=seq))


def take(journal: Journal, session: Session, seq: int) -> Session:
    after, commands = advance(session, on.CoinTaken("coin-box", 1, seq, 100))
    journal.record(session, after, commands, credit(seq))
    return after


def pay_out(journal: Journal, session: Session) -> Session:
    payout = session.open_payout
    assert payout is not None
    after, commands = advance(session, on.PayoutFinished(payout.payout_id, payout.count, 0, hopper_failed=False))
    journal.record(session, after, commands)
    return after


def test_a_new_journal_knows_nothing(journal: Journal) -> None:
    assert journal.load() is None
    assert journal.counters() == {}
    assert journal.next_letter() is None


def test_what_is_written_is_read_back_by_the_next_process(journal: Journal, idle: Session, tmp_path: Path) -> None:
    returning = take(journal, idle, 1)
    journal.close()
    again = Journal(tmp_path)
    assert again.load() == returning
    assert again.counters() == {"coin-box": MEMORY}
    assert again.knows("coin-box", 1, 1)
    assert not again.knows("coin-box", 1, 2)
    again.close()


def test_a_coin_is_written_once_and_a_step_is_all_or_nothing(journal: Journal, idle: Session) -> None:
    returning = take(journal, idle, 1)
    with pytest.raises(JournalError, match="No money moves"):
        take(journal, returning, 1)
    assert journal.load() == returning


def test_one_payout_at_a_time_and_each_outcome_once(journal: Journal, idle: Session) -> None:
    returning = take(journal, idle, 1)
    cancelled = pay_out(journal, returning)
    assert cancelled.state is State.CANCELLED
    with pytest.raises(AssertionError, match="was not open"):
        pay_out(journal, returning)
    assert journal.load() == cancelled


def test_what_a_device_was_told_is_kept_beside_the_sessions(journal: Journal, idle: Session, tmp_path: Path) -> None:
    payout = take(journal, idle, 1).open_payout
    assert payout is not None
    intent = Intent(payout.payout_id, "cash/hopper-100", "dispense", 100, "345678", {"dispensed": 4711})
    assert journal.device_entry(payout.payout_id) is None
    journal.devices.intend(intent)
    journal.close()
    again = Journal(tmp_path)
    assert again.device_entry(payout.payout_id) == Entry(intent)
    again.close()


def test_intents_of_the_first_layout_are_brought_over(journal: Journal, idle: Session, tmp_path: Path) -> None:
    payout = take(journal, idle, 1).open_payout
    assert payout is not None
    journal.close()
    body = json.dumps({"payout_id": "x", "hopper": "hopper-100", "count": 1, "dispensed_before": 7, "serial": "42"})
    with sqlite3.connect(tmp_path / FILE_NAME) as database:
        database.execute("CREATE TABLE payout_intent (payout_id TEXT PRIMARY KEY, body TEXT)")
        database.execute("INSERT INTO payout_intent VALUES (?, ?)", (str(payout.payout_id), body))
        database.execute("PRAGMA user_version = 1")
    database.close()
    again = Journal(tmp_path)
    entry = again.device_entry(payout.payout_id)
    assert entry is not None
    assert question_of(entry) == AskPayoutOutcome(payout.payout_id, "hopper-100", 7, 1, "42")
    again.close()
    Journal(tmp_path).close()


def test_letters_wait_in_order_until_they_are_answered(journal: Journal, idle: Session) -> None:
    cancelled = pay_out(journal, take(journal, idle, 1))
    after, commands = advance(cancelled, on.DonePressed(NEXT))
    journal.record(cancelled, after, commands)
    letter = journal.next_letter()
    assert letter is not None
    report = CashReport.model_validate_json(letter.body)
    assert (letter.kind, letter.session_id, report.outcome) == ("report", FIRST, "cancelled")
    assert [(event.device, event.epoch, event.seq) for event in report.taken] == [("coin-box", 1, 1)]
    journal.answered(letter, "accepted")
    assert journal.next_letter() is None


def test_every_guard_against_power_loss_is_on(journal: Journal, tmp_path: Path) -> None:
    for name, wanted in (("journal_mode", "delete"), ("synchronous", 3), ("foreign_keys", 1), ("recursive_triggers", 1)):
        assert journal._database.execute(f"PRAGMA {name}").fetchone() == (wanted,)
    with sqlite3.connect(tmp_path / FILE_NAME) as other:
        with pytest.raises(sqlite3.IntegrityError):
            other.execute("INSERT INTO cash_event VALUES ('coin-box', 1, 1, '12abc', 'x')")
        with pytest.raises(sqlite3.IntegrityError):
            other.execute("INSERT INTO cash_event VALUES ('coin-box', 1, 1, 0, 'x')")
    other.close()


def test_a_file_that_is_no_journal_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"this is no database, it only has the name of one" * 40)
    with pytest.raises(JournalError, match="keep the file"):
        Journal(tmp_path)


def test_a_journal_of_another_version_is_not_touched(journal: Journal, tmp_path: Path) -> None:
    journal.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as other:
        other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(JournalError, match="another version"):
        Journal(tmp_path)


WRITER = """
import sys
from pathlib import Path
from uuid import UUID
from hardware.cash.events import CounterMemory
from hardware.journal_entry import Entry, Intent
from kiosk_app import session_events as on
from kiosk_app.journal import Credit, Journal
from kiosk_app.payment_session import advance
from kiosk_app.session import Session

journal = Journal(Path(sys.argv[1]))
session = Session(UUID(int=1))
for seq in range(1, 10_000):
    after, commands = advance(session, on.CoinTaken("coin-box", 1, seq, 100))
    journal.record(session, after, commands, Credit("coin-box", 1, seq, 100, CounterMemory("1", 1, seq, 1 + (seq - 1) % 255)))
    session = after
    print(seq, flush=True)
"""


def test_a_killed_writer_leaves_every_told_coin_and_never_half_a_step(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    told = 0
    for line in writer.stdout:
        told = int(line)
        if told == 40:
            os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    journal = Journal(tmp_path)
    session = journal.load()
    assert session is not None
    written = len(session.taken)
    assert written in {told, told + 1}, "a coin that was told is on disk; the one being written is there wholly or not at all"
    assert journal.knows("coin-box", 1, written)
    assert not journal.knows("coin-box", 1, written + 1)
    assert journal.counters()["coin-box"].seq == written
    journal.close()
