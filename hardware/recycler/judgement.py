"""What a recycler's counters and levels say about a note or a payout whose end nobody told; pure.

``before`` and ``now`` are readings: ``ever-stacked``, ``ever-stored``, ``ever-dispensed`` and ``ever-transferred`` notes, where
the device counts them, and ``level-<value>``, the notes of each value in the store.
"""

from __future__ import annotations

from collections.abc import Mapping

from hardware.recycler.protocol_answers import Counters

_COUNTER_MODULO = 2**32
_LEVEL = "level-"


def reading(counters: Counters | None, levels: Mapping[int, int]) -> dict[str, int]:
    """Return a reading as a journal keeps it."""
    told = {f"{_LEVEL}{value_minor}": count for value_minor, count in levels.items()}
    if counters is not None:
        told |= {
            "ever-stacked": counters.stacked,
            "ever-stored": counters.stored,
            "ever-dispensed": counters.dispensed,
            "ever-transferred": counters.transferred,
        }
    return told


def judge_note(before: Mapping[str, int], now: Mapping[str, int]) -> tuple[bool | None, bool]:
    """Say whether one note came in since ``before``, and whether it lies in the store; None: nobody can tell."""
    stacked, stored = _grown("ever-stacked", before, now), _grown("ever-stored", before, now)
    if stacked is None or stored is None or stacked + stored > 1:
        return None, False
    return stacked + stored == 1, stored == 1


def judge_payout(before: Mapping[str, int], now: Mapping[str, int], value_minor: int, amount_minor: int) -> tuple[int, bool]:
    """Return what a payout has paid, and whether that is certain.

    Args:
        before: the reading in its intent.
        now: the reading when the device stands still.
        value_minor: of its notes; 0: any notes.
        amount_minor: what was asked for.
    """
    drops = _drops(before, now)
    dispensed = _grown("ever-dispensed", before, now)
    gone_minor = sum(value * count for value, count in drops.items())
    if dispensed is None:
        others = any(count for value, count in drops.items() if value_minor and value != value_minor)
        return _bounded(gone_minor, amount_minor, is_certain=not others)
    if value_minor:
        return _bounded(dispensed * value_minor, amount_minor, is_certain=True)
    if not dispensed:
        return 0, True
    fits = dispensed == sum(drops.values()) and all(count >= 0 for count in drops.values())
    return _bounded(gone_minor, amount_minor, is_certain=fits)


def left_the_store(before: Mapping[str, int], now: Mapping[str, int]) -> dict[int, int]:
    """Return how many notes of each value are gone from the store."""
    return {value: count for value, count in _drops(before, now).items() if count > 0}


def _bounded(paid_minor: int, amount_minor: int, *, is_certain: bool) -> tuple[int, bool]:
    possible = min(max(paid_minor, 0), amount_minor)
    return possible, is_certain and possible == paid_minor


def _grown(counter: str, before: Mapping[str, int], now: Mapping[str, int]) -> int | None:
    if counter not in before or counter not in now:
        return None
    return (now[counter] - before[counter]) % _COUNTER_MODULO


def _drops(before: Mapping[str, int], now: Mapping[str, int]) -> dict[int, int]:
    return {
        int(name.removeprefix(_LEVEL)): count - now.get(name, 0) for name, count in before.items() if name.startswith(_LEVEL)
    }
