"""A simulated note validator: a note is drawn in, held in escrow, stacked into the note box or handed back to the slot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from hardware.cash.protocol import Header
from hardware.cash.protocol_faults import BILL_IN_ESCROW, BILL_RETURNED, BILL_STACKED
from hardware.cash.protocol_values import bill_id
from hardware.cash.unit_simulator import ACK, NAK, Events, Money, Reply, SimulatedUnit

DRAW_IN_S = 0.4
STACK_S = 0.4
RETURN_S = 0.3
SCALING = 100
DECIMALS = 2
_SETTINGS = {Header.MODIFY_INHIBITS: 2, Header.MASTER_INHIBIT: 1, Header.BILL_MODE: 1}
"""Headers that set something, and how many bytes they bring."""
_ESCROW_MODE = 0x02
_MASTER_INHIBITED = (0, 0)
_UNKNOWN_NOTE = (0, 2)
_INHIBITED = (0, 4)
_ROUTE_RETURN, _ROUTE_STACK, _ROUTE_HOLD = 0, 1, 255
_ESCROW_EMPTY = 254


class Phase(Enum):
    """Where the one note inside is."""

    DRAWN_IN = "drawn in"
    ESCROW = "escrow"
    STACKING = "stacking"
    RETURNING = "returning"


@dataclass(slots=True)
class Note:
    """The note inside."""

    value_minor: int
    phase: Phase
    until_s: float
    """When the phase ends by itself."""
    was_held: bool = False


class SimulatedNoteValidator(SimulatedUnit):
    """The note validator's physics and words."""

    category = "Bill Validator"
    product = "SNV1"

    def __init__(
        self, address: int, serial: int, money: Money, *, country: str, values_minor: Sequence[int], escrow_s: float
    ) -> None:
        super().__init__(address, serial)
        self._money = money
        self._country = country
        self._values_minor = tuple(values_minor)
        self._escrow_s = escrow_s
        self.note: Note | None = None
        self.events = Events()
        self._mask = 0
        self._master = False
        self._mode = 0

    @property
    def is_free(self) -> bool:
        """Whether a note can be put into the slot."""
        return self.note is None and self._money.bezel is None

    def insert(self, value_minor: int, now_s: float) -> None:
        """Put a note into the slot."""
        self.note = Note(value_minor, Phase.DRAWN_IN, now_s + DRAW_IN_S)

    def move(self, now_s: float) -> None:
        """Move the note on."""
        while self.note is not None and self.note.until_s <= now_s:
            self._end_phase(self.note)

    def reset(self, now_s: float) -> None:
        """Forget events and settings; hand back a note that is not on its way into the box."""
        self.events = Events()
        self._mask = self._mode = 0
        self._master = False
        if self.note is not None and self.note.phase is not Phase.STACKING:
            self.note.phase, self.note.until_s, self.note.was_held = Phase.RETURNING, now_s + RETURN_S, False

    def power_cycle(self, now_s: float) -> None:
        """At power-up a note on its way into the box is put away, and nobody is told."""
        if self.note is not None and self.note.phase is Phase.STACKING:
            self._money.note_box[self.note.value_minor] += 1
            self.note = None
        self.reset(now_s)

    def answer_own(self, header: int, data: bytes, now_s: float) -> Reply | None:
        """Speak as a note validator."""
        if header == Header.BILL_EVENTS:
            return self.events.reply()
        if header == Header.COUNTRY_SCALING:
            known = data == self._country.encode("ascii")
            return Header.REPLY, SCALING.to_bytes(2, "little") + bytes([DECIMALS]) if known else bytes(3)
        if header == Header.BILL_ID:
            return (Header.REPLY, self._bill_id(data[0])) if len(data) == 1 else NAK
        if header == Header.ROUTE_BILL:
            return self._route(data[0], now_s) if len(data) == 1 else NAK
        if header in _SETTINGS:
            return self._set(header, data)
        told = {
            Header.SELF_CHECK: b"\x00",
            Header.STATUS: b"\x00",
            Header.INHIBIT_STATUS: self._mask.to_bytes(2, "little"),
            Header.MASTER_INHIBIT_STATUS: bytes([self._master]),
            Header.BILL_MODE_STATUS: bytes([self._mode]),
            Header.POLLING_PRIORITY: b"\x02\x14",
            Header.OPTION_FLAGS: b"\x03",
            Header.DATABASE_VERSION: b"\x00",
            Header.CURRENCY_REVISION: b"STD00001",
        }
        return (Header.REPLY, told[Header(header)]) if header in told else None

    def _set(self, header: int, data: bytes) -> Reply:
        if len(data) != _SETTINGS[Header(header)]:
            return NAK
        if header == Header.MODIFY_INHIBITS:
            self._mask = int.from_bytes(data, "little")
        elif header == Header.MASTER_INHIBIT:
            self._master = bool(data[0] & 1)
        else:
            self._mode = data[0]
        return ACK

    def _bill_id(self, channel: int) -> bytes:
        if 1 <= channel <= len(self._values_minor):
            return bill_id(self._values_minor[channel - 1] // SCALING, self._country)
        return b"......."

    def _route(self, route: int, now_s: float) -> Reply:
        note = self.note
        if note is None or note.phase is not Phase.ESCROW:
            return Header.REPLY, bytes([_ESCROW_EMPTY])
        if route == _ROUTE_HOLD:
            note.until_s = now_s + self._escrow_s
        elif route == _ROUTE_STACK:
            note.phase, note.until_s = Phase.STACKING, now_s + STACK_S
        elif route == _ROUTE_RETURN:
            note.phase, note.until_s = Phase.RETURNING, now_s + RETURN_S
        else:
            return NAK
        return ACK

    def _end_phase(self, note: Note) -> None:
        if note.phase is Phase.DRAWN_IN:
            self._judge(note)
        elif note.phase is Phase.ESCROW:
            note.phase, note.until_s = Phase.RETURNING, note.until_s + RETURN_S
        elif note.phase is Phase.STACKING:
            self._money.note_box[note.value_minor] += 1
            self.events.add((self._values_minor.index(note.value_minor) + 1, BILL_STACKED))
            self.note = None
        else:
            self._money.bezel = note.value_minor
            self.note = None
            if note.was_held:
                self.events.add(BILL_RETURNED)

    def _judge(self, note: Note) -> None:
        known = note.value_minor in self._values_minor
        channel = self._values_minor.index(note.value_minor) + 1 if known else 0
        refusal = None
        if not self._master:
            refusal = _MASTER_INHIBITED
        elif not known:
            refusal = _UNKNOWN_NOTE
        elif not self._mask >> channel - 1 & 1:
            refusal = _INHIBITED
        if refusal is not None:
            self.events.add(refusal)
            note.phase, note.until_s = Phase.RETURNING, note.until_s + RETURN_S
        elif self._mode & _ESCROW_MODE:
            note.phase, note.until_s, note.was_held = Phase.ESCROW, note.until_s + self._escrow_s, True
            self.events.add((channel, BILL_IN_ESCROW))
        else:
            note.phase, note.until_s = Phase.STACKING, note.until_s + STACK_S
