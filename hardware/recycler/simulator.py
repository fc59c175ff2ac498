"""A simulated note recycler: every note and where it is, and a slave that speaks SSP and eSSP about it.

Notes are inside (store, cash box, in the head, on their way) or outside (tray, slot, with the shopper); ``machine_total_minor``
is all that is inside. Without ``store`` it is a plain validator, which needs no key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from hardware.bench.simulator import Action, ActionError, JsonValue
from hardware.recycler.simulator_line import SlaveLine
from hardware.recycler.simulator_notes import Notes, Phase, worth_minor
from hardware.recycler.simulator_options import Options, parse_options
from hardware.recycler.simulator_words import Words

_FIRST_SERIAL = 4_880_000


def build(options: Mapping[str, JsonValue], seed: int) -> SimulatedRecycler:
    """Return a recycler; ``seed`` gives its serial number, unless the options name one.

    Raises:
        OptionError: see :mod:`hardware.recycler.simulator_options`.
    """
    return SimulatedRecycler(parse_options(options), seed)


def other_options(options: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the options of a recycler that is the same but for its serial number."""
    return {name: value for name, value in options.items() if name != "serial_number"}


class SimulatedRecycler:
    """The recycler with its notes."""

    def __init__(self, options: Options, seed: int) -> None:
        self._options = options
        self.notes = Notes(options)
        self._words = Words(self.notes, options, options.serial_number or _FIRST_SERIAL + seed)
        self.line = SlaveLine(0, int(options.fixed_key, 16), self._words.answer, seed)

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes from the host."""
        self.notes.move(now_s)
        self.line.receive(data, now_s)

    def send(self, now_s: float) -> bytes:
        """Return what goes to the host; move notes on."""
        self.notes.move(now_s)
        return self.line.send()

    def power_cycle(self, now_s: float) -> None:
        """Forget key and settings; clear the head; tell an incomplete payout."""
        self.notes.move(now_s)
        self.notes.cut_power()
        self._words.restart()
        self.line.restart()

    def facts(self) -> dict[str, JsonValue]:
        """Return where every note is."""
        notes = self.notes
        head = notes.note
        escrow_minor = head.value_minor if head and head.phase is Phase.ESCROW else 0
        moving_minor = (head.value_minor if head else 0) - escrow_minor
        return {
            "takes_notes": [*sorted(notes.wanted)],
            "store": _pile(notes.store),
            "recycler_box": _pile(notes.box),
            "escrow_minor": escrow_minor,
            "moving_minor": moving_minor,
            "is_paying": notes.run is not None,
            "is_jammed": notes.is_jammed,
            "tray": _pile(notes.tray),
            "tray_minor": worth_minor(notes.tray),
            "bezel_minor": notes.slot or 0,
            "given_back": _pile(notes.given_back),
            "given_back_minor": worth_minor(notes.given_back),
            "inserted": _pile(notes.inserted),
            "inserted_minor": worth_minor(notes.inserted),
            "filled_minor": notes.filled_minor,
            "machine_total_minor": worth_minor(notes.store) + worth_minor(notes.box) + escrow_minor + moving_minor,
        }

    def actions(self) -> Mapping[str, Action]:
        """Return what the operator can do."""
        return {
            "insert_note": self.insert_note,
            "take_money": self.take_money,
            "fill_store": self.fill_store,
            "jam": self.jam,
            "fraud": self.fraud,
            "box_out": self.box_out,
            "lose_next_payout_reply": self.lose_next_payout_reply,
        }

    def insert_note(self, value_minor: int, now_s: float) -> JsonValue:
        """Put a note into the slot; what is not wanted comes back there."""
        if value_minor <= 0:
            raise ActionError(f"value_minor is a whole number above 0, not {value_minor!r}.")
        if self.notes.slot is not None:
            raise ActionError("A returned note sticks in the slot; take it first (take_money).")
        if self.notes.note is not None or self.notes.run is not None:
            raise ActionError("The recycler is busy with other notes; wait a moment.")
        self.notes.move(now_s)
        self.notes.insert(value_minor, now_s)
        return None

    def take_money(self) -> JsonValue:
        """Take all notes out of tray and slot; return their worth in minor units."""
        notes = self.notes
        taken = Counter(notes.tray)
        if notes.slot is not None:
            taken[notes.slot] += 1
        notes.tray.clear()
        notes.slot = None
        notes.given_back.update(taken)
        return worth_minor(taken)

    def fill_store(self, value_minor: int, count: int) -> JsonValue:
        """Put notes into the store, as at a refill; return how many of the value lie in it."""
        notes = self.notes
        if value_minor not in self._options.notes or count < 1:
            raise ActionError(f"The recycler knows notes of {', '.join(map(str, self._options.notes))}.")
        if notes.store.total() + count > self._options.capacity:
            raise ActionError(f"The store holds {self._options.capacity} notes and has {notes.store.total()}.")
        notes.store[value_minor] += count
        notes.filled_minor += value_minor * count
        return notes.store[value_minor]

    def jam(self, on: bool) -> JsonValue:  # noqa: FBT001 - the bench passes arguments by name
        """Jam the path of the notes, or clear it."""
        self.notes.is_jammed = on
        return None

    def fraud(self) -> JsonValue:
        """Tamper with it."""
        self.notes.happened.append(self.notes.told_sum(0xE6, 0) if self._options.store else b"\xe6\x00")
        return None

    def box_out(self, out: bool) -> JsonValue:  # noqa: FBT001 - the bench passes arguments by name
        """Take the cash box out, or put it back."""
        self.notes.happened.append(b"\xe3" if out else b"\xe4")
        return None

    def lose_next_payout_reply(self) -> JsonValue:
        """Pay the next time, but lose the first answer to the order."""
        self.line.loses_next_payout_reply = True
        return None


def _pile(pile: Counter[int]) -> JsonValue:
    return {str(value_minor): count for value_minor, count in sorted(pile.items()) if count}
