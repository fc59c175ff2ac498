"""The thread that asks the store server what a shopper is waiting for: may this pass leave, how does this order stand."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

from gate_controller.arbiter_claim import ArbiterClaim, LanesTakenError
from gate_controller.crash_points import crash_point
from gate_controller.link_events import OUR_MISTAKE, EntryAnswered, LinkEvent, OrderSeen
from gate_controller.passes_used import PassesUsed, RecordError
from gate_controller.server_contact import ServerContact
from store_server.contract.client import StoreClient, StoreError, StoreRefusedError, StoreUnreachableError
from store_server.contract.lane_messages import EnterLane, LeaveLane
from store_server.contract.refusals import Refusal

QUESTIONS_MAX = 100
IDLE_S = 1.0
"""How often attempts that are to be released are looked for while nobody asks anything."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Entry:
    request: EnterLane
    asked_at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class _OrderQuestion:
    lane: str
    order_id: UUID
    asked_at: float = field(default_factory=time.monotonic)


_Question: TypeAlias = "_Entry | _OrderQuestion | None"


class StoreAsker:
    """Asks one question after the other; what it cannot do now stays in the record."""

    def __init__(
        self, record: PassesUsed, contact: ServerContact, claim: ArbiterClaim, publish: Callable[[LinkEvent], None]
    ) -> None:
        self._record = record
        self._contact = contact
        self._claim = claim
        self._publish = publish
        self._questions: queue.Queue[_Question] = queue.Queue(QUESTIONS_MAX)
        self._failed_at = 0.0
        """When the server last did not answer: who asked before that has waited long enough."""

    def ask_entry(self, request: EnterLane) -> None:
        """Ask whether a pass may leave; answered by :class:`EntryAnswered`."""
        self._put(_Entry(request))

    def ask_order(self, lane: str, order_id: UUID) -> None:
        """Ask how an order stands; answered by :class:`OrderSeen`."""
        self._put(_OrderQuestion(lane, order_id))

    def wake(self) -> None:
        """Look soon for attempts that are to be released."""
        self._put(None)

    def _put(self, question: _Question) -> None:
        try:
            self._questions.put_nowait(question)
        except queue.Full:
            _log.warning("too many questions wait for the store server; %s is dropped", type(question).__name__)

    def run(self, client: StoreClient, stopping: threading.Event) -> None:
        """Work until told to stop."""
        while not stopping.is_set():
            try:
                question = self._questions.get(timeout=IDLE_S)
            except queue.Empty:
                question = None
            self._let_go(client)
            if isinstance(question, _Entry):
                self._publish(self._entry_answer(client, question))
            elif question is not None:
                self._publish(self._order_answer(client, question))
        client.close()

    def _let_go(self, client: StoreClient) -> None:
        """Release abandoned attempts first: the same order may be asked for again in another lane."""
        try:
            for entry_id in self._record.entries_to_leave():
                try:
                    client.leave_lane(LeaveLane(entry_id=entry_id))
                except StoreRefusedError as error:
                    if error.refusal in OUR_MISTAKE:
                        return
                    _log.info("entry %s needs no release: %s", entry_id, error)
                crash_point("entry.left")
                self._record.end_entry(entry_id)
        except StoreUnreachableError as error:
            self._failed_at = time.monotonic()
            _log.debug("entries are released later: %s", error)
        except RecordError as error:
            _log.warning("entries are released later: %s", error)

    def _entry_answer(self, client: StoreClient, question: _Entry) -> EntryAnswered:
        request = question.request
        if question.asked_at <= self._failed_at:
            return EntryAnswered(request.lane, request.entry_id)
        try:
            if not self._claim.is_confirmed:
                self._claim.renew(client, now=True)
            self._record.begin_entry(request.entry_id)
            crash_point("entry.begun")
            order = client.enter_lane(request)
        except StoreRefusedError as error:
            if error.refusal not in OUR_MISTAKE:
                self._contact.heard()
            self._end_entry(request.entry_id)
            return self._refused(request, error)
        except LanesTakenError as error:
            return EntryAnswered(request.lane, request.entry_id, refusal=Refusal.LANES_TAKEN, sentence=str(error))
        except StoreUnreachableError as error:
            self._failed_at = time.monotonic()
            _log.warning("the server did not decide about a pass: %s", error)
            return EntryAnswered(request.lane, request.entry_id)
        except RecordError as error:
            _log.error("a pass is not judged: %s", error)
            return EntryAnswered(request.lane, request.entry_id, refusal=Refusal.OFFLINE_CAP)
        crash_point("entry.answered")
        self._contact.heard()
        return EntryAnswered(request.lane, request.entry_id, order=order)

    @staticmethod
    def _refused(request: EnterLane, error: StoreRefusedError) -> EntryAnswered:
        if error.refusal not in OUR_MISTAKE:
            return EntryAnswered(request.lane, request.entry_id, refusal=error.refusal, sentence=error.sentence)
        _log.error("the store server does not serve this controller: %s", error)
        return EntryAnswered(request.lane, request.entry_id, refusal=Refusal.OFFLINE_CAP)

    def _end_entry(self, entry_id: UUID) -> None:
        try:
            self._record.end_entry(entry_id)
        except RecordError as error:
            _log.warning("%s", error)

    def _order_answer(self, client: StoreClient, question: _OrderQuestion) -> OrderSeen:
        if question.asked_at <= self._failed_at:
            return OrderSeen(question.lane, None)
        try:
            order = client.order(question.order_id)
        except StoreUnreachableError as error:
            self._failed_at = time.monotonic()
            _log.debug("no news of order %s: %s", question.order_id, error)
            return OrderSeen(question.lane, None)
        except StoreError as error:
            _log.debug("no news of order %s: %s", question.order_id, error)
            return OrderSeen(question.lane, None)
        self._contact.heard()
        return OrderSeen(question.lane, order)
