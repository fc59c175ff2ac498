"""Where each kind of module keeps its inputs, outputs, counters and safety: data, not code.

Sources: Waveshare's wiki pages; Advantech's ADAM-4000 and ADAM-4100 manuals, appendix "Modbus mapping"; Moxa's ioLogik E1200
manual, appendix "Modbus/TCP default address mappings". Addresses are those on the wire: 40211 in a manual is register 210 here.
None of them was tried on a real module; what the makers leave open is said beside it.

What must stop by itself when this program dies (belt, deactivator) needs a *guard*: :class:`Flash`, an output that goes off by
itself after a time, or :class:`Watchdog`, a module that switches its outputs off when it hears nobody. A map without a guard
cannot drive them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

READ_COILS, READ_INPUTS, READ_HOLDING, READ_INPUT_REGISTERS = 0x01, 0x02, 0x03, 0x04


@dataclass(frozen=True, slots=True)
class Bits:
    """A row of bits."""

    function: int
    start: int
    count: int


@dataclass(frozen=True, slots=True)
class Words:
    """A row of 16-bit registers."""

    function: int
    start: int
    count: int


class Form(Enum):
    """How registers tell a name or a version."""

    CODE = "the four hexadecimal digits of a word: 4055"
    TEXT = "two characters in a word"
    HUNDREDTHS = "200 is V2.00"
    BYTES = "each byte a number: V1.2.3"
    HEX = "A2 00 B0 01"


@dataclass(frozen=True, slots=True)
class Told:
    """Something that the module tells of itself."""

    words: Words
    form: Form


@dataclass(frozen=True, slots=True)
class Flash:
    """Coil ``start`` + channel takes a time in steps of 0.1 s: on at once, off by itself."""

    start: int


@dataclass(frozen=True, slots=True)
class Watchdog:
    """The module switches its outputs to safe states when it hears nobody; set up with the maker's own tool."""

    enabled: Words | None
    """Not 0: it is switched on. None where the module does not tell."""
    clear: int | None
    """The coil that ends the safe state, where that does not end by itself."""


@dataclass(frozen=True, slots=True)
class Counters:
    """The module counts the rises of its inputs, two registers for each: a pulse shorter than the poll is not lost."""

    words: Words
    high_word_first: bool
    mode: int | None = None
    """Register of channel 0 that takes 1 for counting; None where the maker's own tool sets it."""
    run: int | None = None
    """Coil of channel 0 that starts counting."""


@dataclass(frozen=True, slots=True)
class RegisterMap:
    """One kind of module."""

    name: str
    title: str
    inputs: Bits
    outputs: Bits
    guard: Flash | Watchdog | None
    together: Words | None = None
    """Registers of which the first holds the inputs and the last the outputs, bit 0 first: one question reads both."""
    modes: Words | None = None
    """One register for each output that must be 0: the host decides."""
    model: Told | None = None
    model_prefix: str = ""
    """What the module must call itself."""
    serial_number: Told | None = None
    firmware: Told | None = None
    counters: Counters | None = None
    uptime: Words | None = None
    """Seconds since the module started, high word first."""
    in_step: Words | None = None
    """Registers of which 1 to ``count`` can be read, to bring a serial line back in step."""


WAVESHARE = RegisterMap(
    name="waveshare-io-8ch",
    title="Waveshare Modbus RTU IO 8CH",
    inputs=Bits(READ_INPUTS, 0, 8),
    outputs=Bits(READ_COILS, 0, 8),
    guard=Flash(0x0200),
    modes=Words(READ_HOLDING, 0x1000, 8),
    firmware=Told(Words(READ_HOLDING, 0x8000, 1), Form.HUNDREDTHS),
    in_step=Words(READ_HOLDING, 0x1000, 8),
)
"""Also the Modbus RTU Relay 8CH (D). It has no counters: a pulse must last two readings of the inputs."""

ADAM_4055 = RegisterMap(
    name="adam-4055",
    title="Advantech ADAM-4055",
    inputs=Bits(READ_COILS, 0, 8),
    outputs=Bits(READ_COILS, 16, 8),
    together=Words(READ_HOLDING, 300, 3),
    guard=Watchdog(enabled=Words(READ_HOLDING, 214, 1), clear=None),
    model=Told(Words(READ_HOLDING, 210, 1), Form.CODE),
    model_prefix="4055",
    firmware=Told(Words(READ_HOLDING, 212, 2), Form.HEX),
    in_step=Words(READ_HOLDING, 210, 6),
)
"""The manual has the word form for its sister models; that the 4055 has it too is from memory."""

ADAM_4150 = replace(
    ADAM_4055,
    name="adam-4150",
    title="Advantech ADAM-4150",
    inputs=Bits(READ_COILS, 0, 7),
    model_prefix="4150",
    counters=Counters(Words(READ_HOLDING, 0, 14), high_word_first=False, mode=78),
)
"""Which word of a counter is the high one is from memory; only differences are used, so that it matters every 65536 pulses."""

IOLOGIK_E1212 = RegisterMap(
    name="iologik-e1212",
    title="Moxa ioLogik E1212",
    inputs=Bits(READ_INPUTS, 0, 8),
    outputs=Bits(READ_COILS, 0, 8),
    guard=Watchdog(enabled=None, clear=4144),
    model=Told(Words(READ_INPUT_REGISTERS, 5000, 10), Form.TEXT),
    model_prefix="E1212",
    serial_number=Told(Words(READ_INPUT_REGISTERS, 5024, 3), Form.HEX),
    firmware=Told(Words(READ_INPUT_REGISTERS, 5029, 2), Form.BYTES),
    counters=Counters(Words(READ_INPUT_REGISTERS, 0x10, 16), high_word_first=True, run=0x0100),
    uptime=Words(READ_INPUT_REGISTERS, 5020, 2),
)
"""Its eight configurable channels set to outputs. Reference 7.3's 0x1020 clears peer-to-peer states; the watchdog's is 4144."""

IOLOGIK_E1214 = replace(
    IOLOGIK_E1212,
    name="iologik-e1214",
    title="Moxa ioLogik E1214",
    inputs=Bits(READ_INPUTS, 0, 6),
    outputs=Bits(READ_COILS, 0, 6),
    model_prefix="E1214",
    counters=Counters(Words(READ_INPUT_REGISTERS, 0x10, 12), high_word_first=True, run=0x0100),
)
"""Six inputs and six relays. Its relay pulses count in steps of 1.5 s, too coarse for a guard."""

PLAIN = RegisterMap(
    name="plain-8ch",
    title="Modbus module with 8 coils and 8 inputs from address 0",
    inputs=Bits(READ_INPUTS, 0, 8),
    outputs=Bits(READ_COILS, 0, 8),
    guard=None,
)
"""Anything else that has coils and inputs, without a guard."""

MAPS: Mapping[str, RegisterMap] = {
    found.name: found for found in (WAVESHARE, ADAM_4055, ADAM_4150, IOLOGIK_E1212, IOLOGIK_E1214, PLAIN)
}
"""Every map by its name in the settings."""


def told(data: tuple[int, ...], form: Form) -> str:
    """Return registers as a person reads them."""
    raw = b"".join(word.to_bytes(2) for word in data)
    if form is Form.CODE:
        return raw.hex().upper()
    if form is Form.TEXT:
        return "".join(chr(byte) for byte in raw if 0x20 < byte < 0x7F)  # noqa: PLR2004 - printable ASCII
    if form is Form.HUNDREDTHS:
        return f"V{data[0] / 100:.2f}"
    if form is Form.BYTES:
        return "V" + ".".join(str(byte) for byte in raw).removesuffix(".0")
    return raw.hex(":").upper()
