"""The kiosk's printer as its settings describe it, and the slip that calls an interrupted receipt void."""

from __future__ import annotations

from hardware.printer.driver import PrinterDriver
from hardware.printer.profile import PrinterProfile
from hardware.printer.raster import LogoError, logo, stored_logo
from hardware.printer.receipt import Cut, Feed, Rule, TextLine
from hardware.printer.rendering import rendered
from kiosk_app.settings import PrinterSettings
from program.errors import SettingsError

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


def printer_driver(settings: PrinterSettings, profile: PrinterProfile) -> PrinterDriver:
    """Return the driver for it."""
    return PrinterDriver(settings.line, confirmation=settings.confirmation, void_note=rendered(_VOID, profile))
