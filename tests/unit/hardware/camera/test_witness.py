"""When a sighting becomes a scan: every rule, both ways."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hardware.camera import witness
from hardware.camera.witness import Corners, Engine, Look, Memory, Sighting, Strength, consider, counting, is_possible, strength

WIDTH, HEIGHT = 1280, 720
STEP_S = 0.08
MILK = "6901234567892"
BREAD = "9520000000011"
TALL = 1.0
THIN = 0.1


UNREAD = ((540.0, 320.0), (740.0, 320.0), (740.0, 400.0), (540.0, 400.0))
"""Where a sighting is by default."""


def moved(right_px: float) -> Corners:
    first, second, third, fourth = ((x + right_px, y) for x, y in UNREAD)
    return first, second, third, fourth


ELSEWHERE = moved(400.0)


def sighting(
    text: str = MILK,
    symbology: str = "EAN13",
    engine: Engine = Engine.ZXING,
    quality: float = TALL,
    centre: tuple[float, float] = (640, 360),
) -> Sighting:
    x, y = centre
    corners = ((x - 100, y - 40), (x + 100, y - 40), (x + 100, y + 40), (x - 100, y + 40))
    return Sighting(text, symbology, engine, quality, corners)


class Camera:
    """Feeds frames and collects scans."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.now_s = 100.0
        self.scans: list[str] = []

    def frame(self, *sightings: Sighting, after_s: float = STEP_S, unread: tuple[Corners, ...] = ()) -> None:
        self.now_s += after_s
        self.memory, scan = consider(self.memory, Look(self.now_s, WIDTH, HEIGHT, sightings, unread))
        if scan is not None:
            self.scans.append(scan.text)

    def nothing_for(self, duration_s: float, unread: tuple[Corners, ...] = ()) -> None:
        for _ in range(round(duration_s / STEP_S)):
            self.frame(unread=unread)


def frames_until_scan(*sightings: Sighting, limit: int = 12) -> int | None:
    camera = Camera()
    for number in range(1, limit + 1):
        camera.frame(*sightings)
        if camera.scans:
            return number
    return None


@pytest.mark.parametrize(
    ("text", "symbology", "one_engine", "two_engines", "one_engine_thin"),
    [
        (MILK, "EAN13", 2, 1, 3),
        ("0036000291452", "UPCA", 2, 1, 3),
        ("1234567", "CODE128", 2, 1, 3),
        ("0104412345678909", "DATABAR", 2, 1, 3),
        ("0198898765432106", "DATABAR_EXPANDED", 2, 1, 3),
        ("96385074", "EAN8", 3, 2, 4),
        ("0012345000065", "UPCE", 3, 2, 4),
        ("123456", "CODE128", 3, 2, 4),
        ("12345678", "ITF", 2, 1, 3),
        ("1234", "ITF", 3, 2, 4),
        ("HTTPS://SHOP.EXAMPLE/P/ABC", "QR", 1, 1, 1),
        ("anything", "DATAMATRIX", 1, 1, 1),
    ],
)
def test_how_many_frames_each_kind_takes(
    text: str, symbology: str, one_engine: int, two_engines: int, one_engine_thin: int
) -> None:
    assert frames_until_scan(sighting(text, symbology)) == one_engine
    both = (sighting(text, symbology), sighting(text, symbology, Engine.ZBAR))
    assert frames_until_scan(*both) == two_engines
    assert frames_until_scan(sighting(text, symbology, quality=THIN)) == one_engine_thin


def test_one_engine_that_reads_a_code_twice_in_one_frame_is_one_witness() -> None:
    camera = Camera()
    camera.frame(sighting(), sighting())
    assert camera.scans == []


def test_one_tall_sighting_cures_thin_ones() -> None:
    camera = Camera()
    camera.frame(sighting(quality=THIN))
    camera.frame(sighting(quality=TALL))
    assert camera.scans == [MILK]


def test_weak_kinds_need_two_frames_whatever_the_engines() -> None:
    for kind, text in (("EAN8", "96385074"), ("CODE128", "12"), ("UPCE", "0012345000065")):
        camera = Camera()
        camera.frame(sighting(text, kind), sighting(text, kind, Engine.ZBAR))
        assert camera.scans == [], kind


@pytest.mark.parametrize(
    ("text", "symbology"),
    [
        ("6901234567893", "EAN13"),
        ("0036000291453", "UPCA"),
        ("96385075", "EAN8"),
        ("0012345000066", "UPCE"),
        ("0104412345678900", "DATABAR"),
        ("04412345678909", "DATABAR"),
        ("", "CODE128"),
        ("", "QR"),
        ("690123456789x", "EAN13"),
    ],
)
def test_a_wrong_check_digit_is_never_believed(text: str, symbology: str) -> None:
    both = (sighting(text, symbology), sighting(text, symbology, Engine.ZBAR))
    assert not is_possible(both[0])
    assert frames_until_scan(*both, limit=100) is None


def test_an_impossible_text_does_not_stand_in_the_way_of_a_right_one() -> None:
    assert frames_until_scan(sighting(), sighting("6901234567893", engine=Engine.ZBAR)) == 2


def test_upc_a_and_ean_13_with_a_zero_are_the_same_code() -> None:
    camera = Camera()
    camera.frame(sighting("036000291452", "UPCA"), sighting("0036000291452", "EAN13", Engine.ZBAR))
    assert len(camera.scans) == 1


def test_a_code_in_view_is_scanned_once() -> None:
    camera = Camera()
    for _ in range(500):
        camera.frame(sighting())
    assert camera.scans == [MILK]


def test_a_code_that_is_read_now_and_then_is_scanned_once() -> None:
    camera = Camera()
    for _ in range(100):
        camera.frame(sighting(), sighting(engine=Engine.ZBAR))
        camera.nothing_for(witness.OUT_OF_VIEW_S - 2 * STEP_S)
    assert camera.scans == [MILK]


def test_a_code_that_comes_back_after_the_named_time_is_scanned_again() -> None:
    camera = Camera()
    for _ in range(3):
        camera.frame(sighting())
        camera.frame(sighting())
        camera.nothing_for(witness.OUT_OF_VIEW_S + 2 * STEP_S)
    assert camera.scans == [MILK] * 3


def shown_twice_with(duration_s: float, unread: tuple[Corners, ...]) -> list[str]:
    camera = Camera()
    for _ in range(2):
        camera.frame(sighting())
        camera.frame(sighting())
        camera.nothing_for(duration_s, unread)
    return camera.scans


def test_bars_that_cannot_be_read_keep_a_code_in_view_where_it_was() -> None:
    assert shown_twice_with(3.0, (UNREAD,)) == [MILK]
    assert shown_twice_with(3.0, (ELSEWHERE, UNREAD)) == [MILK]
    assert shown_twice_with(3.0, (ELSEWHERE,)) == [MILK, MILK]
    assert shown_twice_with(3.0, ()) == [MILK, MILK]


def test_bars_that_cannot_be_read_keep_a_code_in_view_for_a_named_time() -> None:
    assert shown_twice_with(witness.UNREAD_S - 2 * STEP_S, (UNREAD,)) == [MILK]
    assert shown_twice_with(witness.UNREAD_S + 2 * STEP_S, (UNREAD,)) == [MILK, MILK]


def test_bars_that_cannot_be_read_may_move() -> None:
    camera = Camera()
    camera.frame(sighting())
    camera.frame(sighting())
    for step in range(40):
        camera.frame(unread=(moved(10.0 * step),))
    camera.frame(sighting(centre=(1040, 360)))
    camera.frame(sighting(centre=(1040, 360)))
    assert camera.scans == [MILK]


def test_what_comes_back_needs_new_witnesses() -> None:
    camera = Camera()
    camera.frame(sighting())
    camera.frame(sighting())
    camera.nothing_for(witness.OUT_OF_VIEW_S + STEP_S)
    camera.frame(sighting())
    assert camera.scans == [MILK]
    assert witness.EVIDENCE_S < witness.OUT_OF_VIEW_S


def test_a_camera_that_stalls_repeats_nothing() -> None:
    camera = Camera()
    camera.frame(sighting())
    camera.frame(sighting())
    for _ in range(20):
        camera.frame(sighting(), after_s=30.0)
        camera.frame(sighting())
    assert camera.scans == [MILK]


def test_a_clock_that_jumps_back_repeats_nothing() -> None:
    camera = Camera()
    camera.frame(sighting())
    camera.frame(sighting())
    camera.frame(sighting(), after_s=-50.0)
    camera.frame(sighting())
    assert camera.scans == [MILK]


def test_witnesses_far_apart_in_time_do_not_add_up() -> None:
    camera = Camera()
    for _ in range(10):
        camera.frame(sighting())
        camera.nothing_for(witness.EVIDENCE_S + STEP_S)
    assert camera.scans == []


def test_two_articles_one_after_the_other() -> None:
    camera = Camera()
    for text in (MILK, BREAD, MILK):
        for _ in range(20):
            camera.frame(sighting(text))
    assert camera.scans == [MILK, BREAD, MILK]


@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
def test_of_two_codes_the_one_clearly_nearer_to_the_centre_counts(order: tuple[int, ...]) -> None:
    pair = (sighting(MILK, centre=(660, 360)), sighting(BREAD, centre=(1000, 360)))
    camera = Camera()
    for _ in range(10):
        camera.frame(*(pair[index] for index in order))
    assert camera.scans == [MILK]


def test_two_codes_equally_near_are_ambiguous() -> None:
    assert frames_until_scan(sighting(MILK, centre=(340, 360)), sighting(BREAD, centre=(940, 360))) is None


def test_how_near_is_clear() -> None:
    other = sighting(BREAD, centre=(640, 360 + 300))
    clear = sighting(MILK, centre=(640, 360 - 300 * witness.NEARER + 1))
    unclear = sighting(MILK, centre=(640, 360 - 300 * witness.NEARER - 1))
    assert counting(Look(0, WIDTH, HEIGHT, (clear, other))) == (clear.key,)
    assert counting(Look(0, WIDTH, HEIGHT, (unclear, other))) == ()
    assert counting(Look(0, WIDTH, HEIGHT, ())) == ()


def test_two_texts_for_the_same_bars_are_ambiguous_wherever_they_are() -> None:
    one, other = sighting(MILK, centre=(640, 360)), sighting(BREAD, engine=Engine.ZBAR, centre=(700, 360))
    assert frames_until_scan(one, other) is None


def test_no_scan_by_a_frame_in_which_the_bars_were_also_read_differently() -> None:
    camera = Camera()
    for _ in range(5):
        camera.frame(sighting(BREAD), sighting(), sighting(engine=Engine.ZBAR))
    assert camera.scans == []
    camera.frame(sighting())
    assert camera.scans == [MILK], "eleven witnesses against five"


def test_texts_that_contest_the_same_bars_both_count_as_witnessed() -> None:
    camera = Camera()
    for _ in range(5):
        camera.frame(sighting(BREAD), sighting(engine=Engine.ZBAR))
    camera.frame(sighting(BREAD))
    assert camera.scans == [BREAD], "six against five"
    camera = Camera()
    for _ in range(5):
        camera.frame(sighting(BREAD), sighting(), sighting(engine=Engine.ZBAR))
    for _ in range(4):
        camera.frame(sighting(BREAD))
    assert camera.scans == [], "nine against ten"


def test_a_code_elsewhere_does_not_contest() -> None:
    far = (sighting(BREAD, centre=(1100, 360)), sighting(BREAD, engine=Engine.ZBAR, centre=(1100, 360)))
    assert frames_until_scan(sighting(quality=THIN), *far) == 3
    assert frames_until_scan(sighting(), *far) == 2


def test_the_second_of_two_is_scanned_when_the_first_is_gone() -> None:
    camera = Camera()
    pair = (sighting(MILK, centre=(340, 360)), sighting(BREAD, centre=(940, 360)))
    for _ in range(5):
        camera.frame(*pair)
    for _ in range(5):
        camera.frame(pair[1])
    assert camera.scans == [BREAD]


def test_the_nearer_code_stays_scanned_while_another_comes_and_goes() -> None:
    camera = Camera()
    milk = sighting(MILK)
    for _ in range(5):
        camera.frame(milk)
    for _ in range(40):
        camera.frame(milk, sighting(BREAD, centre=(645, 700)))
        camera.frame(milk)
    assert camera.scans == [MILK]


def test_a_misread_among_right_reads_is_outvoted() -> None:
    camera = Camera()
    misread = sighting(BREAD)
    for _ in range(200):
        camera.frame(sighting())
        camera.frame(sighting())
        camera.frame(misread)
    assert camera.scans == [MILK]


def test_a_misread_that_ties_with_the_right_text_waits() -> None:
    camera = Camera()
    camera.frame(sighting(BREAD))
    camera.frame(sighting(MILK))
    camera.frame(sighting(BREAD))
    assert camera.scans == [BREAD], "two against one"
    camera = Camera()
    camera.frame(sighting(BREAD))
    camera.frame(sighting(MILK), sighting(MILK, engine=Engine.ZBAR))
    assert camera.scans == [MILK], "nothing else counted since it was first seen"
    camera.frame(sighting(BREAD))
    assert camera.scans == [MILK], "two against two"


def test_memory_is_bounded(rng: np.random.Generator) -> None:
    camera = Camera()
    for number in range(3000):
        text = f"{rng.integers(10**12):012d}" if number % 3 else "QR" + str(number)
        camera.frame(
            sighting(text, "QR"), sighting(str(number), "CODE128", centre=(float(rng.random()) * WIDTH, 10)), after_s=0.001
        )
        assert len(camera.memory.evidence) <= witness.EVIDENCE_MAX
        assert len(camera.memory.scanned) <= witness.SCANNED_MAX


def test_random_sightings_never_break_the_rules(rng: np.random.Generator) -> None:
    texts = (MILK, BREAD, "6901234567893", "96385074", "0036000291452")
    kinds = {MILK: "EAN13", BREAD: "EAN13", "6901234567893": "EAN13", "96385074": "EAN8", "0036000291452": "UPCA"}
    camera = Camera()
    last_scan_s: dict[str, float] = {}
    for _ in range(5000):
        seen = [
            sighting(text, kinds[text], list(Engine)[rng.integers(2)], float(rng.random()), (float(rng.random()) * WIDTH, 360))
            for text in rng.permutation(texts)[: rng.integers(3)].tolist()
        ]
        before = len(camera.scans)
        camera.frame(*seen, after_s=float(rng.random()))
        for text in camera.scans[before:]:
            assert text != "6901234567893"
            assert text in {item.text for item in seen}
            assert camera.now_s - last_scan_s.get(text, 0.0) >= witness.OUT_OF_VIEW_S
            last_scan_s[text] = camera.now_s
    assert set(camera.scans) == set(texts) - {"6901234567893"}


def test_strengths() -> None:
    assert strength(("QR", "x")) is Strength.STRONG
    assert strength(("EAN13", MILK)) is Strength.NORMAL
    assert strength(("EAN8", "96385074")) is Strength.WEAK
    assert strength(("CODE128", "A" * witness.SHORT_TEXT)) is Strength.WEAK
    assert strength(("CODE128", "A" * (witness.SHORT_TEXT + 1))) is Strength.NORMAL
