"""A bus and a recycler are one set of cash devices to a payment session."""

from __future__ import annotations

from uuid import UUID

from hardware.cash.events import CashDevices, HopperInfo, Level
from kiosk_app import device_words
from kiosk_app import session_events as on
from kiosk_app.cash_sites import CASH, RECYCLER, CashSites, is_recycled
from kiosk_app.change import exact_change, most_change
from kiosk_app.payment_session import advance
from kiosk_app.session import Session

BUS = CashDevices(CASH, (10, 50, 100), (100, 500), {"hopper-100": HopperInfo(100, Level.MIDDLE, "1")})
NOTES = CashDevices(RECYCLER, (), (500, 1000, 2000), {"recycler-1000": HopperInfo(1000, Level.UNKNOWN, "2", count=4)})


def test_what_is_connected_is_merged() -> None:
    sites = CashSites().heard(BUS).heard(NOTES)
    assert sites.merged() is None
    assert sites.changed(CASH, is_ready=True).merged() == BUS
    both = sites.changed(CASH, is_ready=True).changed(RECYCLER, is_ready=True)
    merged = both.merged()
    assert merged is not None
    assert (merged.coin_values_minor, merged.note_values_minor) == ((10, 50, 100), (500, 1000, 2000))
    assert set(merged.hoppers) == {"hopper-100", "recycler-1000"}
    alone = both.changed(CASH, is_ready=False).merged()
    assert alone is not None
    assert alone.coin_values_minor == ()
    assert is_recycled("recycler-1000")
    assert not is_recycled("hopper-100")


def test_the_recycler_says_itself_how_many_notes_it_has() -> None:
    both = CashSites().heard(BUS).heard(NOTES).changed(CASH, is_ready=True).changed(RECYCLER, is_ready=True).merged()
    assert both is not None
    session, _ = advance(Session(UUID(int=1)), device_words.ready(both))
    hoppers = {hopper.name: hopper.count for hopper in session.hoppers}
    assert hoppers == {"hopper-100": 0, "recycler-1000": 4}
    fewer = CashDevices(CASH, (), (), {"recycler-1000": HopperInfo(1000, Level.UNKNOWN, "2", count=3)})
    session, _ = advance(session, device_words.changed(fewer))
    assert {hopper.name: hopper.count for hopper in session.hoppers if hopper.present} == {"recycler-1000": 3}


def test_change_is_planned_in_notes_and_coins() -> None:
    stock = {10: 200, 50: 200, 100: 200, 500: 80, 1000: 80, 2000: 80}
    assert exact_change(8760, stock) == {2000: 4, 500: 1, 100: 2, 50: 1, 10: 1}
    assert most_change(2999, {2000: 1, 1000: 1, 100: 3}) == {2000: 1, 100: 3}
    assert isinstance(device_words.ready(NOTES), on.CashReady)
