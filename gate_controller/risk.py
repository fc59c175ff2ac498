"""How likely a random check of an order is, and why: one score that says in words what it is made of; pure.

Every order has a floor of chance, so that nobody can be sure of not being looked at. Each thing that speaks for a look, or
against one, multiplies the odds; the product stays below a ceiling. The factors are few and plain: what the goods are worth,
what the scale could not see, what nobody weighed yet, whether the server has spoken, and what a member did before. Who is
nobody by name has no history, and it is not held against them. Where nearly anything could go unseen no lot is drawn: it is
looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gate_controller import staff_texts as texts
from gate_controller.texts import Texts

TRUST_EXITS_MAX = 20
"""More exits than this make nobody more trusted."""
CLEAN_MAX = 5
WRONG_MAX = 3


@dataclass(frozen=True, slots=True)
class RiskRules:
    """How much each thing counts."""

    floor: float = 0.02
    """The chance of an order about which nothing speaks."""
    ceiling: float = 0.5
    value_minor: int = 20_000
    """Goods of this worth double the odds, twice of it trebles them, and so on."""
    blind_minor: int = 5_000
    """So does an article of this worth that the scale could not see."""
    blind_max_g: float = 5_000.0
    """An order in which the scale could miss more than this is always looked at; 0 for never."""
    most: float = 4.0
    """No single factor multiplies by more."""


@dataclass(frozen=True, slots=True)
class Blind:
    """What the scale cannot see in an order."""

    grams: float
    """A single article lighter than this may go unnoticed."""
    dearest_minor: int = 0
    """What the dearest such article without a tag costs."""
    dearest: Texts = field(default_factory=dict, hash=False)
    """Its name."""


@dataclass(frozen=True, slots=True)
class RiskFacts:
    """What is known of an order when it comes into the lane."""

    total_minor: int
    pieces: int
    unweighed: int
    """Pieces of articles that nobody weighed yet."""
    blind: Blind
    without_server: bool = False
    member: bool = False
    exits: int = 0
    """Of the member, lately."""
    checks_clean: int = 0
    checks_wrong: int = 0


@dataclass(frozen=True, slots=True)
class Factor:
    """One thing that counts."""

    times: float
    """Of the odds; below 1 it speaks against a check."""
    texts: Texts = field(hash=False)


@dataclass(frozen=True, slots=True)
class Risk:
    """The score."""

    chance: float
    """Probability of a random check, 0 to 1."""
    reasons: tuple[Texts, ...] = field(hash=False)
    """The sum of it first, then each factor, the strongest first."""


def assess(facts: RiskFacts, rules: RiskRules, money: texts.Money) -> Risk:
    """Return the score of an order.

    >>> plain = RiskFacts(total_minor=0, pieces=1, unweighed=0, blind=Blind(5.0))
    >>> round(assess(plain, RiskRules(), str).chance, 3)
    0.02
    """
    if 0 < rules.blind_max_g < facts.blind.grams:
        return Risk(1.0, (texts.filled(texts.RISK_TOO_BLIND, grams=f"{facts.blind.grams:.0f}"),))
    if not rules.ceiling:
        return Risk(0.0, (texts.RISK_OFF,))
    factors = sorted(_factors(facts, rules, money), key=lambda factor: -factor.times)
    odds = rules.floor / (1 - rules.floor)
    for factor in factors:
        odds *= factor.times
    chance = min(rules.ceiling, odds / (1 + odds))
    head = texts.filled(texts.RISK_CHANCE, chance=texts.percent(chance), floor=texts.percent(rules.floor))
    told = [texts.filled(texts.RISK_FACTOR, times=f"{factor.times:.1f}", what=factor.texts) for factor in factors]
    return Risk(chance, (head, *told))


def is_drawn(risk: Risk, lot: float) -> bool:
    """Whether an order is checked; ``lot`` is an even random number from 0 to 1."""
    return lot < risk.chance


def _factors(facts: RiskFacts, rules: RiskRules, money: texts.Money) -> Iterator[Factor]:
    def times(part: float) -> float:
        return min(rules.most, 1 + part)

    if facts.total_minor * 4 >= rules.value_minor:
        worth = texts.filled(texts.RISK_VALUE, worth=money(facts.total_minor))
        yield Factor(times(facts.total_minor / rules.value_minor), worth)
    if facts.blind.dearest_minor * 4 >= rules.blind_minor:
        unseen = texts.filled(
            texts.RISK_BLIND,
            grams=f"{facts.blind.grams:.0f}",
            name=facts.blind.dearest,
            price=money(facts.blind.dearest_minor),
        )
        yield Factor(times(facts.blind.dearest_minor / rules.blind_minor), unseen)
    if facts.unweighed:
        pieces = texts.filled(texts.RISK_UNWEIGHED, count=str(facts.unweighed), pieces=str(facts.pieces))
        yield Factor(times(2 * facts.unweighed / max(1, facts.pieces)), pieces)
    if facts.without_server:
        yield Factor(times(0.5), texts.RISK_WITHOUT_SERVER)
    yield from _history(facts, rules)


def _history(facts: RiskFacts, rules: RiskRules) -> Iterator[Factor]:
    if not facts.member:
        return
    if facts.checks_wrong:
        wrong = texts.filled(texts.RISK_WRONG, count=str(facts.checks_wrong))
        yield Factor(min(rules.most, 1.0 + min(WRONG_MAX, facts.checks_wrong)), wrong)
        return
    if facts.checks_clean:
        clean = texts.filled(texts.RISK_CLEAN, count=str(facts.checks_clean))
        yield Factor(0.8 ** min(CLEAN_MAX, facts.checks_clean), clean)
    if facts.exits:
        known = texts.filled(texts.RISK_KNOWN, count=str(facts.exits))
        yield Factor(1 - 0.5 * min(TRUST_EXITS_MAX, facts.exits) / TRUST_EXITS_MAX, known)
