"""What staff's look through somebody's goods says about the order; pure.

A sample asks for two things: all pieces of some articles are counted, and some more pieces are taken out of the bag at will. It
passes when the counted articles are there exactly as often as they are paid, and nothing else was found more often than it is
paid. Whatever it finds wrong leads to a full check, which says what the order is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from store_server.contract.check_messages import Check, CheckKind, CheckOutcome
from store_server.contract.order_messages import OrderLine, PricedLine
from store_server.contract.wire import QUANTITY_MAX


@dataclass(frozen=True, slots=True)
class Looked:
    """What was asked for, what was paid, and what was found."""

    check: Check
    paid: Counter[str]
    """Pieces by article; a weighed line is one."""
    found: Counter[str]

    @property
    def picks(self) -> int:
        """Pieces found besides those that are to be counted."""
        counted = {article.code for article in self.check.articles}
        return sum(number for code, number in self.found.items() if code not in counted)

    @property
    def is_too_little(self) -> bool:
        """Not all that the sample asks for was looked at; what lies in the bag may be less than that."""
        wanted = min(self.check.free_picks, self._others_paid)
        return self.check.kind is CheckKind.SAMPLE and self.picks < wanted and not self.surplus

    @property
    def surplus(self) -> Counter[str]:
        """Pieces found that are not paid."""
        return self.found - self.paid

    @property
    def _others_paid(self) -> int:
        counted = {article.code for article in self.check.articles}
        return sum(number for code, number in self.paid.items() if code not in counted)

    def sample_outcome(self) -> CheckOutcome:
        """Judge a sample."""
        counted_well = all(self.found[article.code] == self.paid[article.code] for article in self.check.articles)
        return CheckOutcome.PASSED if counted_well and not self.surplus else CheckOutcome.FAILED


def pieces(lines: Iterable[PricedLine | OrderLine]) -> Counter[str]:
    """Count pieces by article."""
    found: Counter[str] = Counter()
    for line in lines:
        found[line.code] += line.quantity
    return found


def as_basket(scans: Sequence[OrderLine]) -> list[OrderLine]:
    """Put pieces of an article together, as a handheld does; labels stay lines of their own."""
    basket: list[OrderLine] = []
    for scan in scans:
        place = next((at for at, line in enumerate(basket) if _adds_up(line, scan)), None)
        if place is None:
            basket.append(scan)
        else:
            basket[place] = basket[place].model_copy(update={"quantity": basket[place].quantity + scan.quantity})
    return basket


def same_goods(one: Sequence[OrderLine], other: Sequence[OrderLine]) -> bool:
    """Whether two baskets hold the same, in whatever order."""
    return Counter(map(_key, as_basket(one))) == Counter(map(_key, as_basket(other)))


def _adds_up(line: OrderLine, scan: OrderLine) -> bool:
    is_piece = line.weight_g is None and line.price_minor is None
    alike = (line.code, line.weight_g, line.price_minor) == (scan.code, scan.weight_g, scan.price_minor)
    return is_piece and alike and line.quantity + scan.quantity <= QUANTITY_MAX


def _key(line: OrderLine) -> tuple[str, int, int | None, int | None]:
    return line.code, line.quantity, line.weight_g, line.price_minor
