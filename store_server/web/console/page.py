"""The staff page: log in, then the board of lanes and orders, refreshed every second."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import run, ui
from starlette.requests import Request
from starlette.responses import RedirectResponse

from store_server.contract.check_messages import CheckProgress, FinishCheck, ScanArticle, TakeScanBack
from store_server.contract.device_messages import Enrolment, EnrolmentStatus
from store_server.contract.lane_messages import OF_THE_ORDER, GiveCommand
from store_server.contract.money import format_minor
from store_server.contract.order_messages import AddArticle, Order
from store_server.contract.refusals import Refusal
from store_server.contract.staff_messages import StaffLogin, StaffRole
from store_server.contract.tender_messages import RefundState
from store_server.services import amendments, card_cases, enrolments, giving_back, goods_checks, lanes, orders, staff
from store_server.services.keys import console_secret
from store_server.services.principals import StaffMember
from store_server.services.refused import RefusedError
from store_server.services.store import Store
from store_server.web.console import presenter
from store_server.web.console.asking import Sentence, asked
from store_server.web.console.card_case_views import CardCaseView, card_case
from store_server.web.console.card_cases_card import CardCasesCard
from store_server.web.console.check_panel import CheckCalls
from store_server.web.console.devices_card import DevicesCard
from store_server.web.console.lane_card import LaneCard
from store_server.web.console.money_desk import MoneyDesk
from store_server.web.console.orders_table import OrdersTable
from store_server.web.console.presenter import CheckStandView, LaneCardView, OrderRowView, RefundView
from store_server.web.console.refunds_card import RefundsCard
from store_server.web.console.texts import DEFAULT, LANGUAGES, say, word
from store_server.web.console.wish import Wish

MOUNT = "/staff"
PRIMARY = "#1f5fa8"
"""``--busy`` of staff.css, for the buttons that NiceGUI colours itself."""
REFRESH_S = 1.0
ORDERS_SHOWN = 20

_CSS = (Path(__file__).parent / "staff.css").read_text(encoding="utf-8")
_LANGUAGE = "language"
_TOKEN = "staff_token"  # noqa: S105 - a name, no token


def add_console(app: FastAPI, store: Store) -> None:
    """Mount the staff page."""
    folder = store.settings.data_dir / "console"
    folder.mkdir(mode=0o700, exist_ok=True)
    nicegui_app.storage.path = folder

    @ui.page("/", title=f"Staff · {store.shop.name_en}")
    async def board() -> None:
        ui.add_css(_CSS)
        ui.colors(primary=PRIMARY)
        language = _language()
        token = str(nicegui_app.storage.user.get(_TOKEN, ""))
        member = await run.io_bound(_member, store, token)
        if member is None:
            _draw_login(store, language)
        else:
            await _Board(store, member, token, language).begin()

    ui.run_with(
        app,
        mount_path=MOUNT,
        title="Staff",
        language="en-US",
        storage_secret=console_secret(store.settings.data_dir),
        session_middleware_kwargs={"max_age": staff.SESSION_S, "same_site": "strict"},
        show_welcome_message=False,
    )


def send_to_console(app: FastAPI, port: int) -> None:
    """Send browsers to the process that has the staff page."""

    async def elsewhere(request: Request) -> RedirectResponse:
        return RedirectResponse(str(request.url.replace(port=port)))

    for path in (MOUNT, MOUNT + "/{rest:path}"):
        app.add_route(path, elsewhere, include_in_schema=False)


def _member(store: Store, token: str) -> StaffMember | None:
    principal = staff.find_principal(store, token) if token else None
    return principal if isinstance(principal, StaffMember) else None


def _language() -> str:
    chosen = str(nicegui_app.storage.user.get(_LANGUAGE, DEFAULT))
    return chosen if chosen in LANGUAGES else DEFAULT


def _draw_languages(language: str, classes: str) -> None:
    """Offer the other languages."""

    def choose(chosen: str) -> None:
        nicegui_app.storage.user[_LANGUAGE] = chosen
        ui.navigate.to("/")

    for code, name in LANGUAGES.items():
        if code != language:
            button = ui.button(name, on_click=lambda code=code: choose(code))
            button.props(f'flat no-caps {classes} data-testid="language-{code}"')


def _draw_login(store: Store, language: str) -> None:
    with ui.element("form").classes("sl-login").on("submit.prevent", lambda: None):
        ui.label(_shop_name(store, language)).classes("text-xl font-semibold")
        ui.label(say(language, "log-in-please")).style("color: var(--quiet)")
        name = (
            ui.input(say(language, "name"))
            .props('outlined autofocus autocomplete=username data-testid="login-name"')
            .classes("w-full")
        )
        password = ui.input(say(language, "password"), password=True, password_toggle_button=True).classes("w-full")
        password.props('outlined autocomplete=current-password data-testid="login-password"')
        wrong = ui.label().classes("sl-note sl-bad").props('data-testid="login-wrong" role=alert')
        wrong.set_visibility(False)

        async def log_in() -> None:
            wrong.set_visibility(False)
            address = ui.context.client.ip or "unknown"
            try:
                session = await asked(lambda: _login(store, str(name.value or ""), str(password.value or ""), address))
            except Sentence as sentence:
                wrong.set_text(sentence.said(language))
                wrong.set_visibility(True)
                return
            nicegui_app.storage.user[_TOKEN] = session
            ui.navigate.to("/")

        button = ui.button(say(language, "log-in"), on_click=log_in).classes("w-full")
        button.props('unelevated no-caps size=lg data-testid="login-submit"')
        _draw_languages(language, "dense")
        password.on("keydown.enter", log_in)
        name.on("keydown.enter", log_in)


def _login(store: Store, name: str, password: str, address: str) -> str:
    if not name or not password:
        raise RefusedError(Refusal.UNAUTHENTICATED, "Please type your name and password.")
    try:
        request = StaffLogin(name=name, password=password)
    except ValueError as error:
        raise RefusedError(Refusal.UNAUTHENTICATED, "Name or password is wrong.") from error
    return staff.login(store, request, address).token


class _Board:
    """The page of one logged-in member of staff."""

    def __init__(self, store: Store, member: StaffMember, token: str, language: str) -> None:
        self._store = store
        self._member = member
        self._token = token
        self._language = language
        self._checks = CheckCalls(self._check_look, self._check_scan, self._check_take_back, self._check_finish)
        self._money = MoneyDesk(store, member, language, self._refresh)
        self._cards: dict[str, LaneCard] = {}

    async def begin(self) -> None:
        """Draw the page and keep it fresh."""
        with ui.element("header").classes("sl-bar"):
            ui.label(_shop_name(self._store, self._language)).classes("sl-shop")
            ui.label(self._member.name).props('data-testid="staff-name"')
            _draw_languages(self._language, "color=white")
            log_out = ui.button(self._say("log-out"), on_click=self._log_out)
            log_out.props('flat no-caps color=white data-testid="logout"')
        with ui.element("main").classes("sl-main"):
            ui.label(self._say("lanes")).classes("sl-title")
            self._lanes = ui.element("div").classes("sl-lanes")
            with self._lanes:
                self._no_lanes = ui.label(self._say("no-lanes")).classes("sl-empty")
            self._cases = CardCasesCard(self._money.judge, self._money.decide, self._language)
            self._refunds = RefundsCard(self._give_back, self._language)
            ui.label(self._say("orders")).classes("sl-title")
            self._table = OrdersTable(self._money.void, self._language)
            if self._member.role.covers(StaffRole.SUPERVISOR):
                DevicesCard(self._make_code, self._waiting, self._approve, self._refuse, self._language)
        await self._refresh()
        ui.timer(REFRESH_S, self._refresh)

    async def _refresh(self) -> None:
        try:
            views, rows, refunds_due, cases = await asked(lambda: _look(self._store, self._token, self._language))
        except Sentence:
            # Busy for a moment, or stopping: the next refresh shows the truth again.
            return
        if rows is None:
            ui.navigate.to("/")
            return
        self._no_lanes.set_visibility(not views)
        for view in views:
            if view.lane in self._cards:
                self._cards[view.lane].draw(view)
            else:
                with self._lanes:
                    self._cards[view.lane] = LaneCard(view, self._command, self._rescan, self._checks, language=self._language)
        self._cases.draw(cases)
        self._refunds.draw(refunds_due)
        self._table.draw(rows)

    def _say(self, name: str, **values: str | int) -> str:
        return say(self._language, name, **values)

    async def _command(self, view: LaneCardView, wish: Wish) -> None:
        kind = wish.kind
        request = GiveCommand(
            command_id=uuid4(),
            kind=kind,
            reason=wish.reason[:200],
            order_id=view.order_id if kind in OF_THE_ORDER else None,
            seconds=wish.seconds,
            order_number=wish.order_number,
            code=wish.code,
            grams=wish.grams,
        )
        try:
            await asked(lambda: lanes.give_command(self._store, self._member, view.lane, request))
        except Sentence as sentence:
            ui.notify(sentence.said(self._language), type="negative")
            return
        ui.notify(self._say("sent", lane=view.lane, what=word(self._language, kind.value)), type="positive", timeout=1500)

    async def _rescan(self, view: LaneCardView, code: str) -> tuple[bool, str]:
        assert view.order_id is not None
        order_id, request = view.order_id, AddArticle(amendment_id=uuid4(), code=code[:90])
        try:
            order = await asked(lambda: amendments.add_article(self._store, self._member, order_id, request))
        except Sentence as sentence:
            return False, sentence.said(self._language)
        await self._refresh()
        return True, presenter.added_sentence(order, self._language)

    async def _check_look(self, lane: str, check_id: UUID) -> tuple[CheckStandView | None, str]:
        return await self._check(lambda: goods_checks.progress(self._store, self._member, lane, check_id))

    async def _check_scan(self, lane: str, check_id: UUID, code: str) -> tuple[CheckStandView | None, str]:
        request = ScanArticle(scan_id=uuid4(), code=code[:90])
        return await self._check(lambda: goods_checks.scan(self._store, self._member, lane, check_id, request))

    async def _check_take_back(self, lane: str, check_id: UUID, scan_id: UUID) -> tuple[CheckStandView | None, str]:
        request = TakeScanBack(scan_id=scan_id)
        return await self._check(lambda: goods_checks.take_back(self._store, self._member, lane, check_id, request))

    async def _check_finish(self, lane: str, check_id: UUID) -> tuple[CheckStandView | None, str]:
        request = FinishCheck(finish_id=uuid4())
        return await self._check(lambda: goods_checks.finish(self._store, self._member, lane, check_id, request))

    async def _check(self, work: Callable[[], CheckProgress]) -> tuple[CheckStandView | None, str]:
        try:
            progress = await asked(work)
        except Sentence as sentence:
            return None, sentence.said(self._language)
        return presenter.check_stand(progress, self._store.shop.currency, self._language), ""

    async def _give_back(self, order_id: UUID) -> None:
        try:
            given = await asked(lambda: giving_back.give_back(self._store, self._member, order_id))
        except Sentence as sentence:
            ui.notify(sentence.said(self._language), type="negative")
            return
        for refund in given:
            money = format_minor(refund.amount_minor, self._store.shop.currency)
            waits = refund.state is RefundState.WAITING
            text = "refund-waits" if waits else "refund-done"
            ui.notify(self._say(text, money=money, where=refund.destination.value), type="warning" if waits else "positive")

    async def _make_code(self) -> str:
        try:
            made = await asked(lambda: enrolments.make_code(self._store, self._member.principal))
        except Sentence as sentence:
            return sentence.said(self._language)
        return self._say("device-code", code=made.code)

    async def _waiting(self) -> list[Enrolment] | None:
        try:
            return await asked(lambda: enrolments.waiting(self._store))
        except Sentence:
            return None

    async def _approve(self, enrolment_id: UUID, fingerprint: str) -> None:
        await self._decide(lambda: enrolments.approve(self._store, self._member, enrolment_id, fingerprint))

    async def _refuse(self, enrolment_id: UUID) -> None:
        await self._decide(lambda: enrolments.refuse(self._store, self._member, enrolment_id))

    async def _decide(self, decision: Callable[[], Enrolment]) -> None:
        try:
            decided = await asked(decision)
        except Sentence as sentence:
            ui.notify(sentence.said(self._language), type="negative")
            return
        let_in = decided.status is EnrolmentStatus.APPROVED
        ui.notify(self._say("device-approved" if let_in else "device-refused", device=decided.name), type="positive")

    async def _log_out(self) -> None:
        nicegui_app.storage.user.pop(_TOKEN, None)
        await run.io_bound(staff.logout, self._store, self._token)
        ui.navigate.to("/")


def _shop_name(store: Store, language: str) -> str:
    return (store.shop.name_zh if language == "zh" else store.shop.name_en) or store.shop.name_en


def _look(
    store: Store, token: str, language: str
) -> tuple[list[LaneCardView], list[OrderRowView] | None, list[RefundView], list[CardCaseView]]:
    """Read everything that the board shows; no rows when the session is over."""
    member = _member(store, token)
    if member is None:
        return [], None, [], []
    now_s = store.now_s()
    cards = [
        presenter.lane_card(
            view,
            _order_in(store, member, view.report.order_id),
            now_s=now_s,
            silent=lanes.is_silent(store, view),
            language=language,
        )
        for view in lanes.views(store)
    ]
    recent = orders.recent(store)
    rows = [presenter.order_row(order, language, store.shop.time_zone) for order in recent[:ORDERS_SHOWN]]
    refunds_due = [presenter.refund_due(order, language) for order in orders.overpaid(store)]
    shop = store.shop
    cases = [card_case(case, member, shop.currency, language, shop.time_zone) for case in card_cases.unsettled(store)]
    return cards, rows, refunds_due, cases


def _order_in(store: Store, member: StaffMember, order_id: UUID | None) -> Order | None:
    if order_id is None:
        return None
    try:
        return orders.get(store, member, order_id)
    except RefusedError:
        return None
