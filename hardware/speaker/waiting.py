"""Which sentences wait to be said: few, the newest, and an alarm before everything; pure."""

from __future__ import annotations

from dataclasses import dataclass

WAITING_MAX = 4
"""More sentences would come too late to mean anything."""
TEXT_MAX = 500


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something to say."""

    text: str
    language: str
    """As in ``en`` or ``zh``."""
    alarm: bool = False


Waiting = tuple[Sentence, ...]


def admitted(waiting: Waiting, new: Sentence) -> Waiting:
    """Return what waits after ``new`` came.

    An alarm takes the place of everything that waits. An ordinary sentence never displaces an alarm; the oldest ordinary ones
    make room for it.
    """
    if new.alarm:
        return (new,)
    alarms = tuple(sentence for sentence in waiting if sentence.alarm)
    ordinary = tuple(sentence for sentence in waiting if not sentence.alarm)
    return alarms + (*ordinary, new)[-WAITING_MAX:]
