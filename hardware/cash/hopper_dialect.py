"""How hoppers of different makers differ; pure.

::

                       SCH2                   Flow              Mk1, Alberici
    dispense (167)     answers the counter    the counter       a plain ACK
    test (163)         two registers          one               one
    level              217, sensors           236, 0 2 3        217, if at all
    key before N       serial number, eight dummy bytes where the product is ...-NOENCRYPT, or a cipher
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Dialect: TypeAlias = Literal["auto", "sch2", "flow", "mk1"]
Key: TypeAlias = Literal["auto", "serial", "none"]
Cipher: TypeAlias = Callable[[bytes], bytes]
"""Turns the eight bytes of header 160 into the eight that allow a payout. The makers give it under an agreement only."""

DUMMY_KEY = bytes(8)


@dataclass(frozen=True, slots=True)
class HopperSetup:
    """What the settings say about one hopper."""

    coin_minor: int | None = None
    """The coin in it; None: it tells itself."""
    dialect: Dialect = "auto"
    """``auto``: by its product code."""
    key: Key = "auto"
    """What goes before the number of coins; ``auto``: by its product code."""
    pin: str = ""
    """Four digits, for a hopper that wants them before it pays."""
    cipher: Cipher | None = None


def dialect_of(setup: HopperSetup, model: str) -> Dialect:
    """Return how a hopper speaks; never ``auto``."""
    if setup.dialect != "auto":
        return setup.dialect
    return "flow" if "FLOW" in model.upper() else "sch2"


def needs_dummy_key(setup: HopperSetup, model: str) -> bool:
    """Whether eight bytes without meaning go before the number of coins."""
    return setup.key == "none" or (setup.key == "auto" and "NOENCRYPT" in model.upper())
