"""Every parser of the table takes 100,000 mutated frames; ``SCANLANE_FUZZ=N`` takes N, ``SCANLANE_SEED`` others."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import pytest

from hardware.errors import ProtocolError
from tests.fuzz.fuzzing import Fuzzer, Target

FRAMES = int(os.environ.get("SCANLANE_FUZZ", "100000"))
SEED = int(os.environ.get("SCANLANE_SEED", "1"))


def all_targets() -> list[Target]:
    """Return the targets of every ``*_targets.py`` here."""
    found: list[Target] = []
    for path in sorted(Path(__file__).parent.glob("*_targets.py")):
        found += importlib.import_module(f"tests.fuzz.{path.stem}").TARGETS
    return found


@pytest.mark.timeout(0)  # each batch is timed by its CPU; the wall clock of a busy machine says nothing
@pytest.mark.parametrize("target", all_targets(), ids=lambda target: target.name)
def test_a_parser_takes_anything(target: Target) -> None:
    report = Fuzzer(target, SEED).run(FRAMES)
    print(f"SCANLANE_SEED={SEED}: {report}")
    assert report.frames == FRAMES
    assert report.corpus > len(target.seeds), (
        "no frame reached anything that the vectors do not: is the seed corpus all there is?"
    )


class _Buggy:
    """Fails when a frame begins with the bytes 7F 42 after 30; that is found by following its lines only."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []

    def fails(self, data: bytes) -> None:
        if data[:1] == b"\x30":
            if data[1:2] == b"\x7f":
                if data[2:3] == b"\x42":
                    raise IndexError
                raise ProtocolError
            raise ProtocolError

    def grows(self, data: bytes) -> None:
        self.kept.append(data + b"!")

    def hangs(self, data: bytes) -> None:
        while data[:1] == b"\xff":
            pass

    def looks_back(self, data: bytes) -> None:
        for place in range(len(data)):
            sum(data[:place])


@pytest.mark.parametrize(
    ("way", "told"),
    [("fails", "IndexError"), ("grows", "bytes more after"), ("hangs", "hangs"), ("looks_back", "us per byte|s for one frame")],
)
def test_a_bad_parser_is_found_out(way: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.fuzzing.HANG_CPU_S", 2.0)
    bad = Target("bad", lambda: getattr(_Buggy(), way), (b"\x30\x00\x00\x00",), (__name__,))
    with pytest.raises(AssertionError, match=told):
        Fuzzer(bad, seed=1).run(40_000 if way == "fails" else 2000)
