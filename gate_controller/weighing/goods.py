"""What an order should weigh, and how surely: the goods, the lane's rules, and their sum; pure.

A piece of an article weighs ``mean + batch + own``: what all pieces of its batch share, and what it has for itself. Pieces of
one article in one basket come from one shelf and so from one batch. With ``n`` pieces, spread ``s``, batch share ``b`` and a
mean that is known to ``m``, a line adds ``n s^2 (1 - b) + n^2 (b s^2 + m^2)`` to the variance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from store_server.contract.article_messages import Article
from store_server.contract.order_messages import PricedLine

PARTS_MAX = 16
"""So many combinations of packagings of one basket are told apart; rarer ones are left out."""

Names: TypeAlias = Mapping[str, str]

_DOUBT_MAX = 1.2
_DIVISION_VARIANCE = 1 / 12
"""A reading rounded to one division is off by an equal spread over it (variance of a uniform distribution)."""


@dataclass(frozen=True, slots=True)
class Packaging:
    """Another weight that pieces of an article have: an old or a new package."""

    mean_g: float
    share: float
    """Part of the pieces sold that have it."""


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of an order, as far as weight goes."""

    code: str
    name: Names
    quantity: int
    mean_g: float | None
    """Of one piece; None where nobody weighed it yet."""
    sd_g: float
    """Standard deviation of one piece."""
    mean_sd_g: float = 0.0
    """How well the mean is known: its own standard deviation."""
    spread_doubt: float = 0.0
    """How well ``sd_g`` is known: the standard deviation of the logarithm of its square."""
    popularity: float = 1.0
    """Pieces sold, in any unit that is the same for all articles."""
    packagings: tuple[Packaging, ...] = ()
    """Weights besides ``mean_g`` that pieces may have."""

    @classmethod
    def of_line(cls, line: PricedLine) -> Goods:
        """Read a priced line; a weighed line's mean is the whole line's."""
        return cls(code=line.code, name=line.name, quantity=line.quantity, mean_g=line.mean_g, sd_g=line.sd_g)

    @classmethod
    def of_article(cls, article: Article) -> Goods:
        """Read one piece of an article from the price book."""
        return cls(code=article.code, name=article.name, quantity=1, mean_g=article.mean_g, sd_g=article.sd_g)


@dataclass(frozen=True, slots=True)
class Bag:
    """A kind of bag that shoppers bring and that no order names."""

    mean_g: float
    sd_g: float
    share: float
    """Part of the baskets that have one."""


@dataclass(frozen=True, slots=True)
class WeighingRules:
    """How a lane judges."""

    scale_sd_g: float = 2.0
    """Standard deviation of a stable reading."""
    division_g: float = 1.0
    """The step of the scale's display."""
    false_alarm_rate: float = 0.005
    """Part of honest baskets that are stopped; both sides together."""
    unknown_mean_g: float = 400.0
    """What an article weighs that nobody weighed yet."""
    unknown_sd_g: float = 350.0
    """How far such an article may be from that."""
    batch_share: float = 0.3
    """Part of a piece's variance that it shares with the others of its batch."""
    piece_kurtosis: float = 6.0
    """Excess kurtosis of one piece's weight: how much heavier its tails are than a normal distribution's."""
    bags: tuple[Bag, ...] = ()
    """What honest shoppers put on the belt with their goods; heavier bags than these are told as an explanation."""
    doubt_caution: float = 0.5
    """This part of ``false_alarm_rate`` is not spent where spreads are not known at all; less where they are known better."""

    @property
    def scale_variance_g2(self) -> float:
        """The scale's own variance: noise and rounding."""
        return self.scale_sd_g**2 + self.division_g**2 * _DIVISION_VARIANCE


@dataclass(frozen=True, slots=True)
class Part:
    """One way an honest basket may come: how likely, how much heavier than expected, how much more spread."""

    weight: float
    shift_g: float
    variance_g2: float = 0.0


ONE_PART: tuple[Part, ...] = (Part(1.0, 0.0),)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an order should weigh."""

    mean_g: float
    variance_g2: float
    """Of the goods; the scale's comes on top."""
    goods: tuple[Goods, ...] = ()
    """The lines, where they are known; a pass checked without the server carries only the sum."""
    fourth_g4: float = 0.0
    """Fourth cumulant of the goods' weight: how heavy the tails are."""
    parts: tuple[Part, ...] = ONE_PART
    """More than one where an article comes in several packagings."""
    doubt: float = 0.0
    """How well the spreads are known: their ``spread_doubt``, mean over what they add to the variance, at most 1."""

    @property
    def spread_g(self) -> float:
        """Standard deviation of the goods' weight."""
        return math.sqrt(self.variance_g2)

    @property
    def unknown(self) -> tuple[Goods, ...]:
        """The lines that nobody weighed yet."""
        return tuple(line for line in self.goods if line.mean_g is None)


def expect(lines: Iterable[Goods], rules: WeighingRules) -> Expectation:
    """Sum up what an order should weigh.

    >>> milk = Goods("09520000000011", {"en": "Milk"}, 2, 1030.0, 4.0)
    >>> expect([milk], WeighingRules()).mean_g
    2060.0
    """
    goods = tuple(lines)
    mean = variance = fourth = doubted = spreads = 0.0
    parts = ONE_PART
    own_share = 1 - rules.batch_share
    for line in goods:
        pieces = line.quantity
        if line.mean_g is None:  # its pieces weigh the same, whatever that is: not independent
            mean += pieces * rules.unknown_mean_g
            variance += (pieces * rules.unknown_sd_g) ** 2
            continue
        own = line.sd_g**2 * own_share
        mean += pieces * line.mean_g
        spread = pieces * own + pieces**2 * line.sd_g**2 * rules.batch_share
        variance += spread + (pieces * line.mean_sd_g) ** 2
        fourth += pieces * own**2 * rules.piece_kurtosis
        spreads += spread
        doubted += spread * min(line.spread_doubt, 1.0)
        if line.spread_doubt:  # a variance that is itself uncertain makes tails heavy
            fourth += 3 * spread**2 * math.expm1(min(line.spread_doubt, _DOUBT_MAX) ** 2)
        if line.packagings:
            parts = _with_packagings(parts, line, line.mean_g)
    doubt = doubted / spreads if spreads else 0.0
    return Expectation(mean_g=mean, variance_g2=variance, goods=goods, fourth_g4=fourth, parts=parts, doubt=doubt)


def _with_packagings(parts: Sequence[Part], line: Goods, mean_g: float) -> tuple[Part, ...]:
    """Combine each part with each packaging of the line; all pieces of a line have the same one."""
    usual = max(0.0, 1 - sum(packaging.share for packaging in line.packagings))
    ways = [(usual, 0.0), *((one.share, line.quantity * (one.mean_g - mean_g)) for one in line.packagings)]
    combined = [Part(part.weight * share, part.shift_g + shift) for part in parts for share, shift in ways]
    kept = sorted(combined, key=lambda part: -part.weight)[:PARTS_MAX]
    total = sum(part.weight for part in kept)
    return tuple(Part(part.weight / total, part.shift_g) for part in kept)
