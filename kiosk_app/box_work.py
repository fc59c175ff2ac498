"""Staff takes cash out of the kiosk, or has the recycler put its notes away: written down, told to the server, printed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

from hardware.cash.events import COIN_BOX, NOTE_BOX
from hardware.printer.driver import PrintJob, PrintOutcome
from hardware.printer.receipt import Receipt
from hardware.printer.rendering import rendered
from hardware.recycler.events import BOX as RECYCLER_BOX
from hardware.recycler.events import StoreEmptied
from kiosk_app.devices import KioskDevices
from kiosk_app.journal import Journal
from kiosk_app.settings import CashSettings
from kiosk_app.staff_desk import StaffDesk, Told
from store_server.contract.box_messages import EmptyBox, Pile

_log = logging.getLogger(__name__)

ComposeSlip = Callable[[EmptyBox, bool], Receipt]
"""Takes the emptying and whether its slip was printed before."""


class BoxWork:
    """What staff does with boxes; methods raise JournalError when nothing can be written down, and then nothing happens."""

    def __init__(
        self,
        cash: CashSettings,
        journal: Journal,
        devices: KioskDevices,
        compose: ComposeSlip,
        deliver: Callable[[], None],
    ) -> None:
        self._places = _places(cash)
        self._journal = journal
        self._devices = devices
        self._compose = compose
        self._deliver = deliver
        self._slip: UUID | None = None
        """The print job of the slip that is printed now."""

    def resume(self) -> None:
        """Learn the end of moves that a power cut interrupted; moves nothing."""
        for movement_id in self._journal.boxes.open_moves():
            # The recycler's driver writes its own intent before a note moves: without one nothing has moved.
            if self._journal.device_entry(movement_id) is None:
                self._journal.boxes.end_move(movement_id, {}, _now_s())
            else:
                self._devices.empty_recycler(movement_id)

    def touch(self, desk: StaffDesk, name: str) -> StaffDesk:
        """Answer a button of the open staff screen; those of others change nothing."""
        if name == "empty-recycler":
            return self._put_notes_away(desk)
        if name == "slip-again":
            last = self._journal.boxes.last_emptied()
            return desk if last is None else self._print(desk, last, copy=True)
        if name == "box-emptied" and desk.place:
            return self._empty(desk)
        return desk

    def seen(self, desk: StaffDesk) -> StaffDesk:
        """Know what is in the boxes now."""
        return replace(desk, boxes=self._journal.boxes.look(self._places))

    def heard(self, event: StoreEmptied, desk: StaffDesk) -> StaffDesk:
        """Book the end of a move; one of which even the recycler does not know the end yet stays open."""
        if event.uncertain:
            return desk
        moved_minor = sum(value * count for value, count in event.moved.items())
        _log.warning("the recycler's store went into its cash box: %s", dict(event.moved) or "nothing")
        self._journal.boxes.end_move(event.entry_id, event.moved, _now_s())
        self._deliver()
        told = desk.emptied(moved_minor)
        return self.seen(told) if told.is_open else told

    def printed(self, event: PrintOutcome, desk: StaffDesk) -> StaffDesk:
        """Say whether the slip is on paper."""
        if event.job_id != self._slip:
            return desk
        self._slip = None
        return desk if event.outcome == "printed" else replace(desk, told=Told.SLIP_NOT_PRINTED)

    def _put_notes_away(self, desk: StaffDesk) -> StaffDesk:
        if RECYCLER_BOX not in self._places:
            return desk
        movement_id = uuid4()
        _log.warning("%s empties the recycler into its cash box", desk.who)
        self._journal.boxes.begin_move(movement_id)
        self._devices.empty_recycler(movement_id)
        return replace(desk, told=Told.EMPTYING)

    def _empty(self, desk: StaffDesk) -> StaffDesk:
        now = self.seen(desk)
        if now.box != desk.box:
            return replace(now, told=Told.BOX_CHANGED, counted="")
        box = desk.box
        emptied = EmptyBox(
            emptying_id=uuid4(),
            device=box.place,
            contents=[Pile(value_minor=value, count=count) for value, count in box.piles],
            counted_minor=desk.counted_minor,
            staff=desk.who,
            emptied_at=_now_s(),
        )
        self._journal.boxes.empty(emptied)
        _log.warning("%s took %s out of %s, counted %s", desk.who, box.worth_minor, box.place, desk.counted_minor)
        self._deliver()
        return self._print(self.seen(desk.box_emptied()), emptied, copy=False)

    def _print(self, desk: StaffDesk, emptied: EmptyBox, *, copy: bool) -> StaffDesk:
        self._slip = uuid4()
        slip = self._compose(emptied, copy)
        self._devices.print(PrintJob(self._slip, rendered(slip, self._devices.paper), slip))
        return replace(desk, told=Told.SLIP_AGAIN) if copy else desk


def _places(cash: CashSettings) -> tuple[str, ...]:
    coins = (COIN_BOX,) if cash.coin_acceptor is not None else ()
    notes = (NOTE_BOX,) if cash.note_validator else ()
    return (*coins, *notes, *((RECYCLER_BOX,) if cash.recycler is not None else ()))


def _now_s() -> int:
    return int(time.time())
