"""One gate controller at a time runs a shop's lanes."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

import pytest
from sqlalchemy import Connection, Table

from store_server.contract.arbiter_messages import ClaimLanes, ReleaseLanes
from store_server.contract.device_messages import DeviceRole
from store_server.contract.refusals import Refusal
from store_server.domain.lane_arbiter import SILENT_AFTER_S
from store_server.persistence.failures import TransactionOvertakenError
from store_server.persistence.once import insert_once
from store_server.services import arbiter
from store_server.services.principals import Device
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import GATE, Market

OTHER_GATE = Device("gate-2", DeviceRole.GATE)
ONE, TWO = UUID(int=1), UUID(int=2)


def claim(controller: UUID, run: int, *, begins: bool = True, take_over: bool = False) -> ClaimLanes:
    return ClaimLanes(controller_id=controller, run_id=UUID(int=run), lanes=["lane-1"], begins=begins, take_over=take_over)


def refused(market: Market, request: ClaimLanes) -> str:
    with pytest.raises(RefusedError) as caught:
        arbiter.claim(market.store, OTHER_GATE, request)
    assert caught.value.refusal is Refusal.LANES_TAKEN
    return caught.value.sentence


def test_the_first_one_has_the_lanes_and_keeps_them(market: Market) -> None:
    first = arbiter.claim(market.store, GATE, claim(ONE, 10))
    market.clock.now += 5
    again = arbiter.claim(market.store, GATE, claim(ONE, 10, begins=False))
    assert again.since == first.since
    market.clock.now += SILENT_AFTER_S
    assert "gate-1" in refused(market, claim(TWO, 20))
    assert "30 s ago" in refused(market, claim(TWO, 20, take_over=True)), "who is heard cannot be taken over"


def test_time_alone_moves_no_lanes_but_a_person_may(market: Market) -> None:
    arbiter.claim(market.store, GATE, claim(ONE, 10))
    market.clock.now += 86_400
    assert "--take-over" in refused(market, claim(TWO, 20))
    arbiter.claim(market.store, OTHER_GATE, claim(TWO, 20, take_over=True))
    assert "gate-2" in refused(market, claim(ONE, 11)), "the former one has lost them"
    assert "gate-2" in refused(market, claim(ONE, 10, begins=False))


def test_a_restart_has_its_lanes_at_once_and_a_copy_loses_them(market: Market) -> None:
    arbiter.claim(market.store, GATE, claim(ONE, 10))
    arbiter.claim(market.store, GATE, claim(ONE, 11))
    arbiter.claim(market.store, GATE, claim(ONE, 11, begins=False))
    assert "copy" in refused(market, claim(ONE, 10, begins=False))


def test_released_lanes_are_anybodys(market: Market) -> None:
    arbiter.claim(market.store, GATE, claim(ONE, 10))
    assert not arbiter.release(market.store, ReleaseLanes(controller_id=TWO, run_id=UUID(int=20))).released
    refused(market, claim(TWO, 20))
    assert arbiter.release(market.store, ReleaseLanes(controller_id=ONE, run_id=UUID(int=10))).released
    assert arbiter.claim(market.store, OTHER_GATE, claim(TWO, 20)).controller_id == TWO


def test_a_clock_that_is_set_back_moves_nothing(market: Market) -> None:
    arbiter.claim(market.store, GATE, claim(ONE, 10))
    market.clock.now -= 86_400
    refused(market, claim(TWO, 20, take_over=True))


def test_of_two_first_claims_at_once_nobody_gets_the_others_answer(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    overtakes = [False, True]

    def after_another(connection: Connection, table: Table, row: dict[str, object]) -> bool:
        if overtakes.pop():
            insert_once(connection, table, {**row, "controller_id": TWO, "run_id": UUID(int=20)})
        return insert_once(connection, table, row)

    monkeypatch.setattr("store_server.services.arbiter.insert_once", after_another)
    with suppress(TransactionOvertakenError):  # not run again on SQLite, where writers come one after the other anyway
        assert arbiter.claim(market.store, GATE, claim(ONE, 10)).controller_id == ONE
