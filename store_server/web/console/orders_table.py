"""The newest orders as a table."""

from __future__ import annotations

import html
from collections.abc import Sequence

from nicegui import ui

from store_server.web.console.presenter import OrderRowView
from store_server.web.console.texts import say


class OrdersTable:
    """A table that is drawn anew when something changed."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._drawn: tuple[OrderRowView, ...] | None = None
        with ui.element("div").classes("sl-table").props('data-testid="orders"'):
            self._content = ui.html("", sanitize=False)

    def draw(self, rows: Sequence[OrderRowView]) -> None:
        """Show these orders."""
        if tuple(rows) == self._drawn:
            return
        self._drawn = tuple(rows)
        nothing = f'<div class="sl-empty">{say(self._language, "no-orders")}</div>'
        self._content.set_content(_table(rows, self._language) if rows else nothing)


def _table(rows: Sequence[OrderRowView], language: str) -> str:
    order, state, articles, total, due = (
        say(language, f"head-{name}") for name in ("order", "state", "articles", "total", "due")
    )
    head = (
        f'<tr><th>{order}</th><th>{state}</th><th class="sl-right sl-hide-small">{articles}</th>'
        f'<th class="sl-right">{total}</th><th class="sl-right">{due}</th></tr>'
    )
    return f"<table><thead>{head}</thead><tbody>{''.join(_row(row) for row in rows)}</tbody></table>"


def _row(row: OrderRowView) -> str:
    return (
        f'<tr title="{html.escape(chr(10).join(row.lines))}"><td>{html.escape(row.number)}</td>'
        f'<td><span class="sl-chip sl-{row.tone}">{html.escape(row.status)}</span></td>'
        f'<td class="sl-right sl-hide-small">{row.articles}</td>'
        f'<td class="sl-right">{html.escape(row.total)}</td><td class="sl-right">{html.escape(row.due)}</td></tr>'
    )
