"""The threads that talk to the store outlive a mistake of ours: without them no lane opens again."""

from __future__ import annotations

import queue
import threading
from pathlib import Path
from typing import cast
from uuid import UUID, uuid4

import pytest

from gate_controller import presenter, store_link
from gate_controller.arbiter_claim import ArbiterClaim
from gate_controller.lane_state import Lane
from gate_controller.link_events import EntryAnswered, LinkEvent
from gate_controller.passes_used import PassesUsed
from gate_controller.server_contact import ServerContact
from gate_controller.settings import StoreSettings
from gate_controller.shop_cache import ShopCache
from gate_controller.store_link import StoreLink
from gate_controller.store_reporter import StoreReporter
from store_server.contract.client import StoreClient, StoreRefusedError, StoreUnreachableError
from store_server.contract.lane_messages import EnterLane, LaneCommands, LaneReport, ReportExit
from store_server.contract.refusals import Refusal
from tests.support.pass_uses import exit_of, use_of

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


class Taker:
    """A store that takes no report of the first lane, and everything else."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def claim_lanes(self, _request: object) -> None:
        """Ours."""

    def report_lane(self, report: LaneReport) -> LaneCommands:
        if report.lane == "lane-1":
            raise StoreRefusedError(Refusal.BAD_REQUEST, "The request is not understood.")
        self.heard.append(report.lane)
        return LaneCommands(commands=[])

    def report_exit(self, report: ReportExit) -> None:
        self.heard.append(str(report.order_id))


def test_a_report_that_the_server_refuses_holds_up_neither_other_lanes_nor_exits(tmp_path: Path) -> None:
    record, client = PassesUsed(tmp_path), Taker()
    use = use_of()
    record.use(use)
    record.record_exit(exit_of())
    reporter = StoreReporter(
        StoreSettings(url="http://127.0.0.1:9"),
        record,
        ShopCache(tmp_path),
        contact=ServerContact(record),
        claim=ArbiterClaim(UUID(int=1), ["lane-1", "lane-2"]),
        publish=lambda _event: None,
    )
    for name in ("lane-1", "lane-2"):
        reporter.report(presenter.report(Lane(name=name), "CNY", []), now=True)
    reporter._refresh_at = float("inf")
    reporter._round(cast("StoreClient", client))
    assert client.heard == ["lane-2", str(use.order_id)]
    assert not record.has_exits_to_report()
    record.close()
