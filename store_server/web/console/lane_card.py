"""One lane's card: built once, then only its texts change, so that a half-typed code is never lost."""

from __future__ import annotations

import html
from collections.abc import Awaitable, Callable

from nicegui import ui

from store_server.contract.lane_messages import StaffCommandKind
from store_server.web.console.presenter import LaneCardView

RELEASE_REASONS = ("Goods checked by hand", "Own bag or item", "Scale needs checking")

OnCommand = Callable[[LaneCardView, StaffCommandKind, str], Awaitable[None]]
OnRescan = Callable[[LaneCardView, str], Awaitable[tuple[bool, str]]]
"""Adds an article to the order in the lane; returns whether it worked and a sentence."""


class LaneCard:
    """The card of one lane."""

    def __init__(self, view: LaneCardView, on_command: OnCommand, on_rescan: OnRescan) -> None:
        self._view = view
        self._drawn: LaneCardView | None = None
        self._told_for = view.order_id
        self._on_command = on_command
        self._on_rescan = on_rescan
        self._mark = f"lane-{view.lane}"
        with ui.element("section").classes("sl-card").props(f'data-testid="{self._mark}"') as self._card:
            self._build_facts()
            self._build_rescan()
            self._build_buttons()
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
        self._number.set_text(f"Order {view.order_number}" if view.order_number else "")
        self._headline.set_text(view.headline)
        self._alarm.set_visibility(view.alarm)
        self._weights.set_content(_weights(view))
        self._weights.set_visibility(view.weighs)
        self._reasons.set_content("".join(_reason(reason.text, reason.percent) for reason in view.reasons))
        self._reasons.set_visibility(bool(view.reasons))
        self._show_note(self._due, view.due)
        self._show_note(self._silent, view.silent)
        self._show_note(self._faults, " · ".join(view.faults))
        if view.order_id != self._told_for:
            self._told_for = view.order_id
            self._show_note(self._told, "")
        has_order = view.order_id is not None
        for element in (self._rescan, self._rescan_submit, self._release, self._refuse, self._weigh):
            element.set_enabled(has_order)
        self._silence.set_visibility(view.alarm)

    def _build_facts(self) -> None:
        with ui.element("div").classes("sl-row"):
            ui.label(self._view.lane).classes("sl-name")
            self._state = ui.label().classes("sl-chip").props(f'data-testid="{self._mark}-state"')
            self._number = ui.label().classes("sl-number")
        self._headline = ui.label().classes("sl-headline").props(f'data-testid="{self._mark}-headline"')
        self._alarm = ui.label("Anti-theft alarm: a live tag passed the pedestal.").classes("sl-note sl-bad")
        self._silent = ui.label().classes("sl-note sl-warn")
        self._faults = ui.label().classes("sl-note sl-warn").props(f'data-testid="{self._mark}-faults"')
        self._weights = ui.html("", sanitize=False).classes("w-full")
        self._reasons = ui.html("", sanitize=False).classes("w-full").props(f'data-testid="{self._mark}-explanations"')
        self._due = ui.label().classes("sl-note sl-warn").props(f'data-testid="{self._mark}-due"')

    def _build_rescan(self) -> None:
        with ui.element("div").classes("sl-row").style("flex-wrap: nowrap"):
            self._rescan = ui.input(placeholder="Rescan article: scan or type its code")
            self._rescan.props(f'outlined dense clearable autocomplete=off data-testid="{self._mark}-rescan"').classes("grow")
            self._rescan.on("keydown.enter", self._add)
            self._rescan_submit = ui.button("Add", on_click=self._add).props(
                f'unelevated no-caps data-testid="{self._mark}-rescan-submit"'
            )
        self._told = ui.label().classes("sl-note").props(f'data-testid="{self._mark}-rescan-answer" role=status')
        self._told.set_visibility(False)

    def _build_buttons(self) -> None:
        with ui.element("div").classes("sl-row"):
            self._release = self._button("Release…", "release", self._ask_reason)
            self._weigh = self._button("Weigh again", "weigh", lambda: self._tell(StaffCommandKind.WEIGH_AGAIN))
            self._refuse = self._button("Refuse", "refuse", lambda: self._tell(StaffCommandKind.REFUSE))
            self._silence = self._button("Silence alarm", "silence", lambda: self._tell(StaffCommandKind.SILENCE_ALARM))
            self._silence.props("color=negative", remove="outline").props("unelevated")

    def _button(self, text: str, mark: str, on_click: Callable[[], Awaitable[None]]) -> ui.button:
        return ui.button(text, on_click=on_click).props(f'outline no-caps data-testid="{self._mark}-{mark}"')

    async def _tell(self, kind: StaffCommandKind, reason: str = "") -> None:
        await self._on_command(self._view, kind, reason)

    async def _ask_reason(self) -> None:
        view = self._view
        with ui.dialog() as dialog, ui.card().style("min-width: min(420px, 90vw)"):
            ui.label(f"Release {view.lane} for order {view.order_number}").classes("text-lg font-semibold")
            reason = ui.input("Reason", autocomplete=list(RELEASE_REASONS)).classes("w-full")
            reason.props(f'outlined data-testid="{self._mark}-release-reason"')
            with ui.element("div").classes("sl-row"):
                for text in RELEASE_REASONS:
                    ui.chip(text, on_click=lambda text=text: reason.set_value(text)).props("outline clickable")
            with ui.element("div").classes("sl-row justify-end"):
                ui.button("Cancel", on_click=lambda: dialog.submit("")).props("flat no-caps")
                confirm = ui.button("Release", on_click=lambda: dialog.submit(str(reason.value or "").strip()))
                confirm.props(f'unelevated no-caps data-testid="{self._mark}-release-confirm"')
                confirm.bind_enabled_from(reason, "value", lambda value: bool((value or "").strip()))
        given = await dialog
        dialog.delete()
        if given:
            await self._on_command(view, StaffCommandKind.RELEASE, given)

    async def _add(self) -> None:
        code = str(self._rescan.value or "").strip()
        if not code or self._view.order_id is None:
            return
        self._rescan.set_value("")
        worked, sentence = await self._on_rescan(self._view, code)
        self._told.classes(replace=f"sl-note sl-{'good' if worked else 'bad'}")
        self._show_note(self._told, sentence)

    @staticmethod
    def _show_note(label: ui.label, text: str) -> None:
        label.set_text(text)
        label.set_visibility(bool(text))


def _weights(view: LaneCardView) -> str:
    cells = (("Expected", view.expected), ("Measured", view.measured), ("Difference", view.difference))
    boxes = "".join(f'<div class="sl-weight"><span>{name}</span><b>{html.escape(value)}</b></div>' for name, value in cells)
    return f'<div class="sl-weights">{boxes}</div>'


def _reason(text: str, percent: int) -> str:
    return (
        f'<div class="sl-reason"><span>{html.escape(text)}</span><i>{percent} %</i>'
        f'<div class="sl-track"><u style="width:{percent}%"></u></div></div>'
    )
