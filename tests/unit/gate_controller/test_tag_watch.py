"""Whose tags are at the gate: what was paid, what was not, and who only packs there."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from gate_controller.lane_state import Lane, State
from gate_controller.tag_watch import TagWatch
from gate_controller.words import EasAlarm, LineInLane, OrderInLane
from hardware.rfid.events import TagSeen
from hardware.rfid.watch import LET_OUT_S, WatchRules
from tests.unit.gate_controller.lane_words import ORDER

TAG, SECOND = "3034257BF7194E4000001A85", "3034257BF7194E4000001A86"
GTIN = "80614141123458"
PAID = replace(ORDER, lines=(LineInLane(GTIN, {"en": "Gin", "zh": "酒"}, 1, 9900, tagged=True, mean_g=900.0),))
NEXT = replace(PAID, order_id=UUID(int=8))
EMPTY = Lane(name="lane-1")
PASSING = Lane(name="lane-1", state=State.PASSING, order=PAID, released=True)
JUST_LEFT = Lane(name="lane-1", just_left=PAID)


def watch() -> TagWatch:
    return TagWatch(WatchRules(), lambda _code: None)


def alarmed(tags: TagWatch, lane: Lane, *times_s: float, epc: str = TAG) -> list[str]:
    """The tags that raise an alarm when ``epc`` is read at these times."""
    found: list[str] = []
    for at_s in times_s:
        event = tags.read(TagSeen("gate", epc, 1, -40), lane, at_s)
        found += [tag.epc for tag in event.unpaid] if isinstance(event, EasAlarm) else []
    return found


def test_an_unpaid_tag_raises_an_alarm() -> None:
    assert alarmed(watch(), EMPTY, 0.0, 0.1, 0.2) == [TAG]


def test_who_packs_at_the_gate_for_longer_than_the_lane_remembers_is_no_thief() -> None:
    tags = watch()
    assert alarmed(tags, PASSING, 0.0, 0.5, 1.0) == []
    assert alarmed(tags, JUST_LEFT, 1.5, 4.0) == []
    assert alarmed(tags, EMPTY, 6.5, 6.6, 6.7, 30.0, 30.1, 30.2) == []


def test_who_was_let_out_by_signature_alone_may_pack_too() -> None:
    unknown = replace(PAID, lines=())
    tags = watch()
    assert alarmed(tags, replace(PASSING, order=unknown), 0.0) == []
    assert alarmed(tags, EMPTY, 10.0, 10.1, 10.2) == []


def test_the_second_piece_of_an_article_is_not_let_out_with_the_first() -> None:
    tags = watch()
    assert alarmed(tags, PASSING, 0.0, 0.1, 0.2) == []
    assert alarmed(tags, PASSING, 0.3, 0.4, 0.5, epc=SECOND) == [SECOND]
    assert alarmed(tags, EMPTY, 9.0, 9.1, 9.2, epc=SECOND) == [SECOND]


def test_a_tag_seen_too_seldom_to_count_is_not_let_out_either() -> None:
    tags = watch()
    assert alarmed(tags, PASSING, 0.0, 0.1, 0.2) == []
    assert alarmed(tags, PASSING, 0.3, epc=SECOND) == []
    assert alarmed(tags, EMPTY, 9.0, 9.1, 9.2, epc=SECOND) == [SECOND]


def test_whoever_packs_takes_nothing_from_what_the_next_one_paid() -> None:
    tags = watch()
    assert alarmed(tags, PASSING, 0.0, 0.1, 0.2) == []
    assert alarmed(tags, replace(PASSING, order=NEXT), 9.0, 9.1, 9.2) == []
    assert alarmed(tags, replace(PASSING, order=NEXT), 9.3, 9.4, 9.5, epc=SECOND) == []


def test_goods_that_stay_in_the_shop_are_not_let_out() -> None:
    tags = watch()
    held: OrderInLane = PAID
    assert alarmed(tags, Lane(name="lane-1", state=State.AUDITING, order=held), 0.0, 0.1, 0.2) == []
    assert alarmed(tags, EMPTY, 1.0, 1.1, 1.2) == [TAG]


def test_a_tag_that_was_away_for_long_is_nobodys_again() -> None:
    tags = watch()
    assert alarmed(tags, PASSING, 0.0, 0.1, 0.2) == []
    back_s = LET_OUT_S + 1.0
    assert alarmed(tags, EMPTY, back_s, back_s + 0.1, back_s + 0.2) == [TAG]
