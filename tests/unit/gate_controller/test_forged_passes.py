"""No altered, cut, borrowed or stale pass opens a lane: through the same code that the lane uses, up to the gate."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gate_controller import words
from gate_controller.lane_state import Reason, State
from gate_controller.offline import Trust
from gate_controller.passes_used import PassesUsed
from gate_controller.presenter import headline, report
from store_server.contract.order_pass import CLOCK_TOLERANCE_S, OrderPass, PassKind
from store_server.contract.refusals import Refusal
from store_server.contract.shop_messages import VoidedPass
from tests.unit.gate_controller.desks import CAPS, KEY_IDS, KEYS, NOW, SHOP_ID, Desk, open_desk, order_pass, signed

YEAR_S = 365 * 24 * 3600
PREFIX = "HTTPS://SHOP.EXAMPLE/P/"


@dataclass
class Gate:
    """A lane whose store is away, so that the text alone decides."""

    desk: Desk
    record: PassesUsed

    def refuses(self, text: str, *, genuine: bool = False) -> str:
        """Show a text that must not open, nor move the goods unless it is genuine; return what the display says."""
        self.desk.scan(text)
        assert bool(self.desk.carried) is genuine
        self.desk.carried = 0
        assert self.desk.lane.state is State.REFUSED, f"{text!r} came to {self.desk.lane.state}"
        said = (self.desk.lane.note or {})["en"]
        self.desk.weigh()
        assert (self.desk.opened, self.desk.disarmed) == (0, 0)
        self.desk.rest()
        return said


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    record, cache = open_desk(tmp_path_factory.mktemp("gate"), VoidedPass(order_id=UUID(int=66), revision=3))
    yield Gate(Desk("lane-1", record, cache), record)
    record.close()


def raw_of(text: str) -> bytes:
    body = text.removeprefix(PREFIX)
    return base64.b32decode(body + "=" * (-len(body) % 8))


def text_of(raw: bytes) -> str:
    return PREFIX + base64.b32encode(raw).decode("ascii").rstrip("=")


@pytest.mark.parametrize("kind", PassKind)
def test_no_single_bit_may_differ(gate: Gate, kind: PassKind) -> None:
    raw = raw_of(signed(order_pass(kind)))
    for bit in range(8 * len(raw)):
        altered = bytearray(raw)
        altered[bit // 8] ^= 1 << bit % 8
        gate.refuses(text_of(bytes(altered)))


@pytest.mark.parametrize("kind", PassKind)
def test_no_bit_of_the_text_itself_may_differ(gate: Gate, kind: PassKind) -> None:
    text = signed(order_pass(kind))
    for place in range(len(PREFIX) - 3, len(text)):
        for bit in range(7):
            gate.refuses(text[:place] + chr(ord(text[place]) ^ 1 << bit) + text[place + 1 :])


@pytest.mark.parametrize("kind", PassKind)
def test_no_part_of_a_pass_is_a_pass(gate: Gate, kind: PassKind) -> None:
    text = signed(order_pass(kind))
    raw = raw_of(text)
    for length in range(len(text)):
        gate.refuses(text[:length])
        gate.refuses(text[len(text) - length :])
    for length in range(len(raw)):
        gate.refuses(text_of(raw[:length]))
        gate.refuses(text_of(raw[:length] + bytes(len(raw) - length)))
    for more in (text + "A", text + text, text + "\n", " " + text, text.lower(), text * 100):
        gate.refuses(more)


def crossed() -> Iterator[tuple[str, OrderPass, Ed25519PrivateKey]]:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    claim, leave = KEYS[PassKind.CLAIM], KEYS[PassKind.EXIT]
    yield "not paid", order_pass(PassKind.CLAIM), claim
    yield "not genuine", order_pass(PassKind.CLAIM), leave
    yield "not genuine", order_pass(PassKind.EXIT), claim
    yield "not genuine", order_pass(PassKind.EXIT, key_id=KEY_IDS[PassKind.CLAIM]), claim
    yield "not genuine", order_pass(PassKind.CLAIM, key_id=KEY_IDS[PassKind.EXIT]), leave
    yield "not genuine", order_pass(), stranger
    yield "not genuine", order_pass(key_id=bytes(8)), leave
    for other in (0, SHOP_ID - 1, SHOP_ID + 1, 2**32 - 1):
        yield "another shop", order_pass(shop_id=other), leave
        yield "another shop", order_pass(shop_id=other), stranger
    yield "withdrawn", order_pass(order_id=UUID(int=66), revision=3), leave


def test_kinds_keys_and_shops_cannot_stand_for_each_other(gate: Gate) -> None:
    for told, wrong, key in crossed():
        assert told in gate.refuses(signed(wrong, key))


@pytest.mark.parametrize(
    "shift_s",
    [sign * shift for sign in (-1, 1) for shift in (YEAR_S, YEAR_S // 2, 30 * 86_400, 86_400, 7_200 + 61, 10_000)],
)
def test_out_of_its_time_a_pass_opens_nothing(gate: Gate, shift_s: int) -> None:
    gate.desk.now = NOW + shift_s
    said = gate.refuses(signed(order_pass()))
    gate.desk.now = NOW
    assert ("not valid yet" if shift_s < 0 else "too old") in said


def test_a_clock_over_two_years_opens_only_while_the_pass_is_good(gate: Gate) -> None:
    """Every half day from a year before to a year after, and every second around both ends."""
    found = order_pass()
    text = signed(found)
    first, last = found.not_before - CLOCK_TOLERANCE_S, found.expiry + CLOCK_TOLERANCE_S - 1
    moments = {*range(NOW - YEAR_S, NOW + YEAR_S, 43_200), *range(first - 5, first), *range(last + 1, last + 6)}
    for moment in sorted(moments):
        if not first <= moment <= last:
            gate.desk.now = moment
            gate.refuses(text)
    gate.desk.now = NOW


def test_the_same_desk_opens_for_the_genuine_pass(gate: Gate) -> None:
    """Else all of the above would prove nothing; and what was refused left no trace that forbids it."""
    gate.desk.scan(signed(order_pass(order_id=UUID(int=66), revision=4)))
    assert gate.desk.lane.state is State.WEIGHING
    gate.desk.weigh()
    assert gate.desk.opened == 1
    assert gate.desk.carried
    gate.desk.opened = gate.desk.disarmed = gate.desk.carried = 0
    gate.desk.rest()
    assert "already used to leave, at" in gate.refuses(signed(order_pass(order_id=UUID(int=66), revision=4)))


@pytest.mark.parametrize(
    "beyond",
    [
        Trust(CAPS, exits=20, away_s=10.0),
        Trust(CAPS, exits=0, away_s=3601.0),
        Trust(CAPS, exits=0, away_s=None),
        Trust(CAPS, exits=0, away_s=10.0, exits_in_the_hour=60),
        Trust(CAPS, exits=0, away_s=10.0, record_begun_at=NOW),
        Trust(CAPS, exits=0, away_s=10.0, clock_was_set=True),
    ],
)
def test_beyond_a_cap_a_genuine_pass_waits_for_staff(gate: Gate, beyond: Trust) -> None:
    within, gate.desk.store.trusting = gate.desk.store.trusting, beyond
    gate.desk.scan(signed(order_pass()))
    lane = gate.desk.lane
    assert (lane.state, lane.reason) == (State.AUDITING, Reason.BEYOND_CAPS)
    assert "cannot check this receipt" in headline(lane, "CNY")["en"]
    assert not report(lane, "CNY", ()).may_weigh_again
    gate.desk.weigh()
    gate.desk.feed(words.StaffWeighAgain())
    assert (gate.desk.opened, gate.desk.disarmed) == (0, 0)
    gate.desk.feed(words.StaffRefused("key", ""))
    gate.desk.carried = 0
    gate.desk.rest()
    gate.desk.store.trusting = within


def test_who_leaves_by_the_key_beyond_a_cap_has_used_the_pass(tmp_path: Path) -> None:
    record, cache = open_desk(tmp_path)
    desk, text = Desk("lane-1", record, cache), signed(order_pass())
    desk.store.trusting = Trust(CAPS, exits=20, away_s=10.0)
    desk.scan(text)
    desk.feed(words.StaffReleased("key", "release key"))
    desk.feed(words.CarryDone())
    assert (desk.lane.state, desk.opened) == (State.PASSING, 1)
    assert [exit_.decided_by for exit_ in record.exits_to_report()] == ["staff"]
    desk.rest()
    desk.store.trusting = Trust(CAPS, exits=0, away_s=10.0)
    desk.scan(text)
    assert desk.lane.state is State.REFUSED
    record.close()


def test_once_the_server_is_back_it_judges_who_waits_for_staff(tmp_path: Path) -> None:
    record, cache = open_desk(tmp_path)
    desk = Desk("lane-1", record, cache)
    desk.store.trusting = Trust(CAPS, exits=20, away_s=10.0)
    desk.scan(signed(order_pass()))
    desk.feed(words.OrderPaid(UUID(int=9)))
    assert desk.lane.entry_id == UUID(int=9)
    assert [(asked.entry_id, asked.exit_pass is not None) for asked in desk.store.asked] == [(UUID(int=9), True)]
    desk.feed(words.EntryRefused(UUID(int=9), Refusal.REVOKED, {"en": "withdrawn", "zh": "作废"}))
    assert (desk.lane.state, headline(desk.lane, "CNY")["en"]) == (State.AUDITING, "withdrawn")
    desk.feed(words.StaffWeighAgain())
    assert desk.lane.state is State.AUDITING
    record.close()


def test_a_thousand_replays_on_two_lanes_at_one_moment_are_one_exit(tmp_path: Path) -> None:
    """The clock does not move: both lanes check, weigh and use the pass at the same moment, in turns."""
    record, cache = open_desk(tmp_path)
    lanes = [Desk("lane-1", record, cache), Desk("lane-2", record, cache)]
    text = signed(order_pass())
    for _replay in range(500):
        for lane in lanes:
            lane.scan(text)
        for lane in lanes:
            lane.weigh()
        for lane in lanes:
            lane.rest()
    assert sum(lane.opened for lane in lanes) == 1
    assert len(record.exits_to_report()) == 1
    record.close()
