"""Which article a tag stands for, and when a tag at the gate is a theft."""

from __future__ import annotations

import pytest

from hardware.rfid.epc import Sgtin, parse_sgtin
from hardware.rfid.events import TagSeen
from hardware.rfid.simulator_field import TagField
from hardware.rfid.watch import READS_MAX, TAGS_MAX, Paid, Watch, WatchRules, seen, unpaid

RULES = WatchRules(rssi_min_dbm=-60, reads_min=3, window_s=2.0)
TAG = "3034257BF7194E4000001A85"
GTIN = "80614141123458"


def walked(watch: Watch, *times_s: float, epc: str = TAG, rssi_dbm: int | None = -50, reads: int = 1) -> Watch:
    for at_s in times_s:
        watch = seen(watch, TagSeen("gate", epc, 1, rssi_dbm, reads), RULES, at_s)
    return watch


def alarms(watch: Watch, paid: Paid, now_s: float) -> tuple[str, ...]:
    return unpaid(watch, paid, RULES, now_s)[1]


def test_the_standards_own_example() -> None:
    assert parse_sgtin(TAG) == Sgtin(GTIN, 6789, 1)


@pytest.mark.parametrize("digits", range(6, 13))
def test_every_length_of_company_prefix(digits: int) -> None:
    partition = 12 - digits
    bits = (40, 37, 34, 30, 27, 24, 20)[partition]
    company, item = int("952123456789"[:digits]), int("4567890"[: 13 - digits])
    number = (0x30 << 3 | 3) << 3 | partition
    number = ((number << bits | company) << 44 - bits | item) << 38 | 77
    found = parse_sgtin(f"{number:024X}")
    assert found is not None
    assert (found.serial, found.filter) == (77, 3)
    items = f"{item:0{13 - digits}}"
    assert found.gtin[:13] == items[0] + f"{company:0{digits}}" + items[1:]
    assert sum(int(digit) * (3, 1)[index % 2] for index, digit in enumerate(found.gtin)) % 10 == 0


@pytest.mark.parametrize(
    "other",
    [
        "",
        "30",
        "no number",
        "E28011700000020A5F4B3C21",  # another header
        "303C257BF7194E4000001A85",  # partition 7
        "3017FFFFFFFFFFFFFFFFFFFF",  # a prefix of too many digits
        TAG + "00",
    ],
)
def test_what_is_no_sgtin_stands_for_no_article(other: str) -> None:
    assert parse_sgtin(other) is None


def test_an_item_of_too_many_digits_is_none() -> None:
    number = (((0x30 << 3 | 1) << 3 | 5) << 24 | 614141) << 20 | 0xFFFFF
    assert parse_sgtin(f"{number << 38:024X}") is None


def test_the_simulators_tags_are_what_the_driver_reads() -> None:
    epc = TagField(antennas=2, read_period_s=0.1).put_article("04006381333931", 12, 0.0)
    assert parse_sgtin(str(epc)) == Sgtin("04006381333931", 12, 1)


def test_a_strong_unpaid_tag_raises_one_alarm() -> None:
    watch = walked(Watch(), 0.0, 0.1)
    assert alarms(watch, Paid(), 0.1) == ()
    watch = walked(watch, 0.2)
    watch, first = unpaid(watch, Paid(), RULES, 0.2)
    assert first == (TAG,)
    watch, again = unpaid(walked(watch, 0.3), Paid(), RULES, 0.3)
    assert again == ()


def test_after_it_was_away_it_raises_another() -> None:
    watch, _ = unpaid(walked(Watch(), 0.0, 0.1, 0.2), Paid(), RULES, 0.2)
    assert alarms(walked(watch, 5.0, 5.1, 5.2), Paid(), 5.2) == (TAG,)


def test_a_tag_that_only_stopped_for_a_moment_raises_no_second() -> None:
    watch, _ = unpaid(walked(Watch(), 0.0, 0.1, 0.2), Paid(), RULES, 0.2)
    assert alarms(walked(watch, 1.9, 2.0, 2.1), Paid(), 2.1) == ()


@pytest.mark.parametrize("rssi_dbm", [-61, None])
def test_weak_readings_do_not_count(rssi_dbm: int | None) -> None:
    assert alarms(walked(Watch(), 0.0, 0.1, 0.2, 0.3, rssi_dbm=rssi_dbm), Paid(), 0.3) == ()
    assert alarms(walked(Watch(), 0.0, 0.1, 0.2, rssi_dbm=-60), Paid(), 0.3) == (TAG,)


def test_readings_that_lie_too_far_apart_do_not_count() -> None:
    assert alarms(walked(Watch(), 0.0, 1.5, 3.0, 4.5), Paid(), 4.5) == ()


def test_one_report_may_stand_for_many_readings() -> None:
    assert alarms(walked(Watch(), 0.0, reads=3), Paid(), 0.0) == (TAG,)
    assert len(walked(Watch(), 0.0, 0.1, reads=9999).reads[TAG]) == READS_MAX


def test_paid_pieces_may_leave() -> None:
    watch = walked(Watch(), 0.0, 0.1, 0.2)
    assert alarms(watch, Paid(epcs=frozenset({TAG})), 0.2) == ()
    assert alarms(watch, Paid(pieces={GTIN: 1}), 0.2) == ()
    assert alarms(watch, Paid(pieces={GTIN: 0}), 0.2) == (TAG,)
    assert alarms(watch, Paid(pieces={"00012345678905": 9}), 0.2) == (TAG,)


def test_a_piece_more_than_was_paid_raises_the_alarm_that_came_last() -> None:
    second = "3034257BF7194E4000001A86"
    watch = walked(Watch(), 0.0, 0.1, 0.2)
    watch = walked(watch, 0.3, 0.4, 0.5, epc=second)
    assert alarms(watch, Paid(pieces={GTIN: 1}), 0.5) == (second,)
    assert alarms(watch, Paid(frozenset({TAG}), {GTIN: 1}), 0.5) == ()


def test_other_tags_are_left_alone_unless_asked_for() -> None:
    other = "E28011700000020A5F4B3C21"
    assert alarms(walked(Watch(), 0.0, 0.1, 0.2, epc=other), Paid(), 0.2) == ()
    rules = WatchRules(only_sgtin=False)
    watch = seen(Watch(), TagSeen("gate", other, 1, -40, 5), rules, 0.0)
    assert unpaid(watch, Paid(), rules, 0.0)[1] == (other,)


def test_the_memory_is_bounded() -> None:
    watch = Watch()
    for number in range(TAGS_MAX + 5):
        watch = walked(watch, 0.0, epc=f"3034257BF7194E40{number:08X}")
    assert len(watch.reads) == TAGS_MAX


def test_rules_that_make_no_sense_are_refused() -> None:
    for reads, window_s in ((0, 2.0), (READS_MAX + 1, 2.0), (3, 0.0)):
        with pytest.raises(ValueError, match="must be"):
            WatchRules(reads_min=reads, window_s=window_s)
