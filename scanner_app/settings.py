"""The handheld's settings file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, HttpUrl

from hardware.scanner.choice import ScannerChoice
from program.settings import ProgramSettings, Section, Token


class StoreSection(Section):
    """``[store]``: where the store server is."""

    url: HttpUrl
    """Such as ``http://10.0.0.2:8080``."""
    token: Token = ""
    """What ``store-server enrol`` printed for this handheld."""
    ca: Path | None = None
    """The shop's authority (``ca.pem`` of ``store-server make-ca``); empty for a server without TLS."""
    prices_every_s: Annotated[float, Field(ge=1, le=3600)] = 10
    """How often to ask for newer prices; also how soon a store that went away or came back is noticed."""


class CameraSection(Section):
    """``[camera]``: what reads the codes."""

    url: str = ""
    """``0``, ``/dev/video0``, a video file, ``folder:/path`` or ``http://host:port/stream``; empty for none."""
    upc_e: bool = False
    """Whether the range has UPC-E codes; reading them costs some wrong readings."""


class EngineSection(ScannerChoice):
    """``[scanner]``: a serial scan engine beside or in place of the camera."""

    url: str = ""
    """Serial port, pty or ``socket://host:port``; empty for none."""


class SpeakerSection(Section):
    """``[speaker]``: the voice."""

    mode: Literal["silent", "espeak", "qt"] = "silent"
    """``espeak`` speaks with espeak-ng, ``qt`` with Qt's engine (PySide6-Addons); ``silent`` only writes into the log."""
    volume_percent: Annotated[int, Field(ge=0, le=200)] = 100
    """100 is the voice's own loudness; Qt's engine knows no more than that."""


class WindowSection(Section):
    """``[window]``: the screen."""

    width: Annotated[int, Field(ge=360, le=4000)] = 480
    height: Annotated[int, Field(ge=640, le=4000)] = 800
    full_screen: bool = False


class ScannerSettings(ProgramSettings):
    """The whole file."""

    language: Literal["en", "zh"] = "en"
    """What the next shopper is greeted in."""
    store: StoreSection
    camera: CameraSection = CameraSection()
    scanner: EngineSection = EngineSection()
    speaker: SpeakerSection = SpeakerSection()
    window: WindowSection = WindowSection()
