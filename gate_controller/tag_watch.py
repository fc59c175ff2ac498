"""Compares the RFID tags at one lane's gate with what was paid, and names what was not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from uuid import UUID

import structlog

from gate_controller import staff_texts, words
from gate_controller.lane_state import Lane
from gate_controller.staff_texts import filled
from gate_controller.texts import Texts
from gate_controller.words import Event, OrderInLane, UnpaidTag
from hardware.rfid.epc import parse_sgtin
from hardware.rfid.events import TagSeen
from hardware.rfid.watch import Paid, Watch, WatchRules, let_out, seen, theirs, unpaid

_log = structlog.get_logger(__name__)


class TagWatch:
    """One lane's RFID gate."""

    def __init__(self, rules: WatchRules, name_of: Callable[[str], Texts | None]) -> None:
        """Set when a tag counts, and where an article's name comes from."""
        self._rules = rules
        self._name_of = name_of
        self._watch = Watch()
        self._leaving: UUID | None = None
        """The order that is walking out, or just has."""
        self._theirs: dict[str, float] = {}
        """Its tags that were seen at the gate, and when last."""

    def read(self, event: TagSeen, lane: Lane, now_s: float) -> Event | None:
        """Take a sighting; return the alarm that it makes, if any."""
        self._watch = seen(self._watch, event, self._rules, now_s)
        self._see_off(lane.order if lane.released else lane.just_left, now_s)
        paid = _paid(order for order in (lane.order, lane.just_left, lane.alarm_of) if order is not None)
        if paid is None:
            return None
        self._watch, stolen = unpaid(self._watch, paid, self._rules, now_s)
        if not stolen:
            return None
        tags = tuple(self._named(epc) for epc in stolen)
        _log.warning("unpaid tags at the gate", lane=lane.name, tags=[(tag.epc, tag.name["en"]) for tag in tags])
        return words.EasAlarm(tags)

    def _see_off(self, leaving: OrderInLane | None, now_s: float) -> None:
        """Keep in mind whose tags are at the gate: who packs there for longer than the lane remembers them is no thief."""
        if leaving is None or leaving.order_id != self._leaving:
            self._watch = let_out(self._watch, self._theirs, now_s)
            self._leaving, self._theirs = None if leaving is None else leaving.order_id, {}
        if leaving is None:
            return
        paid = _paid([leaving])
        if paid is None:
            self._theirs |= {epc: times[-1] for epc, times in self._watch.reads.items()}
        else:
            self._theirs |= theirs(self._watch, paid, self._rules, now_s)

    def _named(self, epc: str) -> UnpaidTag:
        article = parse_sgtin(epc)
        if article is None:
            return UnpaidTag(epc, None, filled(staff_texts.UNKNOWN_TAG, epc=epc))
        name = self._name_of(article.gtin) or filled(staff_texts.UNKNOWN_ARTICLE, code=article.gtin)
        return UnpaidTag(epc, article.gtin, name)


def _paid(orders: Iterable[OrderInLane]) -> Paid | None:
    """Add up what may be at the gate; None while nobody knows it: an order believed on its signature alone has no lines."""
    known = {order.order_id: order for order in orders}.values()
    if any(not order.lines for order in known):
        return None
    pieces: Counter[str] = Counter()
    for order in known:
        for line in order.lines:
            pieces[line.code] += line.quantity
    return Paid(pieces=pieces)
