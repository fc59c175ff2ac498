"""The newest orders as a table."""

from __future__ import annotations

import html
from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui
from nicegui.events import GenericEventArguments

from store_server.web.console.presenter import OrderRowView
from store_server.web.console.texts import say

_TELL_BUTTON = """(event) => {
    const button = event.target.closest("[data-order]");
    if (button) emit(button.dataset.order);
}"""


class OrdersTable:
    """A table that is drawn anew when something changed."""

    def __init__(self, void: Callable[[OrderRowView], Awaitable[None]], language: str) -> None:
        """Draw an empty table; ``void`` asks why an order is to be given up."""
        self._void = void
        self._language = language
        self._drawn: tuple[OrderRowView, ...] | None = None
        with ui.element("div").classes("sl-table").props('data-testid="orders"'):
            self._content = ui.html("", sanitize=False)
            self._content.on("click", self._clicked, js_handler=_TELL_BUTTON)

    def draw(self, rows: Sequence[OrderRowView]) -> None:
        """Show these orders."""
        if tuple(rows) == self._drawn:
            return
        self._drawn = tuple(rows)
        nothing = f'<div class="sl-empty">{say(self._language, "no-orders")}</div>'
        self._content.set_content(_table(rows, self._language) if rows else nothing)

    async def _clicked(self, event: GenericEventArguments) -> None:
        found = next((row for row in self._drawn or () if row.may_void is not None and str(row.may_void) == event.args), None)
        if found is not None:
            await self._void(found)


def _table(rows: Sequence[OrderRowView], language: str) -> str:
    order, state, articles, total, due = (
        say(language, f"head-{name}") for name in ("order", "state", "articles", "total", "due")
    )
    head = (
        f'<tr><th>{order}</th><th>{state}</th><th class="sl-right sl-hide-small">{articles}</th>'
        f'<th class="sl-right">{total}</th><th class="sl-right">{due}</th><th></th></tr>'
    )
    return f"<table><thead>{head}</thead><tbody>{''.join(_row(row, language) for row in rows)}</tbody></table>"


def _row(row: OrderRowView, language: str) -> str:
    void = ""
    if row.may_void is not None:
        text, mark = html.escape(say(language, "void")), html.escape(row.number)
        void = f'<button class="sl-void" data-order="{row.may_void}" data-testid="void-{mark}">{text}</button>'
    return (
        f'<tr title="{html.escape(chr(10).join(row.lines))}"><td>{html.escape(row.number)}</td>'
        f'<td><span class="sl-chip sl-{row.tone}">{html.escape(row.status)}</span></td>'
        f'<td class="sl-right sl-hide-small">{row.articles}</td>'
        f'<td class="sl-right">{html.escape(row.total)}</td><td class="sl-right">{html.escape(row.due)}</td>'
        f'<td class="sl-right">{void}</td></tr>'
    )
