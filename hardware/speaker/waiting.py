"""Which sentences wait to be said: few, the newest, urgent ones first, an alarm before everything; pure."""

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
    """Cuts off what is being said and takes the place of everything that waits."""
    urgent: bool = False
    """Is said before the ordinary ones that wait, but lets a sentence end."""


Waiting = tuple[Sentence, ...]


def admitted(waiting: Waiting, new: Sentence) -> Waiting:
    """Return what waits after ``new`` came.

    An alarm takes the place of everything that waits. An ordinary sentence never displaces an alarm or an urgent one; the
    oldest ordinary ones make room for it, and the oldest urgent ones for an urgent one.
    """
    if new.alarm:
        return (new,)
    alarms = tuple(sentence for sentence in waiting if sentence.alarm)
    urgent = tuple(sentence for sentence in waiting if sentence.urgent and not sentence.alarm)
    ordinary = tuple(sentence for sentence in waiting if not sentence.alarm and not sentence.urgent)
    if new.urgent:
        urgent = (*urgent, new)[-WAITING_MAX:]
    else:
        ordinary = (*ordinary, new)
    room = WAITING_MAX - len(urgent)
    return alarms + urgent + (ordinary[-room:] if room else ())
