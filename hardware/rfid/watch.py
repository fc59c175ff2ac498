"""Is a tag that passes the gate a theft? A pure decision over what the reader saw in the last moments.

A tag counts as present when it was read at least :attr:`WatchRules.reads_min` times within :attr:`WatchRules.window_s`, each
time at least as strong as :attr:`WatchRules.rssi_min_dbm`: a tag on a shelf nearby is weak, a reflection is short. A present
tag raises an alarm unless it was paid: by its own number, or as one of so many pieces of its article. It does so once, until it
has been away for a whole window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hardware.rfid.epc import parse_sgtin
from hardware.rfid.events import TagSeen

TAGS_MAX = 1000
"""More tags at once are forgotten, the longest unseen first."""
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
    return Watch(kept, frozenset(alarmed & kept.keys()))


def unpaid(watch: Watch, paid: Paid, rules: WatchRules, now_s: float) -> tuple[Watch, tuple[str, ...]]:
    """Return the tags that raise an alarm now, and the watch that remembers that they did.

    Where more pieces of an article are present than were paid, those seen first are taken for the paid ones.
    """
    reads = _within(watch.reads, now_s - rules.window_s)
    present = sorted((times[0], epc) for epc, times in reads.items() if len(times) >= rules.reads_min)
    left = dict(paid.pieces)
    stolen = []
    for _since_s, epc in present:
        article = parse_sgtin(epc)
        if epc in paid.epcs:
            continue
        if article is not None and left.get(article.gtin, 0) > 0:
            left[article.gtin] -= 1
        else:
            stolen.append(epc)
    alarmed = frozenset(watch.alarmed & reads.keys())
    return Watch(reads, alarmed | set(stolen)), tuple(epc for epc in stolen if epc not in alarmed)


def _within(reads: Mapping[str, tuple[float, ...]], since_s: float) -> dict[str, tuple[float, ...]]:
    recent = {epc: tuple(at_s for at_s in times if at_s > since_s) for epc, times in reads.items()}
    return {epc: times for epc, times in recent.items() if times}
