"""What staff is asked to look through, and a tag that should not be at the gate."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from gate_controller.texts import Texts


@dataclass(frozen=True, slots=True)
class CountedArticle:
    """An article of which all pieces are to be counted."""

    code: str
    name: Texts = field(hash=False)
    quantity: int
    """Pieces that are paid."""


@dataclass(frozen=True, slots=True)
class GoodsCheck:
    """A look through somebody's goods: a sample of them, or all."""

    check_id: UUID
    full: bool
    why: tuple[Texts, ...] = field(hash=False)
    """What made it, in words; the first is the sum of it."""
    articles: tuple[CountedArticle, ...] = ()
    free_picks: int = 0
    """So many more pieces staff takes out of the bag as it likes."""


@dataclass(frozen=True, slots=True)
class UnpaidTag:
    """An RFID tag at the gate that no paid order accounts for."""

    epc: str
    code: str | None
    """GTIN-14; None where the tag is no article's."""
    name: Texts = field(hash=False)
