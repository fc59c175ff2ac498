"""Which kinds of devices and worlds the bench knows, and where each is built; imported only when one is asked for."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from hardware.bench.simulator import JsonValue
from program.errors import SettingsError

Build: TypeAlias = Callable[[Mapping[str, JsonValue], int], Any]

SIMULATORS: Mapping[str, str] = {
    "mt-sics-scale": "hardware.scale.simulator",
    "toledo-8217-scale": "hardware.scale.simulator_8217",
    "ascii-scanner": "hardware.scanner.simulator",
    "ssi-scanner": "hardware.scanner.simulator_ssi",
    "cctalk-cash": "hardware.cash.simulator",
    "ssp-recycler": "hardware.recycler.simulator",
    "escpos-printer": "hardware.printer.simulator",
    "cloudprnt-printer": "hardware.printer.simulator_cloudprnt",
    "modbus-io": "hardware.io_module.simulator",
    "mjpeg-camera": "hardware.camera.simulator",
    "nexo-terminal": "hardware.card_terminal.simulator_nexo",
    "zvt-terminal": "hardware.card_terminal.simulator_zvt",
    "llrp-reader": "hardware.rfid.simulator",
    "at-modem": "hardware.sms.simulator",
    "replay": "hardware.bench.replay",
    "tap": "hardware.bench.tap",
}
"""Kind to the module that has ``build(options, seed)``."""

CAMERAS = frozenset({"mjpeg-camera"})
"""Kinds that speak in pictures; the others speak on a wire."""

LINES = frozenset({"replay", "tap"})
"""Kinds that are what their options name: a recording, or a real device behind the bench."""

HTTPS = frozenset({"nexo-terminal"})
"""Kinds that answer over HTTPS."""

POLLING = frozenset({"cloudprnt-printer"})
"""Kinds that connect to the product by themselves; their options name its URL."""

OTHER_SERIAL_NUMBER = "X0000001"
OTHER_SEED = 1000

WORLDS: Mapping[str, str] = {"lane": "hardware.bench.lane_world"}


def known(kind: str, registry: Mapping[str, str]) -> str:
    """Return ``kind`` when the registry has it.

    Raises:
        ValueError: there is no such kind; the sentence names the nearest.
    """
    if kind in registry:
        return kind
    nearest = difflib.get_close_matches(kind, registry, n=1, cutoff=0.4)
    hint = f"Did you mean {nearest[0]!r}?" if nearest else f"There are: {', '.join(registry)}."
    raise ValueError(f"there is no kind {kind!r}. {hint}")


def build_simulator(kind: str, options: Mapping[str, JsonValue], seed: int) -> Any:
    """Return a new simulated device.

    Raises:
        SettingsError: the kind's libraries are not installed, or its options are wrong.
    """
    build: Build = _module(kind, SIMULATORS).build
    try:
        return build(options, seed)
    except (ValueError, TypeError, LookupError, ArithmeticError) as error:
        raise SettingsError(f"The options of the kind {kind} are wrong: {error}.") from error


def build_another(kind: str, options: Mapping[str, JsonValue], seed: int) -> Any:
    """Return a device of the same kind with another identity: another serial number, another seed.

    A simulator's module may say itself what makes another one, by a function ``other_options(options)``.
    """
    module = _module(kind, SIMULATORS)
    if hasattr(module, "other_options"):
        return module.build(module.other_options(options), seed + OTHER_SEED)
    try:
        return module.build({**options, "serial_number": OTHER_SERIAL_NUMBER}, seed + OTHER_SEED)
    except (ValueError, TypeError, LookupError):
        return module.build(options, seed + OTHER_SEED)  # its options name no serial number


def build_world(kind: str, options: Mapping[str, JsonValue], io_module: Any, scale: Any) -> Any:
    """Return the physics between an I/O module and a scale.

    Raises:
        SettingsError: its options are wrong.
    """
    try:
        return _module(kind, WORLDS).build(options, io_module, scale)
    except (ValueError, TypeError, LookupError) as error:
        raise SettingsError(f"The options of the world {kind} are wrong: {error}.") from error


def _module(kind: str, registry: Mapping[str, str]) -> Any:
    try:
        return importlib.import_module(registry[known(kind, registry)])
    except ValueError as error:
        raise SettingsError(f"The bench cannot build that: {error}") from error
    except ImportError as error:
        raise SettingsError(f"A {kind} needs what is not installed here: {error}. Install scanlane[device-bench].") from error
