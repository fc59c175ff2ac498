"""What a power cut needs and a kill does not show: each connection's settings, and one synchronisation of the disk per commit.

A killed process leaves its writes with the kernel, so kill tests prove nothing about power. Here every connection of the pool
tells its settings, and under strace, where it is installed and may trace, a process commits and its calls are counted.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from store_server.persistence.sqlite import POOL_SIZE
from store_server.services.store import make_store, open_store
from store_server.settings import ServerSettings
from tests.fault.books import Bookshelf, Clock, bookshelf

COMMITS = 20
FULL, EXTRA = 2, 3


def _is_mended(version: tuple[int, ...]) -> bool:
    return version >= (3, 51, 3) or version in {(3, 44, 6), (3, 50, 7)}


def test_every_connection_of_the_pool_keeps_what_makes_commits_last(tmp_path: Path) -> None:
    settings = ServerSettings(data_dir=tmp_path)
    make_store(settings, Clock())
    store = open_store(settings, Clock())
    wanted = {"journal_mode": "wal", "synchronous": FULL}
    if not _is_mended(sqlite3.sqlite_version_info):
        wanted = {"journal_mode": "delete", "synchronous": EXTRA}
    wanted |= {"foreign_keys": 1, "recursive_triggers": 1, "trusted_schema": 0}
    seen, all_hold_one = [], threading.Barrier(POOL_SIZE + 2)

    def look() -> None:
        with store.database.engine.connect() as connection:
            all_hold_one.wait(20)
            seen.append({name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted})

    threads = [threading.Thread(target=look) for _ in range(POOL_SIZE + 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.database.close()
    assert seen == [wanted] * (POOL_SIZE + 2)


def test_postgresql_waits_for_its_disk() -> None:
    with bookshelf("postgresql", "power") as shelf:
        store = open_store(_copy(shelf), Clock())
        with store.database.engine.connect() as connection:
            told = {name: connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in ("fsync", "full_page_writes")}
            assert told == {"fsync": "on", "full_page_writes": "on"}
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() != "off"
        store.database.close()
        shelf.drop(store.settings)


def _copy(shelf: Bookshelf) -> ServerSettings:
    return shelf.copy()


COMMITTING = f"""
import sys, os
from pathlib import Path
from store_server.services.store import open_store
from store_server.settings import ServerSettings
from store_server.persistence.once import next_number
store = open_store(ServerSettings(data_dir=Path(sys.argv[1])))
os.path.exists("/the-commits-begin")
for _ in range({COMMITS}):
    store.database.write(lambda connection: next_number(connection, "power"))
store.database.close()
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_every_commit_reaches_the_disk(tmp_path: Path) -> None:
    make_store(ServerSettings(data_dir=tmp_path / "shop"), Clock())
    log = tmp_path / "strace.log"
    command = [
        "strace",
        "-f",
        "-qq",
        "-e",
        "trace=fdatasync,fsync,stat,newfstatat",
        "-o",
        str(log),
        sys.executable,
        "-c",
        COMMITTING,
    ]
    done = subprocess.run([*command, str(tmp_path / "shop")], capture_output=True, text=True, check=False)
    if done.returncode != 0 and "ptrace" in done.stderr:
        pytest.skip("this machine lets nobody trace")
    assert done.returncode == 0, done.stderr
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    begin = max(number for number, line in enumerate(lines) if "the-commits-begin" in line)
    synced = sum("sync(" in line for line in lines[begin:])
    print(f"{synced} synchronisations for {COMMITS} commits")
    assert synced >= COMMITS
