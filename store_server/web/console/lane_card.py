"""One lane's card: built once, then only its texts change, so that a half-typed code is never lost."""

from __future__ import annotations

import html
from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui

from store_server.contract.lane_messages import StaffCommandKind
from store_server.web.console.check_panel import CheckCalls, CheckPanel
from store_server.web.console.lane_menu import LaneMenu
from store_server.web.console.presenter import LaneCardView, WeightView
from store_server.web.console.reason_dialog import ask_reason
from store_server.web.console.texts import say
from store_server.web.console.wish import Wish

RELEASE_REASONS = ("reason-by-hand", "reason-own", "reason-scale")


OnCommand = Callable[[LaneCardView, Wish], Awaitable[None]]
OnRescan = Callable[[LaneCardView, str], Awaitable[tuple[bool, str]]]
"""Adds an article to the order in the lane; returns whether it worked and a sentence."""


class LaneCard:
    """The card of one lane."""

    def __init__(
        self, view: LaneCardView, on_command: OnCommand, on_rescan: OnRescan, checks: CheckCalls, *, language: str
    ) -> None:
        self._view = view
        self._drawn: LaneCardView | None = None
        self._told_for = view.order_id
        self._on_command = on_command
        self._on_rescan = on_rescan
        self._language = language
        self._mark = f"lane-{view.lane}"
        with ui.element("section").classes("sl-card").props(f'data-testid="{self._mark}"') as self._card:
            self._build_facts()
            self._check = CheckPanel(self._mark, view.lane, checks, language)
            self._build_rescan()
            self._build_buttons()
            self._build_notes()
        self.draw(view)

    def draw(self, view: LaneCardView) -> None:
        """Show what the lane says now."""
        self._view = view
        if view == self._drawn:
            return
        self._drawn = view
        self._card.classes(replace=f"sl-card sl-{view.tone}")
        self._state.set_text(view.state)
        self._state.classes(replace=f"sl-chip sl-{view.tone}")
        self._number.set_text(self._say("order", number=view.order_number) if view.order_number else "")
        self._headline.set_text(view.headline)
        self._weights.set_content(_weights(view, self._language))
        self._weights.set_visibility(view.weighs)
        self._reasons.set_content("".join(_reason(reason.text, reason.percent) for reason in view.reasons))
        self._reasons.set_visibility(bool(view.reasons))
        self._draw_notes(view)
        if view.order_id != self._told_for:
            self._told_for = view.order_id
            self._show_note(self._told, "")
        self._check.draw(view.check)
        self._draw_buttons(view)

    def _draw_notes(self, view: LaneCardView) -> None:
        self._show_note(self._fire, view.fire)
        self._show_note(self._alarm, view.alarm_text)
        self._show_note(self._due, view.due)
        self._show_note(self._silent, view.silent)
        self._show_note(self._faults, " · ".join(view.faults))
        self._show_note(self._switched, " ".join(view.notes))
        self._show_lines(self._risk, view.risk)
        self._show_lines(self._blind, view.blind)
        self._news.draw(view.weights)

    def _draw_buttons(self, view: LaneCardView) -> None:
        has_order = view.order_id is not None and not view.alarm and not view.fire
        for element in (self._rescan, self._rescan_submit):
            element.set_enabled(has_order)
        for element in (self._release, self._refuse):
            element.set_enabled(has_order and view.decides)
        self._weigh.set_enabled(has_order and view.may_weigh)
        self._check_goods.set_enabled(has_order and view.has_goods)
        self._rescan_row.set_visibility(view.check is None)
        self._silence.set_visibility(view.alarm)
        self._reset.set_visibility(bool(view.fire))
        self._shut.set_visibility(view.stands_open)
        self._menu.draw(view)

    def _build_facts(self) -> None:
        with ui.element("div").classes("sl-row"):
            ui.label(self._view.lane).classes("sl-name")
            self._state = ui.label().classes("sl-chip").props(f'data-testid="{self._mark}-state"')
            self._number = ui.label().classes("sl-number")
        self._headline = ui.label().classes("sl-headline").props(f'data-testid="{self._mark}-headline"')
        self._fire = ui.label().classes("sl-note sl-bad").props(f'data-testid="{self._mark}-fire" role=alert')
        self._alarm = ui.label().classes("sl-note sl-bad").props(f'data-testid="{self._mark}-alarm" role=alert')
        self._silent = ui.label().classes("sl-note sl-warn")
        self._faults = ui.label().classes("sl-note sl-warn").props(f'data-testid="{self._mark}-faults"')
        self._switched = ui.label().classes("sl-note sl-warn").props(f'data-testid="{self._mark}-switched"')
        self._weights = ui.html("", sanitize=False).classes("w-full")
        self._reasons = ui.html("", sanitize=False).classes("w-full").props(f'data-testid="{self._mark}-explanations"')
        self._due = ui.label().classes("sl-note sl-warn").props(f'data-testid="{self._mark}-due"')

    def _build_notes(self) -> None:
        with ui.element("div").classes("w-full"):
            self._blind = _Lines(self._say("blind"), f"{self._mark}-blind")
            self._risk = _Lines(self._say("risk"), f"{self._mark}-risk")
            self._news = _WeightNews(self._say("weights"), f"{self._mark}-weights", self._language, self._answer_weight)

    def _build_rescan(self) -> None:
        with ui.element("div").classes("sl-row").style("flex-wrap: nowrap") as self._rescan_row:
            self._rescan = ui.input(placeholder=self._say("rescan"))
            self._rescan.props(f'outlined dense clearable autocomplete=off data-testid="{self._mark}-rescan"').classes("grow")
            self._rescan.on("keydown.enter", self._add)
            self._rescan_submit = ui.button(self._say("add"), on_click=self._add).props(
                f'unelevated no-caps data-testid="{self._mark}-rescan-submit"'
            )
        self._told = ui.label().classes("sl-note").props(f'data-testid="{self._mark}-rescan-answer" role=status')
        self._told.set_visibility(False)

    def _build_buttons(self) -> None:
        with ui.element("div").classes("sl-row"):
            self._release = self._button("release", self._ask_reason)
            self._weigh = self._button("weigh", lambda: self._tell(Wish(StaffCommandKind.WEIGH_AGAIN)))
            self._check_goods = self._button("check", self._ask_check)
            self._refuse = self._button("refuse", lambda: self._tell(Wish(StaffCommandKind.REFUSE)))
            self._shut = self._button("shut", lambda: self._tell(Wish(StaffCommandKind.SHUT)))
            self._silence = self._button("silence", lambda: self._tell(Wish(StaffCommandKind.SILENCE_ALARM)))
            self._reset = self._button("reset-fire", lambda: self._tell(Wish(StaffCommandKind.RESET_FIRE)))
            for loud in (self._silence, self._reset):
                loud.props("color=negative", remove="outline").props("unelevated")
            self._menu = LaneMenu(self._mark, self._language, self._tell)

    def _button(self, name: str, on_click: Callable[[], Awaitable[None]]) -> ui.button:
        button = ui.button(self._say(name), on_click=on_click)
        return button.props(f'outline no-caps data-testid="{self._mark}-{name}"')

    async def _tell(self, wish: Wish) -> None:
        await self._on_command(self._view, wish)

    async def _answer_weight(self, code: str, keep: bool) -> None:  # noqa: FBT001 - a callback with two plain facts
        kind = StaffCommandKind.KEEP_WEIGHT if keep else StaffCommandKind.DROP_WEIGHT
        await self._tell(Wish(kind, code=code))

    async def _ask_check(self) -> None:
        view = self._view
        with ui.dialog() as dialog, ui.card().style("min-width: min(420px, 90vw)"):
            ui.label(self._say("check-title", number=view.order_number)).classes("text-lg font-semibold")
            for name, kind in (("check-sample", StaffCommandKind.CHECK), ("check-all", StaffCommandKind.CHECK_ALL)):
                button = ui.button(self._say(name), on_click=lambda kind=kind: dialog.submit(kind)).classes("w-full")
                button.props(f'outline no-caps data-testid="{self._mark}-{name}"')
            ui.button(self._say("cancel"), on_click=lambda: dialog.submit(None)).props("flat no-caps")
        kind = await dialog
        dialog.delete()
        if kind is not None:
            await self._on_command(view, Wish(kind))

    async def _ask_reason(self) -> None:
        view = self._view
        given = await ask_reason(
            self._say("release-title", lane=view.lane, number=view.order_number),
            self._say("release-confirm"),
            [self._say(name) for name in RELEASE_REASONS],
            mark=f"{self._mark}-release",
            language=self._language,
            at_least=1,
        )
        if given:
            await self._on_command(view, Wish(StaffCommandKind.RELEASE, given))

    async def _add(self) -> None:
        code = str(self._rescan.value or "").strip()
        if not code or self._view.order_id is None:
            return
        self._rescan.set_value("")
        worked, sentence = await self._on_rescan(self._view, code)
        self._told.classes(replace=f"sl-note sl-{'good' if worked else 'bad'}")
        self._show_note(self._told, sentence)

    def _say(self, name: str, **values: str | int) -> str:
        return say(self._language, name, **values)

    @staticmethod
    def _show_note(label: ui.label, text: str) -> None:
        label.set_text(text)
        label.set_visibility(bool(text))

    @staticmethod
    def _show_lines(lines: _Lines, texts: Sequence[str]) -> None:
        lines.draw(texts)


class _Lines:
    """A heading with lines below it; hidden while there are none."""

    def __init__(self, head: str, mark: str) -> None:
        with ui.element("div").classes("sl-lines").props(f'data-testid="{mark}"') as self._box:
            ui.label(head).classes("sl-lines-head")
            self._content = ui.html("", sanitize=False)

    def draw(self, lines: Sequence[str]) -> None:
        """Show these lines."""
        self._content.set_content("".join(f"<div>{html.escape(line)}</div>" for line in lines))
        self._box.set_visibility(bool(lines))


class _WeightNews:
    """What was learned of weights, with buttons where staff's word is asked for."""

    def __init__(self, head: str, mark: str, language: str, answer: Callable[[str, bool], Awaitable[None]]) -> None:
        self._language, self._answer, self._mark = language, answer, mark
        self._drawn: tuple[WeightView, ...] = ()
        with ui.element("div").classes("sl-lines").props(f'data-testid="{mark}"') as self._box:
            ui.label(head).classes("sl-lines-head")
            self._rows = ui.element("div").classes("w-full")
        self._box.set_visibility(False)

    def draw(self, news: Sequence[WeightView]) -> None:
        """Show these; rows are made anew only when they changed."""
        if tuple(news) == self._drawn:
            return
        self._drawn = tuple(news)
        self._box.set_visibility(bool(news))
        self._rows.clear()
        with self._rows:
            for one in news:
                with ui.element("div").classes("sl-row"):
                    ui.label(one.text).classes("grow")
                    if one.asks:
                        self._button(one.code, "weight-keep", keep=True)
                        self._button(one.code, "weight-drop", keep=False)

    def _button(self, code: str, name: str, *, keep: bool) -> None:
        button = ui.button(say(self._language, name), on_click=lambda: self._answer(code, keep))
        button.props(f'outline no-caps data-testid="{self._mark}-{name}-{code}"')


def _weights(view: LaneCardView, language: str) -> str:
    cells = (("expected", view.expected), ("measured", view.measured), ("difference", view.difference))
    boxes = "".join(
        f'<div class="sl-weight"><span>{say(language, name)}</span><b>{html.escape(value)}</b></div>' for name, value in cells
    )
    return f'<div class="sl-weights">{boxes}</div>'


def _reason(text: str, percent: int) -> str:
    return (
        f'<div class="sl-reason"><span>{html.escape(text)}</span><i>{percent} %</i>'
        f'<div class="sl-track"><u style="width:{percent}%"></u></div></div>'
    )
