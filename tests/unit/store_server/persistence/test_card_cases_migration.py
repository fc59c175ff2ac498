"""Charges in doubt of which only the audit log told become open cases."""

from __future__ import annotations

from uuid import uuid4

from alembic import command

from store_server.contract.cash_messages import CashReport
from store_server.services import card_cases, payments
from store_server.services.store import make_store
from tests.unit.store_server.market import KIOSK, Market
from tests.unit.store_server.persistence.test_migrations import move


def test_doubts_of_older_books_are_open_cases(market: Market) -> None:
    order = market.submit()
    known = CashReport(
        session_id=market.tender(order),
        order_id=order.order_id,
        outcome="owing",
        taken=[],
        payouts=[],
        owed_minor=0,
        card_charge_id=uuid4(),
        card_doubt_minor=1280,
    )
    nameless = known.model_copy(update={"session_id": uuid4(), "order_id": None, "card_charge_id": None})
    for report in (known, nameless):
        payments.report_cash(market.store, KIOSK, report)
    before = card_cases.unsettled(market.store)
    assert {one.case_id for one in before} == {known.card_charge_id, nameless.session_id}
    move(market.store.database, command.downgrade, "0007")
    make_store(market.store.settings, market.clock)
    assert card_cases.unsettled(market.store) == before
    assert market.findings() == []
