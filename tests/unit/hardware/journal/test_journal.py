"""The devices' journal on a real disk: what is written is there after a kill at any byte, and the file stays small."""

from __future__ import annotations

import os
import random
import zlib
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from hardware.journal import REWRITE_BYTES, SETTLED_KEPT, UNSETTLED_MAX, FileJournal, JournalError, MemoryJournal
from hardware.journal_entry import AMOUNT_MAX, Dropped, EntryError, Intent, Outcome, line_of, record_of

HOPPER = "hopper-100"


def intent(number: int, amount_minor: int = 300, device: str = HOPPER, action: str = "dispense") -> Intent:
    return Intent(UUID(int=number), device, action, amount_minor, "345678", {"dispensed": 7}, {"why": "change"})


def outcome(number: int, amount_minor: int = 300, *, is_certain: bool = True) -> Outcome:
    return Outcome(UUID(int=number), amount_minor, is_certain, "done", {"dispensed": 10})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cash.journal"


def test_what_was_written_is_there_after_a_restart(path: Path) -> None:
    journal = FileJournal(path)
    for number in (1, 2, 3):
        journal.intend(intent(number))
    journal.settle(outcome(1))
    journal.settle(outcome(3, 100, is_certain=False))
    again = FileJournal(path)
    assert [entry.intent for entry in again.open_entries()] == [intent(2)]
    assert [entry.outcome for entry in again.uncertain_entries(HOPPER)] == [outcome(3, 100, is_certain=False)]
    entry = again.entry(UUID(int=1))
    assert entry is not None
    assert (entry.intent, entry.outcome, entry.is_open, entry.is_uncertain) == (intent(1), outcome(1), False, False)
    assert (again.entry(UUID(int=9)), again.open_entries("note-box")) == (None, ())
    assert again.moved_minor(HOPPER, "dispense") == 400


def test_every_record_is_read_as_it_was_written() -> None:
    for record in (intent(1), outcome(2), Dropped(HOPPER, "dispense", 5)):
        assert record_of(line_of(record)[:-1]) == record


def test_the_same_again_changes_nothing_and_another_is_refused(path: Path) -> None:
    journal = FileJournal(path)
    journal.intend(intent(1))
    journal.intend(intent(1))
    with pytest.raises(JournalError, match="already another"):
        journal.intend(intent(1, 400))
    with pytest.raises(JournalError, match="has no intent"):
        journal.settle(outcome(2))
    journal.settle(outcome(1, 100, is_certain=False))
    journal.settle(outcome(1))
    journal.settle(outcome(1))
    with pytest.raises(JournalError, match="settled already"):
        journal.settle(outcome(1, 200))
    assert len(path.read_bytes().splitlines()) == 3
    assert journal.moved_minor(HOPPER, "dispense") == 300


def test_a_kill_at_any_byte_loses_only_the_line_that_was_being_written(path: Path) -> None:
    journal = FileJournal(path)
    journal.intend(intent(1))
    journal.settle(outcome(1))
    journal.intend(intent(2))
    whole = path.read_bytes()
    ends = [0, *(at + 1 for at, byte in enumerate(whole) if byte == ord("\n"))]
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut] + bytes(random.Random(cut).choice((0, 5))))
        kept = sum(end <= cut for end in ends) - 1
        torn = FileJournal(path)
        assert torn.entry(UUID(int=1)) is not None or kept == 0
        assert torn.moved_minor(HOPPER, "dispense") == (300 if kept >= 2 else 0)
        assert len(torn.open_entries()) == (0, 1, 0, 1)[kept]
        assert path.read_bytes() == whole[: ends[kept]]
        torn.intend(intent(3))
        torn.close()
        assert FileJournal(path).entry(UUID(int=3)) is not None


def test_damage_before_the_last_line_is_not_swallowed(path: Path) -> None:
    journal = FileJournal(path)
    journal.intend(intent(1))
    journal.settle(outcome(1))
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)
    with pytest.raises(JournalError, match="line 1 is damaged"):
        FileJournal(path)


def test_the_file_stays_small_and_the_sums_true(path: Path) -> None:
    journal = FileJournal(path)
    journal.intend(intent(1))
    journal.intend(intent(2))
    journal.settle(outcome(2, 100, is_certain=False))
    total, largest, seed = 100, 0, 20260
    chance = random.Random(seed)
    for number in range(3, 1500):
        paid = chance.randrange(300)
        journal.intend(intent(number))
        journal.settle(outcome(number, paid))
        total += paid
        largest = max(largest, path.stat().st_size)
    assert REWRITE_BYTES - 1000 <= largest < REWRITE_BYTES + 1000, seed
    again = FileJournal(path)
    assert again.moved_minor(HOPPER, "dispense") == journal.moved_minor(HOPPER, "dispense") == total, seed
    assert [entry.intent.entry_id.int for entry in again.open_entries()] == [1]
    assert [entry.intent.entry_id.int for entry in again.uncertain_entries()] == [2]
    newest = [UUID(int=number) for number in range(1500 - SETTLED_KEPT, 1500)]
    assert all(again.entry(entry_id) for entry_id in newest)
    assert again.entry(UUID(int=3)) is None


def test_too_much_that_is_unsettled_stops_the_money() -> None:
    journal = MemoryJournal()
    for number in range(UNSETTLED_MAX):
        journal.intend(intent(number))
    with pytest.raises(JournalError, match="Count the cash"):
        journal.intend(intent(UNSETTLED_MAX))
    journal.settle(outcome(0))
    journal.intend(intent(UNSETTLED_MAX))


def test_a_memory_journal_forgets_old_entries_but_not_their_sum() -> None:
    journal = MemoryJournal()
    for number in range(SETTLED_KEPT + 5):
        journal.intend(intent(number))
        journal.settle(outcome(number, 2))
    assert journal.entry(UUID(int=4)) is None
    assert journal.moved_minor(HOPPER, "dispense") == 2 * (SETTLED_KEPT + 5)


def test_what_was_settled_long_ago_is_never_intended_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hardware.journal.REWRITE_BYTES", 20_000)
    monkeypatch.setattr("hardware.journal.SETTLED_KEPT", 5)
    monkeypatch.setattr("hardware.journal.IDS_KEPT", 450)
    journal = FileJournal(path)
    journal._rewrite_at = 20_000
    ids = [uuid4() for _ in range(600)]
    for entry_id in ids:
        journal.intend(replace(intent(1), entry_id=entry_id))
        journal.settle(replace(outcome(1), entry_id=entry_id))
    for journal_now in (journal, FileJournal(path)):
        forgotten = [entry_id for entry_id in ids if journal_now.entry(entry_id) is None]
        assert len(forgotten) > 500
        assert [entry_id for entry_id in forgotten if journal_now.was_settled(entry_id)] == forgotten[-450:]
        for entry_id in forgotten[-450:]:
            with pytest.raises(JournalError, match="was settled long ago"):
                journal_now.intend(replace(intent(1), entry_id=entry_id))
        assert not journal_now.was_settled(ids[-1])
        assert not journal_now.was_settled(uuid4())


@pytest.mark.parametrize("amount", [-1, AMOUNT_MAX + 1])
def test_what_cannot_be_an_amount_is_refused(amount: int) -> None:
    with pytest.raises(JournalError, match="an amount is"):
        MemoryJournal().intend(intent(1, amount))


def test_a_line_has_a_bound() -> None:
    with pytest.raises(EntryError, match="at most"):
        line_of(Intent(UUID(int=1), HOPPER, "dispense", 1, details={"long": "x" * 5000}))


@pytest.mark.parametrize(
    "body",
    [
        b"7",
        b"{}",
        b'{"kind":"outcome"}',
        b'{"kind":"dropped","x":1}',
        b'{"kind":"forgotten","marks":7}',
        b'{"kind":"intent","id":1}',
    ],
)
def test_a_line_with_a_right_sum_and_wrong_words_is_refused(body: bytes) -> None:
    with pytest.raises(EntryError, match="nothing that a journal says"):
        record_of(b"%08x " % zlib.crc32(body) + body)


def test_a_disk_that_fails_moves_no_money(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = FileJournal(path)
    journal.intend(intent(1))
    before = path.read_bytes()

    def half(file: int, data: bytes, at: int) -> int:
        os.lseek(file, at, os.SEEK_SET)
        os.write(file, data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.pwrite", half)
    with pytest.raises(JournalError, match="No space left"):
        journal.intend(intent(2))
    monkeypatch.undo()
    assert path.read_bytes() == before
    with pytest.raises(JournalError, match="failed before"):
        journal.intend(intent(3))
    FileJournal(path).intend(intent(2))


def test_a_rewriting_that_fails_keeps_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = FileJournal(path)
    journal.intend(intent(1))
    monkeypatch.setattr(journal, "_rewrite_at", 1)
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error")))
    with pytest.raises(JournalError, match="Input/output"):
        journal.settle(outcome(1))
    monkeypatch.undo()
    again = FileJournal(path)
    assert again.moved_minor(HOPPER, "dispense") == 300


@pytest.mark.parametrize("where", ["missing/cash.journal", "."])
def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, where: str) -> None:
    with pytest.raises(JournalError, match="No money moves"):
        FileJournal(tmp_path / where)


def test_a_file_too_long_to_be_ours_is_not_read(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(17 * 1024 * 1024)
    with pytest.raises(JournalError, match="has at most"):
        FileJournal(path)
