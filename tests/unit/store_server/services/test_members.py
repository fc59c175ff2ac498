from __future__ import annotations

from functools import partial
from uuid import uuid4

import pytest

from store_server.contract.cash_messages import CloseKiosk, OpenKiosk
from store_server.contract.member_messages import DeleteMember, MemberLogin, RegisterMember, TopUp
from store_server.contract.order_messages import OrderLine
from store_server.contract.refusals import Refusal
from store_server.domain.pricing_terms import points_for, scanned_line, tier_of
from store_server.persistence.tables import metadata
from store_server.services import kiosk_sessions, members, payments, top_ups
from tests.unit.store_server.market import APPLES, CHEESE, KIOSK, MILK, OTHER_KIOSK, Market
from tests.unit.store_server.services.till import PASSWORD, Till, refused


@pytest.fixture
def till(market: Market) -> Till:
    return Till(market)


def test_a_member_registers_once_and_logs_in(till: Till) -> None:
    store = till.market.store
    request = RegisterMember(member_id=uuid4(), login="Li@Example.org", password=PASSWORD, name="Li Lei")
    assert members.register(store, KIOSK, request) == members.register(store, KIOSK, request)
    other = request.model_copy(update={"member_id": uuid4(), "login": "li@example.ORG"})
    assert refused(lambda: members.register(store, KIOSK, other)) is Refusal.LOGIN_TAKEN
    stolen = request.model_copy(update={"password": "another one"})
    assert refused(lambda: members.register(store, KIOSK, stolen)) is Refusal.KEY_REUSED
    session = members.login(store, MemberLogin(login="LI@example.org", password=PASSWORD))
    assert (session.account.member_id, session.account.points, session.account.tier) == (request.member_id, 0, None)
    members.logout(store, session.token)
    assert refused(lambda: members.show(store, session.token)) is Refusal.NOT_A_MEMBER


def test_wrong_passwords_lock_a_member_for_a_while(till: Till) -> None:
    till.member()
    store = till.market.store
    for _ in range(members.FAILURES_MAX):
        wrong = MemberLogin(login="li@example.org", password="wrong one")
        assert refused(partial(members.login, store, wrong)) is Refusal.UNAUTHENTICATED
    right = MemberLogin(login="li@example.org", password=PASSWORD)
    assert refused(lambda: members.login(store, right)) is Refusal.UNAUTHENTICATED
    till.market.clock.now += members.LOCK_S + 1
    assert members.login(store, right).token


def test_a_top_ups_cash_is_reported_by_the_kiosk_that_took_it(till: Till) -> None:
    market, shopper = till.market, till.member()
    taken = market.coins(5000)
    request = TopUp(
        top_up_id=uuid4(),
        session_id=uuid4(),
        member_token=shopper.token,
        amount_minor=5000,
        taken=taken,
        change_minor=0,
    )
    top_ups.top_up(market.store, KIOSK, request)
    report = market.report(request.session_id, None, taken)
    before = market.balances()
    assert refused(lambda: payments.report_cash(market.store, OTHER_KIOSK, report)) is Refusal.KEY_REUSED
    assert market.balances() == before
    payments.report_cash(market.store, KIOSK, report)
    assert market.findings() == []


def test_cash_becomes_a_balance_once(till: Till) -> None:
    market, shopper = till.market, till.member()
    request = till.top_up(shopper, 5000)
    top_ups.top_up(market.store, KIOSK, request)
    assert till.wallet(shopper) == (5000, 0)
    assert market.balances() == {
        "cash/kiosk-1/coin-box": 5000,
        "escrow/kiosk-1": 0,
        f"wallet/{shopper.member_id}": -5000,
    }
    too_much = TopUp(
        top_up_id=uuid4(),
        session_id=uuid4(),
        member_token=shopper.token,
        amount_minor=market.store.shop.balance_max_minor,
        taken=market.coins(market.store.shop.balance_max_minor),
        change_minor=0,
    )
    assert refused(lambda: top_ups.top_up(market.store, KIOSK, too_much)) is Refusal.BALANCE_TOO_LOW
    uneven = too_much.model_copy(update={"amount_minor": 1})
    assert refused(lambda: top_ups.top_up(market.store, KIOSK, uneven)) is Refusal.AMOUNT_MISMATCH
    used = too_much.model_copy(update={"session_id": request.session_id})
    assert refused(lambda: top_ups.top_up(market.store, KIOSK, used)) is Refusal.KEY_REUSED
    assert market.findings() == []


def test_a_deleted_member_leaves_all_sums_and_no_word(till: Till) -> None:
    market, shopper = till.market, till.member(balance=5000)
    session = market.tender(market.submit(OrderLine(code=MILK)))
    shown = till.hold(session, shopper)
    asked = DeleteMember(member_token=shopper.token, password=PASSWORD)
    assert refused(lambda: members.delete(market.store, KIOSK, asked)) is Refusal.WRONG_STATE
    till.settle(session, shown.order)
    assert refused(lambda: members.delete(market.store, KIOSK, asked)) is Refusal.WRONG_STATE
    before = market.balances()
    wrong = asked.model_copy(update={"password": "wrong one"})
    assert refused(lambda: members.delete(market.store, KIOSK, wrong)) is Refusal.FORBIDDEN
    gone = members.delete(market.store, KIOSK, asked.model_copy(update={"give_up_balance": True}))
    assert (gone.member_id, gone.left_minor) == (shopper.member_id, 3720)
    assert market.balances() == before
    assert market.findings() == []
    assert refused(lambda: members.show(market.store, shopper.token)) is Refusal.NOT_A_MEMBER
    assert till.refund(till.payment_ids(shown.order)["balance"], 1280).destination.value == "claim"
    rows = market.store.database.read(
        lambda connection: [str(row) for table in metadata.sorted_tables for row in connection.execute(table.select())]
    )
    assert [row for row in rows if "li@example.org" in row or "Li Lei" in row] == []
    if market.store.database.engine.dialect.name == "sqlite":
        for file in market.store.settings.data_dir.glob("store.db*"):
            assert b"li@example.org" not in file.read_bytes()


def test_a_kiosk_is_opened_once_and_counted_when_it_closes(till: Till) -> None:
    market, first = till.market, OpenKiosk(kiosk_session_id=uuid4())
    store = market.store
    opened = kiosk_sessions.open_session(store, KIOSK, first)
    assert kiosk_sessions.open_session(store, KIOSK, first) == opened
    another = OpenKiosk(kiosk_session_id=uuid4())
    assert refused(lambda: kiosk_sessions.open_session(store, KIOSK, another)) is Refusal.WRONG_STATE
    market.pay(market.submit())
    closing = CloseKiosk(kiosk_session_id=first.kiosk_session_id, counted={"coin-box": 1270})
    assert refused(lambda: kiosk_sessions.close_session(store, OTHER_KIOSK, closing)) is Refusal.KEY_REUSED
    closed = kiosk_sessions.close_session(store, KIOSK, closing)
    assert (closed.expected, closed.differences) == ({"coin-box": 1280}, {"coin-box": -10})
    assert kiosk_sessions.close_session(store, KIOSK, closing) == closed
    assert kiosk_sessions.open_session(store, KIOSK, another).state == "open"


def test_cash_between_two_sessions_is_expected_in_the_next_one(till: Till) -> None:
    market, store, expected = till.market, till.market.store, []
    for counted in (1280, 2560, 0):
        market.pay(market.submit())
        opening = OpenKiosk(kiosk_session_id=uuid4())
        kiosk_sessions.open_session(store, KIOSK, opening)
        if counted == 2560:
            market.pay(market.submit())
            market.pay(market.submit(), OTHER_KIOSK)
        closing = CloseKiosk(kiosk_session_id=opening.kiosk_session_id, counted={"coin-box": counted})
        closed = kiosk_sessions.close_session(store, KIOSK, closing)
        expected.append((closed.expected, closed.differences))
    assert expected == [({"coin-box": 1280}, {}), ({"coin-box": 2560}, {}), ({"coin-box": 1280}, {"coin-box": -1280})]
    assert market.balances()["cash/kiosk-1/coin-box"] == 1280 + 2560 + 1280


def test_lines_are_read_back_as_they_were_scanned(till: Till) -> None:
    templates = till.market.store.shop.templates
    weighed, by_price = OrderLine(code=APPLES, weight_g=850), OrderLine(code=CHEESE, price_minor=1234)
    given = [OrderLine(code=MILK, quantity=2), weighed, by_price]
    order = till.market.submit(*given)
    assert [scanned_line(line, templates) for line in order.lines] == given


def test_points_and_tiers() -> None:
    assert [points_for(minor, 100) for minor in (0, 99, 100, 1280)] == [0, 0, 1, 12]
    assert points_for(1280, 0) == 0
    tiers = {"gold": 5000, "silver": 1000}
    assert [tier_of(points, tiers) for points in (0, 1000, 4999, 5000)] == [None, "silver", "silver", "gold"]
