"""When a sighting becomes a scan: a wrong text costs the shopper money, a missed frame costs a twelfth of a second.

A *sighting* is one engine's reading in one frame. Engines misread: now and then a wrong text even has a right check digit. So a
text becomes a scan only when enough *witnesses* agree on it; a witness is one engine in one frame.

1. A GTIN with a wrong check digit is never believed.
2. Error-corrected kinds (QR, Data Matrix) need one witness, others two, and the kinds from which wrong texts come (EAN-8,
   UPC-E, short Code 128 and ITF) three in at least two frames. One more is needed while every sighting was thin, that is
   crossed the bars along a few lines only.
3. With two codes in view the one nearer to the centre counts, and none while neither is clearly nearer.
4. A text must have more witnesses than all other texts that counted since it was first seen, and never becomes a scan by a
   frame in which its bars were also read differently.
5. A code is scanned once while it stays in view, and again only after it was out of view for :data:`OUT_OF_VIEW_S`. Bars that
   cannot be read, but lie where it was last, keep it in view for up to :data:`UNREAD_S`. Only time in which frames were looked
   at counts, so a camera that stalls or is replugged repeats nothing.

Pure: the caller brings the time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

from hardware.camera.symbol import has_right_check_digit

WITNESSES_STRONG = 1
WITNESSES_NORMAL = 2
WITNESSES_WEAK = 3
FRAMES_WEAK = 2
THIN_QUALITY = 0.25
SHORT_TEXT = 6
"""Code 128 and ITF with this many characters or fewer are short."""
OUT_OF_VIEW_S = 1.5
UNREAD_S = 5.0
EVIDENCE_S = 1.0
"""How long a sighting counts; less than OUT_OF_VIEW_S, so that a code that comes back needs new witnesses."""
EVIDENCE_MAX = 64
GTIN_LENGTH = 14
STEP_MAX_S = 0.3
"""Of a longer pause between two looks only this much counts as having looked."""
SCANNED_MAX = 32
NEARER = 0.6
"""The nearer code's distance from the centre must be below this share of the next one's."""
SAME_PLACE = 0.4
"""Two readings whose middles are closer than this share of the longer one's length are readings of the same bars."""

Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]


class Engine(Enum):
    """Who read it."""

    ZXING = "zxing-cpp"
    ZBAR = "zbar"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One text that one engine read in one frame."""

    text: str
    symbology: str
    """``EAN13 UPCA EAN8 UPCE CODE128 ITF DATABAR DATABAR_EXPANDED QR DATAMATRIX``."""
    engine: Engine
    quality: float
    """0 to 1: how much of the symbol's height the engine read across."""
    position: Corners
    """Corners in pixels of the frame, going round."""

    @property
    def centre(self) -> Point:
        """Mean of the corners."""
        return middle(self.position)

    @property
    def length(self) -> float:
        """The longest side in pixels."""
        return longest_side(self.position)

    @property
    def key(self) -> tuple[str, str]:
        """What makes two sightings the same code: UPC-A is an EAN-13 with a 0 in front, whatever an engine calls it."""
        if self.symbology in {"UPCA", "EAN13"}:
            return "EAN13", self.text.zfill(13)
        return self.symbology, self.text


class Strength(Enum):
    """How far one reading of a kind of code can be believed."""

    STRONG = WITNESSES_STRONG
    NORMAL = WITNESSES_NORMAL
    WEAK = WITNESSES_WEAK


Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Look:
    """All sightings of one frame."""

    now_s: float
    width: int
    height: int
    sightings: tuple[Sighting, ...]
    unread: tuple[Corners, ...] = ()
    """Places where bars are that could not be read."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One witness for the code that counted in its frame."""

    seen_s: float
    frame: int
    engine: Engine
    key: Key
    thin: bool


@dataclass(frozen=True, slots=True)
class Scanned:
    """A code that was scanned and may still be in view."""

    key: Key
    centre: Point
    """Where it was last, in pixels of the frame."""
    length: float
    absent_s: float = 0.0
    """How long it has been out of view."""
    unread_s: float = 0.0
    """How long it has not been read."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered between frames."""

    frame: int = 0
    looked_s: float | None = None
    evidence: tuple[Evidence, ...] = ()
    scanned: tuple[Scanned, ...] = ()


def middle(corners: Corners) -> Point:
    """Return the mean of the corners."""
    return sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4


def longest_side(corners: Corners) -> float:
    """Return the longest side in pixels."""
    return max(math.dist(corners[side - 1], corners[side]) for side in range(4))


def strength(key: Key) -> Strength:
    """Return how far one reading of this code can be believed."""
    symbology, text = key
    if symbology in {"QR", "DATAMATRIX"}:
        return Strength.STRONG
    if symbology in {"EAN8", "UPCE"} or (symbology in {"CODE128", "ITF"} and len(text) <= SHORT_TEXT):
        return Strength.WEAK
    return Strength.NORMAL


def is_possible(sighting: Sighting) -> bool:
    """Whether the text can be right at all: not empty, and the check digit of a GTIN right."""
    if sighting.symbology in {"EAN13", "UPCA", "EAN8", "UPCE"}:
        return has_right_check_digit(sighting.text)
    if sighting.symbology == "DATABAR":
        return (
            len(sighting.text) == len("01") + GTIN_LENGTH
            and sighting.text.startswith("01")
            and has_right_check_digit(sighting.text[2:])
        )
    return bool(sighting.text)


def counting(look: Look) -> tuple[Key, ...]:
    """Return the code that counts in this frame; several where its bars were read differently, none while it is not clear."""
    aim = (look.width / 2, look.height / 2)
    ranked = sorted(look.sightings, key=lambda sighting: math.dist(sighting.centre, aim))
    if not ranked:
        return ()
    first = ranked[0]
    rivals = {sighting.key for sighting in ranked if _same_place(first, sighting)} - {first.key}
    elsewhere = [sighting for sighting in ranked if sighting.key not in rivals and sighting.key != first.key]
    if elsewhere and math.dist(first.centre, aim) >= NEARER * math.dist(elsewhere[0].centre, aim):
        return ()
    return first.key, *rivals


def _same_place(one: Sighting, other: Sighting) -> bool:
    """Whether two sightings are readings of the same bars: the middle of one lies well within the other."""
    apart = math.dist(one.centre, other.centre)
    return apart < SAME_PLACE * max(one.length, other.length)


def consider(memory: Memory, look: Look) -> tuple[Memory, Sighting | None]:
    """Return the memory after this frame, and the sighting that became a scan by it, if one did."""
    believable = replace(look, sightings=tuple(filter(is_possible, look.sightings)))
    memory = _remember(memory, believable)
    keys = counting(believable)
    new = tuple(
        Evidence(look.now_s, memory.frame, sighting.engine, sighting.key, sighting.quality < THIN_QUALITY)
        for sighting in believable.sightings
        if sighting.key in keys
    )
    memory = replace(memory, evidence=(*memory.evidence, *new)[-EVIDENCE_MAX:])
    if len(keys) != 1 or keys[0] in {past.key for past in memory.scanned} or not _is_proven(memory.evidence, keys[0]):
        return memory, None
    best = max((sighting for sighting in believable.sightings if sighting.key == keys[0]), key=lambda s: s.quality)
    scanned = Scanned(keys[0], best.centre, best.length)
    return replace(memory, scanned=(*memory.scanned, scanned)[-SCANNED_MAX:]), best


def _remember(memory: Memory, look: Look) -> Memory:
    """Age what was scanned, forget what is old."""
    step_s = 0.0 if memory.looked_s is None else min(max(look.now_s - memory.looked_s, 0.0), STEP_MAX_S)
    aged = (_aged(past, look, step_s) for past in memory.scanned)
    return Memory(
        frame=memory.frame + 1,
        looked_s=look.now_s,
        evidence=tuple(item for item in memory.evidence if look.now_s - item.seen_s <= EVIDENCE_S),
        scanned=tuple(past for past in aged if past.absent_s < OUT_OF_VIEW_S and past.unread_s < UNREAD_S),
    )


def _aged(past: Scanned, look: Look, step_s: float) -> Scanned:
    for sighting in look.sightings:
        if sighting.key == past.key:
            return Scanned(past.key, sighting.centre, sighting.length)
    unread_s = past.unread_s + step_s
    for place in look.unread:
        if math.dist(middle(place), past.centre) < SAME_PLACE * max(past.length, longest_side(place)):
            return replace(past, centre=middle(place), absent_s=0.0, unread_s=unread_s)
    return replace(past, absent_s=past.absent_s + step_s, unread_s=unread_s)


def _is_proven(evidence: tuple[Evidence, ...], key: Key) -> bool:
    own = [item for item in evidence if item.key == key]
    witnesses = {(item.frame, item.engine) for item in own}
    first_s = min(item.seen_s for item in own)
    rivals = {(item.frame, item.engine) for item in evidence if item.key != key and item.seen_s >= first_s}
    kind = strength(key)
    needed = kind.value + (1 if kind is not Strength.STRONG and all(item.thin for item in own) else 0)
    frames = {item.frame for item in own}
    if kind is Strength.WEAK and len(frames) < FRAMES_WEAK:
        return False
    return len(witnesses) >= needed and len(witnesses) > len(rivals)
