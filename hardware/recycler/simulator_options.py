"""How a simulated note recycler is set up: the ``[devices.options]`` of the bench settings.

::

    currency = "CNY"
    notes = [100, 500, 1000, 2000, 5000, 10000]     # minor units, in the order of the channels
    serial_number = 4880564
    store = true                                    # false: a validator without one, plain SSP
    counters = true                                 # false: the device does not count (command 0x58)
    capacity = 80                                   # notes in the store
    box_capacity = 500
    note_s = 0.8                                    # to move one note
    escrow_s = 10.0                                 # then a note goes back by itself
    fixed_key = "0123456701234567"

    [devices.options.stocks]                        # notes in the store at the start
    1000 = 10
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hardware.bench.simulator import JsonValue

Note = Annotated[int, Field(ge=100, le=10_000_000, multiple_of=100)]
PositiveSeconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class OptionError(ValueError):
    """An option of the bench that cannot be; the sentence says which."""


class Options(BaseModel):
    """All options, with the demo's set as default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "CNY"
    notes: Annotated[tuple[Note, ...], Field(min_length=1, max_length=16)] = (100, 500, 1000, 2000, 5000, 10000)
    serial_number: Annotated[int, Field(ge=1, lt=1 << 32)] | None = None
    store: bool = True
    counters: bool = True
    capacity: Annotated[int, Field(ge=1, le=500)] = 80
    box_capacity: Annotated[int, Field(ge=1, le=5000)] = 500
    note_s: PositiveSeconds = 0.8
    escrow_s: PositiveSeconds = 10.0
    fixed_key: Annotated[str, Field(pattern="^[0-9A-Fa-f]{16}$")] = "0123456701234567"
    stocks: dict[Note, Annotated[int, Field(ge=0, le=500)]] = {}

    @model_validator(mode="after")
    def _stocks_fit(self) -> Options:
        if sum(self.stocks.values()) > self.capacity or not set(self.stocks) <= set(self.notes):
            raise ValueError(f"stocks name notes of the device, {self.capacity} at most")
        return self


def parse_options(options: Mapping[str, JsonValue]) -> Options:
    """Read the options.

    Raises:
        OptionError: an unknown name, or a value that cannot be.
    """
    try:
        return Options.model_validate(dict(options))
    except ValidationError as error:
        mistakes = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        known = ", ".join(sorted(Options.model_fields))
        raise OptionError(f"the recycler cannot be set up so: {mistakes}. It knows the options {known}.") from error
