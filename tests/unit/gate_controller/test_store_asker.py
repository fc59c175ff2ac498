"""The thread that asks what a shopper waits for, with a store server that swallows every question."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest

from gate_controller.arbiter_claim import ArbiterClaim
from gate_controller.link_events import EntryAnswered, LinkEvent, OrderSeen
from gate_controller.passes_used import PassesUsed
from gate_controller.server_contact import ServerContact
from gate_controller.store_asker import StoreAsker
from store_server.contract.client import StoreClient, StoreRefusedError, StoreUnreachableError
from store_server.contract.lane_messages import EnterLane
from store_server.contract.refusals import Refusal
from tests.unit.gate_controller.desks import shop


class Store:
    """Answers every question with the same error."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.asked = 0

    def claim_lanes(self, _request: object) -> None:
        """Confirm the claim."""

    def order(self, _order_id: object) -> None:
        self._fail()

    def enter_lane(self, _request: object) -> None:
        self._fail()

    def close(self) -> None:
        """Nothing is open."""

    def _fail(self) -> None:
        self.asked += 1
        raise self._error


class Asking:
    """An asker whose answers are kept, and which ends after so many."""

    def __init__(self, folder: Path, store: Store, answers: int) -> None:
        self.record = PassesUsed(folder)
        self.contact = ServerContact(self.record)
        self.asker = StoreAsker(self.record, self.contact, ArbiterClaim(uuid4(), ["lane-1"]), self._take)
        self.answers: list[LinkEvent] = []
        self._store = store
        self._wanted = answers
        self._stopping = threading.Event()

    def run(self) -> list[LinkEvent]:
        self.asker.run(cast("StoreClient", self._store), self._stopping)
        return self.answers

    def _take(self, answer: LinkEvent) -> None:
        self.answers.append(answer)
        if len(self.answers) == self._wanted:
            self._stopping.set()


@pytest.fixture
def opened() -> Iterator[list[Asking]]:
    made: list[Asking] = []
    yield made
    for asking in made:
        asking.record.close()


def test_a_shopper_does_not_wait_for_the_questions_of_other_lanes_one_by_one(tmp_path: Path, opened: list[Asking]) -> None:
    store = Store(StoreUnreachableError("no answer for 4 s"))
    asking = Asking(tmp_path, store, answers=4)
    opened.append(asking)
    for lane in ("lane-2", "lane-3", "lane-4"):
        asking.asker.ask_order(lane, uuid4())
    entry = EnterLane(entry_id=uuid4(), lane="lane-1", exit_pass="HTTPS://X/P/Y")
    asking.asker.ask_entry(entry)
    answers = asking.run()
    assert store.asked == 1, "who asked before the server fell silent has waited long enough"
    assert answers[:3] == [OrderSeen(lane, None) for lane in ("lane-2", "lane-3", "lane-4")]
    assert answers[3] == EntryAnswered("lane-1", entry.entry_id)


@pytest.mark.parametrize("refusal", [Refusal.UNAUTHENTICATED, Refusal.FORBIDDEN, Refusal.SERVER_BUSY])
def test_a_server_that_does_not_serve_this_controller_was_not_heard(
    tmp_path: Path, opened: list[Asking], refusal: Refusal
) -> None:
    asking = Asking(tmp_path, Store(StoreRefusedError(refusal, "no")), answers=1)
    opened.append(asking)
    asking.asker.ask_entry(EnterLane(entry_id=uuid4(), lane="lane-1", exit_pass="HTTPS://X/P/Y"))
    (answer,) = asking.run()
    assert isinstance(answer, EntryAnswered)
    assert answer.refusal is Refusal.OFFLINE_CAP
    assert asking.contact.trust(shop()).away_s is None, "its word says nothing of what was withdrawn since"
