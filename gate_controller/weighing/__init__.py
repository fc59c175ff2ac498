"""The mathematics of the lane's scale: does the weight fit, what explains it, what is not seen, what is learned; pure.

Start with ``goods`` (what an order should weigh) and ``decision`` (does it fit). ``explanations`` ranks what may have
happened, ``blind_spot`` tells what a basket's weighing cannot notice, ``learning`` follows the articles' weights from clean
exits, and ``scale_watch`` tells a drifting scale from theft. ``honest`` and ``shelf`` are the two sides of the decision: how
honest baskets are spread, and what the shop's articles could add to them. ``docs/weighing.md`` has the formulas. Nothing here
does I/O, reads a clock or draws a random number.
"""

from gate_controller.weighing.blind_spot import DETECTION_POWER, BlindSpot, blind_spot, minimum_detectable_g
from gate_controller.weighing.decision import Fit, Verdict, judge, judge_many
from gate_controller.weighing.explanations import EXPLANATIONS_MAX, explain
from gate_controller.weighing.goods import Bag, Expectation, Goods, Packaging, Part, WeighingRules, expect
from gate_controller.weighing.shelf import Shelf

__all__ = [
    "DETECTION_POWER",
    "EXPLANATIONS_MAX",
    "Bag",
    "BlindSpot",
    "Expectation",
    "Fit",
    "Goods",
    "Packaging",
    "Part",
    "Shelf",
    "Verdict",
    "WeighingRules",
    "blind_spot",
    "expect",
    "explain",
    "judge",
    "judge_many",
    "minimum_detectable_g",
]
