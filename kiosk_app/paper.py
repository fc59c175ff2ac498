"""The kiosk's printer as its settings describe it, and the slip that calls an interrupted receipt void."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from hardware.device import Driver
from hardware.printer.cloudprnt_driver import CloudPrntDriver
from hardware.printer.driver import PrinterDriver
from hardware.printer.profile import PrinterProfile
from hardware.printer.raster import LogoError, logo, logo_picture, stored_logo
from hardware.printer.receipt import Cut, Feed, Rule, TextLine
from hardware.printer.rendering import rendered
from kiosk_app.settings import PrinterSettings
from program.errors import SettingsError

_log = logging.getLogger(__name__)
_VOID = (
    Feed(1),
    Rule(),
    TextLine("PRINTING WAS INTERRUPTED", bold=True, centred=True),
    TextLine("The print above this line is not valid.", centred=True),
    TextLine("打印曾中断，此线以上内容作废。", centred=True, fallback="-"),
    Rule(),
    Cut(),
)
"""In both languages, because nobody knows any more whose receipt it was."""


def printer_profile(settings: PrinterSettings) -> PrinterProfile:
    """Return what the printer can do.

    Raises:
        SettingsError: the logo cannot be used.
    """
    try:
        picture = b""
        if settings.logo_key:
            picture = stored_logo(settings.logo_key)
        elif settings.logo is not None:
            picture = logo(settings.logo, settings.columns)
    except LogoError as error:
        raise SettingsError(f"The settings' printer.logo is wrong: {error}.") from error
    return PrinterProfile(settings.columns, settings.code_pages, settings.chinese, settings.qr, picture)


class HalfPrinted:
    """A file that is there while paper may lie in the printer that holds half a receipt; it outlives the program."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "half-printed"

    @property
    def is_left(self) -> bool:
        """Whether the next print must be preceded by the slip that calls the one before void."""
        return self._path.exists()

    def remember(self, left: bool) -> None:  # noqa: FBT001 - a fact
        """Write it down; a disk that fails costs the slip and nothing else, so it is only logged."""
        try:
            if left:
                self._path.touch()
            else:
                self._path.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("cannot keep whether a print was interrupted: %s", error)


def printer_driver(settings: PrinterSettings, profile: PrinterProfile, folder: Path) -> PrinterDriver:
    """Return the driver for it; ``folder`` keeps over a restart that a print was interrupted."""
    half = HalfPrinted(folder)
    return PrinterDriver(
        settings.line,
        confirmation=settings.confirmation,
        void_note=rendered(_VOID, profile),
        left_half_a_job=half.is_left,
        remember_half=half.remember,
    )


def cloud_printer_driver(settings: PrinterSettings, folder: Path) -> CloudPrntDriver:
    """Return the driver for a printer that asks for its jobs.

    Raises:
        SettingsError: the logo cannot be used.
    """
    half = HalfPrinted(folder)
    try:
        picture = None if settings.logo is None else logo_picture(settings.logo, settings.columns)
    except LogoError as error:
        raise SettingsError(f"The settings' printer.logo is wrong: {error}.") from error
    return CloudPrntDriver(
        pinned_mac=settings.identity.serial_number,
        poll_s=settings.poll_s,
        columns=settings.columns,
        logo=picture,
        void=tuple(line for line in _VOID if not isinstance(line, Cut)),
        left_half_a_job=half.is_left,
        remember_half=half.remember,
    )


def any_printer_driver(settings: PrinterSettings, profile: PrinterProfile, folder: Path) -> Driver[Any]:
    """Return the driver that the settings' URL asks for."""
    if settings.is_cloudprnt:
        return cloud_printer_driver(settings, folder)
    return printer_driver(settings, profile, folder)
