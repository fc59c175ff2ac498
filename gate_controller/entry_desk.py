"""Decides about passes for one lane, with the server or without it, and keeps the record of what was decided.

What this controller can tell by itself stands in :mod:`gate_controller.pass_check`; then the server is asked; and only if the
server does not answer, the caps decide.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import singledispatchmethod
from uuid import UUID, uuid4

import structlog

from gate_controller import pass_check, words
from gate_controller.crash_points import crash_point
from gate_controller.lane_state import After, Lane, Reason, State
from gate_controller.link_events import EntryAnswered, OrderSeen
from gate_controller.offline import order_of_pass
from gate_controller.order_facts import exit_of, order_in_lane, use_of
from gate_controller.pass_check import CODE_WANTED, Known, Refused
from gate_controller.pass_use import PassUse
from gate_controller.passes_used import PassesUsed, RecordError
from gate_controller.presenter import refusal_texts, unpaid_texts, used_texts
from gate_controller.shop_cache import ShopCache
from gate_controller.store_link import StoreLink
from gate_controller.texts import OF_REASON, Texts
from gate_controller.weighing import WeighingRules
from gate_controller.words import Command, Event
from store_server.contract.exit_number import ExitNumber
from store_server.contract.lane_messages import EnterLane
from store_server.contract.order_pass import OrderPass
from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal
from store_server.contract.shop_time import wall_clock

_NOT_PAID = frozenset({Refusal.UNPAID, Refusal.WRONG_KIND})
"""A claim shown at the exit is an order that is not paid."""
_ENDED = frozenset({OrderStatus.EXITED, OrderStatus.VOIDED, OrderStatus.EXPIRED, OrderStatus.REFUNDED})
_ENTERABLE = frozenset({OrderStatus.PAID, OrderStatus.LEAVING})
"""LEAVING too: what staff added may cost nothing."""

RECORD_FAILED = OF_REASON["RECORD_FAILED"]

_log = structlog.get_logger(__name__)


class EntryDesk:
    """One lane's dealings with record and server."""

    def __init__(
        self,
        lane: str,
        rules: WeighingRules,
        record: PassesUsed,
        link: StoreLink,
        cache: ShopCache,
        *,
        after: After = After.KIOSK,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._lane = lane
        self._rules = rules
        self._record = record
        self._link = link
        self._cache = cache
        self._after = after
        self._clock = clock
        self._pending: tuple[UUID, OrderPass, str] | None = None
        """The verified pass of the attempt that the server is asked about."""
        self._typed: UUID | None = None
        """The attempt that was typed; without the server nobody can tell whether a number is right."""

    def answered(self, answer: EntryAnswered) -> Event:
        """Take the server's word about a pass, or decide without it."""
        pending = self._pending if self._pending is not None and self._pending[0] == answer.entry_id else None
        if answer.order is not None:
            text = pending[2] if pending is not None else None
            return words.EntryAllowed(order_in_lane(answer.order, answer.entry_id, text, self._rules))
        if answer.refusal is not None:
            told = refusal_texts(answer.refusal, answer.sentence)
            return _refused(answer.entry_id, answer.refusal, unpaid_texts(self._after) if answer.refusal in _NOT_PAID else told)
        if pending is None:
            typed = CODE_WANTED if answer.entry_id == self._typed else None
            return _refused(answer.entry_id, Refusal.OFFLINE_CAP, typed)
        _, order_pass, text = pending
        try:
            why_not = self._link.trust().refuses(order_pass)
        except RecordError as error:
            why_not = str(error)
        if why_not:
            _log.warning("not let out without the server", lane=self._lane, why=why_not)
            return words.EntryBeyondCaps(order_of_pass(order_pass, answer.entry_id, text))
        return words.EntryAllowed(order_of_pass(order_pass, answer.entry_id, text))

    @staticmethod
    def seen(lane: Lane, seen: OrderSeen) -> Event | None:
        """Return what news of the order in the lane mean to it."""
        held, order = lane.order, seen.order
        if lane.state is not State.AUDITING or held is None or order is None or order.order_id != held.order_id:
            return None
        if order.status in _ENDED:
            return words.OrderGone()
        if lane.reason is Reason.BEYOND_CAPS and lane.note is None and order.status in _ENTERABLE:
            return words.OrderPaid(uuid4())  # the server is back: it judges the pass, and staff need not
        if order.revision <= held.revision:
            return None
        if order.due_minor == 0 and order.status in _ENTERABLE:
            return words.OrderPaid(uuid4())
        return words.OrderAmended(order.revision, order.due_minor) if order.due_minor != lane.due_minor else None

    @singledispatchmethod
    def do(self, command: Command) -> Event | None:
        """Carry out one command of the lane; return its answer where it is known at once."""
        raise NotImplementedError(type(command).__name__)

    @do.register
    def _(self, command: words.CheckPass) -> Event | None:
        """Answer what is no pass at once; ask the server about everything else."""
        entry_id, shop = command.entry_id, self._cache.shop
        known = Known(None if shop is None else shop.shop_id, self._cache.keys, self._cache.voided)
        try:
            found = pass_check.checked(
                command.text, known, used=self._record.used, used_texts=self._used_texts, now_s=self._clock()
            )
        except RecordError as error:
            _log.error("the record cannot be read; nothing opens", lane=self._lane, why=str(error))
            return _refused(entry_id, Refusal.OFFLINE_CAP)
        if isinstance(found, Refused):
            _log.info("pass refused", lane=self._lane, refusal=found.refusal.value)
            told = unpaid_texts(self._after) if found.refusal in _NOT_PAID else found.texts
            return _refused(entry_id, found.refusal, told)
        if isinstance(found, ExitNumber):
            self._typed = entry_id
            self._link.ask_entry(EnterLane(entry_id=entry_id, lane=self._lane, exit_number=found.digits))
            return None
        self._link.ask_entry(EnterLane(entry_id=entry_id, lane=self._lane, exit_pass=command.text))
        if not isinstance(found, OrderPass):
            return None
        self._pending = (entry_id, found, command.text)
        return words.PassGenuine()

    @do.register
    def _(self, command: words.CheckOrder) -> Event | None:
        request = EnterLane(
            entry_id=command.entry_id, lane=self._lane, order_number=command.order_number, vouched_by=command.vouched_by
        )
        self._link.ask_entry(request)
        return None

    @do.register
    def _(self, command: words.WritePassUsed) -> Event | None:
        crash_point("pass.before_use")
        try:
            earlier = self._record.use(use_of(command.order, self._lane, command.decided_by, int(self._clock())))
        except RecordError as error:
            _log.error("the pass cannot be recorded; nothing opens", lane=self._lane, why=str(error))
            return words.PassUseFailed(Refusal.OFFLINE_CAP, RECORD_FAILED)
        crash_point("pass.used")
        if earlier is not None:
            return words.PassUseFailed(Refusal.ALREADY_USED, self._used_texts(earlier))
        return words.PassUseWritten()

    @do.register
    def _(self, command: words.WriteExit) -> Event | None:
        crash_point("exit.before_record")
        try:
            self._record.record_exit(exit_of(command.order, uuid4(), self._lane, command.measured_g, int(self._clock())))
        except RecordError as error:
            _log.error("the exit cannot be recorded; the gate stays shut", lane=self._lane, why=str(error))
            return words.ExitWriteFailed()
        crash_point("exit.recorded")
        return words.ExitWritten()

    @do.register
    def _(self, command: words.KeepGoods) -> Event | None:
        try:
            self._record.goods_stayed(command.order.order_id)
        except RecordError as error:
            _log.error("it is not recorded that the goods stayed", lane=self._lane, why=str(error))
        crash_point("goods.stayed")
        return None

    @do.register
    def _(self, command: words.LeaveLane) -> Event | None:
        try:
            self._record.leave(command.entry_id)
        except RecordError as error:
            _log.error("the order's release is not recorded", lane=self._lane, why=str(error))
        self._link.flush_entries()
        return None

    def _used_texts(self, earlier: PassUse) -> Texts:
        shop = self._cache.shop
        at = wall_clock(earlier.used_at, "" if shop is None else shop.time_zone)
        return used_texts(earlier, f"{at:%H:%M}")


def _refused(entry_id: UUID, refusal: Refusal, texts: Texts | None = None) -> Event:
    return words.EntryRefused(entry_id, refusal, texts or refusal_texts(refusal))
