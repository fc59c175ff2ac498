from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from uuid import uuid4

import pytest

from store_server.contract.cash_messages import CashReport, Payout, SettleCash
from store_server.contract.order_messages import OrderLine
from store_server.contract.order_pass import OrderPass, PassKind, verify
from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal
from store_server.persistence import audit
from store_server.services import payments, tendering
from store_server.services.keys import verifying
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import APPLES, KIOSK, MILK, OTHER_KIOSK, Market


def refused(action: Callable[[], object]) -> Refusal:
    with pytest.raises(RefusedError) as caught:
        action()
    return caught.value.refusal


def payout(coin_minor: int, paid: int, uncertain: int = 0) -> Payout:
    return Payout(
        payout_id=uuid4(),
        device=f"hopper-{coin_minor}",
        coin_minor=coin_minor,
        requested=paid + uncertain,
        paid=paid,
        uncertain=uncertain,
    )


def test_cash_pays_an_order_and_the_pass_lets_its_holder_out(market: Market) -> None:
    order = market.submit(OrderLine(code=MILK), OrderLine(code=APPLES, weight_g=850))
    assert order.due_minor == 2377
    session = market.tender(order)
    request = market.payment(order, session, market.coins(5000), 2380)
    settled = payments.settle(market.store, KIOSK, request)
    assert (settled.order.status, settled.order.due_minor, settled.order.paid_minor) == (OrderStatus.PAID, 0, 2377)
    assert settled.order.claim is None
    keys = market.store.database.read(verifying)
    shown = verify(settled.order.exit_pass or "", kind=PassKind.EXIT, shop_id=1, keys=keys, now_s=market.clock.now)
    assert isinstance(shown, OrderPass)
    assert shown.expiry == market.clock.now + market.store.shop.pass_validity_s
    assert market.balances() == {
        "cash/kiosk-1/coin-box": 5000,
        "escrow/kiosk-1": -2620,
        "rounding": -3,
        "sales": -2377,
    }
    report = market.report(session, order, request.taken, [payout(100, 26), payout(10, 2)])
    assert payments.report_cash(market.store, KIOSK, report).new_events == 0
    assert market.balances()["escrow/kiosk-1"] == 0
    assert market.balances()["cash/kiosk-1/hopper-100"] == -2600
    assert market.findings() == []


def test_the_same_payment_again_gets_the_same_answer_and_is_booked_once(market: Market) -> None:
    order = market.submit()
    request = market.payment(order, market.tender(order), market.coins(1280), 1280)
    first = payments.settle(market.store, KIOSK, request)
    market.clock.now += 3600
    assert payments.settle(market.store, KIOSK, request) == first
    assert market.balances()["sales"] == -1280


def test_the_same_payment_with_another_body_is_refused(market: Market) -> None:
    order = market.submit()
    request = market.payment(order, market.tender(order), market.coins(1280), 1280)
    payments.settle(market.store, KIOSK, request)
    other = request.model_copy(update={"change_minor": 10})
    assert refused(lambda: payments.settle(market.store, KIOSK, other)) is Refusal.KEY_REUSED


def test_a_paid_order_is_not_paid_again(market: Market) -> None:
    order = market.submit()
    session = market.tender(order)
    payments.settle(market.store, KIOSK, market.payment(order, session, market.coins(1280), 1280))
    again = market.payment(order, session, market.coins(1280), 1280)
    assert refused(lambda: payments.settle(market.store, KIOSK, again)) is Refusal.ALREADY_PAID
    assert market.balances()["cash/kiosk-1/coin-box"] == 1280


def test_what_does_not_fit_is_refused_and_books_nothing(market: Market) -> None:
    order, unheld = market.submit(), market.submit()
    session = market.tender(order)
    good = market.payment(order, session, market.coins(1280), 1280)
    cases: list[tuple[dict[str, object], Refusal]] = [
        ({"cash_due_minor": 1270, "change_minor": 10}, Refusal.AMOUNT_MISMATCH),
        ({"change_minor": 10}, Refusal.AMOUNT_MISMATCH),
        ({"revision": 2}, Refusal.AMOUNT_MISMATCH),
        ({"session_id": uuid4()}, Refusal.BUSY_ELSEWHERE),
        ({"order_id": unheld.order_id}, Refusal.NOT_PAYABLE),
        ({"order_id": uuid4()}, Refusal.UNKNOWN_ORDER),
        ({"taken": [*good.taken, *good.taken], "change_minor": 1280}, Refusal.BAD_REQUEST),
    ]
    for change, expected in cases:
        request = good.model_copy(update={"payment_id": uuid4(), **change})
        assert refused(partial(payments.settle, market.store, KIOSK, request)) is expected, change
    assert refused(lambda: payments.settle(market.store, OTHER_KIOSK, good)) is Refusal.BUSY_ELSEWHERE
    assert market.balances() == {}
    assert payments.settle(market.store, KIOSK, good).order.status is OrderStatus.PAID


def test_a_kiosk_that_lost_hold_cannot_settle_any_more(market: Market) -> None:
    order = market.submit()
    session = market.tender(order)
    late = market.payment(order, session, market.coins(1280), 1280)
    market.clock.now += market.store.shop.tendering_lease_s
    market.tender(order, OTHER_KIOSK)
    assert refused(lambda: payments.settle(market.store, KIOSK, late)) is Refusal.BUSY_ELSEWHERE


def test_a_coin_is_credited_once_however_often_it_is_told(market: Market) -> None:
    order = market.submit()
    session = market.tender(order)
    request = market.payment(order, session, market.coins(1000, 500), 1280)
    payments.settle(market.store, KIOSK, request)
    extra = market.coins(100)
    report = market.report(session, order, [*request.taken, *extra], [payout(100, 3), payout(10, 2)])
    assert payments.report_cash(market.store, KIOSK, report).new_events == 1
    assert payments.report_cash(market.store, KIOSK, report).new_events == 1
    assert market.balances()["cash/kiosk-1/coin-box"] == 1600
    assert market.balances()["escrow/kiosk-1"] == 0


def test_a_coin_told_otherwise_is_refused_whole(market: Market) -> None:
    order = market.submit()
    session = market.tender(order)
    request = market.payment(order, session, market.coins(1280), 1280)
    payments.settle(market.store, KIOSK, request)
    market.next_seq = 1
    other = market.submit()
    again = market.payment(other, market.tender(other), market.coins(1280), 1280)
    with pytest.raises(RefusedError, match="epoch") as caught:
        payments.settle(market.store, KIOSK, again)
    assert caught.value.refusal is Refusal.KEY_REUSED
    assert market.look(other).status is OrderStatus.TENDERING
    assert market.balances()["sales"] == -1280


def test_two_kiosks_count_their_coins_on_their_own(market: Market) -> None:
    market.pay(market.submit())
    market.next_seq = 1
    market.pay(market.submit(), OTHER_KIOSK)
    assert market.balances()["cash/kiosk-2/coin-box"] == 1280
    assert market.findings() == []


def test_a_cancelled_session_lets_go_and_leaves_no_money(market: Market) -> None:
    order = market.submit()
    session = market.tender(order)
    report = CashReport(
        session_id=session,
        order_id=order.order_id,
        outcome="cancelled",
        taken=market.coins(500),
        payouts=[payout(100, 5)],
        owed_minor=0,
    )
    payments.report_cash(market.store, KIOSK, report)
    assert market.look(order).status is OrderStatus.SUBMITTED
    assert market.balances() == {"cash/kiosk-1/coin-box": 500, "cash/kiosk-1/hopper-100": -500, "escrow/kiosk-1": 0}
    assert market.findings() == []


def test_what_a_kiosk_owes_is_in_the_books(market: Market) -> None:
    order = market.submit()
    session = market.tender(order)
    request = market.payment(order, session, market.coins(2000), 1280)
    payments.settle(market.store, KIOSK, request)
    payments.report_cash(market.store, KIOSK, market.report(session, order, request.taken, [payout(100, 5)], owed=220))
    assert market.balances()["owed/kiosk-1"] == -220
    assert market.findings() == []


def test_a_charge_in_doubt_is_in_the_audit_log_and_the_order_stays_held(market: Market) -> None:
    order = market.submit()
    session, charge = market.tender(order), uuid4()
    payments.report_cash(market.store, KIOSK, market.doubt(session, order, 1284, charge))
    (entry,) = market.store.database.read(partial(audit.entries, subject=str(charge), action="card/doubtful"))
    assert entry.details == {"amount_minor": 1284, "order": str(order.order_id), "session": str(session)}
    assert market.look(order).status is OrderStatus.TENDERING
    assert refused(lambda: market.tender(order, OTHER_KIOSK)) is not None
    assert market.findings() == []


def test_money_that_a_report_does_not_explain_is_shown(market: Market) -> None:
    order = market.submit()
    session = market.tender(order)
    request = market.payment(order, session, market.coins(2000), 1280)
    payments.settle(market.store, KIOSK, request)
    payments.report_cash(market.store, KIOSK, market.report(session, order, request.taken, [payout(100, 5)]))
    assert market.balances()["escrow/kiosk-1"] == 0
    (finding,) = market.findings()
    assert "discrepancy/kiosk-1 is -220" in finding


def test_a_report_about_another_kiosks_session_or_payout_is_refused(market: Market) -> None:
    order = market.submit()
    session = market.tender(order)
    report = market.report(session, order, [])
    assert refused(lambda: payments.report_cash(market.store, OTHER_KIOSK, report)) is Refusal.KEY_REUSED
    same = payout(100, 1)
    payments.report_cash(market.store, KIOSK, market.report(session, order, market.coins(100), [same]))
    other = market.report(uuid4(), None, market.coins(100), [same])
    assert refused(lambda: payments.report_cash(market.store, KIOSK, other)) is Refusal.KEY_REUSED
    assert market.balances()["cash/kiosk-1/coin-box"] == 100


def test_a_session_is_reported_by_one_kiosk(market: Market) -> None:
    session = uuid4()
    payments.report_cash(market.store, KIOSK, market.report(session, None, market.coins(100), owed=100))
    other = market.report(session, None, market.coins(100), owed=100)
    assert refused(lambda: payments.report_cash(market.store, OTHER_KIOSK, other)) is Refusal.KEY_REUSED


def test_a_payment_id_is_nobody_elses(market: Market) -> None:
    first, second = market.submit(), market.submit()
    request = market.payment(first, market.tender(first), market.coins(1280), 1280)
    payments.settle(market.store, KIOSK, request)
    session = market.tender(second, OTHER_KIOSK)
    same = market.payment(second, session, market.coins(1280), 1280).model_copy(update={"payment_id": request.payment_id})
    assert refused(lambda: payments.settle(market.store, OTHER_KIOSK, same)) is Refusal.KEY_REUSED


def test_more_money_than_there_is_is_refused(market: Market) -> None:
    payouts = [payout(100_000_000, 1000) for _ in range(11)]
    report = market.report(uuid4(), None, [], payouts)
    assert refused(lambda: payments.report_cash(market.store, KIOSK, report)) is Refusal.BAD_REQUEST


def test_money_in_a_running_session_is_no_finding(market: Market) -> None:
    order = market.submit()
    session = market.tender(order)
    payments.settle(market.store, KIOSK, market.payment(order, session, market.coins(2000), 1280))
    assert market.findings() == []
    tendering.release(market.store, KIOSK, session)
    assert market.look(order).status is OrderStatus.PAID


def _race(actions: list[Callable[[], object]]) -> list[object]:
    """Run all at once; return each result or refusal."""
    barrier = threading.Barrier(len(actions))
    results: list[object] = [None] * len(actions)

    def run(index: int) -> None:
        barrier.wait()
        try:
            results[index] = actions[index]()
        except RefusedError as error:
            results[index] = error.refusal

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_eight_threads_that_pay_one_order_pay_it_once(market: Market) -> None:
    order = market.submit()
    session = market.tender(order)
    requests: list[SettleCash] = [market.payment(order, session, market.coins(1280), 1280) for _ in range(8)]
    results = _race([partial(payments.settle, market.store, KIOSK, request) for request in requests])
    assert sorted(result for result in results if isinstance(result, Refusal)) == [Refusal.ALREADY_PAID] * 7
    assert market.balances()["cash/kiosk-1/coin-box"] == 1280


def test_eight_repeats_of_one_payment_at_once_get_one_answer(market: Market) -> None:
    order = market.submit()
    request = market.payment(order, market.tender(order), market.coins(1280), 1280)
    results = _race([lambda: payments.settle(market.store, KIOSK, request)] * 8)
    assert all(result == results[0] for result in results)
    assert not isinstance(results[0], Refusal)
    assert market.balances()["sales"] == -1280


def test_eight_kiosks_at_one_order_one_gets_it(market: Market) -> None:
    order = market.submit()
    results = _race([lambda: market.tender(order, KIOSK), *[lambda: market.tender(order, OTHER_KIOSK)] * 7])
    winners = {result for result in results if not isinstance(result, Refusal)}
    assert winners
    assert market.look(order).status is OrderStatus.TENDERING
    assert Refusal.BUSY_ELSEWHERE in results
