"""Which articles staff is to look at, and how many; pure.

A sample has two parts. Some lines of the order are drawn by lot, weighted by what is at stake: all pieces of these articles
are counted in the bag, which finds the second piece that was not scanned and the dear article under the label of a cheap one.
And some pieces are taken out of the bag at will, each of which must be paid: that finds what no line of the order could name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from gate_controller import staff_texts
from gate_controller.staff_texts import filled
from gate_controller.texts import Texts
from gate_controller.words.check import CountedArticle, GoodsCheck
from gate_controller.words.order import LineInLane, OrderInLane

PIECES_COUNTED_MAX = 12
"""Articles with more pieces are not counted by hand."""
BLIND_TIMES = 2.0
"""An article that the scale could not miss is drawn so much more often."""
TAGGED_TIMES = 0.5
"""A tagged one less often: pedestal and RFID gate look after it."""


@dataclass(frozen=True, slots=True)
class SampleRules:
    """How much is looked at."""

    share: float = 0.3
    """Of the order's articles."""
    articles_min: int = 1
    articles_max: int = 5
    free_picks: int = 3


def sample(
    order: OrderInLane, check_id: UUID, why: Sequence[Texts], *, rules: SampleRules, lot: Callable[[], float], blind_g: float
) -> GoodsCheck:
    """Draw a sample of an order; one whose lines nobody knows is looked through as a whole, by eye.

    Args:
        order: in the lane.
        check_id: made for this check.
        why: what made it, in words.
        rules: how much is looked at.
        lot: an even random number from 0 to 1 at every call.
        blind_g: lighter pieces the scale cannot see.
    """
    if not order.lines:
        return full(check_id, why)
    few = [line for line in order.lines if line.quantity <= PIECES_COUNTED_MAX]
    wanted = min(max(math.ceil(rules.share * len(few)), rules.articles_min), rules.articles_max, len(few))
    # Drawing by the largest lot ** (1 / weight) draws without replacement, each in proportion to its weight.
    drawn = sorted(few, key=lambda line: -_key(lot(), _stake(line, blind_g)))[:wanted]
    counted = {line.code for line in drawn}
    others = sum(line.quantity for line in order.lines if line.code not in counted)
    return GoodsCheck(
        check_id=check_id,
        full=False,
        why=tuple(why),
        articles=tuple(_counted(order, code) for code in sorted(counted)),
        free_picks=min(rules.free_picks, others),
    )


def full(check_id: UUID, why: Sequence[Texts]) -> GoodsCheck:
    """Have everything scanned anew."""
    return GoodsCheck(check_id=check_id, full=True, why=tuple(why))


def after_failure(failed: GoodsCheck, check_id: UUID) -> GoodsCheck:
    """Have everything scanned, because a sample did not fit."""
    return full(check_id, (staff_texts.CHECK_FAILED, *failed.why))


def asked_by(staff: str) -> Texts:
    """Say that a member of staff wants it."""
    return filled(staff_texts.CHECK_ASKED, staff=staff)


def _counted(order: OrderInLane, code: str) -> CountedArticle:
    lines = [line for line in order.lines if line.code == code]
    return CountedArticle(code, lines[0].name, sum(line.quantity for line in lines))


def _stake(line: LineInLane, blind_g: float) -> float:
    """Weigh a line: what a piece costs, more where the scale is blind to it, less where it carries a tag."""
    stake = float(max(1, line.value_minor))
    if line.mean_g is None or line.mean_g < blind_g:
        stake *= BLIND_TIMES
    return stake * (TAGGED_TIMES if line.tagged else 1.0)


def _key(lot: float, weight: float) -> float:
    return math.log(max(lot, 1e-300)) / weight
