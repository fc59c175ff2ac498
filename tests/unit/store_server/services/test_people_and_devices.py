from __future__ import annotations

import stat
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from program.errors import ProgramError
from store_server.contract.device_messages import DeviceRole
from store_server.contract.lane_messages import GiveCommand, LaneReport, StaffCommandKind
from store_server.contract.refusals import Refusal
from store_server.contract.staff_messages import StaffLogin
from store_server.services import devices, lanes, staff
from store_server.services.keys import console_secret, read_keys
from store_server.services.lane_board import LANES_MAX
from store_server.services.principals import Device, StaffMember
from store_server.services.refused import RefusedError
from store_server.services.store import make_store, open_store
from store_server.settings import ServerSettings
from tests.unit.store_server.market import GATE, STAFF, Market

PASSWORD = "correct horse"


def log_in(market: Market, password: str = PASSWORD, name: str = "mei") -> str:
    return staff.login(market.store, StaffLogin(name=name, password=password)).token


def wrong(market: Market, password: str, name: str = "mei") -> str:
    with pytest.raises(RefusedError) as caught:
        log_in(market, password, name)
    assert caught.value.refusal is Refusal.UNAUTHENTICATED
    return caught.value.sentence


def test_an_enrolled_device_is_known_by_its_token(market: Market) -> None:
    token = devices.enrol(market.store, "kiosk-1", DeviceRole.KIOSK)
    assert staff.find_principal(market.store, token) == Device("kiosk-1", DeviceRole.KIOSK)
    for other in ("", token[:-1], token.upper(), "\ud800", "x" * 10_000):
        assert staff.find_principal(market.store, other) is None


def test_enrolling_again_replaces_the_token_but_not_the_role(market: Market) -> None:
    old = devices.enrol(market.store, "kiosk-1", DeviceRole.KIOSK)
    new = devices.enrol(market.store, "kiosk-1", DeviceRole.KIOSK)
    assert staff.find_principal(market.store, old) is None
    assert staff.find_principal(market.store, new) is not None
    with pytest.raises(ProgramError, match="enrolled as a kiosk already"):
        devices.enrol(market.store, "kiosk-1", DeviceRole.GATE)


@pytest.mark.parametrize("name", ["", "Kiosk", "kiosk 1", "-kiosk", "kiosk/1", "k" * 41, "kiosk\n"])
def test_a_name_that_cannot_stand_in_an_account_is_refused(market: Market, name: str) -> None:
    with pytest.raises(ProgramError, match="no device name"):
        devices.enrol(market.store, name, DeviceRole.KIOSK)


def test_no_token_and_no_password_stands_in_the_books(market: Market) -> None:
    token = devices.enrol(market.store, "kiosk-1", DeviceRole.KIOSK)
    staff.add_staff(market.store, "mei", PASSWORD)
    session = log_in(market)
    written = b"".join(path.read_bytes() for path in market.store.settings.data_dir.rglob("*") if path.is_file())
    for secret in (token, PASSWORD, session):
        assert secret.encode() not in written


def test_staff_logs_in_until_the_session_ends(market: Market) -> None:
    staff.add_staff(market.store, "mei", PASSWORD)
    token = log_in(market)
    assert staff.find_principal(market.store, token) == StaffMember("mei")
    market.clock.now += staff.SESSION_S
    assert staff.find_principal(market.store, token) is None


def test_logging_out_and_a_new_password_end_sessions(market: Market) -> None:
    staff.add_staff(market.store, "mei", PASSWORD)
    first, second = log_in(market), log_in(market)
    staff.logout(market.store, first)
    assert staff.find_principal(market.store, first) is None
    assert staff.find_principal(market.store, second) is not None
    staff.add_staff(market.store, "mei", "battery staple")
    assert staff.find_principal(market.store, second) is None
    wrong(market, PASSWORD)
    log_in(market, "battery staple")


def test_five_wrong_passwords_lock_even_the_right_one_out(market: Market) -> None:
    staff.add_staff(market.store, "mei", PASSWORD)
    for _ in range(staff.FAILURES_MAX):
        assert wrong(market, "guess") == wrong(market, "guess", name="nobody")
    assert "5 min" in wrong(market, PASSWORD)
    market.clock.now += staff.LOCK_S - 1
    assert "1 min" in wrong(market, PASSWORD)
    market.clock.now += 1
    log_in(market)


def test_a_right_password_forgives_the_wrong_ones_before(market: Market) -> None:
    staff.add_staff(market.store, "mei", PASSWORD)
    for _ in range(3):
        for _ in range(staff.FAILURES_MAX - 1):
            wrong(market, "guess")
        log_in(market)


@pytest.mark.parametrize(("name", "password"), [("", PASSWORD), ("m\n", PASSWORD), ("mei", "short"), ("mei", "x" * 201)])
def test_a_name_or_password_that_cannot_be_is_refused(market: Market, name: str, password: str) -> None:
    with pytest.raises(ProgramError):
        staff.add_staff(market.store, name, password)


def report(lane: str = "lane-1", order_id: UUID | None = None, done: list[UUID] | None = None) -> LaneReport:
    return LaneReport(lane=lane, state="idle", headline={"en": "Welcome"}, order_id=order_id, done_commands=done or [])


def give(market: Market, kind: StaffCommandKind, reason: str = "") -> UUID:
    command = GiveCommand(command_id=uuid4(), kind=kind, reason=reason)
    return lanes.give_command(market.store, STAFF, "lane-1", command).command_id


def pending(market: Market, order_id: UUID | None = None, done: list[UUID] | None = None) -> list[UUID]:
    return [command.command_id for command in lanes.report(market.store, GATE, report(order_id=order_id, done=done)).commands]


def test_a_lane_hears_a_command_until_it_says_done(market: Market) -> None:
    assert pending(market) == []
    first, second = give(market, StaffCommandKind.WEIGH_AGAIN), give(market, StaffCommandKind.SILENCE_ALARM)
    assert pending(market) == [first, second]
    assert pending(market, done=[first]) == [second]
    assert pending(market, done=[second, uuid4()]) == []


def test_a_command_outlives_a_restart_but_not_half_a_minute(market: Market) -> None:
    pending(market)
    command = give(market, StaffCommandKind.WEIGH_AGAIN)
    market.store.database.close()
    again = open_store(market.store.settings, market.clock)
    assert [found.command_id for found in lanes.report(again, GATE, report()).commands] == [command]
    market.clock.now += lanes.COMMAND_LIFETIME_S
    assert lanes.report(again, GATE, report()).commands == []
    again.database.close()


def test_a_release_is_for_the_order_that_was_in_the_lane(market: Market) -> None:
    one, other = uuid4(), uuid4()
    pending(market, order_id=one)
    command = give(market, StaffCommandKind.RELEASE, "checked by hand")
    assert pending(market, order_id=other) == []
    assert pending(market) == []
    assert pending(market, order_id=one) == [command]


def test_a_release_names_the_order_that_staff_had_before_its_eyes(market: Market) -> None:
    seen, other = uuid4(), uuid4()
    pending(market, order_id=other)
    release = GiveCommand(command_id=uuid4(), kind=StaffCommandKind.RELEASE, reason="checked by hand", order_id=seen)
    with pytest.raises(RefusedError, match="another order"):
        lanes.give_command(market.store, STAFF, "lane-1", release)
    pending(market, order_id=seen)
    lanes.give_command(market.store, STAFF, "lane-1", release)
    assert pending(market, order_id=seen) == [release.command_id]


def test_a_release_of_an_empty_lane_is_not_for_the_order_that_comes_next(market: Market) -> None:
    pending(market)
    command = give(market, StaffCommandKind.RELEASE, "somebody without goods")
    assert pending(market, order_id=uuid4()) == []
    assert pending(market) == [command]


def test_a_release_needs_a_reason_and_a_command_a_lane(market: Market) -> None:
    command = GiveCommand(command_id=uuid4(), kind=StaffCommandKind.SILENCE_ALARM)
    with pytest.raises(RefusedError, match="No lane called lane-1"):
        lanes.give_command(market.store, STAFF, "lane-1", command)
    pending(market)
    with pytest.raises(RefusedError, match="why"):
        give(market, StaffCommandKind.RELEASE, "  ")


def test_a_command_given_twice_is_one_command(market: Market) -> None:
    pending(market)
    command = GiveCommand(command_id=uuid4(), kind=StaffCommandKind.SILENCE_ALARM)
    first = lanes.give_command(market.store, STAFF, "lane-1", command)
    assert lanes.give_command(market.store, STAFF, "lane-1", command) == first
    assert len(pending(market)) == 1
    with pytest.raises(RefusedError) as caught:
        lanes.give_command(market.store, StaffMember("li"), "lane-1", command)
    assert caught.value.refusal is Refusal.KEY_REUSED


def test_the_board_shows_every_lane_and_who_fell_silent(market: Market) -> None:
    lanes.report(market.store, GATE, report("lane-2"))
    lanes.report(market.store, GATE, report("lane-1"))
    views = lanes.views(market.store)
    assert [view.report.lane for view in views] == ["lane-1", "lane-2"]
    assert not lanes.is_silent(market.store, views[0])
    market.clock.now += lanes.SILENT_AFTER_S + 1
    assert lanes.is_silent(market.store, views[0])


def test_a_shop_has_a_largest_number_of_lanes(market: Market) -> None:
    for number in range(LANES_MAX):
        lanes.report(market.store, GATE, report(f"lane-{number}"))
    with pytest.raises(RefusedError, match="too many lanes"):
        lanes.report(market.store, GATE, report("one-more"))
    lanes.report(market.store, GATE, report("lane-1"))


def test_private_keys_are_for_the_server_alone(market: Market) -> None:
    folder = market.store.settings.data_dir / "keys"
    console_secret(market.store.settings.data_dir)
    assert {path.name for path in folder.iterdir()} == {"claim.key", "exit.key", "console.key"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    if not market.store.database.is_shared:
        assert stat.S_IMODE((market.store.settings.data_dir / "store.db").stat().st_mode) == 0o600


def test_making_the_shop_again_keeps_keys_and_books(market: Market) -> None:
    before = read_keys(market.store.settings.data_dir)
    order = market.submit()
    make_store(market.store.settings, market.clock)
    after = read_keys(market.store.settings.data_dir)
    assert {kind: key.key_id for kind, key in before.signing.items()} == {
        kind: key.key_id for kind, key in after.signing.items()
    }
    assert market.look(order) == order


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.write_text("zz"), "cannot be read"),
        (lambda path: path.write_text("00"), "damaged"),
        (lambda path: path.chmod(0o644), "chmod 600"),
    ],
)
def test_a_key_that_cannot_be_used_ends_the_start(market: Market, damage: object, told: str) -> None:
    assert callable(damage)
    damage(market.store.settings.data_dir / "keys" / "exit.key")
    with pytest.raises(ProgramError, match=told):
        open_store(market.store.settings, market.clock)


def test_books_that_are_missing_older_or_damaged_end_the_start(tmp_path: Path) -> None:
    settings = ServerSettings(data_dir=tmp_path / "server")
    settings.data_dir.mkdir()
    with pytest.raises(ProgramError, match="Run 'store-server init'"):
        open_store(settings)
    assert not (settings.data_dir / "store.db").exists()
    (settings.data_dir / "store.db").write_bytes(b"rubbish" * 1000)
    for start in (open_store, make_store):
        with pytest.raises(ProgramError, match="cannot be used"):
            start(settings)


def test_books_of_another_revision_end_the_start(market: Market) -> None:
    market.store.database.write(
        lambda connection: connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    )
    with pytest.raises(ProgramError, match="revision 0000"):
        open_store(market.store.settings, market.clock)
