"""Is a tag that passes the gate a theft? A pure decision over what the reader saw in the last moments.

A tag counts as present when it was read at least :attr:`WatchRules.reads_min` times within :attr:`WatchRules.window_s`, each
time at least as strong as :attr:`WatchRules.rssi_min_dbm`: a tag on a shelf nearby is weak, a reflection is short. A present
tag raises an alarm unless it was paid: by its own number, or as one of so many pieces of its article. It does so once, until it
has been away for a whole window. A tag that left as paid (:func:`let_out`) raises none while its owner packs near the gate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hardware.rfid.epc import parse_sgtin
from hardware.rfid.events import TagSeen

TAGS_MAX = 1000
"""More tags at once are forgotten, the longest unseen first."""
LET_OUT_S = 120.0
"""A tag that left as paid stays so until it was not read for so long."""
READS_MAX = 100
"""So many readings of one tag are kept; no rule may ask for more."""


@dataclass(frozen=True, slots=True)
class WatchRules:
    """When a tag counts as present."""

    rssi_min_dbm: int = -60
    reads_min: int = 3
    window_s: float = 2.0
    only_sgtin: bool = True
    """Whether tags that are no SGTIN-96 (a shopper's other belongings) are left alone."""

    def __post_init__(self) -> None:
        if not 1 <= self.reads_min <= READS_MAX or self.window_s <= 0:
            raise ValueError(f"reads_min must be 1 to {READS_MAX} and window_s more than 0")


@dataclass(frozen=True, slots=True)
class Paid:
    """What may leave."""

    epcs: frozenset[str] = frozenset()
    """Single pieces by their tags' numbers, upper case."""
    pieces: Mapping[str, int] = field(default_factory=dict)
    """Pieces by article, GTIN-14; for shops whose tills do not read the tags."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is remembered between readings: for each tag the times of its strong readings; those who raised an alarm."""

    reads: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    alarmed: frozenset[str] = frozenset()
    let_out: Mapping[str, float] = field(default_factory=dict)
    """Tags that left as paid, of orders that nobody remembers any more; with the time of their last reading."""


def seen(watch: Watch, event: TagSeen, rules: WatchRules, now_s: float) -> Watch:
    """Return the watch after a reading at ``now_s`` (monotonic seconds); weak readings change nothing but time."""
    reads = _within(watch.reads, now_s - rules.window_s)
    alarmed = watch.alarmed & reads.keys()
    is_article = not rules.only_sgtin or parse_sgtin(event.epc) is not None
    is_strong = event.rssi_dbm is not None and event.rssi_dbm >= rules.rssi_min_dbm
    if is_article and is_strong:
        times = (*reads.pop(event.epc, ()), *(now_s,) * min(event.reads, READS_MAX))
        reads[event.epc] = times[-READS_MAX:]
    kept = dict(list(reads.items())[-TAGS_MAX:])
    left = {epc: at_s for epc, at_s in watch.let_out.items() if at_s > now_s - LET_OUT_S}
    if event.epc in left:
        left[event.epc] = now_s
    return Watch(kept, frozenset(alarmed & kept.keys()), left)


def unpaid(watch: Watch, paid: Paid, rules: WatchRules, now_s: float) -> tuple[Watch, tuple[str, ...]]:
    """Return the tags that raise an alarm now, and the watch that remembers that they did.

    Where more pieces of an article are present than were paid, those seen first are taken for the paid ones.
    """
    reads = _within(watch.reads, now_s - rules.window_s)
    _, stolen = _paid_and_others(watch, reads, paid, rules)
    alarmed = frozenset(watch.alarmed & reads.keys())
    return Watch(reads, alarmed | set(stolen), watch.let_out), tuple(epc for epc in stolen if epc not in alarmed)


def theirs(watch: Watch, paid: Paid, rules: WatchRules, now_s: float) -> dict[str, float]:
    """Return the tags at the gate that were paid, each with the time of its last reading."""
    reads = _within(watch.reads, now_s - rules.window_s)
    return {epc: reads[epc][-1] for epc in _paid_and_others(watch, reads, paid, rules)[0]}


def let_out(watch: Watch, left: Mapping[str, float], now_s: float) -> Watch:
    """Return the watch when nobody remembers an order any more whose tags left as paid; :func:`theirs` told which they are."""
    recent = {epc: at_s for epc, at_s in left.items() if at_s > now_s - LET_OUT_S}
    return Watch(watch.reads, watch.alarmed, dict(list({**watch.let_out, **recent}.items())[-TAGS_MAX:]))


def _paid_and_others(
    watch: Watch, reads: Mapping[str, tuple[float, ...]], paid: Paid, rules: WatchRules
) -> tuple[list[str], list[str]]:
    """Share out what was paid to the tags that are present; one that left as paid before has its share already."""
    strong = {epc: times for epc, times in reads.items() if len(times) >= rules.reads_min and epc not in watch.let_out}
    present = sorted((times[0], epc) for epc, times in strong.items())
    left = dict(paid.pieces)
    ours, others = [], []
    for _since_s, epc in present:
        article = parse_sgtin(epc)
        if epc in paid.epcs:
            ours.append(epc)
        elif article is not None and left.get(article.gtin, 0) > 0:
            left[article.gtin] -= 1
            ours.append(epc)
        else:
            others.append(epc)
    return ours, others


def _within(reads: Mapping[str, tuple[float, ...]], since_s: float) -> dict[str, tuple[float, ...]]:
    recent = {epc: tuple(at_s for at_s in times if at_s > since_s) for epc, times in reads.items()}
    return {epc: times for epc, times in recent.items() if times}
