"""Orders that cost less than was paid for them, because staff scanned less than was paid: the difference is given back here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from nicegui import ui

from store_server.web.console.presenter import RefundView
from store_server.web.console.texts import say

GiveBack = Callable[[UUID], Awaitable[None]]


class RefundsCard:
    """Shown while anything is to be given back."""

    def __init__(self, give_back: GiveBack, language: str) -> None:
        self._give_back = give_back
        self._language = language
        self._drawn: tuple[RefundView, ...] = ()
        with ui.element("div").classes("sl-refunds").props('data-testid="refunds"') as self._box:
            ui.label(say(language, "refunds")).classes("sl-title")
            self._rows = ui.element("div").classes("w-full")
        self._box.set_visibility(False)

    def draw(self, due: Sequence[RefundView]) -> None:
        """Show these; rows are made anew only when they changed."""
        if tuple(due) == self._drawn:
            return
        self._drawn = tuple(due)
        self._box.set_visibility(bool(due))
        self._rows.clear()
        with self._rows:
            for one in due:
                self._row(one)

    def _row(self, one: RefundView) -> None:
        async def give() -> None:
            await self._give_back(one.order_id)

        with ui.element("div").classes("sl-row"):
            ui.label(one.text).classes("grow")
            button = ui.button(say(self._language, "refund"), on_click=give)
            button.props(f'outline no-caps data-testid="refund-{one.number}"')
