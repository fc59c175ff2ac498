"""The staff page: log in, then the board of lanes and orders, refreshed every second."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import run, ui
from starlette.requests import Request
from starlette.responses import RedirectResponse

from store_server.contract.lane_messages import OF_THE_ORDER, GiveCommand
from store_server.contract.order_messages import AddArticle
from store_server.contract.staff_messages import StaffRole
from store_server.services import amendments, lanes, staff
from store_server.services.keys import console_secret
from store_server.services.principals import StaffMember
from store_server.services.store import Store
from store_server.web.console import presenter
from store_server.web.console.asking import Sentence, asked
from store_server.web.console.board import look
from store_server.web.console.card_cases_card import CardCasesCard
from store_server.web.console.check_desk import CheckDesk
from store_server.web.console.device_desk import DeviceDesk
from store_server.web.console.devices_card import DevicesCard
from store_server.web.console.lane_card import LaneCard
from store_server.web.console.login import (
    chosen_language,
    draw_languages,
    draw_login,
    kept_token,
    log_out,
    member_of,
    shop_name,
)
from store_server.web.console.money_desk import MoneyDesk
from store_server.web.console.orders_table import OrdersTable
from store_server.web.console.presenter import LaneCardView
from store_server.web.console.refunds_card import RefundsCard
from store_server.web.console.texts import say, word
from store_server.web.console.wish import Wish

MOUNT = "/staff"
PRIMARY = "#1f5fa8"
"""``--busy`` of staff.css, for the buttons that NiceGUI colours itself."""
REFRESH_S = 1.0

_CSS = (Path(__file__).parent / "staff.css").read_text(encoding="utf-8")


def add_console(app: FastAPI, store: Store) -> None:
    """Mount the staff page."""
    folder = store.settings.data_dir / "console"
    folder.mkdir(mode=0o700, exist_ok=True)
    nicegui_app.storage.path = folder

    @ui.page("/", title=f"Staff · {store.shop.name_en}")
    async def board() -> None:
        ui.add_css(_CSS)
        ui.colors(primary=PRIMARY)
        language, token = chosen_language(), kept_token()
        member = await run.io_bound(member_of, store, token)
        if member is None:
            draw_login(store, language)
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


class _Board:
    """The page of one logged-in member of staff."""

    def __init__(self, store: Store, member: StaffMember, token: str, language: str) -> None:
        self._store = store
        self._member = member
        self._token = token
        self._language = language
        self._checks = CheckDesk(store, member, language).calls
        self._money = MoneyDesk(store, member, language, self._refresh)
        self._cards: dict[str, LaneCard] = {}

    async def begin(self) -> None:
        """Draw the page and keep it fresh."""
        with ui.element("header").classes("sl-bar"):
            ui.label(shop_name(self._store, self._language)).classes("sl-shop")
            ui.label(self._member.name).props('data-testid="staff-name"')
            draw_languages(self._language, "color=white")
            leave = ui.button(self._say("log-out"), on_click=lambda: log_out(self._store, self._token))
            leave.props('flat no-caps color=white data-testid="logout"')
        with ui.element("main").classes("sl-main"):
            ui.label(self._say("lanes")).classes("sl-title")
            self._lanes = ui.element("div").classes("sl-lanes")
            with self._lanes:
                self._no_lanes = ui.label(self._say("no-lanes")).classes("sl-empty")
            self._cases = CardCasesCard(self._money.judge, self._money.decide, self._language)
            self._refunds = RefundsCard(self._money.give_back, self._money.decide_refund, self._language)
            ui.label(self._say("orders")).classes("sl-title")
            self._table = OrdersTable(self._money.void, self._language)
            if self._member.role.covers(StaffRole.SUPERVISOR):
                desk = DeviceDesk(self._store, self._member, self._language)
                DevicesCard(desk.make_code, desk.waiting, desk.approve, desk.refuse, self._language)
        await self._refresh()
        ui.timer(REFRESH_S, self._refresh)

    async def _refresh(self) -> None:
        try:
            board = await asked(lambda: look(self._store, self._token, self._language))
        except Sentence:
            # Busy for a moment, or stopping: the next refresh shows the truth again.
            return
        if board.is_over:
            ui.navigate.to("/")
            return
        self._no_lanes.set_visibility(not board.lanes)
        for view in board.lanes:
            if view.lane in self._cards:
                self._cards[view.lane].draw(view)
            else:
                with self._lanes:
                    self._cards[view.lane] = LaneCard(view, self._command, self._rescan, self._checks, language=self._language)
        self._cases.draw(board.cases)
        self._refunds.draw(board.due, board.waiting)
        self._table.draw(board.orders)

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
