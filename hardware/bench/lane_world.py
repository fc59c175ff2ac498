"""The physics of the exit lane: a belt, two light barriers, a scale, a deactivator, a gate and an EAS pedestal.

::

    entry barrier (DI1)           exit barrier (DI2)
    |<------------------ scale -----------|------->|deactivator|<- rest ->| end of the belt
    0                                   0.8 m     1.1         1.25       1.7

Goods are 0.4 m long. Their front enters first; the belt carries them at 0.3 m/s (option ``belt_m_s``) while DO0 is on. When
the front breaks the exit barrier all of them lie on the scale, and they stay on it for the second that the last belt pulse may
last. Beyond it they pass the deactivator: a tag is dead after it was over it while DO1 was on. A shopper takes goods from the
belt and carries their tags through the gate (DO6, passage sensor DI6) and past the pedestal, which closes the EAS contact DI0
for a live tag.
DI3 (emergency stop, normally closed) and DI7 (live zero) are wired to 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Protocol

from hardware.bench.belt import ENTRY_BARRIER_M, EXIT_BARRIER_M, PLACED_FRONT_M, Goods, carry
from hardware.bench.simulator import Action, ActionError, JsonValue

BELT_M_S = 0.3
BELT_MAX_M_S = 3.0
STEP_MAX_S = 0.1
"""A longer pause of the bench moves goods no further than this, because nobody watched the barriers meanwhile."""
EAS_ALARM_S = 3.0
PASSAGE_PULSE_S = 0.5
GOODS_MAX = 10
GRAMS_MAX = 100_000.0
TAGS_MAX = 100
LOAD_STEP_G = 0.01
"""The scale is told of a change of its load from this on."""


class Output(IntEnum):
    """Coils of the lane that the physics feels."""

    BELT = 0
    DEACTIVATOR = 1
    GATE = 6


class Input(IntEnum):
    """Sensors of the lane."""

    EAS_ALARM = 0
    ENTRY_BARRIER = 1
    EXIT_BARRIER = 2
    EMERGENCY_STOP = 3
    STAFF_KEY = 4
    BELT_FAULT = 5
    PASSAGE = 6
    LIVE_ZERO = 7


class IoModule(Protocol):
    """What the world needs of the simulated I/O module."""

    def outputs(self, now_s: float) -> Sequence[bool]:
        """Return the coils as they are at ``now_s``."""

    def set_input(self, index: int, on: bool) -> None:  # noqa: FBT001 - the simulator's own signature
        """Set a sensor."""


class Scale(Protocol):
    """What the world needs of the simulated scale."""

    def set_load(self, grams: float, now_s: float) -> None:
        """Set what lies on it."""


class LaneWorld:
    """The lane's belt, gate and pedestal between an I/O module and a scale."""

    def __init__(self, io_module: IoModule, scale: Scale, belt_m_s: float = BELT_M_S) -> None:
        if not 0 < belt_m_s <= BELT_MAX_M_S:
            raise ValueError(f"belt_m_s is more than 0 and at most {BELT_MAX_M_S:g}")
        self._belt_m_s = belt_m_s
        self._io = io_module
        self._scale = scale
        self._belt: list[Goods] = []
        self._carried = Goods()
        self._off_at_s: dict[Input, float] = {}
        self._sensors: dict[Input, bool] = {}
        self._load_g = 0.0
        self._last_s: float | None = None
        self._emergency = False
        self._belt_fault = False
        self._gate_open = False
        self._belt_running = False
        self._passed = 0
        self._wire(Input.EMERGENCY_STOP, on=True)
        self._wire(Input.LIVE_ZERO, on=True)

    def step(self, now_s: float) -> bool:
        """Move goods, tags and sensors on to ``now_s``."""
        elapsed_s = min(STEP_MAX_S, now_s - self._last_s) if self._last_s is not None else 0.0
        self._last_s = now_s
        outputs = self._io.outputs(now_s)
        self._gate_open = bool(outputs[Output.GATE])
        self._belt_running = bool(outputs[Output.BELT]) and not self._emergency and not self._belt_fault
        if self._belt_running:
            carry(self._belt, elapsed_s * self._belt_m_s, deactivating=bool(outputs[Output.DEACTIVATOR]))
        self._wire(Input.ENTRY_BARRIER, on=any(goods.covers(ENTRY_BARRIER_M) for goods in self._belt))
        self._wire(Input.EXIT_BARRIER, on=any(goods.covers(EXIT_BARRIER_M) for goods in self._belt))
        for sensor, off_at_s in list(self._off_at_s.items()):
            if now_s >= off_at_s:
                del self._off_at_s[sensor]
                self._wire(sensor, on=False)
        self._weigh(now_s)
        return self._belt_running or bool(self._off_at_s)

    def facts(self) -> dict[str, JsonValue]:
        """Return where the goods are and which tags live."""
        return {
            "goods": [goods.facts() for goods in self._belt],
            "belt_grams": sum(goods.grams for goods in self._belt),
            "scale_grams": round(self._load_g, 3),
            "carried_grams": self._carried.grams,
            "carried_live_tags": len(self._carried.live),
            "carried_dead_tags": self._carried.dead_tags,
            "belt_running": self._belt_running,
            "gate_open": self._gate_open,
            "eas_alarm": Input.EAS_ALARM in self._off_at_s,
            "emergency_stop": self._emergency,
            "belt_fault": self._belt_fault,
            "walked_through": self._passed,
        }

    def actions(self) -> Mapping[str, Action]:
        """Return what shopper and staff can do at the lane."""
        return {
            "put_goods": self.put_goods,
            "take_goods": self.take_goods,
            "put_back": self.put_back,
            "drop": self.drop,
            "walk_through": self.walk_through,
            "carry_tag": self.carry_tag,
            "emergency_stop": self.emergency_stop,
            "staff_key": self.staff_key,
            "belt_fault": self.belt_fault,
        }

    def put_goods(self, grams: float, live_tags: int = 0) -> JsonValue:
        """Put goods on the belt's entry; what is still there grows by them."""
        if not 0 < grams <= GRAMS_MAX:
            raise ActionError(f"Goods weigh more than 0 and at most {GRAMS_MAX:g} grams.")
        if not 0 <= live_tags <= TAGS_MAX:
            raise ActionError(f"Goods carry between 0 and {TAGS_MAX} tags.")
        waiting = next((goods for goods in self._belt if goods.covers(ENTRY_BARRIER_M)), None)
        if waiting is None:
            if len(self._belt) >= GOODS_MAX:
                raise ActionError("The belt is full; take goods from it first.")
            waiting = Goods()
            self._belt.append(waiting)
        waiting.grams += grams
        waiting.stick_on(live_tags)
        return waiting.facts()

    def take_goods(self) -> JsonValue:
        """The shopper takes everything from the belt."""
        if not self._belt:
            raise ActionError("No goods lie on the belt.")
        self._take(self._belt)
        return {"grams": self._carried.grams, "live_tags": len(self._carried.live)}

    def put_back(self) -> JsonValue:
        """The shopper puts what was taken back on the belt's entry."""
        if self._carried.grams == 0.0:
            raise ActionError("The shopper carries no goods.")
        back, self._carried = self._carried, Goods()
        back.front_m = PLACED_FRONT_M
        self._belt.append(back)
        return back.facts()

    def drop(self) -> JsonValue:
        """The shopper leaves what was taken with the staff, tags and all."""
        left, self._carried = self._carried, Goods()
        return {"grams": left.grams, "live_tags": len(left.live)}

    def walk_through(self, now_s: float, live_tags: int | None = None) -> JsonValue:
        """The shopper takes what lies on the belt and walks out; live_tags says otherwise how many live tags are carried."""
        if live_tags is not None and not 0 <= live_tags <= TAGS_MAX:
            raise ActionError(f"A shopper carries between 0 and {TAGS_MAX} tags.")
        if not self._io.outputs(now_s)[Output.GATE]:
            raise ActionError("the gate is closed")
        # Goods at the entry are the next shopper's, unless there are no others.
        self._take([goods for goods in self._belt if not goods.covers(ENTRY_BARRIER_M)] or self._belt)
        self._pulse(Input.PASSAGE, now_s, PASSAGE_PULSE_S)
        live = len(self._carried.live) if live_tags is None else live_tags
        if live:
            self._pulse(Input.EAS_ALARM, now_s, EAS_ALARM_S)
        grams = self._carried.grams
        self._carried = Goods()
        self._passed += 1
        return {"grams": grams, "live_tags": live, "alarm": live > 0}

    def carry_tag(self, now_s: float, *, live: bool = True) -> JsonValue:
        """Somebody carries a tag past the pedestal."""
        if live:
            self._pulse(Input.EAS_ALARM, now_s, EAS_ALARM_S)
        return {"alarm": live}

    def emergency_stop(self, *, pressed: bool) -> None:
        """Press or pull out the emergency stop; the belt stands while it is pressed."""
        self._emergency = pressed
        self._wire(Input.EMERGENCY_STOP, on=not pressed)

    def staff_key(self, *, turned: bool) -> None:
        """Turn the staff's release key, or turn it back."""
        self._wire(Input.STAFF_KEY, on=turned)

    def belt_fault(self, *, on: bool) -> None:
        """Let the belt's motor protection trip, or reset it."""
        self._belt_fault = on
        self._wire(Input.BELT_FAULT, on=on)

    def _take(self, taken: list[Goods]) -> None:
        for goods in taken:
            self._carried.grams += goods.grams
            self._carried.live += goods.live
            self._carried.dead_tags += goods.dead_tags
        self._belt = [goods for goods in self._belt if goods not in taken]

    def _weigh(self, now_s: float) -> None:
        load_g = sum(goods.grams_on_scale() for goods in self._belt)
        if abs(load_g - self._load_g) >= LOAD_STEP_G or (load_g == 0.0 and self._load_g != 0.0):
            self._load_g = load_g
            self._scale.set_load(load_g, now_s)

    def _pulse(self, sensor: Input, now_s: float, length_s: float) -> None:
        self._off_at_s[sensor] = now_s + length_s
        self._wire(sensor, on=True)

    def _wire(self, sensor: Input, *, on: bool) -> None:
        # Told on change only, so that an operator can also set a sensor by hand.
        if self._sensors.get(sensor) is not on:
            self._sensors[sensor] = on
            self._io.set_input(sensor.value, on)


def build(options: Mapping[str, JsonValue], io_module: IoModule, scale: Scale) -> LaneWorld:
    """Return the lane's physics between two simulated devices; the option is ``belt_m_s``."""
    unknown = sorted(set(options) - {"belt_m_s"})
    belt_m_s = options.get("belt_m_s", BELT_M_S)
    if unknown or isinstance(belt_m_s, bool) or not isinstance(belt_m_s, int | float):
        raise ValueError("a lane has the option belt_m_s, a number")
    return LaneWorld(io_module, scale, float(belt_m_s))
