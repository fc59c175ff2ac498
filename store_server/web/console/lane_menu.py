"""The menu of a lane's card: ways out without an order in the lane, pauses, weights, and fire."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from store_server.contract.lane_messages import StaffCommandKind
from store_server.web.console.presenter import LaneCardView
from store_server.web.console.texts import say
from store_server.web.console.wish import Tell, Wish

LONG_S = 60
PAUSES_MIN = (5, 15, 30, 60)
_WIDTH = "min-width: min(420px, 90vw)"
_REASONS = ("let-out-empty", "let-out-child", "let-out-wheelchair")
_LONG_REASON = "let-out-wheelchair"


class LaneMenu:
    """What staff needs now and then."""

    def __init__(self, mark: str, language: str, tell: Tell) -> None:
        self._mark = mark
        self._language = language
        self._tell = tell
        self._view: LaneCardView | None = None
        with ui.button(self._say("more")).props(f'outline no-caps icon-right=expand_more data-testid="{mark}-more"'), ui.menu():
            self._let_out = self._item("let-out", self._ask_let_out)
            self._admit = self._item("admit", self._ask_number)
            self._longer = self._item("open-longer", self._open_longer)
            self._pause = self._item("pause", self._ask_pause)
            self._resume = self._item("resume", self._resume_checks)
            self._item("teach", self._ask_weight)
            self._item("scale-checked", self._scale_checked)
            ui.separator()
            self._item("fire-all", self._ask_fire)

    def draw(self, view: LaneCardView) -> None:
        """Offer what makes sense now."""
        self._view = view
        for item in (self._let_out, self._admit):
            item.set_visibility(view.is_free)
        self._longer.set_visibility(view.order_id is not None and not view.alarm and not view.fire)
        self._pause.set_visibility(not view.paused)
        self._resume.set_visibility(view.paused)

    def _item(self, name: str, on_click: Callable[[], Awaitable[None]]) -> ui.menu_item:
        return ui.menu_item(self._say(name.removesuffix("-all")), on_click=on_click).props(f'data-testid="{self._mark}-{name}"')

    def _say(self, name: str, **values: str | int) -> str:
        return say(self._language, name, **values)

    @property
    def _lane(self) -> str:
        return "" if self._view is None else self._view.lane

    async def _open_longer(self) -> None:
        await self._tell(Wish(StaffCommandKind.OPEN_LONGER, seconds=LONG_S))

    async def _scale_checked(self) -> None:
        await self._tell(Wish(StaffCommandKind.SCALE_CHECKED))

    async def _resume_checks(self) -> None:
        await self._tell(Wish(StaffCommandKind.PAUSE_CHECKS, seconds=0))

    async def _ask_let_out(self) -> None:
        with ui.dialog() as dialog, ui.card().style(_WIDTH):
            ui.label(self._say("let-out-title", lane=self._lane)).classes("text-lg font-semibold")
            reason = (
                ui.input(self._say("reason")).classes("w-full").props(f'outlined data-testid="{self._mark}-let-out-reason"')
            )
            long = ui.checkbox(self._say("let-out-long")).props(f'data-testid="{self._mark}-let-out-long"')

            def choose(name: str) -> None:
                reason.set_value(self._say(name))
                long.set_value(name == _LONG_REASON)

            with ui.element("div").classes("sl-row"):
                for name in _REASONS:
                    chip = ui.chip(self._say(name), on_click=lambda name=name: choose(name)).props("outline clickable")
                    chip.props(f'data-testid="{self._mark}-{name}"')

            def submit() -> None:
                dialog.submit((str(reason.value or "").strip(), bool(long.value)))

            confirm = self._end(dialog, "let-out-confirm", submit)
            confirm.bind_enabled_from(reason, "value", lambda value: bool((value or "").strip()))
        answer = await dialog
        dialog.delete()
        if answer is not None:
            seconds = LONG_S if answer[1] else 0
            await self._tell(Wish(StaffCommandKind.LET_OUT, answer[0], seconds=seconds))

    async def _ask_number(self) -> None:
        with ui.dialog() as dialog, ui.card().style(_WIDTH):
            ui.label(self._say("admit-title")).classes("text-lg font-semibold")
            ui.label(self._say("admit-note")).classes("sl-quiet")
            number = ui.input(self._say("admit-number")).classes("w-full")
            number.props(f'outlined inputmode=numeric data-testid="{self._mark}-admit-number"')
            confirm = self._end(dialog, "admit-confirm", lambda: dialog.submit(_digits(number.value)))
            confirm.bind_enabled_from(number, "value", lambda value: len(_digits(value)) == 7)  # noqa: PLR2004 - seven digits
        digits = await dialog
        dialog.delete()
        if digits:
            await self._tell(Wish(StaffCommandKind.ADMIT, order_number=digits))

    async def _ask_pause(self) -> None:
        with ui.dialog() as dialog, ui.card().style(_WIDTH):
            ui.label(self._say("pause-title", lane=self._lane)).classes("text-lg font-semibold")
            with ui.element("div").classes("sl-row"):
                for minutes in PAUSES_MIN:
                    text = self._say("minutes", minutes=minutes)
                    button = ui.button(text, on_click=lambda minutes=minutes: dialog.submit(minutes * 60))
                    button.props(f'outline no-caps data-testid="{self._mark}-pause-{minutes}"')
            ui.button(self._say("cancel"), on_click=lambda: dialog.submit(None)).props("flat no-caps")
        seconds = await dialog
        dialog.delete()
        if seconds:
            await self._tell(Wish(StaffCommandKind.PAUSE_CHECKS, seconds=seconds))

    async def _ask_weight(self) -> None:
        with ui.dialog() as dialog, ui.card().style(_WIDTH):
            ui.label(self._say("teach-title")).classes("text-lg font-semibold")
            code = ui.input(self._say("teach-code")).classes("w-full")
            code.props(f'outlined inputmode=numeric data-testid="{self._mark}-teach-code"')
            grams = ui.number(self._say("teach-grams"), min=0.1, max=100_000).classes("w-full")
            grams.props(f'outlined data-testid="{self._mark}-teach-grams"')

            def submit() -> None:
                dialog.submit((_digits(code.value).zfill(14), grams.value))

            self._end(dialog, "teach-confirm", submit)
        given = await dialog
        dialog.delete()
        if given is not None and given[1] and len(given[0]) == 14:  # noqa: PLR2004 - a GTIN
            await self._tell(Wish(StaffCommandKind.TEACH_WEIGHT, code=given[0], grams=float(given[1])))

    async def _ask_fire(self) -> None:
        with ui.dialog() as dialog, ui.card().style(_WIDTH):
            ui.label(self._say("fire-title")).classes("text-lg font-semibold")
            confirm = self._end(dialog, "fire-confirm", lambda: dialog.submit(True))
            confirm.props("color=negative")
        sure = await dialog
        dialog.delete()
        if sure:
            await self._tell(Wish(StaffCommandKind.OPEN_FOR_FIRE, self._say("state-fire")))

    def _end(self, dialog: ui.dialog, confirm: str, on_click: Callable[[], None]) -> ui.button:
        with ui.element("div").classes("sl-row justify-end"):
            ui.button(self._say("cancel"), on_click=lambda: dialog.submit(None)).props("flat no-caps")
            button = ui.button(self._say(confirm), on_click=on_click)
            return button.props(f'unelevated no-caps data-testid="{self._mark}-{confirm}"')


def _digits(value: str | None) -> str:
    return "".join(letter for letter in str(value or "") if letter.isascii() and letter.isdigit())
