"""The fuzzer itself finds what it is for, and no table is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.errors import ProtocolError
from tests.fuzz.fuzzing import Fuzzer, Target


def test_every_table_is_tested() -> None:
    here = Path(__file__).parent
    tables = {path.name.removesuffix("_targets.py") for path in here.glob("*_targets.py")}
    assert tables == {path.name.removeprefix("test_").removesuffix("_parsers.py") for path in here.glob("test_*_parsers.py")}


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
            for _look in range(3):  # so that a fast processor finds it too; a slow one takes it for one that hangs
                sum(data[:place])


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("fails", "IndexError"),
        ("grows", "bytes more after"),
        ("hangs", "hangs"),
        ("looks_back", "us per byte|for one frame|hangs"),
    ],
)
def test_a_bad_parser_is_found_out(way: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.fuzzing.HANG_CPU_S", 2.0)
    bad = Target("bad", lambda: getattr(_Buggy(), way), (b"\x30\x00\x00\x00",), (__name__,))
    with pytest.raises(AssertionError, match=told):
        Fuzzer(bad, seed=5).run(40_000 if way == "fails" else 2000)
