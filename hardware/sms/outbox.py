"""Which of the network's reports belongs to which text; pure.

The modem numbers messages from 0 to 255 and begins again: a report belongs to the newest message of its number that went to its
recipient. A text whose answer was lost has no number; a report from its recipient that fits nothing else is taken for its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hardware.sms.protocol_pdu import Delivery, StatusReport

WAITING_MAX = 256
"""The modem has no more numbers; the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A text that waits for reports."""

    key: str
    recipient: str
    references: tuple[int, ...]
    """Of its messages that are not reported on yet."""
    is_uncertain: bool = False


Outbox = tuple[Waiting, ...]


def added(outbox: Outbox, waiting: Waiting) -> Outbox:
    """Return the outbox with one more text."""
    return (*outbox, waiting)[-WAITING_MAX:]


def reported(outbox: Outbox, report: StatusReport) -> tuple[Outbox, str | None]:
    """Return the outbox after a report, and the text that it says something about: delivered as a whole, failed, or waiting.

    None says that the report fits no text, or that other messages of its text are still on their way.
    """
    place = _place(outbox, report)
    if place is None:
        return outbox, None
    waiting = outbox[place]
    if report.delivery is Delivery.WAITING:
        return outbox, waiting.key
    others = outbox[:place] + outbox[place + 1 :]
    left = tuple(reference for reference in waiting.references if reference != report.reference)
    if report.delivery is Delivery.DELIVERED and left:
        return (*outbox[:place], replace(waiting, references=left), *outbox[place + 1 :]), None
    return others, waiting.key


def _place(outbox: Outbox, report: StatusReport) -> int | None:
    fitting = [place for place, waiting in enumerate(outbox) if _same(waiting.recipient, report.recipient)]
    for place in reversed(fitting):
        if report.reference in outbox[place].references:
            return place
    return next((place for place in fitting if outbox[place].is_uncertain), None)


def _same(sent_to: str, reported: str) -> bool:
    """Whether two numbers are one; the network may tell it with its country where it was dialled without, or not at all."""
    if not reported:
        return True
    mine, theirs = sent_to.lstrip("+").lstrip("0"), reported.lstrip("+").lstrip("0")
    return mine.endswith(theirs) or theirs.endswith(mine)
