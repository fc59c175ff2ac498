"""How a device talks to the store server: HTTP with JSON bodies, one method per request.

Every method either returns the answer, raises :class:`StoreRefusedError` (a "no" with its code: do not repeat), or raises
:class:`StoreUnreachableError` (nobody knows what happened: repeat with the same id until it is known).
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar
from urllib.parse import quote
from uuid import UUID

import requests
from pydantic import ValidationError

from store_server.contract.arbiter_messages import ClaimLanes, LanesClaimed, ReleaseLanes
from store_server.contract.article_messages import ArticleDetails, PriceBook, PriceBookChanges
from store_server.contract.box_messages import CashMoved, EmptyBox, MoveNotes
from store_server.contract.cash_messages import CashReport, CashReportRecorded, LedgerBalance, SettleCash, Settlement
from store_server.contract.check_messages import CheckProgress, FinishCheck, ScanArticle, TakeScanBack
from store_server.contract.device_messages import AskEnrolment, Enrolment
from store_server.contract.lane_messages import (
    EnterLane,
    ExitRecorded,
    GiveCommand,
    LaneCommands,
    LaneReport,
    LaneView,
    LeaveLane,
    ReportExit,
    StaffCommand,
)
from store_server.contract.money_calls import MoneyCalls
from store_server.contract.order_messages import AddArticle, Order, SubmitOrder
from store_server.contract.refusals import Refusal
from store_server.contract.shop_messages import Shop
from store_server.contract.staff_messages import StaffLogin, StaffSession
from store_server.contract.tender_messages import BeginTendering
from store_server.contract.wire import Answer, RefusedAnswer, Request

CONNECT_TIMEOUT_S = 2.0
ANSWER_TIMEOUT_S = 8.0

AnyAnswer = TypeVar("AnyAnswer", bound=Answer)


class StoreError(Exception):
    """The store server did not do what was asked."""


class StoreUnreachableError(StoreError):
    """No answer, or a broken one: what happened is unknown. Repeat with the same id."""


class StoreRefusedError(StoreError):
    """The server's answer is no; repeating will not help."""

    def __init__(self, refusal: Refusal, sentence: str) -> None:
        super().__init__(sentence)
        self.refusal = refusal
        self.sentence = sentence


class StoreClient(MoneyCalls):
    """One device's connection to the store server; use it from one thread."""

    def __init__(
        self, base_url: str, token: str = "", *, answer_timeout_s: float = ANSWER_TIMEOUT_S, ca: Path | None = None
    ) -> None:
        """Make a client; ``ca`` is the only authority that it trusts (``ca.pem`` of ``store-server make-ca``)."""
        self._base_url = base_url.rstrip("/")
        self._timeout = (CONNECT_TIMEOUT_S, answer_timeout_s)
        self._session = requests.Session()
        self._session.trust_env = False
        if ca is not None:
            self._session.verify = str(ca)
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()

    # every device

    def shop(self) -> Shop:
        """Fetch keys, currency and caps of the shop."""
        return self._get("/v1/shop", Shop)

    def price_book(self, held_version: int | None = None) -> PriceBook | None:
        """Fetch the price book; None when ``held_version`` is still the newest."""
        headers = {} if held_version is None else {"If-None-Match": f'"{held_version}"'}
        response = self._exchange("GET", "/v1/price-book", None, headers)
        return None if response.status_code == requests.codes.not_modified else _parsed(response, PriceBook)

    def price_book_changes(self, since: int) -> PriceBookChanges:
        """Fetch what has changed since that version; refused with ``STALE_PRICE_BOOK`` when it is too old for that."""
        return self._get(f"/v1/price-book/changes?since={since}", PriceBookChanges)

    def article(self, code: str) -> ArticleDetails:
        """Fetch what is known of an article besides its price; ``code`` as scanned or typed."""
        return self._get(f"/v1/articles/{quote(code, safe='')}", ArticleDetails)

    def order(self, order_id: UUID) -> Order:
        """Fetch an order's present state."""
        return self._get(f"/v1/orders/{order_id}", Order)

    def ask_enrolment(self, request: AskEnrolment) -> Enrolment:
        """Use a one-time code; staff then compares the fingerprint. See :mod:`store_server.contract.enrolment`."""
        return self._post("/v1/enrolments", request, Enrolment)

    def enrolment(self, enrolment_id: UUID) -> Enrolment:
        """Ask how an enrolment stands; once it is approved, the credential is this device's token."""
        return self._get(f"/v1/enrolments/{enrolment_id}", Enrolment)

    # handheld

    def submit_order(self, order: SubmitOrder) -> Order:
        """Hand in a basket; the answer carries the claim."""
        return self._post("/v1/orders", order, Order)

    # kiosk

    def begin_tendering(self, request: BeginTendering) -> Order:
        """Take hold of an order to pay it here."""
        return self._post("/v1/tenderings", request, Order)

    def release_tendering(self, session_id: UUID) -> Order:
        """Let go of an order that was not paid."""
        return self._post(f"/v1/tenderings/{session_id}/release", None, Order)

    def settle_cash(self, request: SettleCash) -> Settlement:
        """Pay an order with the cash that the kiosk holds."""
        return self._post("/v1/payments", request, Settlement)

    def report_cash(self, report: CashReport) -> CashReportRecorded:
        """Bring a session's cash into the books."""
        return self._post("/v1/cash-reports", report, CashReportRecorded)

    def empty_box(self, request: EmptyBox) -> CashMoved:
        """Bring into the books that staff emptied a box of this kiosk."""
        return self._post("/v1/box-emptyings", request, CashMoved)

    def move_notes(self, request: MoveNotes) -> CashMoved:
        """Bring into the books that this kiosk's recycler moved notes into its box."""
        return self._post("/v1/note-movements", request, CashMoved)

    # gate

    def claim_lanes(self, request: ClaimLanes) -> LanesClaimed:
        """Begin to run the shop's lanes, or go on; refused with ``LANES_TAKEN`` while another controller does."""
        return _parsed(self._exchange("PUT", "/v1/lane-arbiter", request), LanesClaimed)

    def release_lanes(self, request: ReleaseLanes) -> LanesClaimed:
        """Let any controller run the lanes."""
        return self._post("/v1/lane-arbiter/release", request, LanesClaimed)

    def enter_lane(self, request: EnterLane) -> Order:
        """Ask whether the holder of a pass may leave; the order is then held by this lane."""
        return self._post("/v1/lane-entries", request, Order)

    def leave_lane(self, request: LeaveLane) -> Order:
        """Let go of an order whose shopper turned back."""
        return self._post("/v1/lane-entries/release", request, Order)

    def report_exit(self, request: ReportExit) -> ExitRecorded:
        """Bring an exit into the books."""
        return self._post("/v1/exits", request, ExitRecorded)

    def report_lane(self, report: LaneReport) -> LaneCommands:
        """Say how the lane is; hear what staff wants."""
        return _parsed(self._exchange("PUT", f"/v1/lanes/{report.lane}", report), LaneCommands)

    # staff

    def login(self, request: StaffLogin) -> StaffSession:
        """Open a staff session; this client uses its token from now on."""
        session = self._post("/v1/staff/login", request, StaffSession)
        self._session.headers["Authorization"] = f"Bearer {session.token}"
        return session

    def lanes(self) -> list[LaneView]:
        """Fetch what every lane last said."""
        return _parsed_list(self._exchange("GET", "/v1/staff/lanes", None), LaneView)

    def command_lane(self, lane: str, request: GiveCommand) -> StaffCommand:
        """Tell a lane what to do."""
        return self._post(f"/v1/staff/lanes/{lane}/commands", request, StaffCommand)

    def check_progress(self, lane: str, check_id: UUID) -> CheckProgress:
        """See how a check of goods stands."""
        return self._get(f"/v1/staff/lanes/{lane}/checks/{check_id}", CheckProgress)

    def scan_for_check(self, lane: str, check_id: UUID, request: ScanArticle) -> CheckProgress:
        """Scan an article during a check."""
        return self._post(f"/v1/staff/lanes/{lane}/checks/{check_id}/scans", request, CheckProgress)

    def take_scan_back(self, lane: str, check_id: UUID, request: TakeScanBack) -> CheckProgress:
        """Forget a scan that was a mistake."""
        return self._post(f"/v1/staff/lanes/{lane}/checks/{check_id}/scans/take-back", request, CheckProgress)

    def finish_check(self, lane: str, check_id: UUID, request: FinishCheck) -> CheckProgress:
        """Say that all was looked at."""
        return self._post(f"/v1/staff/lanes/{lane}/checks/{check_id}/finish", request, CheckProgress)

    def add_article(self, order_id: UUID, request: AddArticle) -> Order:
        """Add a rescanned article to an order that is in a lane; the difference becomes due."""
        return self._post(f"/v1/staff/orders/{order_id}/articles", request, Order)

    def recent_orders(self) -> list[Order]:
        """Fetch the newest orders, newest first."""
        return _parsed_list(self._exchange("GET", "/v1/staff/orders", None), Order)

    def ledger(self) -> list[LedgerBalance]:
        """Fetch the balance of every account."""
        return _parsed_list(self._exchange("GET", "/v1/staff/ledger", None), LedgerBalance)

    def _get(self, path: str, answer: type[AnyAnswer]) -> AnyAnswer:
        return _parsed(self._exchange("GET", path, None), answer)

    def _get_list(self, path: str, answer: type[AnyAnswer]) -> list[AnyAnswer]:
        return _parsed_list(self._exchange("GET", path, None), answer)

    def _post(self, path: str, request: Request | None, answer: type[AnyAnswer]) -> AnyAnswer:
        return _parsed(self._exchange("POST", path, request), answer)

    def _exchange(
        self, method: str, path: str, request: Request | None, headers: dict[str, str] | None = None
    ) -> requests.Response:
        body = None if request is None else request.model_dump_json()
        sent = {"Content-Type": "application/json", **(headers or {})}
        try:
            response = self._session.request(method, f"{self._base_url}{path}", data=body, headers=sent, timeout=self._timeout)
        except (requests.RequestException, OSError) as error:
            raise StoreUnreachableError(f"the store server at {self._base_url} does not answer ({error})") from error
        if response.status_code >= requests.codes.server_error:
            raise StoreUnreachableError(f"the store server failed with status {response.status_code}")
        if response.status_code >= requests.codes.bad_request:
            raise _refused(response)
        return response


def _refused(response: requests.Response) -> StoreError:
    try:
        answer = RefusedAnswer.model_validate_json(response.content)
    except ValidationError:
        return StoreUnreachableError(f"something that is no store server answered with status {response.status_code}")
    return StoreRefusedError(answer.refusal, answer.sentence)


def _parsed(response: requests.Response, answer: type[AnyAnswer]) -> AnyAnswer:
    try:
        return answer.model_validate_json(response.content)
    except ValidationError as error:
        raise StoreUnreachableError("the answer is not what a store server says; is it another version?") from error


def _parsed_list(response: requests.Response, answer: type[AnyAnswer]) -> list[AnyAnswer]:
    try:
        return [answer.model_validate(item) for item in response.json()]
    except (ValidationError, ValueError, TypeError) as error:
        raise StoreUnreachableError("the answer is not what a store server says; is it another version?") from error
