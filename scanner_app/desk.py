"""Where everything meets: touches, scans and answers go into the trip; what it commands is carried out; the screen is drawn.

A change of the trip is on the disk before anything is shown or sent: when it cannot be written, it did not happen.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from PySide6.QtCore import QObject, QTimer

from hardware.camera.driver import CodeSeen, FrameTaken
from hardware.device import ConnectionChanged, DeviceEvent
from hardware.scanner.events import CodeScanned
from scanner_app.catalogue import Catalogue
from scanner_app.presenter import present
from scanner_app.scanning import understand
from scanner_app.scene import Surroundings
from scanner_app.screens.stage import Stage
from scanner_app.store_link import StoreLink
from scanner_app.trip import State, Trip, accepts, advance, resume
from scanner_app.trip_events import (
    BackPressed,
    Command,
    Event,
    IdleTimeUp,
    LanguageChosen,
    LineRemoved,
    PollOrder,
    PricesRefreshed,
    QuantityChanged,
    RefreshPrices,
    ReviewPressed,
    Say,
    StartPressed,
    StoreTrip,
    Submit,
    SubmitPressed,
    TimeUp,
    UndoPressed,
    WakeAfter,
    Wipe,
)
from scanner_app.trip_file import TripFile
from scanner_app.wording import Speaks, Translate, spoken
from store_server.contract.refusals import Refusal
from store_server.contract.shop_time import local_minute

CAMERA = "camera"
"""The camera's name among the devices; the screen tells only of it."""
STORAGE_RETRY_S = 2.0

_log = structlog.get_logger(__name__)
_UNTOUCHED = (PricesRefreshed, TimeUp, IdleTimeUp)
"""Events that do not show that somebody is there."""


class Desk(QObject):
    """One handheld at work."""

    def __init__(
        self,
        *,
        stage: Stage,
        store: StoreLink,
        catalogue: Catalogue,
        trip_file: TripFile,
        speaker: Speaks,
        texts: dict[str, Translate],
        language: str,
        prices_every_s: float,
        camera_set: bool,
        watch: Callable[[bool], None] = lambda _on: None,
    ) -> None:
        """Take what the handheld consists of; ``watch`` lets the camera read (True) or rest."""
        super().__init__(stage)
        self._stage = stage
        self._store = store
        self._catalogue = catalogue
        self._trip_file = trip_file
        self._speaker = speaker
        self._watch = watch
        self._is_watching = True
        self._texts = texts
        self._trip = Trip(language=language, house_language=language)
        self._around = Surroundings(shop_name={}, terms=None, camera_set=camera_set, find_article=catalogue.find)
        self._wake = self._timer(lambda: self.feed(TimeUp()))
        self._idle = self._timer(lambda: self.feed(IdleTimeUp()))
        self._prices = self._timer(self._ask_prices, single=False)
        self._prices.setInterval(round(prices_every_s * 1000))
        self._connect()

    @property
    def trip(self) -> Trip:
        """The trip as it is now."""
        return self._trip

    def start(self) -> None:
        """Go on with the trip that a restart interrupted, or greet."""
        stored = self._trip_file.read()
        if stored is not None:
            self._trip = replace(stored, house_language=self._trip.house_language)
            _log.info("going on with a trip", state=stored.state.value, lines=len(stored.lines))
        self._know_prices()
        self._draw()
        for command in resume(self._trip):
            self._carry_out(command)
        self._watch_idle()
        self._let_camera_rest()
        self._ask_prices()
        self._prices.start()

    def feed(self, event: Event) -> None:
        """Let one event happen, unless it comes too late."""
        if not accepts(self._trip, event):
            _log.debug("came too late", happened=type(event).__name__, state=self._trip.state.value)
            return
        before = self._trip
        after, commands = advance(before, event)
        if StoreTrip() in commands and not self._is_stored(after):
            return
        self._trip = after
        if after.state is not before.state:
            _log.info("trip", state=after.state.value)
        for command in commands:
            self._carry_out(command)
        self._draw()
        self._let_camera_rest()
        if after.state is not before.state or not isinstance(event, _UNTOUCHED):
            self._watch_idle()

    def device_event(self, event: DeviceEvent) -> None:
        """Take what the camera and the scan engine tell."""
        if isinstance(event, CodeSeen | CodeScanned):
            self._read(event.text)
        elif isinstance(event, FrameTaken):
            self._stage.show_picture(event.jpeg)
        elif isinstance(event, ConnectionChanged) and event.device == CAMERA:
            self._around = replace(self._around, camera_ready=event.is_ready)
            self._draw()

    def _connect(self) -> None:
        stage, feed = self._stage, self.feed
        stage.language_chosen.connect(lambda language: feed(LanguageChosen(language)))
        stage.started.connect(lambda: feed(StartPressed()))
        stage.code_typed.connect(self._read)
        stage.quantity_changed.connect(lambda number, quantity: feed(QuantityChanged(number, quantity)))
        stage.removed.connect(lambda number: feed(LineRemoved(number)))
        stage.undone.connect(lambda: feed(UndoPressed()))
        stage.review_asked.connect(lambda: feed(ReviewPressed()))
        stage.back_asked.connect(lambda: feed(BackPressed()))
        stage.submitted.connect(self._submit)
        self._store.happened.connect(feed)
        self._store.heard.connect(self._hear)
        self._store.prices_changed.connect(self._use_new_prices)

    def _read(self, text: str) -> None:
        terms = self._around.terms
        if self._trip.state is State.SHOPPING and terms is not None:
            now = _shop_time(terms.time_zone)
            self.feed(understand(text, terms.templates, self._catalogue.find, None if now is None else now.date()))

    def _submit(self) -> None:
        version = self._catalogue.version
        if version is not None:
            self.feed(SubmitPressed(uuid.uuid4(), version))

    def _is_stored(self, trip: Trip) -> bool:
        try:
            self._trip_file.write(trip)
        except OSError as error:
            if self._around.storage_writes:
                _log.error("the trip cannot be saved; nothing was changed", reason=str(error))
            self._around = replace(self._around, storage_writes=False)
            self._draw()
            self._wake.start(round(STORAGE_RETRY_S * 1000))
            return False
        self._around = replace(self._around, storage_writes=True)
        return True

    def _carry_out(self, command: Command) -> None:
        if isinstance(command, Submit):
            self._store.submit(command.order)
        elif isinstance(command, PollOrder):
            self._store.ask_order(command.order_id)
        elif isinstance(command, WakeAfter):
            self._wake.start(round(command.delay_s * 1000))
        elif isinstance(command, Say):
            self._speaker.say(spoken(command.speech, self._texts[self._trip.language]), self._trip.language)
        elif isinstance(command, RefreshPrices):
            self._ask_prices()
        elif isinstance(command, Wipe):
            self._forget()
        else:
            assert isinstance(command, StoreTrip), "stored before"

    def _forget(self) -> None:
        self._wake.stop()
        self._stage.wipe()
        try:
            self._trip_file.wipe()
        except OSError as error:
            _log.error("the ended trip cannot be deleted from the disk", reason=str(error))

    def _ask_prices(self) -> None:
        self._store.ask_prices(self._catalogue.version)

    def _use_new_prices(self) -> None:
        self._catalogue.reopen()
        self._know_prices()
        _log.info("new price book", version=self._catalogue.version)
        self.feed(PricesRefreshed(self._catalogue.find_all(self._trip.codes)))
        self._draw()

    def _know_prices(self) -> None:
        shop = self._catalogue.shop
        self._around = replace(
            self._around, terms=self._catalogue.terms, shop_name=self._around.shop_name if shop is None else shop.name
        )

    def _hear(self, answered: bool, refusal: Refusal | None) -> None:  # noqa: FBT001 - a signal's arguments
        around = replace(self._around, store_answers=answered, store_refusal=refusal)
        if around != self._around:
            self._around = around
            self._draw()

    def _watch_idle(self) -> None:
        limit_s = self._trip.idle_limit_s
        if limit_s is None:
            self._idle.stop()
        else:
            self._idle.start(round(limit_s * 1000))

    def _let_camera_rest(self) -> None:
        """Read only while articles are taken, and while who reviews may go back to it: reading costs most of the battery."""
        wanted = self._trip.state in {State.SHOPPING, State.REVIEWING}
        if wanted != self._is_watching:
            self._is_watching = wanted
            self._watch(wanted)

    def _draw(self) -> None:
        terms = self._around.terms
        if terms is not None:
            self._around = replace(self._around, local_minute=_shop_minute(terms.time_zone))
        self._stage.draw(present(self._trip, self._around, self._texts[self._trip.language]))

    def _timer(self, act: Callable[[], None], *, single: bool = True) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(single)
        timer.timeout.connect(act)
        return timer


def _shop_minute(time_zone: str) -> int | None:
    now = _shop_time(time_zone)
    return None if now is None else local_minute(now)


def _shop_time(time_zone: str) -> datetime | None:
    try:
        return datetime.now(ZoneInfo(time_zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
