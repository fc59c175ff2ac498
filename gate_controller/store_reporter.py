"""The thread that tells the store server how the lanes are and who left, hears staff's wishes, and fetches keys and prices."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from gate_controller.arbiter_claim import ArbiterClaim, LanesTakenError
from gate_controller.crash_points import crash_point
from gate_controller.link_events import OUR_MISTAKE, ArbiterChanged, CommandsHeard, LinkEvent
from gate_controller.passes_used import PassesUsed, RecordError
from gate_controller.server_contact import ServerContact
from gate_controller.settings import StoreSettings
from gate_controller.shop_cache import ShopCache
from store_server.contract.client import StoreClient, StoreRefusedError, StoreUnreachableError
from store_server.contract.lane_messages import LaneReport
from store_server.contract.price_changes import PriceChangesError, apply_changes

FIRST_REFRESH_RETRY_S = 2.0
SOON_S = 0.05
"""What a lane says now waits so long: changes that follow each other make one report, and devices have obeyed by then."""

_log = logging.getLogger(__name__)


class StoreReporter:
    """Goes round once a second, and whenever a lane has changed."""

    def __init__(
        self,
        settings: StoreSettings,
        record: PassesUsed,
        cache: ShopCache,
        *,
        contact: ServerContact,
        claim: ArbiterClaim,
        publish: Callable[[LinkEvent], None],
    ) -> None:
        self._settings = settings
        self._record = record
        self._cache = cache
        self._contact = contact
        self._claim = claim
        self._publish = publish
        self._reports: dict[str, LaneReport] = {}
        self._changed: set[str] = set()
        self._lock = threading.Lock()
        self._report_now = threading.Event()
        self._all_due_at = 0.0
        self._refresh_at = 0.0
        self._is_ours = True

    def report(self, report: LaneReport, *, now: bool) -> None:
        """Keep what a lane says of itself for the next round; ``now`` does not wait for the next second."""
        with self._lock:
            self._reports[report.lane] = report
            if now:
                self._changed.add(report.lane)
        if now:
            self._report_now.set()

    def wake(self) -> None:
        """Go round now."""
        self._report_now.set()

    def run(self, client: StoreClient, stopping: threading.Event) -> None:
        """Work until told to stop; lets go of the lanes when the server knows of every exit."""
        while not stopping.is_set():
            if self._report_now.wait(max(0.0, self._all_due_at - time.monotonic())):
                stopping.wait(SOON_S)
            self._report_now.clear()
            self._contact.watch_clock()
            try:
                self._round(client)
            except StoreUnreachableError as error:
                self._contact.away(str(error))
            except StoreRefusedError as error:
                self._contact.away(f"it refuses this controller: {error}")
            except RecordError:
                _log.exception("the record of used passes failed")
        self._end(client)

    def _round(self, client: StoreClient) -> None:
        """Claim the lanes, then everything else; the next whole round comes a period later whatever fails."""
        whole = time.monotonic() >= self._all_due_at
        if whole:
            self._all_due_at = time.monotonic() + self._settings.report_period_s
        self._claim_lanes(client)
        self._report_lanes(client, whole=whole)
        if self._is_ours:
            self._report_exits(client)
        self._refresh(client)

    def _claim_lanes(self, client: StoreClient) -> None:
        try:
            asked, sentence = self._claim.renew(client), ""
        except LanesTakenError as error:
            asked, sentence = True, str(error)
        if asked and (not sentence) != self._is_ours:
            self._is_ours = not sentence
            _log.error("the lanes are closed: %s", sentence) if sentence else _log.info("the lanes are this controller's")
            self._publish(ArbiterChanged(self._is_ours, sentence))

    def _report_lanes(self, client: StoreClient, *, whole: bool) -> None:
        with self._lock:
            reports = [report for lane, report in self._reports.items() if whole or lane in self._changed]
            self._changed.clear()
        for report in reports:
            try:
                answer = client.report_lane(report)
            except StoreRefusedError as error:
                if error.refusal in OUR_MISTAKE:
                    raise
                _log.error("the store server does not take what %s says of itself: %s", report.lane, error)
                continue
            self._contact.heard()
            if answer.commands:
                self._publish(CommandsHeard(report.lane, tuple(answer.commands)))

    def _report_exits(self, client: StoreClient) -> None:
        for exit_report in self._record.exits_to_report():
            try:
                client.report_exit(exit_report)
                crash_point("exit.sent")
            except StoreRefusedError as error:
                if error.refusal in OUR_MISTAKE:
                    raise
                _log.error("exit %s of order %s is refused: %s", exit_report.exit_id, exit_report.order_id, error)
                self._record.exit_answered(exit_report.exit_id, error.refusal.value)
            else:
                self._record.exit_answered(exit_report.exit_id, "recorded")
                _log.info("exit of order %s is reported", exit_report.order_id)
            crash_point("exit.answered")

    def _refresh(self, client: StoreClient) -> None:
        if time.monotonic() < self._refresh_at:
            return
        self._refresh_at = time.monotonic() + FIRST_REFRESH_RETRY_S
        self._cache.keep_shop(client.shop())
        self._refresh_prices(client)
        self._refresh_at = time.monotonic() + self._settings.refresh_period_s

    def _refresh_prices(self, client: StoreClient) -> None:
        held = self._cache.price_book
        if held is not None:
            try:
                changes = client.price_book_changes(held.version)
                if changes.terms.version != held.version:
                    self._cache.keep_price_book(apply_changes(held, changes))
            except (StoreRefusedError, PriceChangesError) as error:
                _log.info("the whole price book is fetched: %s", error)
            else:
                return
        book = client.price_book(held.version if held is not None else None)
        if book is not None:
            self._cache.keep_price_book(book)

    def _end(self, client: StoreClient) -> None:
        try:
            if self._is_ours and not self._record.has_exits_to_report():
                self._claim.release(client)
        except RecordError as error:
            _log.warning("%s", error)
        client.close()
