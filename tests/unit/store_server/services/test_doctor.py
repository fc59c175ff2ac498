from __future__ import annotations

from store_server.contract.staff_messages import StaffRole
from store_server.services import enrolments, shop_ca, staff
from store_server.services.doctor import Finding, Health, examine
from store_server.settings import ListenSettings
from tests.unit.store_server.market import BEGINNING_S, Market


def looked(market: Market) -> dict[str, Finding]:
    return {finding.what: finding for finding in examine(market.store.settings, BEGINNING_S)}


def test_a_well_kept_shop_has_nothing_bad(market: Market) -> None:
    staff.add_staff(market.store, "mei", "correct horse", StaffRole.MANAGER)
    market.pay(market.submit())
    found = looked(market)
    assert {finding.what for finding in found.values() if finding.health is Health.BAD} == set()
    assert found["open money"].told == "none"
    assert "the log ends at" in found["facts, money, audit log"].told


def test_a_key_that_others_can_read_is_bad_and_says_how_to_mend_it(market: Market) -> None:
    key = market.store.settings.data_dir / "keys" / "exit.key"
    key.chmod(0o644)
    found = looked(market)
    assert found["exit.key"].health is Health.BAD
    assert f"chmod 600 {key}" in found["exit.key"].told
    assert found["books"].health is Health.BAD


def test_open_matters_are_told(market: Market) -> None:
    market.tender(market.submit())
    assert "1 kiosks hold an order" in looked(market)["waiting payments"].told
    enrolments.make_code(market.store, "server")
    assert looked(market)["enrolments"].told == "nobody waits"


def test_a_clock_that_is_years_behind_is_bad(market: Market) -> None:
    assert {finding.what for finding in examine(market.store.settings, 1000) if finding.health is Health.BAD} >= {"clock"}


def test_a_certificate_is_watched(market: Market) -> None:
    files = shop_ca.make_certificates(market.store.settings.data_dir / "tls", "Market", ["localhost"], BEGINNING_S)
    listen = ListenSettings(tls_certificate=files.certificate, tls_key=files.key)
    settings = market.store.settings.model_copy(update={"server": listen})
    lifetime_s = int(shop_ca.SERVER_LIFETIME.total_seconds())
    for later_s, health in ((0, Health.OK), (lifetime_s - 10 * 86_400, Health.WARN), (lifetime_s + 86_400, Health.BAD)):
        found = {finding.what: finding for finding in examine(settings, BEGINNING_S + later_s)}
        assert found["tls"].health is health


def test_a_clock_that_was_set_back_is_bad(market: Market) -> None:
    market.submit()
    assert looked(market)["clock and books"].health is Health.OK
    found = {finding.what: finding for finding in examine(market.store.settings, BEGINNING_S - 3600)}
    assert found["clock and books"].health is Health.BAD
    assert "3600 s behind" in found["clock and books"].told
