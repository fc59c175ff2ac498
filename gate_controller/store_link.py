"""Talks to the store server on two threads of its own, so that no lane ever waits for the network.

:mod:`gate_controller.store_asker` asks what a shopper waits for; :mod:`gate_controller.store_reporter` tells and fetches the
rest. Answers come back as events through ``publish`` (pass ``queue.put``).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from uuid import UUID

from gate_controller.arbiter_claim import ArbiterClaim, LanesTakenError
from gate_controller.link_events import CommandsHeard, EntryAnswered, LinkEvent, OrderSeen
from gate_controller.offline import Trust
from gate_controller.passes_used import PassesUsed
from gate_controller.server_contact import ServerContact
from gate_controller.settings import StoreSettings
from gate_controller.shop_cache import ShopCache
from gate_controller.store_asker import StoreAsker
from gate_controller.store_reporter import StoreReporter
from program.errors import ProgramError
from store_server.contract.client import StoreClient, StoreUnreachableError
from store_server.contract.lane_messages import EnterLane, LaneReport

__all__ = ["CommandsHeard", "EntryAnswered", "LinkEvent", "OrderSeen", "StoreLink"]

ENTRY_TIMEOUT_S = 4.0
"""A shopper waits at the lane for this answer; after it the signature decides."""
REPORT_TIMEOUT_S = 4.0
AFTER_A_MISTAKE_S = 1.0
"""A thread that failed through a mistake of ours begins anew so soon: without it no lane would open again."""
STOP_TIMEOUT_S = 10.0

_log = logging.getLogger(__name__)


class StoreLink:
    """The connection of all lanes to the store server."""

    def __init__(
        self,
        settings: StoreSettings,
        record: PassesUsed,
        cache: ShopCache,
        *,
        lanes: list[str],
        publish: Callable[[LinkEvent], None],
        take_over: bool = False,
    ) -> None:
        self._settings = settings
        self._cache = cache
        self._contact = ServerContact(record)
        self._claim = ArbiterClaim(self._contact.identity.controller_id, lanes, take_over=take_over)
        self._asker = StoreAsker(record, self._contact, self._claim, publish)
        self._reporter = StoreReporter(settings, record, cache, contact=self._contact, claim=self._claim, publish=publish)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def claim_lanes(self) -> None:
        """Claim the shop's lanes before anything is started; a server that is away is asked again later.

        Raises:
            ProgramError: another gate controller runs them.
        """
        client = self._client(ENTRY_TIMEOUT_S)
        try:
            self._claim.renew(client, now=True)
        except LanesTakenError as error:
            raise ProgramError(str(error)) from error
        except StoreUnreachableError as error:
            _log.warning("the store server is away; the claim to the lanes waits: %s", error)
        finally:
            client.close()

    def start(self) -> None:
        """Begin to talk; keys and prices come first."""
        self._reporter.wake()
        for name, run, timeout_s in (
            ("store-asker", self._asker.run, ENTRY_TIMEOUT_S),
            ("store-reporter", self._reporter.run, REPORT_TIMEOUT_S),
        ):
            thread = threading.Thread(target=self._keep_at_it, args=(run, timeout_s), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """End both threads; what was not sent stays in the record."""
        self._stopping.set()
        self._reporter.wake()
        self._asker.wake()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(STOP_TIMEOUT_S)

    def ask_entry(self, request: EnterLane) -> None:
        """Ask whether a pass may leave; answered by :class:`EntryAnswered`."""
        self._asker.ask_entry(request)

    def ask_order(self, lane: str, order_id: UUID) -> None:
        """Ask how an order stands; answered by :class:`OrderSeen`."""
        self._asker.ask_order(lane, order_id)

    def flush_entries(self) -> None:
        """Let go soon of attempts that were marked to be left."""
        self._asker.wake()

    def report(self, report: LaneReport, *, now: bool) -> None:
        """Keep what a lane says of itself for the next report; ``now`` does not wait for the next second."""
        self._reporter.report(report, now=now)

    def trust(self) -> Trust:
        """Return how far a signature alone may be trusted at this moment."""
        return self._contact.trust(self._cache.shop)

    def _keep_at_it(self, run: Callable[[StoreClient, threading.Event], None], timeout_s: float) -> None:
        while not self._stopping.is_set():
            try:
                run(self._client(timeout_s), self._stopping)
            except Exception:  # noqa: BLE001 - the lanes need both threads, whatever mistake of ours ends one of them
                _log.exception("the store link failed through a mistake of its own and begins anew")
                self._stopping.wait(AFTER_A_MISTAKE_S)

    def _client(self, timeout_s: float) -> StoreClient:
        return StoreClient(self._settings.url, self._settings.token, answer_timeout_s=timeout_s, ca=self._settings.ca)
