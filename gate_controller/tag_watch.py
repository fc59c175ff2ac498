"""Compares the RFID tags at one lane's gate with what was paid, and names what was not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import structlog

from gate_controller import staff_texts, words
from gate_controller.lane_state import Lane
from gate_controller.staff_texts import filled
from gate_controller.texts import Texts
from gate_controller.words import Event, UnpaidTag
from hardware.rfid.epc import parse_sgtin
from hardware.rfid.events import TagSeen
from hardware.rfid.watch import Paid, Watch, WatchRules, seen, unpaid

_log = structlog.get_logger(__name__)


class TagWatch:
    """One lane's RFID gate."""

    def __init__(self, rules: WatchRules, name_of: Callable[[str], Texts | None]) -> None:
        """Set when a tag counts, and where an article's name comes from."""
        self._rules = rules
        self._name_of = name_of
        self._watch = Watch()

    def read(self, event: TagSeen, lane: Lane, now_s: float) -> Event | None:
        """Take a sighting; return the alarm that it makes, if any."""
        self._watch = seen(self._watch, event, self._rules, now_s)
        paid = _paid(lane)
        if paid is None:
            return None
        self._watch, stolen = unpaid(self._watch, paid, self._rules, now_s)
        if not stolen:
            return None
        tags = tuple(self._named(epc) for epc in stolen)
        _log.warning("unpaid tags at the gate", lane=lane.name, tags=[(tag.epc, tag.name["en"]) for tag in tags])
        return words.EasAlarm(tags)

    def _named(self, epc: str) -> UnpaidTag:
        article = parse_sgtin(epc)
        if article is None:
            return UnpaidTag(epc, None, filled(staff_texts.UNKNOWN_TAG, epc=epc))
        name = self._name_of(article.gtin) or filled(staff_texts.UNKNOWN_ARTICLE, code=article.gtin)
        return UnpaidTag(epc, article.gtin, name)


def _paid(lane: Lane) -> Paid | None:
    """Add up what may be at the gate; None while nobody knows it: an order believed on its signature alone has no lines."""
    orders = [order for order in (lane.order, lane.just_left, lane.alarm_of) if order is not None]
    if any(not order.lines for order in orders):
        return None
    pieces: Counter[str] = Counter()
    for order in {order.order_id: order for order in orders}.values():
        for line in order.lines:
            pieces[line.code] += line.quantity
    return Paid(pieces=pieces)
