"""What a simulated recycler understands, and what it answers; the slave's side, written on its own."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable
from itertools import islice

from hardware.recycler.simulator_notes import Job, Notes, Phase
from hardware.recycler.simulator_options import Options

_OK, _UNKNOWN, _WRONG, _RANGE, _CANNOT, _FAIL = b"\xf0", b"\xf2", b"\xf3", b"\xf4", b"\xf5", b"\xf8"
_NOT_ENOUGH, _NOT_EXACT, _BUSY, _OFF = (_CANNOT + bytes((code,)) for code in (0, 1, 3, 4))
_FIRMWARE = b"0459"
_VERSION_MAX = 7
_DO, _TEST = 0x58, 0x19
_STATE = {Phase.TAKEN: b"\xcc", Phase.SINKING: b"\xcc", Phase.READING: b"\xef\x00"}


class Words:
    """The slave's commands over its notes."""

    def __init__(self, notes: Notes, options: Options, serial: int) -> None:
        self._notes = notes
        self._options = options
        self._serial = serial
        self._currency = options.currency.encode("ascii")
        self._known: dict[int, Callable[[bytes, float], bytes]] = {
            0x01: self._reset,
            0x02: self._inhibit,
            0x05: lambda _data, _now_s: _OK + self._setup(),
            0x06: self._set_version,
            0x07: self._poll,
            0x08: self._reject,
            0x09: lambda _data, _now_s: self._enable(on=False),
            0x0A: lambda _data, _now_s: self._enable(on=True),
            0x0C: lambda _data, _now_s: _OK + struct.pack(">I", self._serial),
            0x18: self._hold,
            0x20: lambda _data, _now_s: _OK + b"NV02004590000000",
        }
        if options.store:
            self._known |= {
                0x22: lambda _data, _now_s: _OK + self._counted(self._notes.store),
                0x33: self._pay_amount,
                0x38: self._halt,
                0x3B: self._set_route,
                0x3C: self._get_route,
                0x3F: lambda _data, now_s: self._empty(Job.EMPTY, now_s),
                0x46: self._pay_notes,
                0x52: lambda _data, now_s: self._empty(Job.SMART_EMPTY, now_s),
                0x53: lambda _data, _now_s: _OK + self._counted(self._notes.last_moved) + bytes(4),
                0x5B: lambda _data, _now_s: self._payout(on=False),
                0x5C: lambda _data, _now_s: self._payout(on=True),
            }
        if options.counters:
            self._known[0x58] = self._counters
        self.restart()

    def restart(self) -> None:
        """Forget what is forgotten without power."""
        self._version = 4
        self._mask = 0
        self._is_on = False
        self._was_read = False
        self._want()

    def answer(self, data: bytes, now_s: float) -> bytes:
        """Carry out one command."""
        known = self._known.get(data[0])
        return _UNKNOWN if known is None else known(data[1:], now_s)

    def _want(self) -> None:
        values = (value for at, value in enumerate(self._options.notes) if self._mask >> at & 1)
        self._notes.wanted = frozenset(values) if self._is_on else frozenset()

    def _enable(self, *, on: bool) -> bytes:
        self._is_on = on
        self._want()
        return _OK

    def _payout(self, *, on: bool) -> bytes:
        self._notes.can_store = on
        return _OK

    def _reset(self, _data: bytes, _now_s: float) -> bytes:
        self._notes.cut_power()
        self.restart()
        return _OK

    def _inhibit(self, data: bytes, _now_s: float) -> bytes:
        if len(data) not in {1, 2}:
            return _WRONG
        self._mask = int.from_bytes(data, "little")
        self._want()
        return _OK

    def _set_version(self, data: bytes, _now_s: float) -> bytes:
        if len(data) != 1:
            return _WRONG
        if not 1 <= data[0] <= _VERSION_MAX:
            return _FAIL
        self._version = data[0]
        return _OK

    def _setup(self) -> bytes:
        notes = self._options.notes
        major = [value // 100 for value in notes]
        told = bytes((6 if self._options.store else 0,)) + _FIRMWARE + self._currency + b"\x00\x00\x01"
        told += bytes((len(notes), *(min(value, 255) for value in major), *(2 for _ in notes))) + b"\x00\x00\x64"
        told += bytes((self._version,))
        if self._version >= 6:  # noqa: PLR2004 - the protocol's version
            told += self._currency * len(notes) + b"".join(struct.pack("<I", value) for value in major)
        return told

    def _poll(self, _data: bytes, now_s: float) -> bytes:
        notes = self._notes
        if notes.note is not None and notes.note.phase is Phase.ESCROW and self._was_read:
            notes.take(now_s)
        told, count = _OK, 0
        for event in notes.happened:
            if len(told) + len(event) > 200:  # noqa: PLR2004 - what fits into one frame
                break
            told += event
            count += 1
        del notes.happened[:count]
        self._was_read = notes.note is not None and notes.note.phase is Phase.ESCROW
        if notes.note is not None:
            told += _STATE.get(notes.note.phase, b"")
        return told + self._conditions()

    def _conditions(self) -> bytes:
        notes, told = self._notes, b""
        if notes.run is not None:
            code = {Job.PAY: 0xDA, Job.SMART_EMPTY: 0xB3}.get(notes.run.job)
            told += b"\xc2" if code is None else notes.told_sum(code, notes.run.moved_minor)
        if notes.box.total() >= self._options.box_capacity:
            told += b"\xe7"
        if notes.is_jammed:
            told += b"\xea"
        if not self._is_on:
            told += b"\xe8"
        return told

    def _reject(self, _data: bytes, now_s: float) -> bytes:
        note = self._notes.note
        if note is None or note.phase is not Phase.ESCROW:
            return _CANNOT
        self._notes.reject(now_s)
        return _OK

    def _hold(self, _data: bytes, now_s: float) -> bytes:
        note = self._notes.note
        if note is None or note.phase is not Phase.ESCROW:
            return _CANNOT
        note.until_s = now_s + self._options.escrow_s
        return _OK

    def _counted(self, pile: Counter[int]) -> bytes:
        rows = (struct.pack("<HI", pile[value], value) + self._currency for value in self._options.notes)
        return bytes((len(self._options.notes),)) + b"".join(rows)

    def _counters(self, _data: bytes, _now_s: float) -> bytes:
        counts = self._notes.counts
        numbers = (counts.stacked, counts.stored, counts.dispensed, counts.transferred, counts.rejected)
        return _OK + b"\x05" + struct.pack("<5I", *numbers)

    def _set_route(self, data: bytes, _now_s: float) -> bytes:
        value = self._value(data[1:])
        if value is None or data[0] not in {0, 1}:
            return _RANGE
        (self._notes.stored_values.discard if data[0] else self._notes.stored_values.add)(value)
        return _OK

    def _get_route(self, data: bytes, _now_s: float) -> bytes:
        value = self._value(data)
        return _RANGE if value is None else _OK + bytes((value not in self._notes.stored_values,))

    def _value(self, data: bytes) -> int | None:
        value = int.from_bytes(data[:4], "little")
        return value if value in self._options.notes and data[4:] == self._currency else None

    def _obstacle(self) -> bytes | None:
        notes = self._notes
        if not notes.can_store or not self._is_on:
            return _OFF
        return _BUSY if notes.run is not None or notes.note is not None or notes.is_jammed else None

    def _pay_notes(self, data: bytes, now_s: float) -> bytes:
        count = data[0] if data else 0
        rows = [data[1 + 9 * at : 10 + 9 * at] for at in range(count)]
        if len(data) != 2 + 9 * count or data[-1] not in {_DO, _TEST}:
            return _WRONG
        values = [self._value(row[2:]) for row in rows]
        if not rows or None in values:
            return _RANGE
        wanted = [value for row, value in zip(rows, values, strict=True) for _ in range(row[0] + 256 * row[1]) if value]
        return self._pay(wanted, data[-1], now_s)

    def _pay_amount(self, data: bytes, now_s: float) -> bytes:
        if len(data) != 8 or data[-1] not in {_DO, _TEST}:  # noqa: PLR2004 - amount, currency, option
            return _WRONG
        amount_minor = int.from_bytes(data[:4], "little")
        if data[4:7] != self._currency:
            return _RANGE
        if amount_minor > sum(self._notes.store.elements()):
            return self._obstacle() or _NOT_ENOUGH
        found = self._combination(amount_minor)
        return self._obstacle() or _NOT_EXACT if found is None else self._pay(found, data[-1], now_s)

    def _combination(self, amount_minor: int) -> list[int] | None:
        """Find notes of the store that make the amount, trying the largest first."""
        reached: dict[int, list[int]] = {0: []}
        for value in sorted(self._notes.store.elements(), reverse=True):
            for total, used in list(islice(reached.items(), 100_000)):
                reached.setdefault(total + value, [*used, value])
        return reached.get(amount_minor)

    def _pay(self, wanted: list[int], option: int, now_s: float) -> bytes:
        obstacle = self._obstacle()
        if obstacle is not None:
            return obstacle
        if not wanted or Counter(wanted) - self._notes.store:
            return _NOT_ENOUGH
        if option == _DO:
            self._notes.start(Job.PAY, wanted, now_s)
        return _OK

    def _halt(self, _data: bytes, _now_s: float) -> bytes:
        run = self._notes.run
        if run is None or run.job is not Job.PAY:
            return _CANNOT
        run.halted = True
        return _OK

    def _empty(self, job: Job, now_s: float) -> bytes:
        obstacle = self._obstacle()
        if obstacle is not None:
            return obstacle
        self._notes.start(job, sorted(self._notes.store.elements()), now_s)
        return _OK
