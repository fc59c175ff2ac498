"""A whole simulated cash bus: every coin and note, where it lies, and three kinds of devices that move them.

Money is inside (coin box, note box, hoppers, on its way, escrow) or outside (payout tray, note slot, with the shopper).
``machine_total_minor`` is all that is inside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from hardware.bench.simulator import Action, ActionError, JsonValue
from hardware.cash.coin_acceptor_simulator import SimulatedCoinAcceptor
from hardware.cash.hopper_simulator import SimulatedHopper
from hardware.cash.line_simulator import Voice, Wire
from hardware.cash.note_validator_simulator import Phase, SimulatedNoteValidator
from hardware.cash.simulator_options import CAPACITY, STOCK, Options, parse_options
from hardware.cash.unit_simulator import Money, SimulatedUnit, worth_minor

_FIRST_SERIAL = 100_000
_SERIALS = 1 << 24


def build(options: Mapping[str, JsonValue], seed: int) -> SimulatedCashBus:
    """Return a cash bus; ``seed`` gives the devices their serial numbers.

    Raises:
        OptionError: see :mod:`hardware.cash.simulator_options`.
    """
    return SimulatedCashBus(parse_options(options), seed)


class SimulatedCashBus:
    """The bus with its devices and its money."""

    def __init__(self, options: Options, seed: int) -> None:
        self._money = Money()
        self._filled_minor = 0
        self._wire = Wire(self._answer, echo=options.echo)
        self._coins = (
            SimulatedCoinAcceptor(
                options.coin_acceptor, _serial(seed, options.coin_acceptor), self._money, options.country, options.coins
            )
            if options.coin_acceptor
            else None
        )
        self._notes = (
            SimulatedNoteValidator(
                options.note_validator,
                _serial(seed, options.note_validator),
                self._money,
                country=options.country,
                values_minor=options.notes,
                escrow_s=options.escrow_s,
            )
            if options.note_validator
            else None
        )
        self._hoppers = {hopper.name: hopper for hopper in self._make_hoppers(options, seed)}
        units = (self._coins, self._notes, *self._hoppers.values())
        self._units: list[SimulatedUnit] = [unit for unit in units if unit is not None]
        for unit in self._units:
            unit.checksum = options.checksums.get(unit.address, options.checksum)
            unit.naks_unknown = options.unknown_header == "nak"

    def _make_hoppers(self, options: Options, seed: int) -> list[SimulatedHopper]:
        hoppers = []
        names = options.hopper_names
        for address, coin_minor in options.hoppers.items():
            hopper = SimulatedHopper(
                address,
                _serial(seed, address),
                self._money,
                country=options.country,
                coin_minor=coin_minor,
                stock=options.stocks.get(names[address], STOCK),
                coin_s=1 / options.coins_per_s,
                empty_s=options.empty_s,
            )
            hopper.name = names[address]
            hopper.product = options.products.get(address, options.product)
            hopper.pin = options.pin
            hoppers.append(hopper)
        return hoppers

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes from the master."""
        self._move(now_s)
        self._wire.receive(data, now_s)

    def send(self, now_s: float) -> bytes:
        """Return what comes on the wire up to now."""
        self._move(now_s)
        return self._wire.send(now_s)

    def power_cycle(self, now_s: float) -> None:
        """Switch the whole bus off and on."""
        self._move(now_s)
        self._wire.silence()
        for unit in self._units:
            unit.power_cycle(now_s)

    def facts(self) -> dict[str, JsonValue]:
        """Return where every coin and note is."""
        money = self._money
        note = self._notes.note if self._notes else None
        escrow_minor = note.value_minor if note and note.phase is Phase.ESCROW else 0
        moving_minor = (note.value_minor if note else 0) - escrow_minor + (self._coins.falling_minor if self._coins else 0)
        hoppers_minor = sum(hopper.worth_minor for hopper in self._hoppers.values())
        inside_minor = worth_minor(money.coin_box) + worth_minor(money.note_box) + hoppers_minor + escrow_minor + moving_minor
        return {
            "takes_coins": [*self._coins.takes] if self._coins else [],
            "coin_box": _pile(money.coin_box),
            "note_box": _pile(money.note_box),
            "hoppers": {hopper.name: _hopper_facts(hopper) for hopper in self._hoppers.values()},
            "escrow_minor": escrow_minor,
            "moving_minor": moving_minor,
            "tray": _pile(money.tray),
            "tray_minor": worth_minor(money.tray),
            "bezel_minor": money.bezel or 0,
            "given_back": _pile(money.given_back),
            "given_back_minor": worth_minor(money.given_back),
            "inserted": _pile(money.inserted),
            "inserted_minor": worth_minor(money.inserted),
            "filled_minor": self._filled_minor,
            "machine_total_minor": inside_minor,
        }

    def actions(self) -> Mapping[str, Action]:
        """Return what the operator can do."""
        return {
            "insert_coin": self.insert_coin,
            "insert_note": self.insert_note,
            "take_money": self.take_money,
            "press_return_lever": self.press_return_lever,
            "reset_device": self.reset_device,
            "unplug_device": self.unplug_device,
            "fill_hopper": self.fill_hopper,
            "jam_hopper": self.jam_hopper,
            "lose_next_dispense_reply": self.lose_next_dispense_reply,
            "miss_next_dispense": self.miss_next_dispense,
            "refuse_next_dispense": self.refuse_next_dispense,
            "power_cycle_device": self.power_cycle_device,
        }

    def insert_coin(self, value_minor: int, now_s: float) -> JsonValue:
        """Drop a coin into the slot; what the acceptor does not want falls into the tray."""
        if self._coins is None:
            raise ActionError("There is no coin acceptor on this bus.")
        if self._coins.is_full:
            raise ActionError("Too many coins at once; wait a moment.")
        _positive("value_minor", value_minor)
        self._money.inserted[value_minor] += 1
        self._coins.insert(value_minor, now_s)
        return None

    def insert_note(self, value_minor: int, now_s: float) -> JsonValue:
        """Put a note into the slot; what the validator does not want comes back there."""
        if self._notes is None:
            raise ActionError("There is no note validator on this bus.")
        if self._money.bezel is not None:
            raise ActionError("A returned note sticks in the slot; take it first (take_money).")
        if not self._notes.is_free:
            raise ActionError("The validator is busy with another note; wait a moment.")
        _positive("value_minor", value_minor)
        self._money.inserted[value_minor] += 1
        self._notes.insert(value_minor, now_s)
        return None

    def unplug_device(self, address: int, on: bool) -> JsonValue:  # noqa: FBT001 - the bench passes arguments by name
        """Take one device off the bus, or put it back; its power stays."""
        self._at(address).is_plugged = not on
        return None

    def reset_device(self, address: int, now_s: float) -> JsonValue:
        """Let one device forget what is volatile, as by its own watchdog."""
        self._at(address).reset(now_s)
        return None

    def take_money(self) -> JsonValue:
        """Take all coins out of the tray and a returned note out of the slot; return their worth in minor units."""
        taken = Counter(self._money.tray)
        if self._money.bezel is not None:
            taken[self._money.bezel] += 1
        self._money.tray.clear()
        self._money.bezel = None
        self._money.given_back.update(taken)
        return worth_minor(taken)

    def press_return_lever(self) -> JsonValue:
        """Press the coin return lever."""
        if self._coins is None:
            raise ActionError("There is no coin acceptor on this bus.")
        self._coins.press_lever()
        return None

    def fill_hopper(self, hopper: str, count: int) -> JsonValue:
        """Put coins into a hopper; return how many lie in it."""
        bowl = self._hopper(hopper)
        _positive("count", count)
        if bowl.stock + count > CAPACITY:
            raise ActionError(f"{hopper} holds {CAPACITY} coins and has {bowl.stock}.")
        bowl.stock += count
        self._filled_minor += count * bowl.coin_minor
        return bowl.stock

    def jam_hopper(self, hopper: str, on: bool) -> JsonValue:  # noqa: FBT001 - the bench passes arguments by name
        """Jam a hopper, or clear it."""
        self._hopper(hopper).is_jammed = on
        return None

    def lose_next_dispense_reply(self, hopper: str = "") -> JsonValue:
        """Pay the next time, but lose the answer; one hopper, or all."""
        for bowl in self._chosen(hopper):
            bowl.loses_next_reply = True
        return None

    def miss_next_dispense(self, hopper: str = "") -> JsonValue:
        """Do not hear the next order to pay; one hopper, or all."""
        for bowl in self._chosen(hopper):
            bowl.misses_next_order = True
        return None

    def refuse_next_dispense(self, hopper: str = "") -> JsonValue:
        """Answer the next order to pay with NAK, counting it; one hopper, or all."""
        for bowl in self._chosen(hopper):
            bowl.refuses_next_order = True
        return None

    def power_cycle_device(self, address: int, now_s: float) -> JsonValue:
        """Switch one device of the bus off and on."""
        self._at(address).power_cycle(now_s)
        return None

    def _at(self, address: int) -> SimulatedUnit:
        unit = next((unit for unit in self._units if unit.address == address), None)
        if unit is None:
            addresses = sorted(unit.address for unit in self._units)
            raise ActionError(f"There is no device at address {address}; there are {addresses}.")
        return unit

    def _chosen(self, hopper: str) -> list[SimulatedHopper]:
        return [self._hopper(hopper)] if hopper else list(self._hoppers.values())

    def _hopper(self, name: str) -> SimulatedHopper:
        hopper = self._hoppers.get(name)
        if hopper is None:
            raise ActionError(f"There is no hopper {name!r}; there are {', '.join(sorted(self._hoppers))}.")
        return hopper

    def _move(self, now_s: float) -> None:
        for unit in self._units:
            unit.move(now_s)

    def _answer(self, whole: bytes, now_s: float) -> list[Voice]:
        voices = [unit.hear(whole, now_s) for unit in self._units if unit.is_plugged]
        return [voice for voice in voices if voice is not None]


def _serial(seed: int, address: int) -> int:
    return (_FIRST_SERIAL + seed * 256 + address) % _SERIALS


def _positive(name: str, value: int) -> None:
    if type(value) is not int or value <= 0:
        raise ActionError(f"{name} is a whole number above 0, not {value!r}.")


def _pile(pile: Counter[int]) -> JsonValue:
    return {str(value_minor): count for value_minor, count in sorted(pile.items()) if count}


def _hopper_facts(hopper: SimulatedHopper) -> JsonValue:
    return {
        "coin_minor": hopper.coin_minor,
        "count": hopper.stock,
        "value_minor": hopper.worth_minor,
        "paid_ever": hopper.dispensed,
        "is_paying": hopper.is_paying,
        "is_jammed": hopper.is_jammed,
    }
