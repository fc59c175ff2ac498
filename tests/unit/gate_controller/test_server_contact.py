"""How far a signature is trusted: by when the server was heard, and by how this computer's clock ran since then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gate_controller.clock_watch import STEP_MAX_S
from gate_controller.passes_used import PassesUsed
from gate_controller.server_contact import ServerContact
from tests.unit.gate_controller.desks import NOW, order_pass, shop

GENUINE = order_pass(not_before=NOW + 5)


class Clocks:
    """A wall clock that can be set, and one that cannot."""

    def __init__(self) -> None:
        self.wall_s, self.mono_s = float(NOW), 1000.0

    def pass_time(self, seconds: float) -> None:
        self.wall_s += seconds
        self.mono_s += seconds


@pytest.fixture
def record(tmp_path: Path) -> Iterator[PassesUsed]:
    opened = PassesUsed(tmp_path)
    yield opened
    opened.close()


def contact_of(record: PassesUsed, clocks: Clocks) -> ServerContact:
    return ServerContact(record, clock=lambda: clocks.wall_s, monotonic=lambda: clocks.mono_s)


def refuses(contact: ServerContact) -> str:
    return contact.trust(shop()).refuses(GENUINE)


def test_a_server_that_was_never_heard_vouches_for_nobody(record: PassesUsed) -> None:
    assert "never heard" in refuses(contact_of(record, Clocks()))


def test_within_its_time_it_is_trusted_and_no_longer(record: PassesUsed) -> None:
    clocks = Clocks()
    contact = contact_of(record, clocks)
    contact.heard()
    clocks.pass_time(3600)
    assert refuses(contact) == ""
    clocks.pass_time(1)
    assert "not heard for 3601 s" in refuses(contact)


@pytest.mark.parametrize("step_s", [-365 * 86_400, -3600, -STEP_MAX_S - 1, STEP_MAX_S + 1, 3600, 365 * 86_400])
def test_a_clock_that_is_set_ends_it_until_the_server_is_heard(record: PassesUsed, step_s: float) -> None:
    clocks = Clocks()
    contact = contact_of(record, clocks)
    contact.heard()
    clocks.wall_s += step_s
    assert "clock was set" in refuses(contact)
    clocks.wall_s -= step_s
    assert "clock was set" in refuses(contact), "setting it right again proves nothing"
    contact.heard()
    assert refuses(contact) == ""


def test_a_step_between_two_looks_is_seen(record: PassesUsed) -> None:
    clocks = Clocks()
    contact = contact_of(record, clocks)
    contact.heard()
    clocks.wall_s += 7200
    contact.watch_clock()
    clocks.wall_s -= 7200
    assert "clock was set" in refuses(contact)


def test_a_clock_that_is_corrected_stays_trusted(record: PassesUsed) -> None:
    clocks = Clocks()
    contact = contact_of(record, clocks)
    contact.heard()
    clocks.wall_s += STEP_MAX_S - 1
    assert refuses(contact) == ""


def test_the_next_run_knows_when_the_server_was_heard(record: PassesUsed) -> None:
    clocks = Clocks()
    contact_of(record, clocks).heard()
    clocks.pass_time(100)
    assert refuses(contact_of(record, clocks)) == ""
    clocks.wall_s -= 200
    assert "not heard for -100 s" in refuses(contact_of(record, clocks)), "a clock from before that proves nothing"


def test_a_pass_from_before_the_record_is_not_trusted(record: PassesUsed) -> None:
    contact = contact_of(record, Clocks())
    contact.heard()
    assert "older than this controller's record" in contact.trust(shop()).refuses(order_pass(not_before=NOW - 1))
