"""The record of used passes on a real disk, also when the program is killed."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from gate_controller.pass_use import PassUse
from gate_controller.passes_used import BATCH_MAX, FILE_NAME, PassesUsed, RecordError
from gate_controller.record_file import SLOW_S
from program.errors import ProgramError
from tests.support.pass_uses import exit_of, use_of


def test_a_disk_that_takes_long_is_told_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    record = PassesUsed(tmp_path)
    record.use(use_of(1))
    assert not caplog.records
    with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        later = threading.Timer(1.2 * SLOW_S, other.execute, ["ROLLBACK"])
        later.start()
        record.use(use_of(2))
        later.join()
    assert "use a faster disk" in caplog.text
    record.close()


@pytest.fixture
def record(tmp_path: Path) -> Iterator[PassesUsed]:
    opened = PassesUsed(tmp_path)
    yield opened
    opened.close()


def test_a_pass_is_used_once_and_the_first_use_is_told(record: PassesUsed) -> None:
    first = use_of()
    assert record.use(first) is None
    assert record.use(use_of(lane="lane-2")) == first
    assert record.used(first.order_id) == first


def test_two_lanes_at_the_same_moment_let_one_out(record: PassesUsed) -> None:
    together = threading.Barrier(8)
    answers: list[PassUse | None] = []

    def ask(lane: int) -> None:
        together.wait()
        answers.append(record.use(use_of(lane=f"lane-{lane}")))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(answer is None for answer in answers) == 1


def test_an_order_without_a_used_pass_cannot_exit(record: PassesUsed) -> None:
    with pytest.raises(RecordError, match="not on its way"):
        record.record_exit(exit_of())
    assert record.exits_to_report() == []


def test_an_order_exits_once(record: PassesUsed) -> None:
    record.use(use_of())
    first = exit_of()
    record.record_exit(first)
    with pytest.raises(RecordError):
        record.record_exit(exit_of())
    assert record.exits_to_report() == [first]


def test_goods_that_stayed_do_not_leave_later(record: PassesUsed) -> None:
    record.use(use_of())
    record.goods_stayed(UUID(int=1))
    assert record.interrupted("lane-1") is None
    with pytest.raises(RecordError):
        record.record_exit(exit_of())


def test_goods_that_stayed_may_come_again_and_leave_once(record: PassesUsed) -> None:
    record.use(use_of())
    record.goods_stayed(UUID(int=1))
    assert record.used(UUID(int=1)) is None
    again = replace(use_of(lane="lane-2"), entry_id=uuid4())
    assert record.use(again) is None
    assert record.used(UUID(int=1)) == again == record.interrupted("lane-2")
    record.record_exit(exit_of())
    record.goods_stayed(UUID(int=1))
    assert record.use(replace(again, entry_id=uuid4())) == again, "what left stays used"


def full_disk(record: PassesUsed, *, full: bool) -> None:
    record._db.execute(f"PRAGMA query_only = {'ON' if full else 'OFF'}")


def test_what_the_disk_owes_is_written_once_and_not_after_the_pass_was_used_again(record: PassesUsed) -> None:
    record.use(use_of(1))
    full_disk(record, full=True)
    with pytest.raises(RecordError):
        record.goods_stayed(UUID(int=1))
    full_disk(record, full=False)
    other = threading.Thread(target=record.begin_entry, args=(uuid4(),))
    with record._lock:
        other.start()
        while not other.ident or sys._current_frames()[other.ident].f_code.co_name != "_writing":
            time.sleep(0.001)  # until it waits for the lock
        (change, about), *_none = record._owed
        record._db.execute(change, (about,))
        record._db.execute("UPDATE pass_used SET outcome = 'open'")
        record._owed.clear()
    other.join()
    record.record_exit(exit_of(1))


def test_goods_that_stayed_while_the_disk_was_full_may_leave_later(record: PassesUsed) -> None:
    assert record.use(use_of()) is None
    full_disk(record, full=True)
    with pytest.raises(RecordError):
        record.goods_stayed(UUID(int=1))
    assert record.used(UUID(int=1)) is None
    with pytest.raises(RecordError):
        record.use(use_of())
    full_disk(record, full=False)
    assert record.use(use_of()) is None
    assert record.used(UUID(int=1)) is not None
    record.record_exit(exit_of())


def test_a_start_on_a_disk_that_cannot_write_ends_with_a_sentence(record: PassesUsed) -> None:
    full_disk(record, full=True)
    with pytest.raises(ProgramError, match="The record of used passes cannot be written"):
        record.leave_abandoned()


def test_what_the_disk_did_not_keep_is_written_with_whatever_comes_next(record: PassesUsed, tmp_path: Path) -> None:
    use = use_of()
    record.begin_entry(use.entry_id)
    record.use(use)
    full_disk(record, full=True)
    with pytest.raises(RecordError):
        record.goods_stayed(UUID(int=1))
    with pytest.raises(RecordError):
        record.leave(use.entry_id)
    full_disk(record, full=False)
    record.server_heard(2000)
    again = PassesUsed(tmp_path)
    assert again.used(UUID(int=1)) is None
    assert again.interrupted("lane-1") is None
    assert again.entries_to_leave() == [use.entry_id]
    again.close()


def test_a_record_knows_who_it_is_and_since_when(tmp_path: Path) -> None:
    record = PassesUsed(tmp_path)
    first = record.identity(1000)
    assert (first.begun_at, record.identity(2000)) == (1000, first)
    record.close()
    again = PassesUsed(tmp_path)
    assert again.identity(3000) == first
    again.close()


def test_a_record_of_an_earlier_program_was_there_before(record: PassesUsed) -> None:
    record.use(use_of())
    assert record.identity(1000).begun_at == 0


def test_exits_of_the_hour_are_counted_whoever_was_heard(record: PassesUsed) -> None:
    for order, used_at in enumerate((1000, 4000, 5000), 1):
        record.use(use_of(order, without_server=True, used_at=used_at))
    record.server_heard(4500)
    assert [record.exits_without_server_in_the_hour(now) for now in (4599, 4600, 5000, 9000)] == [3, 2, 2, 0]


def test_exits_wait_for_their_answer_across_restarts(tmp_path: Path) -> None:
    record = PassesUsed(tmp_path)
    exits = []
    for order in range(1, BATCH_MAX + 5):
        record.use(use_of(order))
        exits.append(exit_of(order))
        record.record_exit(exits[-1])
    record.close()
    again = PassesUsed(tmp_path)
    assert again.exits_to_report() == exits[:BATCH_MAX]
    for report in exits[:BATCH_MAX]:
        again.exit_answered(report.exit_id, "recorded")
    assert again.exits_to_report() == exits[BATCH_MAX:]
    again.close()


def test_caps_count_only_what_left_without_the_server_since_it_was_heard(record: PassesUsed) -> None:
    record.use(use_of(1, without_server=True, used_at=1000))
    record.use(use_of(2, without_server=False, used_at=1100))
    assert record.exits_without_server() == 1
    record.server_heard(1050)
    assert record.exits_without_server() == 0
    record.use(use_of(3, without_server=True, used_at=1060))
    assert record.exits_without_server() == 1
    assert record.server_heard_at() == 1050


def test_staff_commands_are_begun_once(tmp_path: Path) -> None:
    record, command = PassesUsed(tmp_path), uuid4()
    assert record.begin_command(command)
    record.close()
    again = PassesUsed(tmp_path)
    assert not again.begin_command(command)
    again.close()


def test_attempts_of_an_earlier_run_are_released_but_not_those_on_their_way_out(record: PassesUsed) -> None:
    abandoned, on_its_way = uuid4(), use_of()
    for entry_id in (abandoned, on_its_way.entry_id):
        record.begin_entry(entry_id)
    record.use(on_its_way)
    assert record.entries_to_leave() == []
    record.leave_abandoned()
    assert record.entries_to_leave() == [abandoned]
    record.end_entry(abandoned)
    record.record_exit(exit_of())
    record.leave(on_its_way.entry_id)
    assert record.entries_to_leave() == []


def test_promises_are_kept_on_the_connection(record: PassesUsed) -> None:
    db = record._db
    assert db.execute("PRAGMA synchronous").fetchone()[0] == 3
    assert db.execute("PRAGMA journal_mode").fetchone()[0] == "persist"
    with pytest.raises(sqlite3.IntegrityError):
        db.execute("INSERT INTO exit_report (exit_id, order_id, body) VALUES ('a', 'nobody', '{}')")


def test_a_damaged_record_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database at all" * 100)
    with pytest.raises(ProgramError, match="record of used passes"):
        PassesUsed(tmp_path)


def test_a_full_disk_opens_nothing(record: PassesUsed) -> None:
    pages = record._db.execute("PRAGMA page_count").fetchone()[0]
    record._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(RecordError, match="full"):
        record.use(replace(use_of(), exit_pass="X" * 100_000))
    assert record.used(UUID(int=1)) is None


_KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_passes_used import exit_of, use_of
from gate_controller.passes_used import PassesUsed
record = PassesUsed(Path(sys.argv[1]))
record.use(use_of())
if sys.argv[3] == "exit":
    record.record_exit(exit_of())
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("point", ["use", "exit"])
def test_killed_between_the_record_and_the_gate_the_pass_stays_used(tmp_path: Path, point: str) -> None:
    command = [sys.executable, "-c", _KILLED, str(tmp_path), str(Path(__file__).parent), point]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    record = PassesUsed(tmp_path)
    assert record.use(use_of(lane="lane-2")) is not None, "the same pass must not open again"
    interrupted = record.interrupted("lane-1")
    assert (interrupted is not None) == (point == "use"), "staff hears of an order that may still stand in the lane"
    assert len(record.exits_to_report()) == (1 if point == "exit" else 0)
    record.close()
