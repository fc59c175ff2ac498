"""The outcome of an evaluation as a table for people and as JSON for programs; a missed aim is called missed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from gate_controller.evaluation.drift_trial import Drift
from gate_controller.evaluation.learning_trial import Learning
from gate_controller.evaluation.naming import Naming
from gate_controller.evaluation.passages import Passages, Row

BOUND_AIM = 0.95
FIRST_AIM = 0.80
AMONG_FIVE_AIM = 0.95
LEARNED_AIM = 0.90

Json: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class Aim:
    """One figure that was aimed at."""

    what: str
    value: float | None
    limit: float
    at_least: bool = True

    @property
    def met(self) -> bool | None:
        """Whether it was reached; None where there was nothing to measure."""
        if self.value is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that was measured."""

    source: str
    articles: int
    seed: int
    exits: int
    rate: float
    passages: Passages
    learning: Learning
    drifts: tuple[Drift, ...]

    def aims(self) -> tuple[Aim, ...]:
        """Return what was aimed at and reached."""
        rows = self.passages.attacked
        found = _mean([row.rate for row in rows])
        one_test = _mean([row.bound.one_test for row in rows if row.bound])
        knowing = _mean([row.bound.knowing for row in rows if row.bound])
        named = self.named()
        return (
            Aim("false alarms", self.passages.row("honest").rate, self.rate, at_least=False),
            Aim("detection, part of the perfect test's, mean over the attacks", found / one_test, BOUND_AIM),
            Aim("detection, part of what a test that knows the attack finds", found / knowing, BOUND_AIM),
            Aim("true explanation first where its weight is unique", _part(named.unique_first, named.unique), FIRST_AIM),
            Aim("true explanation among the first five there", _part(named.unique_among_five, named.unique), AMONG_FIVE_AIM),
            Aim(f"part of the bound after learning from {self.learning.exits} exits", self.learning.final, LEARNED_AIM),
            Aim("false alarms after learning", self.learning.final_false_alarms, self.rate, at_least=False),
            *(Aim(f"scale drifting by {one.grams:+.0f} g is found", one.found_part, 1.0) for one in self.drifts if one.grams),
        )

    def named(self) -> Naming:
        """Return the ranks over all attacks with an article."""
        return Naming.over([row.naming for row in self.passages.attacked if row.naming])

    def as_json(self) -> Json:
        """Return every row."""
        return {
            "catalogue": self.source,
            "articles": self.articles,
            "seed": self.seed,
            "exits": self.exits,
            "false_alarm_rate": self.rate,
            "rows": [_json_row(row) for row in self.passages.rows],
            "best_band_g": [self.passages.grams.low, self.passages.grams.high],
            "best_band_part": [self.passages.percent.low, self.passages.percent.high],
            "learning": [step.as_json() for step in self.learning.steps],
            "drift": [one.as_json() for one in self.drifts],
            "aims": [
                {"what": aim.what, "value": aim.value, "aim": aim.limit, "at_least": aim.at_least, "met": aim.met}
                for aim in self.aims()
            ],
        }

    def as_text(self) -> str:
        """Return the tables."""
        honest = self.passages.row("honest")
        return "\n".join(
            [
                f"{self.articles} articles of {self.source}, {self.exits} exits, seed {self.seed}.",
                "",
                f"False alarms: {_percent(honest.rate)} of {honest.exits} honest exits; stated {_percent(self.rate)}.",
                "",
                *_detections(self.passages),
                "",
                *_names(self.passages),
                "",
                *self.learning.as_lines(),
                "",
                *_drifts(self.drifts),
                "",
                *_aims(self.aims()),
            ]
        )


def _detections(passages: Passages) -> list[str]:
    lines = [
        "Detected                        exits    lane   perfect test   knows attack   best band   best band",
        "                                                                                 (grams)   (percent)",
    ]
    for row in passages.attacked:
        assert row.bound is not None
        bands = f"{_percent(row.grams_band):>10}  {_percent(row.percent_band):>10}"
        lines.append(
            f"{row.scenario.name:<30}{row.exits:>7}  {_percent(row.rate):>6}  {_percent(row.bound.one_test):>13}"
            f"  {_percent(row.bound.knowing):>13}  {bands}"
        )
    rows = passages.attacked
    means = (
        _mean([row.rate for row in rows]),
        _mean([row.bound.one_test for row in rows if row.bound]),
        _mean([row.bound.knowing for row in rows if row.bound]),
        _mean(passages.grams.detections),
        _mean(passages.percent.detections),
    )
    lane, one_test, knowing, grams, percent = (_percent(mean) for mean in means)
    lines.append(f"{'mean over these':<37}  {lane:>6}  {one_test:>13}  {knowing:>13}  {grams:>10}  {percent:>10}")
    bag = passages.row("own_bag")
    low, high = passages.grams.low, passages.grams.high
    lines += [
        f"The bands: {low:+.1f} to {high:+.1f} g; {passages.percent.low:+.2%} to {passages.percent.high:+.2%}.",
        f"A bag of 40 to 250 g on the belt stops {_percent(bag.rate)} of {bag.exits} honest shoppers.",
    ]
    return lines


def _names(passages: Passages) -> list[str]:
    lines = ["True explanation                stopped   first   in five    unique   first   in five    alike"]
    for row in passages.rows:
        if row.naming is not None:
            one = row.naming
            lines.append(
                f"{row.scenario.name:<30}{one.exits:>9}  {_percent(_part(one.first, one.exits)):>6}"
                f"  {_percent(_part(one.among_five, one.exits)):>8}  {one.unique:>8}"
                f"  {_percent(_part(one.unique_first, one.unique)):>6}  {_percent(_part(one.unique_among_five, one.unique)):>8}"
                f"  {'-' if one.alike is None else f'{one.alike:.0f}':>7}"
            )
    lines.append(
        "Alike: so many other explanations of the same kind weigh the same within the noise (median); unique: none does."
    )
    return lines


def _drifts(drifts: tuple[Drift, ...]) -> list[str]:
    lines = ["Scale drifting      runs   found   exits until found (median, worst)   stopped before   called theft"]
    lines.extend(drift.as_line() for drift in drifts)
    return lines


def _aims(aims: tuple[Aim, ...]) -> list[str]:
    words = {True: "met", False: "MISSED", None: "nothing to measure"}
    lines = ["Aims"]
    for aim in aims:
        sign = "at least" if aim.at_least else "at most"
        lines.append(f"{aim.what:<66}{_percent(aim.value):>9}  {sign} {_percent(aim.limit):>6}  {words[aim.met]}")
    return lines


def _json_row(row: Row) -> Json:
    told: Json = {"kind": row.scenario.kind, "name": row.scenario.name, "exits": row.exits, "stopped": row.stopped}
    told["stopped_part"] = row.rate
    if row.bound is not None:
        told |= {
            "bound": row.bound.one_test,
            "bound_knowing_the_attack": row.bound.knowing,
            "bound_knowing_the_attack_same_rate_in_each_basket": row.bound.knowing_in_each,
            "best_band_grams": row.grams_band,
            "best_band_percent": row.percent_band,
        }
    if row.naming is not None:
        told["naming"] = {name: getattr(row.naming, name) for name in row.naming.__slots__}
    return told


def _mean(values: list[float] | tuple[float, ...]) -> float:
    return float(np.mean(values)) if len(values) else 0.0


def _part(some: int, of: int) -> float | None:
    return some / of if of else None


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.2f}%"
