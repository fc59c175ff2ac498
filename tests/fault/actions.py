"""What may happen next in a history: actions with a weight, a condition and values to choose from.

Hypothesis draws one number for each step; it chooses among what is possible at that moment, so that no step is wasted on
something that cannot be. Each history leaves some actions out, which lets others come often and histories differ.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from hypothesis import strategies as st

Method = TypeVar("Method", bound=Callable[..., None])

_MARK = "scanlane_action"

CHOICE_BYTES = 3
"""One choice: which action (10 bits), the number that most actions choose by (6), arguments (8)."""
STEPS_AT_ONCE = 5
CHOICES = st.binary(min_size=CHOICE_BYTES * STEPS_AT_ONCE, max_size=CHOICE_BYTES * STEPS_AT_ONCE)
"""What Hypothesis draws for some steps; a choice of zeros alone, which chance hardly draws and shortening leaves, is no step.

Bytes, because they are drawn evenly; of integers Hypothesis prefers the small ones.
"""


@dataclass(frozen=True)
class Action:
    """One thing that may happen."""

    name: str
    weight: int
    when: Callable[[Any], Any]
    values: Mapping[str, Sequence[Any]]
    """Argument to the values it may have; a value that stands twice is chosen twice as often."""
    takes_n: bool
    may_be_left_out: bool

    def arguments(self, n: int, chance: int) -> dict[str, Any]:
        """Choose a value for each argument."""
        chosen: dict[str, Any] = {"n": n} if self.takes_n else {}
        for argument, values in self.values.items():
            chance, index = divmod(chance, len(values))
            chosen[argument] = values[index]
        return chosen


def action(
    weight: int = 4, when: Callable[[Any], Any] = bool, *, always: bool = False, **values: Sequence[Any]
) -> Callable[[Method], Method]:
    """Mark a method of a history as an action.

    Args:
        weight: how often it happens, compared with others.
        when: whether it is possible, given the history.
        always: no history leaves it out.
        values: each argument's values; the argument ``n``, if the method has one, is any number below 64.
    """

    def mark(method: Method) -> Method:
        takes_n = "n" in inspect.signature(method).parameters
        setattr(method, _MARK, Action(method.__name__, weight, when, values, takes_n, not always))
        return method

    return mark


@functools.cache
def actions_of(history: type) -> list[Action]:
    """Return the actions of a class of histories, the most common one first: a failing history is shortened to it."""
    found = (getattr(member, _MARK, None) for _name, member in inspect.getmembers(history))
    return sorted((one for one in found if isinstance(one, Action)), key=lambda one: (-one.weight, one.name))


def choose(history: Any, actions: Sequence[Action], choice: bytes) -> tuple[Action, dict[str, Any]]:
    """Choose among the possible actions by weight, and their arguments, by one of ``CHOICES``."""
    number = int.from_bytes(choice, "big")
    rest, n, chance = number >> 14, number >> 8 & 63, number & 255
    possible = [one for one in actions if one.when(history)]
    rest %= sum(one.weight for one in possible)
    for one in possible:
        rest -= one.weight
        if rest < 0:
            break
    return one, one.arguments(n, chance)
