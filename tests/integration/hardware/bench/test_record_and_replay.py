"""A line is recorded while a driver uses it; then the recording is the device. And a device behind a tap is the device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hardware.bench import kinds
from hardware.bench.bench import Bench
from hardware.bench.devices import WiredDevice
from hardware.bench.host import PtyHost
from hardware.bench.recorder import RecordingHost
from hardware.bench.recording import parse_recording
from hardware.bench.simulator import JsonValue
from hardware.connection import Identity, State
from hardware.device import ConnectionChanged, Device
from hardware.scale.driver import ScaleDriver
from hardware.scale.events import WeightRead
from program.errors import ProgramError, SettingsError
from tests.support.owner import Owner
from tests.support.wire import wait_for

SCALE = Identity("WKC6-lane 30000 g", "B021002593", "4.22")


@contextmanager
def bench_with(
    folder: Path, kind: str, options: dict[str, JsonValue], record: Path | None = None
) -> Iterator[tuple[Bench, str]]:
    host = PtyHost(folder, kind)
    line = host if record is None else RecordingHost(host, kind, record)
    bench = Bench([WiredDevice(kind, kind, kinds.build_simulator(kind, options, 1), line)])
    bench.start()
    yield bench, host.url
    bench.stop()


@contextmanager
def weighed(url: str) -> Iterator[Owner]:
    owner = Owner()
    device = Device("scale-1", url, ScaleDriver(poll_period_s=0.05), owner.publish)
    device.start()
    owner.wait_for_state(State.READY)
    yield owner
    device.stop()


def identity(owner: Owner) -> Identity:
    return owner.heard(ConnectionChanged)[0].identity


def test_a_recording_answers_as_the_device_did(tmp_path: Path) -> None:
    record = tmp_path / "records" / "scale.txt"
    with bench_with(tmp_path, "mt-sics-scale", {"noise_g": 0.0}, record) as (bench, url), weighed(url) as owner:
        bench.play("mt-sics-scale", "put", {"grams": 2345.0})
        owner.first(WeightRead, lambda event: event.stable and event.grams == 2345)
    recorded = record.read_text(encoding="ascii")
    assert "S S       2345 g" in recorded
    assert any(chunk.from_device for chunk in parse_recording(recorded))
    with bench_with(tmp_path, "replay", {"file": str(record)}) as (bench, url), weighed(url) as owner:
        assert identity(owner) == SCALE
        owner.first(WeightRead, lambda event: not event.stable)
        owner.first(WeightRead, lambda event: event.stable and event.grams == 2345)
        facts = bench.describe("replay")["facts"]
        assert isinstance(facts, dict)
        assert facts["unknown_questions"] == 0


def test_a_device_behind_a_tap_is_the_device_also_after_it_was_unplugged(tmp_path: Path) -> None:
    record = tmp_path / "tap.txt"
    with (
        bench_with(tmp_path / "real", "mt-sics-scale", {}) as (real, url),
        bench_with(tmp_path, "tap", {"url": url}, record) as (_, tapped_url),
        weighed(tapped_url) as owner,
    ):
        assert identity(owner) == SCALE
        real.play("mt-sics-scale", "unplug", {})
        owner.wait_for_state(State.LOST)
        real.play("mt-sics-scale", "replug", {})
        owner.wait_for_state(State.READY, times=2)
    assert "I4 A" in record.read_text(encoding="ascii")


def test_unplugging_is_noted_in_the_recording(tmp_path: Path) -> None:
    record = tmp_path / "scale.txt"
    with bench_with(tmp_path, "mt-sics-scale", {}, record) as (bench, _url):
        bench.play("mt-sics-scale", "unplug", {})
        bench.play("mt-sics-scale", "replug", {})
    assert [line.split()[-1] for line in record.read_text(encoding="ascii").splitlines()[1:]] == ["unplugged", "in"]


def test_a_recording_ends_when_its_file_is_long_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hardware.bench.recorder.FILE_BYTES_MAX", 500)
    record = tmp_path / "scale.txt"
    with bench_with(tmp_path, "mt-sics-scale", {}, record) as (_, url), weighed(url) as owner:
        wait_for(lambda: len(owner.heard(WeightRead)) > 20, "weights")
    assert 500 < record.stat().st_size < 1000
    parse_recording(record.read_text(encoding="ascii"))


def test_what_cannot_be_recorded_or_replayed_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="cannot be recorded"):
        RecordingHost(PtyHost(tmp_path, "x"), "x", tmp_path)
    with pytest.raises(SettingsError, match="cannot be read"):
        kinds.build_simulator("replay", {"file": str(tmp_path / "none.txt")}, 1)
    (tmp_path / "bad.txt").write_text("hello", encoding="ascii")
    with pytest.raises(SettingsError, match="must begin with"):
        kinds.build_simulator("replay", {"file": str(tmp_path / "bad.txt")}, 1)
