"""Money that goes back: orders that cost less than was paid for them, and refunds that a second person has to agree to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from nicegui import ui

from store_server.web.console.refund_views import RefundDueView, RefundWaitingView
from store_server.web.console.texts import say

GiveBack = Callable[[UUID], Awaitable[None]]
Decide = Callable[[UUID, bool], Awaitable[None]]


class RefundsCard:
    """Shown while anything is to be given back."""

    def __init__(self, give_back: GiveBack, decide: Decide, language: str) -> None:
        self._give_back = give_back
        self._decide = decide
        self._language = language
        self._drawn: tuple[RefundDueView | RefundWaitingView, ...] = ()
        with ui.element("div").classes("sl-refunds").props('data-testid="refunds"') as self._box:
            ui.label(say(language, "refunds")).classes("sl-title")
            self._rows = ui.element("div").classes("w-full")
        self._box.set_visibility(False)

    def draw(self, due: Sequence[RefundDueView], waiting: Sequence[RefundWaitingView]) -> None:
        """Show these; rows are made anew only when they changed."""
        if (*due, *waiting) == self._drawn:
            return
        self._drawn = (*due, *waiting)
        self._box.set_visibility(bool(self._drawn))
        self._rows.clear()
        with self._rows:
            for one in due:
                self._due(one)
            for asked in waiting:
                self._waiting(asked)

    def _due(self, one: RefundDueView) -> None:
        async def give() -> None:
            await self._give_back(one.order_id)

        with ui.element("div").classes("sl-row"):
            ui.label(one.text).classes("grow")
            button = ui.button(say(self._language, "refund"), on_click=give)
            button.props(f'outline no-caps data-testid="refund-{one.number}"')

    def _waiting(self, one: RefundWaitingView) -> None:
        with ui.element("div").classes("sl-row").props(f'data-testid="refund-waiting-{one.mark}"'):
            with ui.element("div").classes("grow"):
                ui.label(one.text)
                ui.label(one.said).classes("sl-quiet")
            if one.may_decide:
                self._deciding(one, "refund-agree", agree=True)
                self._deciding(one, "refund-decline", agree=False)

    def _deciding(self, one: RefundWaitingView, name: str, *, agree: bool) -> None:
        async def decide() -> None:
            await self._decide(one.refund_id, agree)

        button = ui.button(say(self._language, name), on_click=decide)
        button.props(f'outline no-caps data-testid="{name}-{one.mark}"')
