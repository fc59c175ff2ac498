"""How a simulated cash bus is set up: the ``[devices.options]`` of the bench settings.

::

    coin_acceptor = 2                  # address; 0: there is none
    note_validator = 40
    coins = [10, 50, 100]              # minor units, in the order of the channels
    notes = [100, 500, 1000, 2000, 5000, 10000]
    checksum = "sum8"                  # or "crc16"
    echo = true
    country = "CN"
    coins_per_s = 3.0
    escrow_s = 30.0                    # then a note goes back by itself
    empty_s = 5.0                      # then a hopper gives up
    product = "SCH2"                   # or "SCH2-NOENCRYPT", "FLOW", "FLOW-NOENCRYPT", "MK1"
    pin = ""                           # four digits that hoppers want before they pay
    unknown_header = "silence"         # or "nak"

    [devices.options.hoppers]          # address = coin; a second one of a coin is called hopper-100-<address>
    3 = 100
    4 = 50
    5 = 10
    [devices.options.checksums]        # addresses that are set up otherwise
    40 = "crc16"
    [devices.options.products]         # hoppers of another product
    4 = "FLOW"
    [devices.options.stocks]           # coins at the start
    hopper-100 = 200
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hardware.bench.simulator import JsonValue
from hardware.cash.protocol import Checksum
from hardware.cash.protocol_values import CHANNELS

STOCK = 200
CAPACITY = 500
"""Coins that a hopper holds."""

Address = Annotated[int, Field(ge=0, le=255)]
Coin = Annotated[int, Field(ge=1, le=999)]
Note = Annotated[int, Field(ge=100, le=999_900, multiple_of=100)]
Stock = Annotated[int, Field(ge=0, le=CAPACITY)]
Product = Annotated[str, Field(pattern="^[ -~]{1,32}$")]
PositiveSeconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class OptionError(ValueError):
    """An option of the bench that cannot be; the sentence says which."""


class Options(BaseModel):
    """All options, with the demo's set as default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    coin_acceptor: Address = 2
    note_validator: Address = 40
    coins: Annotated[tuple[Coin, ...], Field(max_length=CHANNELS)] = (10, 50, 100)
    notes: Annotated[tuple[Note, ...], Field(max_length=CHANNELS)] = (100, 500, 1000, 2000, 5000, 10000)
    checksum: Checksum = "sum8"
    echo: bool = True
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] = "CN"
    coins_per_s: PositiveSeconds = 3.0
    escrow_s: PositiveSeconds = 30.0
    empty_s: PositiveSeconds = 5.0
    product: Product = "SCH2"
    hoppers: dict[Address, Coin] = {3: 100, 4: 50, 5: 10}
    stocks: dict[str, Stock] = {}
    checksums: dict[Address, Checksum] = {}
    products: dict[Address, Product] = {}
    pin: Annotated[str, Field(pattern="^([0-9]{4})?$")] = ""
    unknown_header: Literal["silence", "nak"] = "silence"

    @property
    def hopper_names(self) -> dict[int, str]:
        """What each hopper is called, by address: its coin, and its address besides where another of that coin came before."""
        names: dict[int, str] = {}
        for address, coin_minor in self.hoppers.items():
            plain = f"hopper-{coin_minor}"
            names[address] = f"{plain}-{address}" if plain in names.values() else plain
        return names


def parse_options(options: Mapping[str, JsonValue]) -> Options:
    """Read the options.

    Raises:
        OptionError: an unknown name, or a value that cannot be.
    """
    try:
        read = Options.model_validate(dict(options))
    except ValidationError as error:
        mistakes = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        known = ", ".join(sorted(Options.model_fields))
        raise OptionError(f"the cash bus cannot be set up so: {mistakes}. It knows the options {known}.") from error
    names = set(read.hopper_names.values())
    if unknown := sorted(set(read.stocks) - names):
        raise OptionError(f"stocks name {', '.join(unknown)}, but the hoppers are {', '.join(sorted(names))}.")
    return read
