"""This controller's claim to run the shop's lanes: one record of used passes must serve all of them.

Two processes cannot share a data folder (:mod:`program.data_dir`); two folders cannot share a shop, because the store server
knows one controller, by its record, and this one claims its place at the start and every few seconds. While the server is away
the claim rests on the last answer; who never had one does not let anybody out on a signature, having never heard the server.
"""

from __future__ import annotations

import logging
import threading
import time
from uuid import UUID, uuid4

from store_server.contract.arbiter_messages import ClaimLanes, ReleaseLanes
from store_server.contract.client import StoreClient, StoreError, StoreRefusedError
from store_server.contract.refusals import Refusal

PERIOD_S = 5.0
RETRY_S = 1.0

_log = logging.getLogger(__name__)


class LanesTakenError(Exception):
    """Another controller runs the lanes of this shop; the message says which, and what to do."""


class ArbiterClaim:
    """The claim of one run; use it from any thread, each with its own client."""

    def __init__(self, controller_id: UUID, lanes: list[str], *, take_over: bool = False) -> None:
        self._controller_id = controller_id
        self._run_id = uuid4()
        self._lanes = lanes
        self._take_over = take_over
        self._begins = True
        self._due_at = 0.0
        self._lock = threading.Lock()

    def renew(self, client: StoreClient, *, now: bool = False) -> bool:
        """Claim the lanes when it is time, or ``now``; return whether the server was asked.

        Raises:
            LanesTakenError: another controller has them.
            StoreUnreachableError: nobody knows.
        """
        with self._lock:
            if time.monotonic() < self._due_at and not now:
                return False
            self._due_at = time.monotonic() + RETRY_S
            request = ClaimLanes(
                controller_id=self._controller_id,
                run_id=self._run_id,
                lanes=self._lanes,
                begins=self._begins,
                take_over=self._take_over,
            )
            try:
                client.claim_lanes(request)
            except StoreRefusedError as error:
                if error.refusal is Refusal.LANES_TAKEN:
                    raise LanesTakenError(str(error)) from error
                _log.error("the store server does not hear this controller's claim: %s", error)
                return True
            self._begins = False
            self._due_at = time.monotonic() + PERIOD_S
            return True

    @property
    def is_confirmed(self) -> bool:
        """Whether the server has confirmed this run."""
        return not self._begins

    def release(self, client: StoreClient) -> None:
        """Let any controller follow; a server that does not hear it keeps the lanes for this one."""
        if self._begins:
            return
        try:
            client.release_lanes(ReleaseLanes(controller_id=self._controller_id, run_id=self._run_id))
        except StoreError as error:
            _log.info("the lanes stay this controller's: %s", error)
