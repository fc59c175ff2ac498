"""What each button of the staff's screen does; methods raise JournalError when nothing can be written down."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from hardware.speaker import Speaker
from kiosk_app.box_work import BoxWork
from kiosk_app.devices import KioskDevices
from kiosk_app.settings import StaffSettings
from kiosk_app.staff_desk import StaffDesk, Told

_VOICE = {"voice-quieter": -25, "voice-louder": 25}

_log = logging.getLogger(__name__)


class StaffTouches:
    """The staff's hands on the kiosk's devices and boxes."""

    def __init__(
        self, settings: StaffSettings, devices: KioskDevices, boxes: BoxWork, speaker: Speaker, try_voice: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._devices = devices
        self._boxes = boxes
        self._speaker = speaker
        self._try_voice = try_voice

    def touch(self, desk: StaffDesk, name: str, now_s: float) -> StaffDesk:
        """Carry out one button; without the code only its keys do anything."""
        if name.startswith("key-"):
            return self._type(desk, name.removeprefix("key-"), now_s)
        if name == "leave-staff":
            return desk.put_back() if desk.place else desk.left()
        return self._use(desk, name) if desk.is_open else desk

    def _use(self, desk: StaffDesk, name: str) -> StaffDesk:
        if name.startswith("box-") and name.removeprefix("box-").isdigit():
            return self._boxes.seen(desk).chosen(int(name.removeprefix("box-")))
        if name == "recover-printer":
            self._devices.recover_printer()
            return replace(desk, told=Told.PRINTER_ASKED)
        if name in _VOICE:
            self._speaker.volume_percent += _VOICE[name]
            self._try_voice()
            return replace(desk, volume_percent=self._speaker.volume_percent)
        return self._boxes.touch(desk, name)

    def _type(self, desk: StaffDesk, key: str, now_s: float) -> StaffDesk:
        typed = desk.key(key, self._settings.code, now_s, self._settings.people)
        if not typed.is_open or desk.is_open:
            return typed
        _log.warning("%s opened the staff screen", typed.who)
        return self._boxes.seen(typed)
