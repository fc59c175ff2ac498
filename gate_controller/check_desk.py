"""Draws random checks for one lane, and writes what staff asks for; the only place of a lane where a lot is drawn."""

from __future__ import annotations

import random
from dataclasses import replace
from uuid import uuid4

import structlog

from gate_controller import audit_sample, staff_texts
from gate_controller.audit_sample import SampleRules
from gate_controller.blind_goods import BlindGoods
from gate_controller.drawn_orders import DrawnOrders
from gate_controller.risk import Blind, RiskFacts, RiskRules, assess, is_drawn
from gate_controller.shop_cache import ShopCache
from gate_controller.staff_texts import filled
from gate_controller.texts import Texts
from gate_controller.weighing import WeighingRules, minimum_detectable_g
from gate_controller.words import GoodsCheck, OrderInLane
from store_server.contract.article_messages import PriceBook
from store_server.contract.money import format_minor
from store_server.contract.order_messages import ShopperHistory

NAMES_MAX = 3
_NOBODY = ShopperHistory(member=False, exits=0, checks_clean=0, checks_wrong=0)
_log = structlog.get_logger(__name__)


class CheckDesk:
    """One lane's checks."""

    def __init__(
        self,
        lane: str,
        weighing: WeighingRules,
        cache: ShopCache,
        *,
        risk: RiskRules,
        sample: SampleRules,
        draws: DrawnOrders,
    ) -> None:
        self._lane = lane
        self._weighing = weighing
        self._cache = cache
        self._risk = risk
        self._sample = sample
        self._lots = random.SystemRandom()
        self._paused_until_s = 0.0
        self._draws = draws
        self._range: tuple[PriceBook | None, BlindGoods] = (None, BlindGoods())

    # Pausing.

    def pause(self, seconds: int, now_s: float) -> None:
        """Draw no lots for so long; 0 draws them again."""
        self._paused_until_s = now_s + seconds

    def paused_s(self, now_s: float) -> int:
        """Return for how long no lots are drawn yet; it ends by itself."""
        return max(0, round(self._paused_until_s - now_s))

    # Drawing.

    def assessed(self, order: OrderInLane, history: ShopperHistory | None, now_s: float) -> OrderInLane:
        """Return the order with its risk in words, what the scale cannot see of it, and the check it was drawn for, if any."""
        blind = self._blind(order)
        risk = assess(_facts(order, history or _NOBODY, blind), self._risk, self._money)
        known = replace(order, risk=risk, blind=self._blind_words(order, blind))
        lot, paused = self._lots.random(), self.paused_s(now_s) > 0
        before = self._draws.before(order.order_id, order.revision)
        drawn = not paused and (is_drawn(risk, lot) if before is None else before)
        if before is None:
            self._draws.keep(order.order_id, order.revision, drawn=drawn)
        _log.info(
            "risk",
            lane=self._lane,
            order=order.order_number,
            minimum_detectable_g=round(blind.grams, 1),
            chance=round(risk.chance, 4),
            lot=round(lot, 4),
            before=before,
            paused=paused,
            drawn=drawn,
            reasons=[reason["en"] for reason in risk.reasons],
        )
        if not drawn:
            return known
        why = risk.reasons if risk.chance >= 1 else (staff_texts.CHECK_DRAWN, *risk.reasons)
        return replace(known, drawn=self._sampled(known, why))

    def asked(self, order: OrderInLane, staff: str, *, full: bool) -> GoodsCheck:
        """Write the check that staff asks for."""
        why = (audit_sample.asked_by(staff), *(order.risk.reasons if order.risk is not None else ()))
        return audit_sample.full(uuid4(), why) if full else self._sampled(order, why)

    @staticmethod
    def after_failure(failed: GoodsCheck) -> GoodsCheck:
        """Write the full check that follows a sample that did not fit."""
        return audit_sample.after_failure(failed, uuid4())

    def _sampled(self, order: OrderInLane, why: tuple[Texts, ...]) -> GoodsCheck:
        grams = self._blind(order).grams
        return audit_sample.sample(order, uuid4(), why, rules=self._sample, lot=self._lots.random, blind_g=grams)

    # What the scale cannot see.

    def _blind(self, order: OrderInLane) -> Blind:
        grams = minimum_detectable_g(order.expected, self._weighing, shelf=self._cache.catalogue)
        dearest = self._blind_goods().dearest_below(grams)
        if dearest is None:
            return Blind(grams)
        return Blind(grams, dearest.unit_price_minor, dearest.name)

    def _blind_goods(self) -> BlindGoods:
        book = self._cache.price_book
        if book is not self._range[0]:
            self._range = (book, BlindGoods.of(book.articles if book is not None else ()))
        return self._range[1]

    def _blind_words(self, order: OrderInLane, blind: Blind) -> tuple[Texts, ...]:
        said = [filled(staff_texts.BLIND_BELOW, grams=f"{blind.grams:.0f}")]
        if blind.dearest:
            said.append(filled(staff_texts.BLIND_DEAREST, name=blind.dearest, price=self._money(blind.dearest_minor)))
        unknown = [line.name for line in order.lines if line.mean_g is None][:NAMES_MAX]
        if unknown:
            names = {
                language: joint.join(name.get(language) or name.get("en", "") for name in unknown)
                for language, joint in (("en", ", "), ("zh", "、"))
            }
            said.append(filled(staff_texts.BLIND_UNKNOWN, names=names))
        return tuple(said)

    def _money(self, minor: int) -> str:
        return format_minor(minor, self._cache.currency)


def _facts(order: OrderInLane, history: ShopperHistory, blind: Blind) -> RiskFacts:
    return RiskFacts(
        total_minor=order.total_minor,
        pieces=sum(line.quantity for line in order.lines),
        unweighed=sum(line.quantity for line in order.lines if line.mean_g is None),
        blind=blind,
        without_server=order.decided_by == "signature",
        member=history.member,
        exits=history.exits,
        checks_clean=history.checks_clean,
        checks_wrong=history.checks_wrong,
    )
