"""An order, a verdict and a check that tests of the lane share."""

from __future__ import annotations

from uuid import UUID

from gate_controller.weighing import Expectation, Fit, Verdict
from gate_controller.words import CountedArticle, GoodsCheck, OrderInLane, UnpaidTag

ENTRY, AGAIN = UUID(int=1), UUID(int=2)
TEXTS = {"en": "no", "zh": "不"}
ORDER = OrderInLane(
    entry_id=ENTRY,
    order_id=UUID(int=7),
    order_number="0482132",
    revision=1,
    total_minor=1280,
    decided_by="server",
    expected=Expectation(500.0, 25.0),
    eas_pieces=1,
)
VERDICT = Verdict(Fit.FITS, 501.0, 500.0, 5.0, 487.0, 513.0)
SAMPLE = GoodsCheck(
    UUID(int=20), full=False, why=(TEXTS,), articles=(CountedArticle("09520000000011", TEXTS, 2),), free_picks=3
)
FULL = GoodsCheck(UUID(int=21), full=True, why=(TEXTS,))
TAG = UnpaidTag("3034", "09520000000028", TEXTS)
