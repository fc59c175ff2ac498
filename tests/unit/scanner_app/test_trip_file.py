from __future__ import annotations

import os
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from scanner_app.trip import State, Trip
from scanner_app.trip_file import DAMAGED_NAME, FILE_NAME, TripFile
from tests.unit.scanner_app.walks import HANDED_IN, SHOPPING, TRIPS, played


@pytest.mark.parametrize("state", State)
def test_every_kind_of_trip_comes_back_as_it_was(tmp_path: Path, state: State) -> None:
    for events in TRIPS[state]:
        trip, _ = played(*events)
        TripFile(tmp_path).write(trip)
        assert TripFile(tmp_path).read() == replace(trip, history=())


def test_without_a_file_there_is_no_trip(tmp_path: Path) -> None:
    assert TripFile(tmp_path).read() is None


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"state": "nowhere"}', b"\xff\xfe", b'{"state":"shopping","lines":[{}]}'])
def test_a_damaged_file_is_put_aside_and_the_handheld_starts(tmp_path: Path, text: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(text)
    assert TripFile(tmp_path).read() is None
    assert (tmp_path / DAMAGED_NAME).read_bytes() == text
    assert not (tmp_path / FILE_NAME).exists()


def test_wiping_leaves_no_trace(tmp_path: Path) -> None:
    trips = TripFile(tmp_path)
    (tmp_path / FILE_NAME).write_bytes(b"{")
    trips.read()
    trips.write(Trip())
    (tmp_path / "trip.new").write_bytes(b"half")
    trips.wipe()
    assert list(tmp_path.iterdir()) == []
    trips.wipe()


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    TripFile(tmp_path).write(Trip())
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o077 == 0


def test_a_full_disk_leaves_the_stored_trip_as_it_was(tmp_path: Path) -> None:
    trips = TripFile(tmp_path)
    before, _ = played(*SHOPPING)
    after, _ = played(*HANDED_IN)
    trips.write(before)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            trips.write(after)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert trips.read() == replace(before, history=())


WRITER = """
import sys
from pathlib import Path
from scanner_app.basket import BasketLine
from scanner_app.trip import State, Trip
from scanner_app.trip_file import TripFile
from store_server.contract.article_messages import Article
facts = {"department": "d", "sold_by": "piece", "unit_price_minor": 1, "tax_class": "t"}
article = Article.model_validate({"code": "09520000000011", "name": {"en": "x" * 200}, **facts})
trips, number = TripFile(Path(sys.argv[1])), 0
print("begun", flush=True)
while True:
    number += 1
    lines = tuple(BasketLine(place, article, quantity=number % 50 + 1) for place in range(number % 50 + 1))
    trips.write(Trip(state=State.SHOPPING, lines=lines, next_number=100))
"""


def test_killed_at_any_moment_it_is_whole(tmp_path: Path) -> None:
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, env=os.environ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"begun\n"
            first = (tmp_path / FILE_NAME).stat().st_ino if (tmp_path / FILE_NAME).exists() else 0
            while not (tmp_path / FILE_NAME).exists() or (tmp_path / FILE_NAME).stat().st_ino == first:
                pass
            writer.kill()
        trip = TripFile(tmp_path).read()
        assert trip is not None
        assert len(trip.lines) == trip.lines[0].quantity
