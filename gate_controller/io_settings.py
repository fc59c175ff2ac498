"""What a lane's I/O module is and what is wired to it, as the settings file says."""

from __future__ import annotations

import difflib
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from hardware.io_module.addresses import Framing
from hardware.io_module.register_maps import MAPS
from hardware.io_module.wiring import IoModuleSetup, LaneInputs, LaneOutputs
from hardware.link import LineSettings
from hardware.pin import Pin
from program.settings import Section

NOTHING = "none"
NEEDED_OUTPUTS = ("belt", "deactivator", "gate")
NEEDED_INPUTS = ("emergency_stop", "entry_barrier", "exit_barrier")


def _terminal(value: object) -> object:
    return None if value == NOTHING else value


Terminal = Annotated[Annotated[int, Field(ge=0, le=7)] | None, BeforeValidator(_terminal)]
"""A channel counted from 0, or "none" where nothing is wired."""


class OutputSettings(Section):
    """Which output is what; numbers from 0, "none" where nothing is wired."""

    belt: Terminal = 0
    """Runs the belt while on; only timed pulses or a watchdog may drive it."""
    deactivator: Terminal = 1
    """Kills security tags while on; only timed pulses or a watchdog may drive it."""
    red: Terminal = 2
    """Red light."""
    amber: Terminal = 3
    """Amber light."""
    green: Terminal = 4
    """Green light."""
    siren: Terminal = 5
    """Siren."""
    gate: Terminal = 6
    """Lets one shopper through while on."""
    spare: Terminal = 7
    """Nothing is wired to it: how the module stops by itself is tried here at every connection."""


class InputSettings(Section):
    """Which input is what; numbers from 0, "none" where nothing is wired."""

    eas_alarm: Terminal = 0
    """The pedestal sees a live tag; what its contact does then is ``eas_contact``."""
    entry_barrier: Terminal = 1
    """On: goods break the beam at the belt's entry."""
    exit_barrier: Terminal = 2
    """On: goods break the beam at the end of the scale."""
    emergency_stop: Terminal = 3
    """Normally closed: off is pressed, or a broken wire."""
    staff_key: Terminal = 4
    """On: staff turned the release key."""
    belt_fault: Terminal = 5
    """On: the belt's motor protection tripped."""
    passage: Terminal = 6
    """On while the shopper walks through."""
    live_zero: Terminal = 7
    """Wired to on: off means that the inputs have no supply."""
    fire: Terminal = None
    """The building's fire alarm system; what its contact does is ``fire_contact``. Every lane of this controller opens."""


class IoSettings(Pin):
    """The I/O module: what it is, the only one to accept, and its wiring."""

    map: str = "waveshare-io-8ch"
    """The module's register map: waveshare-io-8ch, adam-4055, adam-4150, iologik-e1212, iologik-e1214 or plain-8ch."""
    unit: Annotated[int, Field(ge=1, le=247)] = 1
    """The module's Modbus address."""
    baud: Annotated[int, Field(ge=300, le=1_000_000)] = 9600
    """How fast the serial line is."""
    parity: Literal["N", "E", "O"] = "N"
    """Parity of the serial line: none, even or odd."""
    framing: Framing = Framing.BY_URL
    """by-url: TCP frames for modbus-tcp://host, RTU frames for everything else; rtu or tcp say it outright."""
    counted: tuple[str, ...] = ()
    """Inputs whose counters are read, so that a pulse shorter than the poll is heard; for modules that have counters."""
    watchdog_s: Annotated[float, Field(gt=0, le=5)] = 1.0
    """What the module's own watchdog is set to, where its map has one."""
    unguarded: bool = False
    """Drive belt and deactivator although nothing in the module stops them when this program dies."""
    gate_without_power: Literal["shut", "open"] = "shut"
    """What the gate does without power or program. shut: the output opens it. open: the output holds it shut."""
    fire_contact: Literal["opens", "closes"] = "opens"
    """What the fire input's contact does in a fire; opens: a broken wire is a fire, too."""
    eas_contact: Literal["closes", "opens"] = "closes"
    """What the pedestal's contact does at an alarm. opens: a pedestal without power and a broken wire are an alarm, too."""
    outputs: OutputSettings = OutputSettings()
    """Which output is what."""
    inputs: InputSettings = InputSettings()
    """Which input is what."""

    @field_validator("map")
    @classmethod
    def _known(cls, name: str) -> str:
        if name in MAPS:
            return name
        nearest = difflib.get_close_matches(name, MAPS, n=1, cutoff=0.4)
        hint = f"did you mean {nearest[0]!r}?" if nearest else f"there are {', '.join(MAPS)}"
        raise ValueError(f"there is no map {name!r}; {hint}")

    @field_validator("counted")
    @classmethod
    def _once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"{', '.join(doubled)} stands there twice")
        return names

    @model_validator(mode="after")
    def _fits(self) -> IoSettings:
        setup = self.setup()
        for kind, needed, wired in (
            ("output", NEEDED_OUTPUTS, setup.outputs.channels()),
            ("input", NEEDED_INPUTS, setup.inputs.channels()),
        ):
            missing = [name for name in needed if name not in wired]
            if missing:
                raise ValueError(f"{', '.join(missing)}: a lane cannot do without this {kind}; wire it and give its number")
        return self

    def setup(self) -> IoModuleSetup:
        """Return what the driver must know; raises ValueError with a sentence where it does not fit together."""
        return IoModuleSetup(
            register_map=MAPS[self.map],
            unit=self.unit,
            inputs=LaneInputs(**self.inputs.model_dump()),
            outputs=LaneOutputs(**self.outputs.model_dump()),
            counted=frozenset(self.counted),
            watchdog_s=self.watchdog_s,
            unguarded=self.unguarded,
        )

    def line(self) -> LineSettings:
        """Return how the serial line is clocked."""
        return LineSettings(baud=self.baud, parity=self.parity)
