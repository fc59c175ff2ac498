"""The part of a lane's card where staff scans the goods of a check."""

from __future__ import annotations

import html
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from nicegui import ui

from store_server.web.console.presenter import CheckStandView, CheckView
from store_server.web.console.texts import say

Answered = Awaitable[tuple[CheckStandView | None, str]]
"""How the check stands now, or a sentence that says why not."""


@dataclass(frozen=True, slots=True)
class CheckCalls:
    """What the panel asks the store for; each takes the lane and the check."""

    look: Callable[[str, UUID], Answered]
    scan: Callable[[str, UUID, str], Answered]
    take_back: Callable[[str, UUID, UUID], Answered]
    finish: Callable[[str, UUID], Answered]


class CheckPanel:
    """Shown while the lane asks for a check."""

    def __init__(self, mark: str, lane: str, calls: CheckCalls, language: str) -> None:
        self._mark = mark
        self._lane = lane
        self._calls = calls
        self._language = language
        self._check: CheckView | None = None
        self._stand: CheckStandView | None = None
        with ui.element("div").classes("sl-check").props(f'data-testid="{mark}-check-panel"') as self._box:
            self._head = ui.label().classes("sl-check-head")
            self._why = ui.label().classes("sl-quiet").props(f'data-testid="{mark}-check-why"')
            self._rows = ui.html("", sanitize=False).classes("w-full").props(f'data-testid="{mark}-check-rows"')
            self._picks = ui.label().classes("sl-quiet")
            self._build_input()
            self._told = ui.label().classes("sl-note").props(f'data-testid="{mark}-check-answer" role=status')
        self._told.set_visibility(False)
        self._box.set_visibility(False)

    def draw(self, check: CheckView | None) -> None:
        """Show what the lane asks for; a check that goes on keeps what was typed."""
        is_new = check is not None and (self._check is None or self._check.check_id != check.check_id)
        self._check = check
        self._box.set_visibility(check is not None)
        if check is None or not is_new:
            return
        self._head.set_text(check.head)
        self._why.set_text(" ".join(check.why))
        self._input.set_value("")
        self._tell("", worked=True)
        self._show(CheckStandView((), "", None, ""))
        ui.timer(0, self._look, once=True)

    def _build_input(self) -> None:
        with ui.element("div").classes("sl-row").style("flex-wrap: nowrap"):
            self._input = ui.input(placeholder=say(self._language, "check-scan")).classes("grow")
            self._input.props(f'outlined dense clearable autocomplete=off data-testid="{self._mark}-check-scan"')
            self._input.on("keydown.enter", self._scan)
            self._button("check-scan-add", self._scan)
        with ui.element("div").classes("sl-row"):
            self._button("check-undo", self._take_back)
            self._button("check-finish", self._finish).props("unelevated", remove="outline")

    def _button(self, name: str, on_click: Callable[[], Awaitable[None]]) -> ui.button:
        button = ui.button(say(self._language, name), on_click=on_click)
        return button.props(f'outline no-caps data-testid="{self._mark}-{name}"')

    async def _look(self) -> None:
        if self._check is not None:
            await self._take(self._calls.look(self._lane, self._check.check_id), quiet=True)

    async def _scan(self) -> None:
        code = str(self._input.value or "").strip()
        if code and self._check is not None:
            self._input.set_value("")
            await self._take(self._calls.scan(self._lane, self._check.check_id, code))

    async def _take_back(self) -> None:
        if self._check is not None and self._stand is not None and self._stand.last_scan is not None:
            await self._take(self._calls.take_back(self._lane, self._check.check_id, self._stand.last_scan))

    async def _finish(self) -> None:
        if self._check is not None:
            await self._take(self._calls.finish(self._lane, self._check.check_id))

    async def _take(self, answered: Answered, *, quiet: bool = False) -> None:
        stand, sentence = await answered
        if stand is not None:
            self._show(stand)
        ended = stand.ended if stand is not None else ""
        if ended or not quiet:
            self._tell(sentence or ended, worked=stand is not None)

    def _show(self, stand: CheckStandView) -> None:
        self._stand = stand
        rows = "".join(
            f'<div class="sl-check-row"><span>{html.escape(row.name)}</span>'
            f'<b class="sl-chip sl-{row.tone}">{html.escape(row.counts)}</b></div>'
            for row in stand.scanned
        )
        self._rows.set_content(rows)
        self._picks.set_text(stand.picks)
        self._picks.set_visibility(bool(stand.picks))

    def _tell(self, sentence: str, *, worked: bool) -> None:
        self._told.classes(remove="sl-good sl-bad", add="sl-good" if worked else "sl-bad")
        self._told.set_text(sentence)
        self._told.set_visibility(bool(sentence))
