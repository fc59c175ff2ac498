"""The kiosk's desk: hears devices, server, fingers and clock; advances the session; writes it down; carries out what it wants.

The order never changes: event -> advance -> journal -> commands -> screen. A command is carried out only after the session that
wants it is on disk. If the journal fails, no money moves any more and the screen says so.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from uuid import UUID, uuid4

from PySide6.QtCore import QObject, QTimer

from hardware.cash import commands as cash
from hardware.cash.events import CashDevices, CashTrouble, CounterMoved, Severity
from hardware.device import ConnectionChanged, DeviceEvent
from hardware.printer.driver import PrinterStatus, PrintOutcome
from hardware.printer.receipt import Receipt
from hardware.recycler.events import StoreEmptied
from hardware.speaker import Speaker
from kiosk_app import device_words
from kiosk_app import session_events as on
from kiosk_app.box_slip import slip_of
from kiosk_app.box_work import BoxWork
from kiosk_app.cash_sites import PLACES, CashSites
from kiosk_app.devices import PRINTER, SCANNER, TERMINAL, KioskDevices
from kiosk_app.errands import Errands
from kiosk_app.journal import Credit, Journal, JournalError
from kiosk_app.letterhead import Letterhead
from kiosk_app.payment_session import advance, is_possible, time_limit_s
from kiosk_app.presenter import NUMBER_LENGTH, Scene, present
from kiosk_app.receipt import receipt_of
from kiosk_app.screens.window import KioskWindow
from kiosk_app.session import Hopper, Session, State
from kiosk_app.session_commands import Phrase
from kiosk_app.session_limit import SessionLimit
from kiosk_app.settings import KioskSettings
from kiosk_app.staff_desk import IDLE_LIMIT_S, StaffDesk
from kiosk_app.staff_touches import StaffTouches
from kiosk_app.store_work import StoreWork
from kiosk_app.wording import PHRASES
from program.qt.bridge import Bridge
from program.qt.texts import Translate
from store_server.contract.box_messages import EmptyBox

_log = logging.getLogger(__name__)


class Desk(QObject):
    """One kiosk at work."""

    def __init__(
        self, settings: KioskSettings, journal: Journal, window: KioskWindow, texts: dict[str, Translate], speaker: Speaker
    ) -> None:
        super().__init__()
        self._settings = settings
        self._journal = journal
        self._window = window
        self._texts = texts
        self._speaker = speaker
        self._session = journal.load() or _first_session(settings)
        self._scene = Scene(
            texts[settings.language],
            settings.language,
            scanner_ready=False,
            printer_ready=False,
            has_terminal=settings.card_terminal is not None,
            has_staff_code=settings.staff.has_code,
            staff=StaffDesk(volume_percent=speaker.volume_percent),
        )
        self._sites = CashSites()
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._hear)
        self._devices = KioskDevices(settings, journal, self._bridge.carry)
        self._store = StoreWork(settings.store, settings.data_dir, journal, self.feed, self)
        self._store.awaits_order = self._awaits_order
        self._store.shop_changed = self._show_shop
        self._store.journal_failed = self.close_down
        self._limit = SessionLimit(self, self._hurry, lambda: self.feed(on.TimeUp(uuid4())))
        self._staff_limit = QTimer(self, singleShot=True, interval=round(1000 * IDLE_LIMIT_S))
        self._staff_limit.timeout.connect(self._leave_staff)
        self._errands = Errands(self._devices, self._store, journal, self)
        self._boxes = BoxWork(settings.cash, journal, self._devices, self._slip, self._store.deliver)
        thank = partial(self.speak, Phrase.THANK_YOU)
        self._staff = StaffTouches(settings.staff, self._devices, self._boxes, speaker, thank)
        window.touched.connect(self.touch)
        window.stirred.connect(self._restart_limit)
        window.stirred.connect(self._staff_limit.start)

    def start(self) -> None:
        """Go on where the journal ends, and begin to connect."""
        self._show_shop()
        self.feed(on.Resumed(uuid4()))
        self._devices.start()
        self._store.start()
        try:
            self._boxes.resume()
        except JournalError as error:
            self.close_down(error)

    def stop(self) -> None:
        """Close devices and connections; the session stays in the journal."""
        self._limit.stop()
        self._devices.stop()
        self._store.stop()
        self._speaker.close()

    def feed(self, event: on.Event, credit: Credit | None = None) -> None:
        """Let one event happen."""
        if self._scene.journal_fault:
            return
        if not is_possible(self._session, event):
            _log.info("%s means nothing in %s", type(event).__name__, self._session.state.name)
            return
        before = self._session
        after, commands = advance(before, event)
        try:
            if after != before or commands or credit is not None:
                self._journal.record(before, after, commands, credit)
        except JournalError as error:
            self.close_down(error)
            return
        self._session = after
        if after.state is not before.state:
            _log.info("%s: %s after %s", after.session_id, after.state.name, type(event).__name__)
        if before.state is not State.IDLE and after.state is State.IDLE:
            self._forget_shopper()
        if after.state is not State.IDLE:
            self._scene = replace(self._scene, staff=self._scene.staff.left())
        if after != before:
            self._restart_limit()
        for command in commands:
            self._errands.run(command)
        self._draw()

    # fingers

    def touch(self, name: str) -> None:
        """A button was touched."""
        if self._scene.staff.is_shown and self._session.state is State.IDLE and not name.startswith("language-"):
            try:
                staff = self._staff.touch(self._scene.staff, name, time.monotonic())
                self._scene = replace(self._scene, staff=staff)
            except JournalError as error:
                self.close_down(error)
        elif name == "staff" and self._scene.has_staff_code:
            self._scene = replace(self._scene, staff=self._scene.staff.shown())
        elif name.startswith("key-"):
            self._type(name.removeprefix("key-"))
        elif name.startswith("language-"):
            language = name.removeprefix("language-")
            self._scene = replace(self._scene, language=language, translate=self._texts[language])
            self._show_shop()
        elif name in _TOUCHES:
            self.feed(_TOUCHES[name]())
        self._draw()

    def _leave_staff(self) -> None:
        self._scene = replace(self._scene, staff=self._scene.staff.left())
        self._draw()

    def _type(self, key: str) -> None:
        if self._session.state is not State.IDLE:
            return
        typed = self._scene.typed
        if key == "ok":
            self.feed(on.NumberTyped(typed))
            if self._session.looking_for is None:
                return
            typed = ""
        else:
            typed = typed[:-1] if key == "back" else (typed + key)[:NUMBER_LENGTH]
        self._scene = replace(self._scene, typed=typed)

    # devices

    def _hear(self, event: DeviceEvent) -> None:
        if self._scene.journal_fault:
            return  # what cannot be written must not be known: the devices tell it again after a restart
        try:
            self._hear_one(event)
        except JournalError as error:
            self.close_down(error)
        self._draw()

    def _hear_one(self, event: DeviceEvent) -> None:
        if isinstance(event, ConnectionChanged):
            self._hear_connection(event)
        elif isinstance(event, CashDevices):
            self._hear_cash_devices(event)
        elif isinstance(event, CounterMoved):
            self._journal.remember_counter(event.place, event.memory)
        elif isinstance(event, PrinterStatus):
            self._scene = replace(self._scene, printer_ready=event.online and event.paper != "out")
        elif isinstance(event, StoreEmptied):
            self._scene = replace(self._scene, staff=self._boxes.heard(event, self._scene.staff))
        else:
            if isinstance(event, PrintOutcome):
                self._scene = replace(self._scene, staff=self._boxes.printed(event, self._scene.staff))
            self._hear_session_event(event)

    def _hear_session_event(self, event: DeviceEvent) -> None:
        if isinstance(event, CashTrouble):
            level = logging.INFO if event.severity is Severity.INFORMATION else logging.ERROR
            _log.log(level, "%s: %s", event.place, event.sentence)
        credit = device_words.credit_of(event)
        if credit is not None and self._journal.knows(credit.place, credit.epoch, credit.seq):
            _log.info("%s %s/%s was credited before", credit.place, credit.epoch, credit.seq)
            return
        translated = device_words.session_event(event)
        if translated is not None:
            self.feed(translated, credit)

    def _hear_connection(self, event: ConnectionChanged) -> None:
        if event.device == SCANNER:
            self._scene = replace(self._scene, scanner_ready=event.is_ready)
        elif event.device == PRINTER:
            self._scene = replace(self._scene, printer_ready=event.is_ready)
        elif event.device == TERMINAL:
            self._scene = replace(self._scene, terminal_ready=event.is_ready)
        elif event.device in PLACES:
            self._sites = self._sites.changed(event.device, is_ready=event.is_ready)
            devices = self._sites.merged()
            self._scene = replace(self._scene, cash_fault="" if self._sites.connected else event.reason)
            if not self._sites.connected:
                self.feed(on.CashLost())
            elif devices is not None:
                self.feed(device_words.ready(devices) if event.is_ready else device_words.changed(devices))

    def _hear_cash_devices(self, event: CashDevices) -> None:
        # After a probe the devices are told before the connection is: then they count as initialised, not as changed.
        self._sites = self._sites.heard(event)
        devices = self._sites.merged()
        for sentence in device_words.doubtful_counts(event, self._session.hoppers):
            _log.warning("%s", sentence)
        if self._session.cash.ready and event.device in self._sites.connected and devices is not None:
            self.feed(device_words.changed(devices))

    # what errands need

    def paper(self) -> Receipt:
        """Compose what is printed for the session as it stands."""
        return receipt_of(self._session, self._letterhead(), time.time())

    def _slip(self, emptied: EmptyBox, copy: bool) -> Receipt:  # noqa: FBT001 - a fact
        return slip_of(emptied, self._letterhead(), copy=copy)

    def _letterhead(self) -> Letterhead:
        scene = self._scene
        return Letterhead(
            scene.shop_name, self._settings.name, scene.currency, scene.language, scene.translate, scene.time_zone
        )

    def speak(self, phrase: Phrase) -> None:
        """Say something in the shopper's language."""
        self._speaker.say(self._scene.translate(PHRASES[phrase]), self._scene.language)

    # the screen and the clock

    def _draw(self) -> None:
        self._window.draw(present(self._session, self._scene))

    def _awaits_order(self, session_id: UUID) -> bool:
        return self._session.awaits_order(session_id)

    def _show_shop(self) -> None:
        shop = self._store.shop
        if shop is not None:
            name = shop.name.get(self._scene.language) or shop.name["en"]
            self._scene = replace(self._scene, shop_name=name, currency=shop.currency, time_zone=shop.time_zone)
        self._draw()

    def _forget_shopper(self) -> None:
        language = self._settings.language
        self._scene = replace(self._scene, typed="", language=language, translate=self._texts[language])
        self._show_shop()

    def _restart_limit(self) -> None:
        self._scene = replace(self._scene, hurry=False)
        self._limit.restart(time_limit_s(self._session))

    def _hurry(self) -> None:
        self._scene = replace(self._scene, hurry=True)
        self._draw()

    def close_down(self, error: JournalError) -> None:
        """Take nothing more: what cannot be written down must not happen. A restart finds the last written step."""
        if self._scene.journal_fault:
            return
        _log.error("%s", error)
        self._scene = replace(self._scene, journal_fault=True)
        self._limit.stop()
        self._store.stop_delivering()
        self._devices.perform(cash.ReturnNote())
        self._devices.perform(cash.StopAccepting())
        self._draw()


_TOUCHES: dict[str, Callable[[], on.Event]] = {
    "pay-cash": on.CashChosen,
    "pay-card": on.CardChosen,
    "cancel": on.CancelPressed,
    "done": lambda: on.DonePressed(uuid4()),
}


def _first_session(settings: KioskSettings) -> Session:
    hoppers = tuple(Hopper(name, count=count) for name, count in settings.cash.float.items())
    return Session(session_id=uuid4(), hoppers=hoppers)
