"""The threads that talk to the store outlive a mistake of ours: without them no lane opens again."""

from __future__ import annotations

import queue
import threading
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from gate_controller import store_link
from gate_controller.link_events import EntryAnswered, LinkEvent
from gate_controller.passes_used import PassesUsed
from gate_controller.settings import StoreSettings
from gate_controller.shop_cache import ShopCache
from gate_controller.store_link import StoreLink
from store_server.contract.client import StoreUnreachableError
from store_server.contract.lane_messages import EnterLane

ANSWER_S = 10.0


class Client:
    """A store that is away, and once a client that fails as no client should."""

    failed = threading.Event()

    def __init__(self, *_address: object, **_limits: object) -> None:
        """Like the real one."""

    def enter_lane(self, _request: object) -> None:
        raise StoreUnreachableError("away")

    def claim_lanes(self, _request: object) -> None:
        raise StoreUnreachableError("away")

    def leave_lane(self, _request: object) -> None:
        if self.failed.is_set():
            raise StoreUnreachableError("away")
        self.failed.set()
        raise ZeroDivisionError

    def close(self) -> None:
        """Nothing is open."""


def test_a_mistake_of_ours_does_not_silence_the_lanes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_link, "StoreClient", Client)
    monkeypatch.setattr(store_link, "AFTER_A_MISTAKE_S", 0.01)
    record, answers = PassesUsed(tmp_path), queue.Queue[LinkEvent]()
    record.begin_entry(UUID(int=7))
    record.leave(UUID(int=7))
    link = StoreLink(
        StoreSettings(url="http://127.0.0.1:9"), record, ShopCache(tmp_path), lanes=["lane-1"], publish=answers.put
    )
    request = EnterLane(entry_id=uuid4(), lane="lane-1", exit_pass="HTTPS://X/P/Y")
    link.start()
    try:
        link.flush_entries()
        assert Client.failed.wait(ANSWER_S)
        link.ask_entry(request)
        answer = answers.get(timeout=ANSWER_S)
    finally:
        link.stop()
        record.close()
    assert answer == EntryAnswered("lane-1", request.entry_id)
