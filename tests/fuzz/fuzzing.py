"""Coverage-guided fuzzing of one parser: mutated frames in, no failure, no hang, no growth, bounded time per byte.

A row of the table is a :class:`Target`. Frames are made from a corpus that begins with the protocol's vectors; every tenth
frame is traced, and one that reaches a pair of lines that none reached before joins the corpus. Tracing costs some twenty times
what a parser takes: when 300 traced frames in a row found nothing new, only every hundredth is traced, until one finds
something. Everything follows from the seed.
"""

from __future__ import annotations

import gc
import importlib
import random
import signal
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from types import CodeType, FrameType
from typing import Any

from hardware.errors import ProtocolError
from tests.fuzz.mutation import mutated

TRACED_EVERY = 10
TRACED_SELDOM_EVERY = 100
SELDOM_AFTER = 300
"""So many traced frames in a row that found nothing."""
RENEWED_EVERY = 200
"""A parser is made anew after so many frames, so that what fails can be told in a few."""
CORPUS_MAX = 2000
HANG_CPU_S = 5.0
BATCH = 500
MEMORY_FRAMES = 1250
MEMORY_ROUNDS = 3
GROWTH_MAX_BYTES = 16_384
CPU_PER_BYTE_MAX_S = 25e-6
"""Far above what these parsers take; one that looks back again and again takes more."""
CPU_PER_FRAME_MAX_S = 0.05
STREAM_BYTES = 16_384

Feed = Callable[[bytes], object]


@dataclass(frozen=True)
class Target:
    """One parser."""

    name: str
    new: Callable[[], Feed]
    """Makes a fresh parser and returns the function that takes bytes from the wire."""
    seeds: tuple[bytes, ...]
    """The protocol's vectors."""
    modules: tuple[str, ...]
    """Whose lines count as reached, as dotted names."""
    may_raise: tuple[type[Exception], ...] = (ProtocolError,)
    """What the parser's documentation names."""
    seal: Callable[[bytes], bytes] | None = None
    """Makes length and checksum right, so that half of the frames get behind them."""


@dataclass(frozen=True)
class Report:
    """What a run saw."""

    frames: int
    corpus: int
    edges: int
    """Pairs of lines that were reached one after the other."""
    cpu_per_byte_s: float
    growth_bytes: int


class Coverage:
    """Which lines of some modules followed each other."""

    def __init__(self, modules: tuple[str, ...]) -> None:
        self._files = {importlib.import_module(name).__file__ for name in modules}
        self._last: tuple[CodeType | None, int] = (None, 0)
        self.edges: set[tuple[tuple[CodeType | None, int], tuple[CodeType, int]]] = set()

    @contextmanager
    def traced(self) -> Iterator[None]:
        """Watch what runs inside."""
        before = sys.gettrace()
        self._last = (None, 0)
        sys.settrace(self._call)
        try:
            yield
        finally:
            sys.settrace(before)

    def _call(self, frame: FrameType, _event: str, _argument: object) -> Any:
        return self._line if frame.f_code.co_filename in self._files else None

    def _line(self, frame: FrameType, event: str, _argument: object) -> Any:
        if event == "line":
            here = (frame.f_code, frame.f_lineno)
            self.edges.add((self._last, here))
            self._last = here
        return self._line


class Fuzzer:
    """One run against one target."""

    def __init__(self, target: Target, seed: int) -> None:
        self._target = target
        self._seed = seed
        self._random = random.Random(seed)
        self._corpus = list(target.seeds)
        self._coverage = Coverage(target.modules)
        self._feed = target.new()
        self._recent: list[bytes] = []
        self._count = 0
        self._in_vain = 0
        """Traced frames since one found something."""

    def run(self, frames: int) -> Report:
        """Feed this many mutated frames, then a long stream, then watch the memory.

        Raises:
            AssertionError: the parser failed, hung, took too long or grew; the text has seed and frames.
        """
        with _no_hang(self._told), _no_collection():
            for frame in self._target.seeds:
                self._traced(frame)
            while self._count < frames:
                self._one()
            per_byte_s = self._stream()
            growth = self._growth()
        return Report(self._count, len(self._corpus), len(self._coverage.edges), per_byte_s, growth)

    def _one(self) -> None:
        frame = self._made()
        self._count += 1
        if self._count % RENEWED_EVERY == 0:
            self._feed = self._target.new()
            self._recent.clear()
        if self._count % BATCH == 0:
            _rearm()
        if self._count % (TRACED_EVERY if self._in_vain < SELDOM_AFTER else TRACED_SELDOM_EVERY) == 0:
            self._traced(frame)
            return
        begun = time.thread_time()
        self._fed(frame)
        took_s = time.thread_time() - begun
        assert took_s <= CPU_PER_FRAME_MAX_S + len(frame) * CPU_PER_BYTE_MAX_S, f"{took_s} s for one frame: {self._told()}"

    def _made(self) -> bytes:
        frame = mutated(self._random, self._corpus)
        if self._target.seal is not None and self._random.random() < 0.5:
            return self._target.seal(frame)
        return frame

    def _traced(self, frame: bytes) -> None:
        known = len(self._coverage.edges)
        with self._coverage.traced():
            self._fed(frame)
        if len(self._coverage.edges) == known:
            self._in_vain += 1
            return
        self._in_vain = 0
        if len(self._corpus) < CORPUS_MAX:
            self._corpus.append(frame)

    def _fed(self, frame: bytes) -> None:
        self._recent.append(frame)
        try:
            self._feed(frame)
        except self._target.may_raise:
            pass
        except Exception as error:
            raise AssertionError(f"{error!r}: {self._told()}") from error

    def _stream(self) -> float:
        """Feed one long stream to a fresh parser; return the CPU time per byte."""
        stream = bytearray()
        while len(stream) < STREAM_BYTES:
            stream += self._made() or b"\0"
        self._feed = self._target.new()
        self._recent.clear()
        _rearm()
        begun = time.thread_time()
        self._fed(bytes(stream))
        per_byte_s = (time.thread_time() - begun) / len(stream)
        assert per_byte_s < CPU_PER_BYTE_MAX_S, f"{per_byte_s * 1e6:.1f} us per byte of a long stream: {self._target.name}"
        return per_byte_s

    def _growth(self) -> int:
        """Feed one parser for long; return by how much the memory in use grew each time; a bounded buffer comes and goes."""
        frames = [self._made() for _ in range(MEMORY_FRAMES)]
        self._feed = self._target.new()
        tracemalloc.start()
        try:
            in_use = [self._memory_after(frames) for _ in range(MEMORY_ROUNDS)]
        finally:
            tracemalloc.stop()
        growth = min(after - before for before, after in pairwise(in_use))
        assert growth < GROWTH_MAX_BYTES, f"{growth} bytes more after {MEMORY_FRAMES} frames: {self._target.name}"
        return growth

    def _memory_after(self, frames: list[bytes]) -> int:
        for place, frame in enumerate(frames):
            self._recent.clear()
            if place % BATCH == 0:
                _rearm()
            self._fed(frame)
        self._recent.clear()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    def _told(self) -> str:
        recent = " | ".join(frame.hex() for frame in self._recent)
        return f"{self._target.name}, seed {self._seed}, frame {self._count}; since the parser was made: {recent[-4000:]}"


@contextmanager
def _no_hang(told: Callable[[], str]) -> Iterator[None]:
    def ring(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"hangs: {told()}")

    before = signal.signal(signal.SIGVTALRM, ring)
    _rearm()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _rearm() -> None:
    signal.setitimer(signal.ITIMER_VIRTUAL, HANG_CPU_S)


@contextmanager
def _no_collection() -> Iterator[None]:
    """A collection of everything that pytest holds would be blamed on one frame; and it costs more than thousands of frames."""
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
