"""Runs a whole evaluation: everything follows from the catalogue and the seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gate_controller.evaluation.catalogue_file import ListedArticle
from gate_controller.evaluation.drift_trial import run_drifts
from gate_controller.evaluation.experience import open_shop
from gate_controller.evaluation.learning_trial import run_learning
from gate_controller.evaluation.passages import run_passages
from gate_controller.evaluation.report import Outcome
from gate_controller.evaluation.world import World

STATED_RATE = 0.005
EXITS_MIN = 200
EXITS_MAX = 5_000_000


def evaluate(
    articles: Sequence[ListedArticle],
    source: str,
    *,
    seed: int,
    exits: int,
    tell: Callable[[str], None],
    rate: float = STATED_RATE,
) -> Outcome:
    """Simulate exits over a catalogue and measure what the lane made of them.

    Args:
        articles: the catalogue.
        source: how the report calls it.
        seed: the same seed draws the same world and the same exits.
        exits: honest and dishonest ones together; what is learned from and drifts comes on top.
        tell: is told what is being done.
        rate: part of honest exits that the lane may stop.
    """
    worlds, shoppers, learners, scales = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(4))
    world = World.of(articles, worlds)
    tell("opening the shop")
    lane = open_shop(world, rate, learners)
    passages = run_passages(world, lane, shoppers, exits, tell)
    bounds = [row.bound.one_test for row in passages.attacked if row.bound is not None]
    tell("learning from wrong weights")
    learning = run_learning(world, rate, learners, float(np.mean(bounds)))
    tell("a drifting scale")
    drifts = run_drifts(world, lane, scales)
    return Outcome(source, len(articles), seed, exits, rate, passages, learning, drifts)
