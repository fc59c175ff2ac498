"""The notes of a simulated recycler: where each one is, and how they move in time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum

from hardware.recycler.simulator_options import Options


class Phase(Enum):
    """What the note in the head does."""

    READING = "reading"
    ESCROW = "escrow"
    TAKEN = "taken"
    """On its way in, before the point of no return."""
    SINKING = "sinking"
    """Past it."""
    REJECTING = "rejecting"


@dataclass(slots=True)
class Note:
    """The note in the head."""

    value_minor: int
    phase: Phase
    until_s: float


class Job(Enum):
    """What moves notes out of the store."""

    PAY = "pay"
    EMPTY = "empty"
    SMART_EMPTY = "smart empty"


@dataclass(slots=True)
class Run:
    """Notes that leave the store one by one."""

    job: Job
    waiting: list[int]
    requested_minor: int
    next_s: float
    moved: Counter[int] = field(default_factory=Counter)
    halted: bool = False

    @property
    def moved_minor(self) -> int:
        """What has left so far."""
        return worth_minor(self.moved)


@dataclass(slots=True)
class Counts:
    """Notes that ever moved; kept without power."""

    stacked: int = 0
    stored: int = 0
    dispensed: int = 0
    transferred: int = 0
    rejected: int = 0


def worth_minor(pile: Counter[int]) -> int:
    """Return the value of a pile."""
    return sum(value_minor * count for value_minor, count in pile.items())


class Notes:
    """The physics. What happens is appended to ``happened`` as (code, bytes)."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.store = Counter({value: count for value, count in options.stocks.items() if count})
        self.box: Counter[int] = Counter()
        self.slot: int | None = None
        """A note that came back and sticks in the slot."""
        self.tray: Counter[int] = Counter()
        self.given_back: Counter[int] = Counter()
        self.inserted: Counter[int] = Counter()
        self.filled_minor = worth_minor(self.store)
        self.counts = Counts()
        self.note: Note | None = None
        self.run: Run | None = None
        self.last_moved: Counter[int] = Counter()
        self.is_jammed = False
        self.stored_values: set[int] = set()
        """Values routed into the store; kept without power."""
        self.can_store = False
        self.wanted: frozenset[int] = frozenset()
        self.happened: list[bytes] = []

    def channel(self, value_minor: int) -> int:
        """Return the channel of a note; 0: it has none."""
        return self.options.notes.index(value_minor) + 1 if value_minor in self.options.notes else 0

    def insert(self, value_minor: int, now_s: float) -> None:
        """Put a note into the slot; it is drawn in only while notes are wanted."""
        self.inserted[value_minor] += 1
        if self.wanted:
            self.note = Note(value_minor, Phase.READING, now_s + self.options.note_s / 2)
        else:
            self.slot = value_minor

    def take(self, now_s: float) -> None:
        """Begin to take the note in escrow."""
        assert self.note is not None
        self.note.phase, self.note.until_s = Phase.TAKEN, now_s + self.options.note_s / 2

    def reject(self, now_s: float) -> None:
        """Begin to hand the note back."""
        assert self.note is not None
        self.happened.append(b"\xed")
        self.note.phase, self.note.until_s = Phase.REJECTING, now_s + self.options.note_s / 2

    def move(self, now_s: float) -> None:
        """Move everything on."""
        while self.note is not None and self.note.until_s <= now_s and not self.is_jammed:
            self._end_phase(self.note)
        while self.run is not None and self.run.next_s <= now_s:
            self._step(self.run)

    def start(self, job: Job, notes: list[int], now_s: float) -> None:
        """Begin to move notes out of the store."""
        self.last_moved = Counter()
        self.run = Run(job, notes, sum(notes), now_s + self.options.note_s)

    def cut_power(self) -> None:
        """Everything stops; at power-up what is in the head is cleared away."""
        self.happened = [b"\xf1"]
        note, run, self.note, self.run = self.note, self.run, None, None
        if note is not None and note.phase in {Phase.TAKEN, Phase.SINKING}:
            self.box[note.value_minor] += 1
            self.counts.stacked += 1
            self.happened.append(bytes((0xE2, self.channel(note.value_minor))))
        elif note is not None:
            self.slot = note.value_minor
            self.happened.append(bytes((0xE1, self.channel(note.value_minor))))
        if run is not None and run.job is Job.PAY:
            row = run.moved_minor.to_bytes(4, "little") + run.requested_minor.to_bytes(4, "little")
            self.happened.append(b"\xdc\x01" + row + self.options.currency.encode("ascii"))
        self.can_store = False
        self.wanted = frozenset()

    def told_sum(self, code: int, amount_minor: int) -> bytes:
        """Return an event with one amount."""
        return bytes((code, 1)) + amount_minor.to_bytes(4, "little") + self.options.currency.encode("ascii")

    def _end_phase(self, note: Note) -> None:
        step_s = self.options.note_s / 2
        if note.phase is Phase.READING and note.value_minor in self.wanted:
            note.phase, note.until_s = Phase.ESCROW, note.until_s + self.options.escrow_s
            self.happened.append(bytes((0xEF, self.channel(note.value_minor))))
        elif note.phase in {Phase.READING, Phase.ESCROW}:
            self.reject(note.until_s)
        elif note.phase is Phase.TAKEN:
            note.phase, note.until_s = Phase.SINKING, note.until_s + step_s
            self.happened.append(bytes((0xEE, self.channel(note.value_minor))))
        elif note.phase is Phase.SINKING:
            self.note = None
            self._rest(note.value_minor)
        else:
            self.note = None
            self.slot = note.value_minor
            self.counts.rejected += 1
            self.happened.append(b"\xec")

    def _rest(self, value_minor: int) -> None:
        fits = self.store.total() < self.options.capacity
        if self.can_store and value_minor in self.stored_values and fits:
            self.store[value_minor] += 1
            self.counts.stored += 1
            self.happened.append(b"\xdb")
        else:
            self.box[value_minor] += 1
            self.counts.stacked += 1
            self.happened.append(b"\xeb")

    def _step(self, run: Run) -> None:
        if self.is_jammed and run.job is Job.PAY:
            self._end(self.told_sum(0xD5, run.moved_minor))
            return
        if run.waiting and not run.halted:
            self._leave(run, run.waiting.pop(0))
        if run.job is Job.PAY and run.halted and run.waiting:
            self._end(self.told_sum(0xD6, run.moved_minor))
        elif not run.waiting:
            done = {Job.PAY: 0xD2, Job.SMART_EMPTY: 0xB4}
            self._end(self.told_sum(done[run.job], run.moved_minor) if run.job in done else b"\xc3")
        else:
            run.next_s += self.options.note_s

    def _leave(self, run: Run, value_minor: int) -> None:
        self.store[value_minor] -= 1
        run.moved[value_minor] += 1
        if run.job is Job.PAY:
            self.tray[value_minor] += 1
            self.counts.dispensed += 1
        else:
            self.box[value_minor] += 1
            self.counts.transferred += 1
            self.last_moved[value_minor] += 1

    def _end(self, event: bytes) -> None:
        self.run = None
        self.happened.append(event)
